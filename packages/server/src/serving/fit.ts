/** @file Whether a conversation fits into the model, how many tokens it has, and what is cut where that is asked for. */
import { plauditError } from '@plaudit/contract';
import type { Formatter } from '@plaudit/models';
import type { RewardModel } from '@plaudit/reward';
import { type Failure, failureOf, type WorkItem } from './protocol.ts';

/** The text side of a model that reads tokens of one kind, a transformer or a probe; null for any other. */
export const formatterOf = (model: RewardModel): Formatter | null => {
  const { base, parts } = model as {
    readonly base?: { readonly formatter?: Formatter };
    readonly parts?: { readonly base?: { readonly formatter?: Formatter } };
  };
  return base?.formatter ?? parts?.base?.formatter ?? null;
};

/** @throws PlauditError serving.unsupported, request.invalid */
export const decodedBy = (model: RewardModel, ids: readonly number[]): string => {
  const tokenizer = formatterOf(model)?.tokenizer;
  if (!tokenizer)
    throw plauditError('serving.unsupported', {
      field: 'input',
      problem: `it holds token ids, and a model of kind ${model.kind} reads texts and has no tokenizer`,
    });
  if (ids.some((id) => id > tokenizer.largestId))
    throw plauditError('request.invalid', {
      problem: `body.input: a token id is larger than ${tokenizer.largestId}, the largest one of the model`,
    });
  return tokenizer.decode(ids);
};

export type Fitted =
  | {
      readonly item: WorkItem;
      readonly tokens: readonly (number | null)[];
      readonly truncated: readonly boolean[];
    }
  | { readonly error: Failure };

interface Length {
  /** As the model reads it, after cutting. */
  readonly tokens: number;
  readonly dropped: number;
}

const lengthOf = (formatter: Formatter, { prompt }: WorkItem, response: string): Length => {
  if (formatter.direction === 'causal') {
    const { prompt: ids, responses, dropped } = formatter.formatTree(prompt, [response]);
    return { tokens: ids.length + responses[0]!.length, dropped: dropped.prompt + dropped.responses };
  }
  const { ids, dropped } = formatter.formatRow(prompt, response);
  return { tokens: ids.length, dropped: dropped.prompt + dropped.responses };
};

/** Lengths of all responses; the prompt is tokenised once where all of them fit. */
const lengthsOf = (formatter: Formatter, item: WorkItem): readonly Length[] => {
  const { prompt, responses } = item;
  if (formatter.direction === 'causal') {
    const tree = formatter.formatTree(prompt, responses);
    if (!tree.truncated)
      return tree.responses.map((ids) => ({ tokens: tree.prompt.length + ids.length, dropped: 0 }));
  }
  return responses.map((response) => lengthOf(formatter, item, response));
};

/**
 * The longest beginning of a response that fits behind the whole prompt.
 *
 * @returns undefined where not even a token of it does
 */
const cutRight = (formatter: Formatter, item: WorkItem, response: string): string | undefined => {
  const { tokenizer } = formatter;
  const special = new Set(Object.values(tokenizer.ids));
  const ids = tokenizer.encode(response).filter((id) => !special.has(id));
  let [fits, cut] = [0, ids.length];
  // Tokens of a text that is cut in the middle of a word can be others than before, so that each cut is tried.
  while (cut - fits > 1) {
    const middle = (fits + cut) >> 1;
    if (lengthOf(formatter, item, tokenizer.decode(ids.slice(0, middle))).dropped === 0) fits = middle;
    else cut = middle;
  }
  return fits === 0 ? undefined : tokenizer.decode(ids.slice(0, fits));
};

/**
 * Whether the model makes these tokens of the item: with or without the one that ends a response, and with the white space
 * that a template puts behind it.
 */
const isMadeInto = (
  formatter: Formatter,
  { prompt, responses }: WorkItem,
  ids: readonly number[],
): boolean => {
  const begins = (own: readonly number[]): boolean => own.every((id, i) => id === ids[i]);
  const [response] = responses as readonly [string];
  if (formatter.direction !== 'causal') {
    const made = formatter.formatRow(prompt, response).ids;
    return made.length === ids.length && begins(made);
  }
  const tree = formatter.formatTree(prompt, [response]);
  const made = [...tree.prompt, ...tree.responses[0]!];
  const behind = formatter.tokenizer.decode(ids.slice(made.length));
  return made.length === ids.length + 1 ? begins(made.slice(0, -1)) : begins(made) && behind.trim() === '';
};

/** Says of an item how long it is, cuts it as it may be cut, or says why it cannot be scored. */
export const fit = (formatter: Formatter, item: WorkItem): Fitted => {
  const lengths = lengthsOf(formatter, item);
  const tooLong = ({ tokens, dropped }: Length): Fitted => ({
    error: failureOf(
      plauditError('serving.too_long', {
        problem: `${tokens + dropped} tokens, and it reads ${formatter.maxLength}`,
      }),
    ),
  });
  const cut = lengths.find(({ dropped }) => dropped > 0);
  const tokens = lengths.map((length) => length.tokens);
  const truncated = lengths.map(({ dropped }) => dropped > 0);
  if (cut && item.truncation === 'error') return tooLong(cut);
  if (item.tokenIds && !isMadeInto(formatter, item, item.tokenIds))
    return {
      error: failureOf(
        plauditError('serving.unsupported', {
          field: 'input',
          problem: 'the token ids are not a conversation in the format that the model was trained with',
        }),
      ),
    };
  if (!cut || item.truncation === 'left') return { item, tokens, truncated };
  const responses: string[] = [];
  for (const [i, response] of item.responses.entries()) {
    const shorter = truncated[i] ? cutRight(formatter, item, response) : response;
    if (shorter === undefined) return tooLong(lengths[i]!);
    responses.push(shorter);
  }
  // Steps end where the response was cut or before; those of a response that was cut are left out.
  const steps = item.steps?.filter(({ response }) => !truncated[response]);
  const shortened: WorkItem = { ...item, responses, ...(steps && { steps }) };
  return {
    item: shortened,
    tokens: responses.map((response) => lengthOf(formatter, shortened, response).tokens),
    truncated,
  };
};
