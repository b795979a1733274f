/** @file Batches: conversations of like length run together, so that little of what is computed is padding. */
import type { TokenTree } from '@plaudit/models';

/** A conversation as token ids, with its place in the caller's list. */
export interface EncodedTree {
  readonly index: number;
  /** For a bidirectional family each response is a whole row, and the prompt is empty. */
  readonly tokens: TokenTree;
  /** Token types of each response's row; bidirectional families only. */
  readonly types?: readonly (readonly number[])[];
}

/** Conversations that run together, with the places that each is padded to. */
export interface TreeBatchPlan {
  readonly trees: readonly EncodedTree[];
  readonly places: { readonly prompt: number; readonly branches: number; readonly response: number };
}

const placesOf = (trees: readonly EncodedTree[]): TreeBatchPlan['places'] => ({
  prompt: Math.max(1, ...trees.map(({ tokens }) => tokens.prompt.length)),
  branches: Math.max(...trees.map(({ tokens }) => tokens.responses.length)),
  response: Math.max(...trees.map(({ tokens }) => longest(tokens))),
});

/** Tokens of a conversation: the prompt once and every response. */
export const tokenCount = ({ prompt, responses }: TokenTree): number =>
  responses.reduce((sum, { length }) => sum + length, prompt.length);

const longest = ({ responses }: TokenTree): number => Math.max(...responses.map(({ length }) => length));

/** Padding may take this share of the places of attention; a batch that would have more is cut. */
const mostPadding = 0.5;

/**
 * Cuts conversations into batches of at most `tokensPerBatch` tokens; a longer one runs alone. All but attention runs
 * over exactly the tokens that there are; conversations of like length are put together for the sake of attention. The
 * result depends on nothing but the lengths and the order of the input.
 */
export const planBatches = (trees: readonly EncodedTree[], tokensPerBatch: number): TreeBatchPlan[] => {
  const sorted = [...trees].sort(
    ({ tokens: a, index: i }, { tokens: b, index: j }) =>
      a.responses.length - b.responses.length || tokenCount(a) - tokenCount(b) || i - j,
  );
  const plans: TreeBatchPlan[] = [];
  let open: EncodedTree[] = [];
  const close = (): void => {
    if (open.length > 0) plans.push({ trees: open, places: placesOf(open) });
    open = [];
  };
  for (const tree of sorted) {
    const grown = [...open, tree];
    const tokens = grown.reduce((sum, { tokens }) => sum + tokenCount(tokens), 0);
    const { prompt, branches, response } = placesOf(grown);
    const places = grown.length * (prompt + branches * response);
    if (tokens > tokensPerBatch || tokens < (1 - mostPadding) * places) close();
    open.push(tree);
  }
  close();
  return plans;
};
