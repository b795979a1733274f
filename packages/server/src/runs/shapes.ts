/** @file Shapes that answers about runs and models share. */
import { prompt } from '@plaudit/contract';
import { z } from 'zod';

/** JSON has no word for these three, and a run that diverged must not look as if it had no value. */
const unusual = ['NaN', 'Infinity', '-Infinity'] as const;
export const metricValue = z.union([z.number(), z.enum(unusual)]);

export const toMetricValue = (value: number): z.output<typeof metricValue> =>
  Number.isFinite(value) ? value : (String(value) as (typeof unusual)[number]);

export const runStates = ['waiting', 'running', 'finished', 'failed', 'stopped'] as const;

export const run = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.string(),
  state: z.enum(runStates),
  parent: z.string().nullable(),
  config: z.record(z.string(), z.unknown()),
  tags: z.record(z.string(), z.string()),
  error: z.string().nullable(),
  createdAt: z.date(),
  startedAt: z.date().nullable(),
  endedAt: z.date().nullable(),
  deletedAt: z.date().nullable(),
  /** The erasure that took rows out of what it was trained on. */
  taintedBy: z.string().nullable(),
});

export const metricPoint = z.object({ step: z.number(), value: metricValue, at: z.date() });

export const file = z.object({
  path: z.string(),
  digest: z.string(),
  bytes: z.number(),
  mediaType: z.string(),
});

export const model = z.object({
  id: z.string(),
  name: z.string(),
  version: z.number(),
  role: z.enum(['reward', 'policy', 'reference']),
  run: z.string().nullable(),
  card: z.record(z.string(), z.unknown()),
  createdAt: z.date(),
  taintedBy: z.string().nullable(),
  /** When its files were deleted. */
  deletedAt: z.date().nullable(),
});

/** A pair of a held-out side that a reward model got wrong, with its texts. */
export const mistake = z.object({
  prompt: prompt,
  /** What people preferred and what they did not; null for the threshold 0 beside a judged response or step. */
  chosen: z.object({ text: z.string(), reward: z.number() }).nullable(),
  rejected: z.object({ text: z.string(), reward: z.number() }).nullable(),
  /** Index of the step that was judged, where one was. */
  step: z.number().optional(),
  /** Reward of the preferred one minus the other's; negative, the worst first. */
  difference: z.number(),
  source: z.string(),
  row: z.number().nullable(),
});
export type Mistake = z.output<typeof mistake>;

const sampled = z.object({
  text: z.string(),
  /** By the reward that the policy was trained against, and by the one that was only looked at; null where there is none. */
  reward: z.number().nullable(),
  gold: z.number().nullable(),
});

/** One held-out prompt, answered by the policy as it was before a run and as the run left it: a line of `samples.jsonl`. */
export const policySample = z.object({
  prompt: prompt,
  /** null where the run began with nothing that could write. */
  before: sampled.nullable(),
  after: sampled,
});
export type PolicySample = z.output<typeof policySample>;
