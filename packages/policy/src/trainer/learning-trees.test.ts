/** @file What of people's judgements a method learns from. */
import type { PreferenceTree } from '@plaudit/feedback';
import type { Formatter } from '@plaudit/models';
import { beforeAll, describe, expect, it } from 'vitest';
import { type LearnedFrom, learningSize, learningTrees } from './learning-trees.ts';
import { temporaryFolder, tinyBase, tinyCheckpoint } from './testing.ts';

const folder = temporaryFolder();
let formatter: Formatter;
beforeAll(async () => {
  ({ formatter } = await tinyBase(await tinyCheckpoint(folder)));
});

const pair = (winner: number, loser: number, weight = 1, criterion?: string) => ({
  winner,
  loser,
  weight,
  source: 'test',
  segments: {},
  ...(criterion !== undefined && { criterion }),
});
const label = (response: number, desirable: boolean, weight = 1) => ({
  response,
  desirable,
  weight,
  source: 'test',
});
const tree = (
  responses: string[],
  pairs: PreferenceTree['pairs'],
  labels?: PreferenceTree['labels'],
): PreferenceTree => ({
  id: responses.join(),
  prompt: [{ role: 'user', content: 'q' }],
  responses,
  pairs,
  ...(labels && { labels }),
  segments: {},
});

/** The texts of what is learned, in the places that pairs and labels name. */
const learned = (from: LearnedFrom, ...trees: PreferenceTree[]) =>
  learningTrees(trees, from, formatter).map(({ index, tokens, pairs, labels, imitated }) => ({
    index,
    texts: tokens.responses.map((ids) => formatter.tokenizer.decode(ids.slice(0, -1))),
    pairs,
    labels,
    imitated,
  }));

const chain = tree(['a', 'b', 'c', 'd'], [pair(0, 1), pair(1, 2, 3), pair(0, 2)]);

describe('pairs', () => {
  it('are all overall comparisons with their weights; responses without one are left out', () => {
    expect(learned('pairs', chain)).toEqual([
      {
        index: 0,
        texts: ['a', 'b', 'c'],
        pairs: [
          { chosen: 0, rejected: 1, weight: 1 },
          { chosen: 1, rejected: 2, weight: 3 },
          { chosen: 0, rejected: 2, weight: 1 },
        ],
        labels: [],
        imitated: [0, 1],
      },
    ]);
  });

  it('of a single criterion do not count, and conversations without a pair are left out', () => {
    const only = tree(['a', 'b'], [pair(0, 1, 1, 'clarity')]);
    const behind = tree(['x', 'y', 'z'], [pair(2, 1), pair(1, 0, 1, 'clarity')]);
    expect(learned('pairs', only, behind)).toEqual([
      {
        index: 0,
        texts: ['y', 'z'],
        pairs: [{ chosen: 1, rejected: 0, weight: 1 }],
        labels: [],
        imitated: [1],
      },
    ]);
  });
});

describe('labels', () => {
  it('are those that people gave, whatever the pairs say', () => {
    const labelled = tree(['a', 'b', 'c'], [pair(0, 1)], [label(2, true, 2), label(1, false)]);
    expect(learned('labels', labelled)).toEqual([
      {
        index: 0,
        texts: ['b', 'c'],
        pairs: [],
        labels: [
          { response: 1, desirable: true, weight: 2 },
          { response: 0, desirable: false, weight: 1 },
        ],
        imitated: [1],
      },
    ]);
  });

  it('are both sides of each pair where people gave none: a response that won and lost has one of each', () => {
    const [found] = learned('labels', chain);
    expect(found!.texts).toEqual(['a', 'b', 'c']);
    expect(found!.labels.filter(({ response }) => response === 1)).toEqual([
      { response: 1, desirable: false, weight: 1 },
      { response: 1, desirable: true, weight: 3 },
    ]);
    expect(found!.imitated).toEqual([0, 1]);
  });
});

describe('demonstrations', () => {
  it('are responses that won and never lost, and those that people liked', () => {
    const [first, second] = learned(
      'demonstrations',
      chain,
      tree(['x', 'y', 'z'], [pair(0, 2)], [label(1, true), label(2, true)]),
    );
    expect(first).toMatchObject({ texts: ['a'], imitated: [0], pairs: [], labels: [] });
    expect(second).toMatchObject({ index: 1, texts: ['x', 'y'], imitated: [0, 1] });
  });

  it('are none where nothing was said for a response', () => {
    expect(learned('demonstrations', tree(['a', 'b'], [], [label(0, false)]))).toEqual([]);
  });
});

describe('what a conversation counts in an update', () => {
  it('is its pairs, its labels or its demonstrations', () => {
    const sizes = (['pairs', 'labels', 'demonstrations'] as const).map((from) =>
      learningTrees([chain], from, formatter).map(learningSize),
    );
    expect(sizes).toEqual([[3], [6], [1]]);
  });
});

describe('a conversation that is too long', () => {
  it('is marked, and keeps the end token of its response', async () => {
    const long = tree(['a'.repeat(200), 'b'], [pair(0, 1)]);
    const [found] = learningTrees([long], 'pairs', formatter);
    expect(found!.truncated).toBe(true);
    expect(found!.tokens.responses.map((ids) => ids.at(-1))).toEqual([formatter.endId, formatter.endId]);
  });
});
