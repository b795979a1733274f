/** @file The seeded split into train, validation and test by whole clusters of near-duplicate prompts. */
import { plauditError, Random } from '@plaudit/contract';
import { clusterPrompts, type NearDuplicateOptions } from './near-duplicates.ts';
import type { PreferenceTree } from './preference-trees.ts';

export interface SplitOptions extends NearDuplicateOptions {
  readonly seed: number;
  /** Share of the pairs for validation, 0 to 1. Default 0.1. */
  readonly validation?: number;
  /** Share of the pairs for the test, 0 to 1. Default 0.2. */
  readonly test?: number;
}

export interface PromptSplit {
  /** Each side is sorted by tree id, so that the order of the input file does not matter. */
  readonly train: readonly PreferenceTree[];
  readonly validation: readonly PreferenceTree[];
  readonly test: readonly PreferenceTree[];
  /** Tree id to the number of its prompt's cluster: the unit of the split and of the bootstrap. */
  readonly cluster: ReadonlyMap<string, number>;
  readonly clusters: number;
}

/**
 * Splits trees so that no prompt, near-duplicate prompt or conversation with a shared beginning is on two sides. Sizes
 * are counted in pairs; a side stays near its share and never takes a cluster that would overshoot it by more than half
 * of that cluster.
 *
 * @example const { train, validation, test } = splitByPrompt(trees, { seed: 1, validation: 0.1, test: 0.2 })
 * @throws data.bad_option for shares below 0 or that together reach 1
 */
export const splitByPrompt = (trees: readonly PreferenceTree[], options: SplitOptions): PromptSplit => {
  const { seed, validation = 0.1, test = 0.2 } = options;
  if (!(validation >= 0 && test >= 0 && validation + test < 1))
    throw plauditError('data.bad_option', {
      option: 'validation and test',
      problem: 'they are shares of at least 0 that leave something to train on',
    });

  // Sorted by content first: ids depend on content alone, so neither file order nor machine can change the split.
  const sorted = [...trees].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const numbers = clusterPrompts(
    sorted.map((tree) => tree.prompt),
    options,
  );
  const members: PreferenceTree[][] = [];
  const cluster = new Map<string, number>();
  for (const [i, tree] of sorted.entries()) {
    const number = numbers[i]!;
    members[number] ??= [];
    members[number].push(tree);
    cluster.set(tree.id, number);
  }

  const total = pairCount(sorted);
  const room = { test: test * total, validation: validation * total };
  const sides = { train: [], validation: [], test: [] } as Record<
    keyof typeof room | 'train',
    PreferenceTree[]
  >;
  for (const number of new Random(seed, 'split').permutation(members.length)) {
    const trees = members[number]!;
    const size = pairCount(trees);
    const side = (['test', 'validation'] as const).find((one) => size / 2 <= room[one] && room[one] > 0);
    if (side) room[side] -= size;
    sides[side ?? 'train'].push(...trees);
  }
  const inOrder = (side: PreferenceTree[]): PreferenceTree[] =>
    side.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  return {
    train: inOrder(sides.train),
    validation: inOrder(sides.validation),
    test: inOrder(sides.test),
    cluster,
    clusters: members.length,
  };
};

const pairCount = (trees: readonly PreferenceTree[]): number =>
  trees.reduce((sum, tree) => sum + tree.pairs.length, 0);
