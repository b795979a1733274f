/** @file The plan of an experiment: arms, metrics, error rate; fixed before the first unit sees an arm. */
import { plauditError } from '@plaudit/contract';
import { z } from 'zod';

const name = z.string().trim().min(1).max(100);

const arm = z.strictObject({
  name,
  /** Share of the units; any positive weights. Default 1. */
  share: z.number().gt(0).max(1e6).default(1),
  /** What serves the units of this arm, for whoever asks which arm a unit is in. */
  deployment: z.string().max(200).optional(),
});

const metric = z.strictObject({
  name,
  /** What is better. Default up. */
  better: z.enum(['up', 'down']).default('up'),
  /** Whether the units' covariate is used to make intervals narrower. Default true. */
  covariate: z.boolean().default(true),
});
export type Metric = z.output<typeof metric>;

export const experimentPlan = z.strictObject({
  arms: z.array(arm).min(2).max(10),
  /** The arm that the others are compared with. Default the first. */
  control: name.optional(),
  /** What decides. */
  primary: metric,
  secondary: z.array(metric).max(20).default([]),
  /** Names of segments that are looked at apart. */
  segments: z.array(name).max(10).default([]),
  /** Chance of a wrong claim about the primary metric, over all arms and looks. */
  alpha: z.number().gt(0).lt(0.5).default(0.05),
  /** Units at which the intervals are narrowest: about as many as it will take. */
  units: z.number().int().min(100).max(1e9).default(5000),
  /** Data set of comparisons between responses of two arms, whose segments `armA` and `armB` say whose they are. */
  duels: z.strictObject({ dataset: z.string().min(1).max(200) }).optional(),
});
export type ExperimentPlan = z.output<typeof experimentPlan>;

/** @throws PlauditError experiment.bad_plan */
export const checkPlan = (plan: ExperimentPlan): ExperimentPlan => {
  const bad = (problem: string): never => {
    throw plauditError('experiment.bad_plan', { problem });
  };
  const names = plan.arms.map((of) => of.name);
  if (new Set(names).size < names.length) bad('two arms have the same name');
  if (plan.control !== undefined && !names.includes(plan.control)) bad('the control is not one of the arms');
  const metrics = [plan.primary, ...plan.secondary].map((of) => of.name);
  if (new Set(metrics).size < metrics.length) bad('a metric is named twice');
  return plan;
};

export const controlOf = ({ control, arms }: ExperimentPlan): string => control ?? arms[0]!.name;
