/** @file Which arm a unit is in: the same one always, by a hash that another experiment's does not follow. */
import { createHash } from 'node:crypto';
import type { ExperimentPlan } from './plan.ts';

/** @param salt Of the experiment, so that the arms of two experiments are independent */
export const armOf = ({ arms }: Pick<ExperimentPlan, 'arms'>, salt: string, unit: string): string => {
  const place =
    createHash('sha256').update(`plaudit arm\n${salt}\n${unit}`).digest().readUIntBE(0, 6) / 2 ** 48;
  const whole = arms.reduce((sum, { share }) => sum + share, 0);
  let passed = 0;
  for (const { name, share } of arms) {
    passed += share / whole;
    if (place < passed) return name;
  }
  return arms.at(-1)!.name;
};
