/** @file Evaluating saved reward models on preference files, alone or against each other. */
import { plauditError } from '@plaudit/contract';
import { type PreferenceTree, splitByPrompt } from '@plaudit/feedback';
import { type JudgeUsage, usageWarnings } from '../judge/usage.ts';
import type { ModelCard } from '../model.ts';
import { warningsOf } from '../report/warnings.ts';
import { compareModels, type ModelComparison } from '../validation/compare.ts';
import type { ValidationDocument } from '../validation/document.ts';
import { headline } from '../validation/headline.ts';
import type { ScoredPair } from '../validation/pairs.ts';
import { validate } from '../validation/validate.ts';
import { type LoadOptions, loadRewardModel } from './kinds.ts';
import { noiseCeilingOf } from './noise.ts';
import { countableIn, type PreferenceData, readPreferenceData } from './preference-data.ts';
import type { OnProgress } from './progress.ts';
import { readCard } from './reading.ts';
import { overlapWarnings, readingWarnings, truncation } from './warnings.ts';

export const splitNames = ['all', 'train', 'validation', 'test'] as const;
export type SplitName = (typeof splitNames)[number];

export interface EvaluationOptions extends LoadOptions {
  readonly data: readonly string[];
  readonly format?: string;
  /** A side of the split on which the model was trained, for its own training files. Default `all`. */
  readonly split?: SplitName;
  /** Seeds the bootstrap and the canaries. Default: the model's own seed. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/** What was evaluated. */
interface EvaluatedData {
  readonly sources: PreferenceData['sources'];
  readonly format: string;
  readonly rows: number;
  readonly rejects: number;
  readonly ties: number;
  readonly split: SplitName;
}

export interface EvaluationDocument extends ValidationDocument {
  readonly model: string;
  readonly kind: string;
  readonly data: EvaluatedData;
  /** What judges took, where some were asked. */
  readonly judges?: readonly JudgeUsage[];
  readonly seconds: number;
  readonly warnings: readonly string[];
}

export interface ComparisonDocument extends ModelComparison {
  readonly a: string;
  readonly b: string;
  readonly data: EvaluatedData;
  readonly seconds: number;
  readonly warnings: readonly string[];
}

/**
 * Validates a saved reward model on any preference file.
 *
 * @example const { accuracy } = await evaluateRewardModel('support-desk', { data: ['fresh.jsonl'] })
 * @throws data.*, reward.*, model.*, engine.*, or the signal's reason when aborted
 */
export const evaluateRewardModel = async (
  directory: string,
  options: EvaluationOptions,
): Promise<EvaluationDocument> => {
  const started = performance.now();
  const card = await readCard(directory);
  const data = await readPreferenceData(options.data, options);
  const selected = selectSplit(data, card, options.split ?? 'all');
  const model = await loadRewardModel(directory, { ...options, keepFeatures: true });
  const { onTruncated, warnings } = truncation();
  const judges: JudgeUsage[] = [];
  try {
    const scores = await model.score(selected.trees, {
      ...scoring(options, 'evaluate'),
      onTruncated,
      onJudged: (usage) => judges.push(usage),
    });
    const document = validate(selected.trees, scores, {
      clusters: selected.clusters,
      // A check of the training, which the card remembers.
      canaries: { trainedOnShuffledLabels: card.metrics?.canaries.trainedOnShuffledLabels },
      calibration: card.calibration,
      criteria: card.criteria,
      noiseCeiling: noiseCeilingOf(data, {
        seed: options.seed ?? card.seed,
        clusters: selected.clusters,
      }),
      seed: options.seed ?? card.seed,
    });
    return {
      ...document,
      model: directory,
      kind: card.kind,
      data: evaluated(data, selected.split),
      ...(judges.length > 0 && { judges }),
      seconds: (performance.now() - started) / 1000,
      warnings: [
        ...readingWarnings(data),
        ...(selected.split === 'test' ? [] : overlapWarnings(card, data.sources, directory)),
        ...warnings,
        ...judges.flatMap(usageWarnings),
        ...warningsOf(document),
      ],
    };
  } finally {
    await model.close();
  }
};

/**
 * Says whether model B orders the comparisons of a file better than model A, with a paired interval.
 *
 * @throws As `evaluateRewardModel`
 */
export const compareRewardModels = async (
  a: string,
  b: string,
  options: EvaluationOptions,
): Promise<ComparisonDocument> => {
  const started = performance.now();
  const [cardA, cardB] = [await readCard(a), await readCard(b)];
  const data = await readPreferenceData(options.data, options);
  // Model A's split decides; a test side of A that B was trained on is warned about below.
  const { split, trees, clusters } = selectSplit(data, cardA, options.split ?? 'all');
  const scored: ScoredPair[][] = [];
  const truncated: string[] = [];
  // One after the other, so that two large models are never in memory together.
  for (const [directory, phase, { criteria }] of [
    [a, 'score with A', cardA],
    [b, 'score with B', cardB],
  ] as const) {
    const model = await loadRewardModel(directory, { ...options, keepFeatures: true });
    const { onTruncated, warnings } = truncation();
    try {
      const scores = await model.score(trees, { ...scoring(options, phase), onTruncated });
      scored.push([...headline(trees, scores, { clusters, criteria }).pairs]);
      truncated.push(...warnings.map((warning) => `${directory}: ${warning}`));
    } finally {
      await model.close();
    }
  }
  const heldBack = split === 'test' && sameSplit(cardA, cardB);
  const comparison = compareModels(scored[0]!, scored[1]!, { seed: options.seed ?? cardA.seed });
  return {
    ...comparison,
    a,
    b,
    data: evaluated(data, split),
    seconds: (performance.now() - started) / 1000,
    warnings: [
      ...readingWarnings(data),
      ...comparison.warnings,
      ...truncated,
      ...(split === 'test' ? [] : overlapWarnings(cardA, data.sources, a)),
      ...(heldBack ? [] : overlapWarnings(cardB, data.sources, b)),
    ],
  };
};

const scoring = ({ signal, onProgress }: EvaluationOptions, phase: string) => ({
  ...(signal && { signal }),
  ...(onProgress && {
    onProgress: (step: number, totalSteps: number) => onProgress({ phase, step, totalSteps }),
  }),
});

interface SelectedSplit {
  readonly split: SplitName;
  readonly trees: readonly PreferenceTree[];
  readonly clusters?: ReadonlyMap<string, number>;
}

const fingerprint = (sources: readonly { readonly sha256: string }[]): string =>
  sources.map(({ sha256 }) => sha256).join();

/** Two models that were trained on the same files with the same split. */
const sameSplit = (a: ModelCard, b: ModelCard): boolean =>
  fingerprint(a.data.sources) === fingerprint(b.data.sources) &&
  JSON.stringify(a.data.split) === JSON.stringify(b.data.split);

/** The split of a training run follows from its files, seed and shares, so that it can be made again. */
const selectSplit = (data: PreferenceData, card: ModelCard, split: SplitName): SelectedSplit => {
  if (!splitNames.includes(split))
    throw plauditError('reward.bad_configuration', {
      setting: 'split',
      problem: `it has to be one of ${splitNames.join(', ')}`,
    });
  if (split === 'all') return { split, trees: data.trees };
  if (fingerprint(data.sources) !== fingerprint(card.data.sources))
    throw plauditError('reward.bad_configuration', {
      setting: 'split',
      problem: 'these are not exactly the files that the model was trained on, so they have no such side',
    });
  const { seed, fractions } = card.data.split;
  const sides = splitByPrompt(data.trees, {
    seed,
    validation: fractions.validation,
    test: fractions.test,
  });
  if (countableIn(sides[split]) === 0)
    throw plauditError('reward.too_few_pairs', { split, pairs: 0, needed: 1 });
  return { split, trees: sides[split], clusters: sides.cluster };
};

const evaluated = (data: PreferenceData, split: SplitName): EvaluatedData => ({
  sources: data.sources,
  format: data.format,
  rows: data.rows,
  rejects: data.rejects.length,
  ties: data.ties,
  split,
});
