/** @file A training run from preference files to a validated, saved reward model, readable top to bottom. */
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { PlauditError, plauditError, Random } from '@plaudit/contract';
import { type PreferenceTree, type PromptSplit, splitByPrompt, writeRejects } from '@plaudit/feedback';
import { readSpecification } from '../built/specification.ts';
import type { Calibration, ModelCard } from '../model.ts';
import { parseObjectivePlan } from '../objectives/plan.ts';
import type { LearningRecord } from '../report/pictures.ts';
import { warningsOf } from '../report/warnings.ts';
import type { ValidationDocument } from '../validation/document.ts';
import type { AnnotatorWeights } from './annotator-weights.ts';
import { rewardModelKind } from './kinds.ts';
import { measureSides } from './measure-sides.ts';
import {
  openStaging,
  type RunIdentity,
  requireFree,
  type Staging,
  type StagingOptions,
  writing,
} from './output-folder.ts';
import {
  countableIn,
  type DataSource,
  type PreferenceData,
  pairsIn,
  readPreferenceData,
} from './preference-data.ts';
import type { OnProgress } from './progress.ts';
import { writeRunFiles } from './run-files.ts';
import {
  parseSettings,
  type RunSettings,
  requireSettingsOf,
  runSettings,
  type TrainingSettings,
  trainingSettings,
} from './settings.ts';
import { trainingCommand } from './training-command.ts';
import { createdBy } from './version.ts';
import { readingWarnings, resumeWarnings } from './warnings.ts';

export interface TrainRewardModelOptions {
  /** Files, folders of files or glob patterns of one format. */
  readonly data: readonly string[];
  /** A format's name. Default `auto`. */
  readonly format?: string;
  readonly kind: string;
  /** The folder to make. */
  readonly out: string;
  readonly seed?: number;
  /** Shares of the comparisons; the rest is trained on. Default 0.1 and 0.2. */
  readonly fractions?: { readonly validation?: number; readonly test?: number };
  readonly limitPairs?: number;
  /** Seeds the split alone. Default: `seed`. */
  readonly splitSeed?: number;
  /** What a comparison counts by the kind of its annotator: 1 where nothing is said, 0 leaves it out. */
  readonly annotatorWeights?: AnnotatorWeights;
  readonly settings?: TrainingSettings;
  /**
   * Go on from the checkpoints of the same run that was stopped; with `where-possible` a run that is not the same is
   * treated as without.
   */
  readonly resume?: StagingOptions['resume'];
  /** Replace the reward model at `out`, once the new one is whole, and any unfinished run there that is not resumed. */
  readonly overwrite?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/** What a run was and what came of it. `report.json` holds it too. */
export interface TrainingDocument {
  readonly kind: string;
  readonly out: string;
  readonly seed: number;
  readonly data: {
    readonly sources: readonly DataSource[];
    readonly format: string;
    readonly rows: number;
    readonly rejects: number;
    readonly reasons: PreferenceData['reasons'];
    readonly trees: number;
    readonly ties: number;
    /** Response pairs that were judged both ways. */
    readonly contradictions: number;
    /** Clusters of near-duplicate prompts; a cluster is on one side of the split only. */
    readonly promptClusters: number;
    readonly fractions: ModelCard['data']['split']['fractions'];
    readonly pairs: { readonly train: number; readonly validation: number; readonly test: number };
    /** Training comparisons at most, where the run was limited. */
    readonly limitPairs: number | null;
  };
  readonly configuration: ModelCard['configuration'];
  readonly calibration: Calibration | null;
  readonly test: ValidationDocument;
  readonly validation: ValidationDocument;
  /** The last point of the learning curve; training.jsonl holds all. */
  readonly lastRecord: LearningRecord | null;
  readonly seconds: number;
  readonly cost: {
    readonly trainingSeconds: number;
    /** Of the test side. */
    readonly scoringSeconds: number;
    readonly responsesScoredPerSecond: number;
    /** Largest resident memory of the process, bytes. */
    readonly peakMemory: number;
  };
  readonly resumed: boolean;
  readonly warnings: readonly string[];
  readonly createdBy: string;
}

/** Fewest comparisons of each side: to learn from, to choose and calibrate with, and to be worth a number. */
const fewestPairs = { train: 10, validation: 5, test: 5 };

/**
 * Trains, calibrates, validates and saves a reward model. Nothing half-written is left at `out`: the folder is built as
 * OUT.partial and renamed when it is whole. A run that stops early leaves its checkpoints there, if it has any.
 *
 * @example await trainRewardModel({ data: ['preferences.jsonl'], kind: 'linear', out: 'support-desk', seed: 1 })
 * @throws data.*, reward.*, model.*, engine.*, output.*; cli.interrupted when the signal was aborted
 */
export const trainRewardModel = async (options: TrainRewardModelOptions): Promise<TrainingDocument> => {
  const started = performance.now();
  const { resume = false, overwrite = false, signal } = options;
  const settings = await withPlan(parseSettings(trainingSettings, options.settings ?? {}));
  const run = parseSettings(runSettings, {
    data: options.data,
    format: options.format ?? 'auto',
    kind: options.kind,
    out: options.out,
    seed: options.seed ?? 0,
    fractions: { validation: options.fractions?.validation ?? 0.1, test: options.fractions?.test ?? 0.2 },
    ...(options.limitPairs !== undefined && { limitPairs: options.limitPairs }),
    ...(options.splitSeed !== undefined && { splitSeed: options.splitSeed }),
    ...(options.annotatorWeights && { annotatorWeights: options.annotatorWeights }),
  });
  const kind = await rewardModelKind(run.kind);
  requireSettingsOf(kind, settings);
  await requireFree(run.out, overwrite);

  let staging: Staging | undefined;
  try {
    const data = await readPreferenceData(run.data, {
      format: run.format,
      ...(run.annotatorWeights && { annotatorWeights: run.annotatorWeights as AnnotatorWeights }),
      ...(signal && { signal }),
    });
    const split = await splitData(data, run, signal);
    staging = await openStaging(run.out, identityOf(run, settings, data), { overwrite, resume });
    return await trainInto(staging, {
      run,
      settings,
      data,
      split,
      resume,
      started,
      signal,
      onProgress: options.onProgress,
    });
  } catch (error) {
    const kept = (await staging?.abandon()) ?? false;
    // What could not be written says where the work lies now: that matters more than that it was stopped too.
    const ofOutput = error instanceof PlauditError && error.code.startsWith('output.');
    throw signal?.aborted && !ofOutput ? interrupted(run.out, kept, error) : error;
  }
};

/** An objective that names a JSON file is the plan that the file holds. */
const withPlan = async (settings: TrainingSettings): Promise<TrainingSettings> => {
  const { objective } = settings;
  if (typeof objective !== 'string' || !objective.endsWith('.json')) return settings;
  return { ...settings, objective: { ...parseObjectivePlan(await readSpecification(objective)) } };
};

/** Where the base lies and where it computes may change between two parts of a run; what is computed may not. */
const identityOf = (run: RunSettings, settings: TrainingSettings, data: PreferenceData): RunIdentity => {
  const {
    base: _path,
    provider: _provider,
    threads: _threads,
    recompute: _recompute,
    ...decisive
  } = settings;
  return {
    kind: run.kind,
    seed: run.seed,
    data: data.sources.map(({ sha256 }) => sha256),
    settings: {
      ...decisive,
      ...run.fractions,
      format: data.format,
      ...(run.limitPairs !== undefined && { limitPairs: run.limitPairs }),
      ...(run.splitSeed !== undefined && { splitSeed: run.splitSeed }),
      ...(run.annotatorWeights && { annotatorWeights: run.annotatorWeights }),
    },
  };
};

interface PreparedRun {
  readonly run: RunSettings;
  readonly settings: TrainingSettings;
  readonly data: PreferenceData;
  readonly split: PromptSplit;
  readonly resume: StagingOptions['resume'];
  readonly started: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: OnProgress | undefined;
}

const trainInto = async (staging: Staging, prepared: PreparedRun): Promise<TrainingDocument> => {
  const { run, settings, data, split, started, signal, onProgress } = prepared;
  const kind = await rewardModelKind(run.kind);
  const sides = {
    train: limited(split.train, run),
    validation: split.validation,
    cluster: split.cluster,
  };
  const pairs = {
    train: pairsIn(sides.train),
    validation: pairsIn(split.validation),
    test: pairsIn(split.test),
  };
  const { validation, test } = run.fractions;
  const fractions = { train: 1 - validation - test, validation, test };

  const trainingStarted = performance.now();
  const trained = await kind.train(sides, settings, {
    seed: run.seed,
    origin: {
      data: {
        sources: data.sources.map(({ name, sha256 }) => ({ name, sha256 })),
        rows: data.rows,
        rejects: data.rejects.length,
        split: { seed: run.splitSeed ?? run.seed, fractions },
        pairs,
      },
      createdBy,
    },
    checkpoints: staging.checkpoints,
    resume: staging.resumed,
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  });
  const trainingSeconds = (performance.now() - trainingStarted) / 1000;

  try {
    const { model, records } = trained;
    const measured = await measureSides(trained, split, data, { seed: run.seed, signal, onProgress });
    const command = trainingCommand(
      run,
      settings,
      data.sources.map(({ name }) => name),
    );
    const card: ModelCard = {
      ...model.card,
      calibration: measured.calibration,
      configuration: {
        ...model.card.configuration,
        ...(run.limitPairs !== undefined && { limitPairs: run.limitPairs }),
        ...(run.annotatorWeights && { annotatorWeights: run.annotatorWeights }),
      },
      metrics: measured.test,
      ...(command !== undefined && { command }),
    };
    const scored = split.test.reduce((sum, { responses }) => sum + responses.length, 0);
    const document: TrainingDocument = {
      kind: run.kind,
      out: run.out,
      seed: run.seed,
      data: {
        sources: data.sources,
        format: data.format,
        rows: data.rows,
        rejects: data.rejects.length,
        reasons: data.reasons,
        trees: data.trees.length,
        ties: data.ties,
        contradictions: data.contradictions,
        promptClusters: split.clusters,
        fractions,
        pairs,
        limitPairs: run.limitPairs ?? null,
      },
      configuration: card.configuration,
      calibration: card.calibration,
      test: measured.test,
      validation: measured.validation,
      lastRecord: records.at(-1) ?? null,
      seconds: (performance.now() - started) / 1000,
      cost: {
        trainingSeconds,
        scoringSeconds: measured.scoringSeconds,
        responsesScoredPerSecond: scored / measured.scoringSeconds,
        peakMemory: process.resourceUsage().maxRSS * 1024,
      },
      resumed: staging.resumed,
      warnings: [
        ...resumeWarnings(prepared.resume === true, staging.resumed, run.out),
        ...readingWarnings(data),
        ...(trained.warnings ?? []),
        ...measured.warnings.map((warning) => `On the test side, ${warning}`),
        ...warningsOf(measured.test),
      ],
      createdBy,
    };

    await writing(run.out, async () => {
      await trained.save(staging.path, card);
      await writeRejects(join(staging.path, 'rejects.jsonl'), data.rejects);
      await writeRunFiles(staging.path, {
        document,
        card,
        records,
        test: split.test,
        testScores: measured.testScores,
      });
    });
    signal?.throwIfAborted();
    await staging.publish();
    return document;
  } finally {
    await trained.model.close();
  }
};

const splitData = async (
  data: PreferenceData,
  run: RunSettings,
  signal: AbortSignal | undefined,
): Promise<PromptSplit> => {
  // Gives way once, so that Ctrl-C pressed while reading is seen before the split, which is one long computation.
  await setImmediate();
  signal?.throwIfAborted();
  const split = splitByPrompt(data.trees, { seed: run.splitSeed ?? run.seed, ...run.fractions });
  await setImmediate();
  signal?.throwIfAborted();
  for (const [side, needed] of Object.entries(fewestPairs) as [keyof typeof fewestPairs, number][]) {
    const pairs = countableIn(side === 'train' ? limited(split.train, run) : split[side]);
    if (pairs < needed) throw plauditError('reward.too_few_pairs', { split: side, pairs, needed });
  }
  return split;
};

/** Whole trees in a seeded order, as many as the limit allows; in the order of the split again. */
const limited = (
  trees: readonly PreferenceTree[],
  { limitPairs, seed }: RunSettings,
): readonly PreferenceTree[] => {
  if (limitPairs === undefined) return trees;
  const chosen = new Set<number>();
  let left = limitPairs;
  for (const index of new Random(seed, 'limit').permutation(trees.length)) {
    const size = trees[index]!.pairs.length;
    if (size > left) continue;
    left -= size;
    chosen.add(index);
  }
  return trees.filter((_, index) => chosen.has(index));
};

/** Says how a run that was stopped is taken up again. */
export const interrupted = (out: string, kept: boolean, cause: unknown): Error =>
  plauditError(
    'cli.interrupted',
    {
      resume: kept
        ? `Run the same command with --resume to go on from the last checkpoint in ${out}.partial.`
        : 'Nothing was left behind. Run the same command again to start anew.',
    },
    cause,
  );
