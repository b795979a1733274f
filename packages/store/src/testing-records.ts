/** @file What tests and the processes that they start both make and read. */
import type { Comparison } from '@plaudit/contract';

/** A comparison that differs from others in its number. */
export const comparisonOf = (number: number, more: Partial<Comparison> = {}): Comparison => ({
  kind: 'comparison',
  prompt: [{ role: 'user', content: `question ${number}` }],
  responses: [`first answer ${number}`, `second answer ${number}`],
  outcome: number % 3 === 0 ? 'b' : 'a',
  provenance: { source: 'made.jsonl', row: number + 1, annotator: `annotator ${number % 5}` },
  ...more,
});

/** Everything that a stream gives. */
export const all = async <T>(rows: AsyncIterable<T>): Promise<T[]> => {
  const read: T[] = [];
  for await (const row of rows) read.push(row);
  return read;
};
