/** @file Shapes of what monitoring answers: every statistic says on how much it rests, or how much it lacks. */
import { z } from 'zod';
import { alertState } from './rule.ts';

const date = z.date().transform((at) => at.toISOString());
const document = z.record(z.string(), z.unknown());
const interval = z.tuple([z.number(), z.number()]).readonly();

export const measured = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.union([
    z.object({ enough: z.literal(true), n: z.number(), ...shape }),
    z.object({ enough: z.literal(false), n: z.number(), needed: z.number() }),
  ]);

const numberDrift = measured({
  psi: z.number(),
  ks: z.number(),
  ksPValue: z.number(),
  wasserstein: z.number().nullable(),
  shift: z.number().nullable(),
});

const categoryDrift = measured({
  psi: z.number(),
  jensenShannon: z.number(),
  furthest: z.object({ category: z.string(), change: z.number() }),
});

const numbers = z.array(z.number()).readonly();
const binned = z.object({ edges: numbers, reference: numbers, current: numbers }).nullable();

export const driftReport = z.object({
  reward: numberDrift,
  length: numberDrift,
  repetition: numberDrift,
  uncertainty: numberDrift,
  segments: z.record(z.string(), categoryDrift),
  prompts: measured({ auc: z.number(), pValue: z.number() }),
  sameBundles: z.boolean(),
  /** Responses in each window; of more than are read, those that were sampled. */
  rows: z.object({ reference: z.number(), current: z.number() }),
  /** Both windows counted in the same bins. */
  distributions: z.object({ reward: binned, length: binned, repetition: binned, uncertainty: binned }),
});

const share = measured({ share: z.number(), interval });

export const hackingReport = z.object({
  lengthPay: measured({
    correlation: z.number().nullable(),
    interval: interval.nullable(),
    slope: z.number().nullable(),
  }),
  repetition: measured({ mean: z.number() }),
  saturation: share,
  refusals: share,
  truncations: share,
});

export const agreement = share;
export const rate = measured({ rate: z.number(), interval });

const urgency = z.enum(['page', 'ticket']);
export const burn = measured({
  pairs: z
    .array(
      z.object({
        name: z.string(),
        urgency,
        /** Milliseconds. */
        long: z.number(),
        short: z.number(),
        /** Bound of the pair, in times the rate that spends the budget in exactly its period. */
        burn: z.number(),
        longBurn: z.number().nullable(),
        shortBurn: z.number().nullable(),
        firing: z.boolean(),
      }),
    )
    .readonly(),
  urgency: z.enum(['page', 'ticket', 'none']),
});

const check = z.object({
  checked: z.number(),
  right: z.number(),
  accuracy: z.number(),
  interval,
  eValue: z.number(),
  pause: z.boolean(),
});

export const annotatorReport = z.object({
  annotators: z
    .array(
      z.object({
        annotator: z.string(),
        judgements: z.number(),
        pause: z.boolean(),
        concerns: z
          .array(
            z.object({ concern: z.string(), criterion: z.string().optional(), of: z.string().optional() }),
          )
          .readonly(),
        gold: check.optional(),
        attention: check.optional(),
        speed: z
          .object({ timed: z.number(), medianSeconds: z.number(), tooFast: z.number(), tooSlow: z.number() })
          .optional(),
        /** Share of the answers with a side that went to the response shown first. */
        sides: z.object({ decided: z.number(), first: z.number(), interval, pValue: z.number() }).optional(),
        run: z.object({ answers: z.number(), length: z.number(), pValue: z.number() }).optional(),
      }),
    )
    .readonly(),
  setAside: z.record(z.string(), z.number()),
});

export const bucket = z.object({
  at: date,
  arm: z.enum(['production', 'canary', 'shadow']),
  responses: z.number(),
  scored: z.number(),
  failures: z.number(),
  incidents: z.number(),
  refusals: z.number(),
  truncations: z.number(),
  quantiles: z.array(z.number()).nullable(),
  meanReward: z.number().nullable(),
  meanLength: z.number().nullable(),
  meanRepetition: z.number().nullable(),
});

export const rule = z.object({
  id: z.string(),
  name: z.string(),
  rule: document,
  state: alertState,
  silencedUntil: date.nullable(),
  createdBy: z.string(),
  createdAt: date,
});

export const incident = z.object({
  id: z.string(),
  kind: z.string(),
  severity: z.number(),
  title: z.string(),
  deployment: z.string().nullable(),
  details: document,
  state: z.enum(['open', 'acknowledged', 'resolved']),
  openedAt: date,
  acknowledgedAt: date.nullable(),
  acknowledgedBy: z.string().nullable(),
  resolvedAt: date.nullable(),
  resolution: z.string().nullable(),
});
