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

/** Sizes are rounded up to this, so that a run meets few different shapes: each new one is planned anew. */
const granularity = 16;

const rounded = (length: number): number => Math.max(1, Math.ceil(length / granularity)) * granularity;

const placesOf = (trees: readonly EncodedTree[]): TreeBatchPlan['places'] => ({
  prompt: rounded(Math.max(...trees.map(({ tokens }) => tokens.prompt.length))),
  branches: Math.max(...trees.map(({ tokens }) => tokens.responses.length)),
  response: rounded(Math.max(...trees.flatMap(({ tokens }) => tokens.responses.map(({ length }) => length)))),
});

/**
 * Cuts conversations into batches of at most `tokensPerBatch` places, padding included; a longer one runs alone. Only
 * conversations with as many responses run together. The order of the result depends on nothing but the lengths and
 * the order of the input.
 */
export const planBatches = (trees: readonly EncodedTree[], tokensPerBatch: number): TreeBatchPlan[] => {
  const sorted = [...trees].sort(
    ({ tokens: a, index: i }, { tokens: b, index: j }) =>
      a.responses.length - b.responses.length ||
      a.prompt.length - b.prompt.length ||
      longest(a) - longest(b) ||
      i - j,
  );
  const plans: TreeBatchPlan[] = [];
  let open: EncodedTree[] = [];
  const close = (): void => {
    if (open.length > 0) plans.push({ trees: open, places: placesOf(open) });
    open = [];
  };
  for (const tree of sorted) {
    const grown = [...open, tree];
    const { prompt, branches, response } = placesOf(grown);
    const sameBranches = open.length === 0 || open[0]!.tokens.responses.length === branches;
    if (!sameBranches || grown.length * (prompt + branches * response) > tokensPerBatch) close();
    open.push(tree);
  }
  close();
  return plans;
};

const longest = ({ responses }: TokenTree): number => Math.max(...responses.map(({ length }) => length));
