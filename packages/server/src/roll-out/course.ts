/** @file How a roll-out went: after each stretch of each step, by how much the canary differed and how sure that was. */
import type { RollOut, Store } from '@plaudit/store';
import { sequentialDifference } from '../statistics/confidence-sequence.ts';
import { guardrailLooks, type StepLook, tunedTo } from './controller.ts';
import { planOf, seenBetween } from './roll-out.ts';

interface CoursePoint {
  readonly at: Date;
  /** Of the canary, then. */
  readonly share: number;
  readonly units: number;
  readonly guardrails: readonly {
    readonly metric: string;
    /** Canary minus production at this step, or the ratio of rates for events; null where it cannot be said. */
    readonly difference: number | null;
    /** Of a mean: holds at every look of this step, for all guardrails together. */
    readonly interval: readonly [number, number] | null;
    readonly evidence: number | null;
    readonly needed: number;
  }[];
}

/** Looks at each step: a line with its turns, from few questions. */
const looksAtStep = 6;

/** @param now Until when a roll-out that is under way is looked at. */
export const courseOf = async (
  store: Store,
  rollOut: RollOut,
  now: Date,
): Promise<readonly CoursePoint[]> => {
  const plan = planOf(rollOut);
  const end = rollOut.endedAt ?? now;
  const history = [...(await store.deployments.history(rollOut.deployment, 1000))].reverse();
  const points: CoursePoint[] = [];
  const closed: StepLook[] = [];
  for (const [i, { canary, bundle, canaryShare, createdAt }] of history.entries()) {
    if (canary !== rollOut.canary || createdAt < rollOut.startedAt || createdAt > end) continue;
    const until = history[i + 1]?.createdAt ?? end;
    const from = new Date(createdAt.getTime() + 1000 * plan.settle);
    const length = until.getTime() - from.getTime();
    if (length <= 0) continue;
    const step = Math.max(0, plan.steps.indexOf(canaryShare));
    const alpha = plan.alpha / plan.guardrails.length;
    let seen: StepLook | undefined;
    for (let k = 1; k <= looksAtStep; k++) {
      const at = new Date(from.getTime() + (k * length) / looksAtStep);
      seen = await seenBetween(store, rollOut, { bundle, share: canaryShare, from, to: at });
      const { production, canary: tried } = seen;
      if (production.units + tried.units === 0) continue;
      const guardrails = guardrailLooks(plan, [...closed, seen], step).map((look) => {
        const found =
          look.metric === 'reward' || look.metric === 'milliseconds'
            ? sequentialDifference(tried[look.metric], production[look.metric], {
                alpha,
                tunedTo: tunedTo(plan, step),
              })
            : null;
        const { metric, difference, evidence, needed } = look;
        return { metric, difference, evidence, needed, interval: found?.enough ? found.interval : null };
      });
      points.push({ at, share: canaryShare, units: tried.units, guardrails });
    }
    if (seen) closed.push(seen);
  }
  return points;
};
