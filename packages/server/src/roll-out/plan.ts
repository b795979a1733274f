/** @file The plan of a roll-out: the shares that the canary gets one after the other, and what it must not make worse. */
import { plauditError } from '@plaudit/contract';
import { z } from 'zod';

const action = z.enum(['roll_back', 'pause']).default('roll_back');

/** A mean over units that must not get worse. */
const meanGuardrail = z.strictObject({
  metric: z.enum(['reward', 'milliseconds']),
  /** By how much it may be worse, in the metric's own unit. Default 0. */
  margin: z.number().min(0).default(0),
  action,
});

/** Something that must not happen to more units. */
const eventGuardrail = z.strictObject({
  metric: z.enum(['incidents', 'failures']),
  /** The rate ratio up to which the canary may do worse. Default 1. */
  tolerated: z.number().min(1).max(100).default(1),
  /** Units of the canary, at all steps together, that it may happen to; more end the roll-out at once, without statistics. */
  atMost: z.number().int().min(0).optional(),
  action,
});

const guardrail = z.union([meanGuardrail, eventGuardrail]);
export type Guardrail = z.output<typeof guardrail>;

export const rollOutPlan = z.strictObject({
  /** Shares of the traffic, rising; at the last one, 1, the canary is production. */
  steps: z.array(z.number().gt(0).max(1)).min(1).max(20).default([0.01, 0.05, 0.1, 0.25, 0.5, 1]),
  /** Minutes that a step lasts at least. */
  minutes: z.number().min(0).max(100_000).default(60),
  /** Seconds after a change of shares that are not counted: servers take it up one after the other. */
  settle: z.number().min(0).max(3600).default(15),
  /** Units that the canary has to answer at a step. */
  units: z.number().int().min(2).max(10_000_000).default(200),
  /** Minutes without enough units after which the roll-out is paused: no data is no good news. */
  patience: z
    .number()
    .min(1)
    .max(1_000_000)
    .default(24 * 60),
  /** Default: failures, incidents and time, and the reward unless only the reward model is new. */
  guardrails: z.array(guardrail).min(1).max(8).optional(),
  /** Chance that a canary which is no worse is ever taken back, over all guardrails and looks. */
  alpha: z.number().gt(0).lt(0.5).default(0.05),
});
export type GivenPlan = z.output<typeof rollOutPlan>;
export type RollOutPlan = GivenPlan & { readonly guardrails: readonly Guardrail[] };

/** Milliseconds that a canary may take longer: a difference that nobody feels is found too, given enough traffic. */
const bearable = 50;

const defaultGuardrails = (rewardsTell: boolean): Guardrail[] => [
  ...(rewardsTell ? [{ metric: 'reward', margin: 0, action: 'roll_back' } as const] : []),
  { metric: 'milliseconds', margin: bearable, action: 'pause' },
  { metric: 'failures', tolerated: 1, action: 'roll_back' },
  { metric: 'incidents', tolerated: 1, action: 'roll_back' },
];

/**
 * The plan as it is carried out.
 *
 * @param rewardsTell Whether the canary can earn another reward: production's reward model judges both arms, so that a canary
 *   that only brings another one earns the same.
 * @throws PlauditError rollout.bad_plan
 */
export const checkPlan = (given: GivenPlan, rewardsTell = true): RollOutPlan => {
  const bad = (problem: string): never => {
    throw plauditError('rollout.bad_plan', { problem });
  };
  const plan = { ...given, guardrails: given.guardrails ?? defaultGuardrails(rewardsTell) };
  plan.steps.forEach((share, i) => {
    if (i > 0 && share <= plan.steps[i - 1]!) bad('a step is not larger than the one before it');
  });
  if (plan.steps.at(-1) !== 1) bad('the last step is not all of the traffic');
  if (plan.steps.length < 2) bad('there is no step before all of the traffic');
  const metrics = plan.guardrails.map(({ metric }) => metric);
  if (new Set(metrics).size < metrics.length) bad('a metric has two guardrails');
  return plan;
};
