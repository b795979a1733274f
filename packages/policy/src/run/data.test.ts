/** @file What is read as demonstrations and prompts, and which prompts are held out. */
import { join } from 'node:path';
import type { Prompt } from '@plaudit/contract';
import { clusterPrompts } from '@plaudit/feedback';
import { describe, expect, it } from 'vitest';
import { prompts, temporaryFolder, writeRows } from '../trainer/testing.ts';
import { holdOut, readPolicyData, readPrompts } from './data.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const asked = (content: string): Prompt => [{ role: 'user', content }];

describe('prompts that are held out', () => {
  const apart = prompts(20, 3).map(asked);

  it('are as many as asked for, the same for the same seed, and none of those that are trained on', () => {
    const { train, heldOut, alike } = holdOut(apart, 5, 1);
    expect([train.length, heldOut.length, alike]).toEqual([15, 5, false]);
    expect(new Set([...train, ...heldOut])).toEqual(new Set(apart));
    expect(holdOut(apart, 5, 1).heldOut).toEqual(heldOut);
    expect(holdOut(apart, 5, 2).heldOut).not.toEqual(heldOut);
  });

  it('are no near-duplicates of those that are trained on', () => {
    const long = (i: number, end: string): Prompt =>
      asked(`${'abcdefghijklmnop'.slice(i, i + 8).repeat(20)} in a few words, please${end}`);
    const twins = [0, 1, 2, 3, 4, 5].flatMap((i) => [long(i, '.'), long(i, '!')]);
    const clusters = clusterPrompts(twins, {});
    const { train, heldOut, alike } = holdOut(twins, 4, 1);
    expect(alike).toBe(false);
    const of = (side: readonly Prompt[]) => new Set(side.map((prompt) => clusters[twins.indexOf(prompt)]));
    expect([...of(train)].filter((cluster) => of(heldOut).has(cluster))).toEqual([]);
  });

  it('of one template, which are all near-duplicates, are set aside one by one, and that is said', () => {
    const template = (i: number): string =>
      `You are a careful mathematician. Think step by step and give the final answer behind four hashes. What is ${i} plus ${7 * i}?`;
    const { train, heldOut, alike } = holdOut(
      Array.from({ length: 40 }, (_, i) => asked(template(i))),
      10,
      1,
    );
    expect([train.length, heldOut.length, alike]).toEqual([30, 10, true]);
  });
});

describe('files', () => {
  it('of prompts with responses that nobody judged are demonstrations, each response once', async () => {
    const path = await writeRows(at('demonstrations.jsonl'), [
      { prompt: 'p', responses: ['x', 'y', 'x'] },
      { prompt: 'q', completion: 'z' },
    ]);
    const { format, rows, trees } = await readPolicyData([path]);
    expect([format, rows]).toEqual(['demonstrations', 2]);
    expect(
      trees.map(({ responses, labels }) => [responses, labels!.map(({ desirable }) => desirable)]),
    ).toEqual([
      [
        ['x', 'y'],
        [true, true],
      ],
      [['z'], [true]],
    ]);
  });

  it('of judgements are judgements, unless they are asked for as demonstrations', async () => {
    const path = await writeRows(
      at('pairs.jsonl'),
      prompts(4, 1).map((prompt) => ({ prompt, chosen: 'a', rejected: 'b' })),
    );
    expect((await readPolicyData([path])).trees[0]!.pairs).toHaveLength(1);
    const all = await readPolicyData([path], { format: 'demonstrations' });
    expect(all.trees[0]).toMatchObject({ responses: ['a', 'b'], pairs: [] });
  });

  it('of any kind hold prompts, each of which counts once', async () => {
    const alone = await writeRows(at('alone.jsonl'), [{ prompt: 'p' }, { prompt: 'q' }, { prompt: 'p' }]);
    const judged = await writeRows(at('judged.jsonl'), [{ prompt: 'q', chosen: 'a', rejected: 'b' }]);
    const read = await readPrompts([alone, judged]);
    expect(read.prompts).toEqual([asked('p'), asked('q')]);
    expect(read.sources).toHaveLength(2);
  });
});
