/** @file The shape of what an experiment says so far. */
import { z } from 'zod';
import { measured } from '../monitoring/shapes.ts';

const interval = z.tuple([z.number(), z.number()]).readonly();
const whose = { metric: z.string(), arm: z.string() };

const difference = {
  control: z.string(),
  difference: z.number(),
  effect: z.number().nullable(),
  interval,
  pValue: z.number(),
  varianceRemoved: z.number(),
  verdict: z.enum(['better', 'worse', 'open']),
};
const compared = <More extends z.ZodRawShape>(more: More) =>
  z.union([
    z.object({ enough: z.literal(true), n: z.number(), ...whose, ...difference, ...more }),
    z.object({ enough: z.literal(false), n: z.number(), needed: z.number(), ...whose, ...more }),
  ]);

const duel = measured({
  winRate: z.object({
    winRate: z.number(),
    winRateInterval: interval,
    wins: z.number(),
    ties: z.number(),
    losses: z.number(),
    /** null where it cannot be told. */
    lengthControlled: z
      .object({
        winRate: z.number(),
        interval: interval.nullable(),
        lengthEffect: z.number(),
        extrapolated: z.boolean(),
      })
      .nullable(),
    lengthRatio: z.number(),
    prompts: z.number(),
    warnings: z.array(z.string()).readonly(),
  }),
  /** Of the win rate; holds at every look. */
  interval,
  pValue: z.number(),
  firstShown: z.number().nullable(),
});

export const experimentReport = z.object({
  hold: z.string().nullable(),
  arms: z
    .array(
      z.object({
        arm: z.string(),
        units: z.number(),
        means: z.record(z.string(), z.object({ n: z.number(), mean: z.number().nullable() })),
      }),
    )
    .readonly(),
  sampleRatio: measured({
    chiSquare: z.number(),
    pValue: z.number(),
    effect: z.number(),
    furthest: z.object({ arm: z.number(), deviation: z.number() }),
    mismatch: z.boolean(),
  }),
  conflicting: z.object({
    units: z.number(),
    share: z.number().nullable(),
    interval: interval.nullable(),
  }),
  primary: z.array(compared({})).readonly(),
  secondary: z.array(compared({})).readonly(),
  segments: z.array(compared({ segment: z.string(), value: z.string() })).readonly(),
  duels: z
    .array(
      z.object({
        arm: z.string(),
        result: duel,
        cost: z
          .object({
            cost: z.number(),
            points: z.number(),
            perPoint: z.number().nullable(),
            interval: interval.nullable(),
          })
          .nullable(),
      }),
    )
    .readonly(),
});
