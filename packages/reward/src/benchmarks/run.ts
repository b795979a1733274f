/** @file Running a benchmark: one pass of scoring over a file, or the rewards that it holds, to one document. */
import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import { plauditError } from '@plaudit/contract';
import type { Reject } from '@plaudit/feedback';
import { writeFileAtomic } from '@plaudit/models';
import type { RewardModel } from '../model.ts';
import { type LoadOptions, loadRewardModel } from '../run/kinds.ts';
import type { DataSource } from '../run/preference-data.ts';
import type { OnProgress } from '../run/progress.ts';
import { readCard } from '../run/reading.ts';
import { overlapWarnings, truncation } from '../run/warnings.ts';
import type { BenchmarkResult, ScoredItem } from './benchmark.ts';
import { type BenchmarkItem, readBenchmark } from './read.ts';
import { renderBenchmarkReport } from './report.ts';

export interface BenchmarkRunOptions extends LoadOptions {
  readonly data: string | readonly string[];
  /** The folder of a saved reward model. Without it the rewards in the file are used. */
  readonly model?: string;
  /** A benchmark's name. Without it the first rows decide. */
  readonly benchmark?: string;
  /** Seeds the intervals. Default 0. */
  readonly seed?: number;
  readonly resamples?: number;
  /** Where to write the numbers and the best-of-n curve as an HTML page. */
  readonly report?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

export interface BenchmarkDocument extends BenchmarkResult {
  readonly benchmark: string;
  readonly title: string;
  /** Null where the rewards came from the file. */
  readonly model: string | null;
  readonly kind: string | null;
  readonly data: {
    readonly sources: readonly DataSource[];
    /** All rows, those set aside included. */
    readonly rows: number;
    readonly read: number;
    readonly rejects: readonly Reject[];
  };
  readonly seconds: number;
}

/**
 * Scores a benchmark file as it was published.
 *
 * @example const { overall } = await runBenchmark({ model: 'support-desk', data: 'reward-bench-2.jsonl' })
 * @throws reward.reward_failed where the model gives no finite reward; reward.*, data.*, model.*, engine.*, or the
 *   signal's reason when aborted; output.* for the report
 */
export const runBenchmark = async (options: BenchmarkRunOptions): Promise<BenchmarkDocument> => {
  const started = performance.now();
  const { model: directory, signal, onProgress, seed, resamples, report } = options;
  if (report !== undefined) await checkFolder(report);
  const card = directory === undefined ? undefined : await readCard(directory);
  const data = await readBenchmark(options.data, {
    rewardsFrom: directory === undefined ? 'file' : 'model',
    ...(options.benchmark !== undefined && { benchmark: options.benchmark }),
    ...(signal && { signal }),
  });
  const { rewards, warnings } =
    directory === undefined
      ? { rewards: data.items.map((item) => item.rewards!), warnings: [] }
      : await scoreWith(directory, data.items, options);
  const { rejects } = data;
  const items = data.items.map(
    ({ source, row, cluster, facts }, at): ScoredItem => ({
      source,
      row,
      cluster,
      facts,
      rewards: rewards[at]!,
    }),
  );
  const result = await data.benchmark.score(items, {
    ...(signal && { signal }),
    ...(onProgress && {
      onProgress: (step, totalSteps) => onProgress({ phase: 'measure', step, totalSteps }),
    }),
    ...(seed !== undefined && { seed }),
    ...(resamples !== undefined && { resamples }),
    temperature: card?.calibration?.temperature ?? 1,
  });
  const document: BenchmarkDocument = {
    benchmark: data.benchmark.name,
    title: data.benchmark.title,
    model: directory ?? null,
    kind: card?.kind ?? null,
    data: { sources: data.sources, rows: data.rows, read: items.length, rejects },
    ...result,
    seconds: (performance.now() - started) / 1000,
    warnings: [
      ...(rejects.length > 0
        ? [
            `${rejects.length} of ${data.rows} rows could not be used and count in no number; the leaderboard counts all.`,
          ]
        : []),
      ...(card ? overlapWarnings(card, data.sources, directory!) : []),
      ...warnings,
      ...result.warnings,
    ],
  };
  if (report !== undefined) await writeFileAtomic(report, renderBenchmarkReport(document));
  return document;
};

/** Scoring can take hours, so a report that could not be written is refused before. */
const checkFolder = async (path: string): Promise<void> => {
  try {
    await access(dirname(path), constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw plauditError('output.not_writable', { path, problem: code ?? 'unknown' }, error);
  }
};

const scoreWith = async (
  directory: string,
  items: readonly BenchmarkItem[],
  { signal, onProgress, ...load }: BenchmarkRunOptions,
): Promise<{ rewards: number[][]; warnings: readonly string[] }> => {
  const model = await loadRewardModel(directory, { ...load, keepFeatures: true });
  const { onTruncated, warnings } = truncation();
  try {
    return { rewards: await scoreItems(model, items, { onTruncated, signal, onProgress }), warnings };
  } finally {
    await model.close();
  }
};

/**
 * The rewards of all items in one pass.
 *
 * @throws reward.reward_failed for a reward that is missing or not finite: it is never counted as 0
 */
export const scoreItems = async (
  model: Pick<RewardModel, 'score'>,
  items: readonly BenchmarkItem[],
  options: {
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: OnProgress | undefined;
    readonly onTruncated?: (items: number) => void;
  } = {},
): Promise<number[][]> => {
  const { signal, onProgress, onTruncated } = options;
  const scores = await model.score(
    items.map((item) => item.texts!),
    {
      ...(onTruncated && { onTruncated }),
      ...(signal && { signal }),
      ...(onProgress && {
        onProgress: (step, totalSteps) => onProgress({ phase: 'score', step, totalSteps }),
      }),
    },
  );
  return items.map(({ path, row, texts }, at) =>
    texts!.responses.map((_, response) => {
      const reward = scores[at]?.[response]?.reward;
      if (reward === undefined || !Number.isFinite(reward))
        throw plauditError('reward.reward_failed', { path, row, response: response + 1 });
      return reward;
    }),
  );
};
