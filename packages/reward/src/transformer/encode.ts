/** @file Conversations as token ids, by the base's formatter. */
import type { Prompt } from '@plaudit/contract';
import type { Formatter } from '@plaudit/models';
import type { EncodedTree } from './batches.ts';

/** @param index The conversation's place in the caller's list; `truncated` says whether tokens were left out */
export const encodeTree = (
  formatter: Formatter,
  index: number,
  prompt: Prompt,
  responses: readonly string[],
): EncodedTree & { readonly truncated: boolean } => {
  if (formatter.direction === 'bidirectional') {
    const rows = responses.map((response) => formatter.formatRow(prompt, response));
    return {
      index,
      tokens: { prompt: [], responses: rows.map(({ ids }) => ids) },
      types: rows.map(({ types }) => types),
      truncated: rows.some(({ truncated }) => truncated),
    };
  }
  const { prompt: ids, responses: answers, truncated } = formatter.formatTree(prompt, responses);
  return { index, tokens: { prompt: ids, responses: answers }, truncated };
};
