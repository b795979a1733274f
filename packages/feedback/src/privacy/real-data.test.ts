import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createDetector } from './detector.ts';

const data = fileURLToPath(new URL('../../../../../shared/data/', import.meta.url));
const absent = !existsSync(data);
if (absent) console.warn(`skipped: the tests of privacy on real data, because ${data} is not there`);

const linesOf = (path: string): string[] => {
  const bytes = readFileSync(`${data}${path}`);
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').split('\n');
};

describe.skipIf(absent)('real texts', () => {
  const detector = createDetector();
  const countIn = (path: string): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const line of linesOf(path))
      for (const { type } of detector.scan(line.replaceAll('\\n', '\n').replaceAll('\\"', '"')))
        counts[type] = (counts[type] ?? 0) + 1;
    return counts;
  };

  it('of mathematics and of code give nothing', () => {
    expect(countIn('verifiable/gsm8k-test.jsonl.gz')).toEqual({});
    expect(countIn('verifiable/humanevalpack-js.jsonl')).toEqual({});
    expect(countIn('verifiable/humanevalpack-python.jsonl')).toEqual({});
  });

  it('of conversations give the addresses and numbers that are there: each was read', () =>
    expect(countIn('text-pairs/hh-harmless-test.open.jsonl.gz')).toEqual({ EMAIL: 6, PHONE: 15 }));
});
