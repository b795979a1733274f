/**
 * @file The controller of a roll-out: from the plan, what it remembers, what was seen and the time to a decision. Nothing else
 * goes in, so that every decision can be made again.
 *
 * Shares change from step to step and traffic changes with the hours, so that arms are compared within a step only; the
 * evidence of the steps then multiplies. It may be looked at as often as one likes.
 */
import { z } from 'zod';
import { differenceOf, logEvidenceAbove } from '../statistics/confidence-sequence.ts';
import { excessEvidence } from '../statistics/likelihood-ratio.ts';
import type { Moments } from '../statistics/measured.ts';
import { sampleRatio } from '../statistics/sample-ratio.ts';
import type { Guardrail, RollOutPlan } from './plan.ts';

const moments = z.object({ n: z.number(), mean: z.number(), variance: z.number() });

/** What was seen of one arm at one step. */
const armLook = z.object({
  units: z.number(),
  reward: moments,
  milliseconds: moments,
  failures: z.number(),
  incidents: z.number(),
});
export type ArmLook = z.output<typeof armLook>;

const stepLook = z.object({ share: z.number(), production: armLook, canary: armLook });
export type StepLook = z.output<typeof stepLook>;

export const rollOutState = z.object({
  /** Index into the plan's steps. */
  step: z.number().int().min(0),
  /** Milliseconds since 1970 when the step began. */
  since: z.number(),
  /** The steps that are over, and stretches of a step before a pause. */
  closed: z.array(stepLook),
});
export type RollOutState = z.output<typeof rollOutState>;

export const startingState = (now: number): RollOutState => ({ step: 0, since: now, closed: [] });

interface GuardrailLook {
  readonly metric: Guardrail['metric'];
  /** Canary minus production at the present step, or the ratio of rates for events; null where it cannot be said. */
  readonly difference: number | null;
  /** In standard deviations; null for events. */
  readonly effect: number | null;
  /** For harm, over all steps; null where there is too little to say. */
  readonly evidence: number | null;
  /** What the evidence has to reach. */
  readonly needed: number;
  readonly crossed: boolean;
}

type Decision =
  | { readonly kind: 'hold'; readonly reason: string }
  | { readonly kind: 'advance'; readonly step: number; readonly share: number }
  | { readonly kind: 'promote' }
  | { readonly kind: 'pause'; readonly reason: string }
  | { readonly kind: 'roll_back'; readonly reason: string };

export interface Look {
  readonly decision: Decision;
  readonly guardrails: readonly GuardrailLook[];
  /** What to remember: the present step closed where the roll-out goes on to the next. */
  readonly state: RollOutState;
}

/** Units of each arm below which a mean is not compared: the sequence is asymptotic. */
const fewestUnits = 50;
const minute = 60_000;

/** Steps share their sample; the sequence is narrowest where a step usually ends. */
export const tunedTo = ({ units, steps }: RollOutPlan, step: number): number => units / steps[step]!;

/** The logarithm of the evidence that the canary's mean is worse by more than the margin; null for too few units. */
const meanEvidence = (
  { metric, margin }: Extract<Guardrail, { margin: number }>,
  { production, canary }: StepLook,
  alpha: number,
  tuned: number,
): { log: number; difference: number; effect: number | null } | null => {
  const [ours, theirs]: [Moments, Moments] = [canary[metric], production[metric]];
  if (Math.min(ours.n, theirs.n) < fewestUnits) return null;
  const { difference, standardError, effect, n } = differenceOf(ours, theirs);
  const harm = metric === 'reward' ? -difference - margin : difference - margin;
  const z = standardError > 0 ? harm / standardError : harm > 0 ? Number.POSITIVE_INFINITY : 0;
  const log = z === Number.POSITIVE_INFINITY ? 700 : logEvidenceAbove(z, n, alpha, tuned);
  return { log, difference, effect };
};

const lookAt = (
  plan: RollOutPlan,
  guardrail: Guardrail,
  looks: readonly StepLook[],
  step: number,
): GuardrailLook => {
  // The chance of a false alarm is shared by all guardrails.
  const alpha = plan.alpha / plan.guardrails.length;
  const needed = 1 / alpha;
  const { metric } = guardrail;
  const present = looks.at(-1)!;
  if ('margin' in guardrail) {
    const found = looks.map((look) => meanEvidence(guardrail, look, alpha, tunedTo(plan, step)));
    const known = found.filter((one) => one !== null);
    const log = known.reduce((sum, one) => sum + one.log, 0);
    const now = found.at(-1) ?? null;
    return {
      ...{ metric, needed, difference: now?.difference ?? null, effect: now?.effect ?? null },
      evidence: known.length === 0 ? null : Math.exp(Math.min(log, 700)),
      crossed: known.length > 0 && log >= Math.log(needed),
    };
  }
  const stages = looks
    .filter(({ share, production, canary }) => share < 1 && production.units + canary.units > 0)
    .map(({ share, production, canary }) => ({
      share,
      treatment: canary[guardrail.metric],
      control: production[guardrail.metric],
    }));
  const units = looks.reduce((sum, look) => sum + look.canary[guardrail.metric], 0);
  const tooMany = guardrail.atMost !== undefined && units > guardrail.atMost;
  const evidence = stages.length === 0 ? null : excessEvidence(stages, guardrail.tolerated);
  const rate = (arm: ArmLook): number => arm[guardrail.metric] / Math.max(1, arm.units);
  return {
    ...{ metric, needed, effect: null, evidence },
    difference: rate(present.production) > 0 ? rate(present.canary) / rate(present.production) : null,
    crossed: tooMany || (evidence !== null && evidence >= needed),
  };
};

/** @param looks Of the steps that are over and the present one, in their order. */
export const guardrailLooks = (
  plan: RollOutPlan,
  looks: readonly StepLook[],
  step: number,
): readonly GuardrailLook[] => plan.guardrails.map((guardrail) => lookAt(plan, guardrail, looks, step));

/**
 * What to do now.
 *
 * @param seen What both arms did since the step began.
 * @param now Milliseconds since 1970.
 * @example decide(plan, startingState(0), { share: 0.01, production, canary }, Date.now()).decision
 */
export const decide = (plan: RollOutPlan, state: RollOutState, seen: StepLook, now: number): Look => {
  const looks = [...state.closed, seen];
  const guardrails = guardrailLooks(plan, looks, state.step);
  const stay = (decision: Decision): Look => ({ decision, guardrails, state });

  const crossed = plan.guardrails.filter((_, i) => guardrails[i]!.crossed);
  const fatal = crossed.find((guardrail) => guardrail.action === 'roll_back');
  if (fatal) return stay({ kind: 'roll_back', reason: `the canary does worse on ${fatal.metric}` });
  if (crossed.length > 0)
    return stay({ kind: 'pause', reason: `the canary does worse on ${crossed[0]!.metric}` });

  const share = plan.steps[state.step]!;
  const ratio = sampleRatio([seen.canary.units, seen.production.units], [share, 1 - share]);
  if (ratio.enough && ratio.mismatch)
    return stay({
      kind: 'pause',
      reason: 'the arms do not have the shares that they were given: what is compared is not alike',
    });

  const minutes = (now - state.since) / minute;
  if (seen.canary.units < plan.units)
    return stay(
      minutes >= plan.patience
        ? { kind: 'pause', reason: 'the canary has not had enough units to say anything' }
        : { kind: 'hold', reason: `${seen.canary.units} of ${plan.units} units of this step` },
    );
  const blind = plan.guardrails.find((_, i) => guardrails[i]!.evidence === null);
  if (blind)
    return stay(
      minutes >= plan.patience
        ? { kind: 'pause', reason: `there is no data on ${blind.metric}` }
        : { kind: 'hold', reason: `too little data on ${blind.metric}` },
    );
  if (minutes < plan.minutes)
    return stay({ kind: 'hold', reason: `${Math.floor(minutes)} of ${plan.minutes} minutes of this step` });

  const step = state.step + 1;
  const next = plan.steps[step]!;
  const closed: RollOutState = { step, since: now, closed: looks };
  return next === 1
    ? { decision: { kind: 'promote' }, guardrails, state: closed }
    : { decision: { kind: 'advance', step, share: next }, guardrails, state: closed };
};

/** Goes on at the same step after a pause: what came before it stays evidence, what comes after is counted anew. */
export const resumed = (state: RollOutState, seen: StepLook, now: number): RollOutState => ({
  ...state,
  since: now,
  closed: [...state.closed, seen],
});
