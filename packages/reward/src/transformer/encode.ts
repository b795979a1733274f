/** @file Conversations as token ids, by the base's formatter. */
import type { Prompt } from '@plaudit/contract';
import type { Formatter } from '@plaudit/models';
import type { EncodedTree } from './batches.ts';

/** @param index The conversation's place in the caller's list */
export const encodeTree = (
  formatter: Formatter,
  index: number,
  prompt: Prompt,
  responses: readonly string[],
): EncodedTree => {
  if (formatter.direction === 'bidirectional') {
    const rows = responses.map((response) => formatter.formatRow(prompt, response));
    return {
      index,
      tokens: { prompt: [], responses: rows.map(({ ids }) => ids) },
      types: rows.map(({ types }) => types),
    };
  }
  const { prompt: ids, responses: answers } = formatter.formatTree(prompt, responses);
  return { index, tokens: { prompt: ids, responses: answers } };
};
