/** @file Shapes that answers about runs and models share. */
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
});
