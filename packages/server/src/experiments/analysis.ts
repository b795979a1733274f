/** @file What an experiment says so far: differences that may be looked at on every day, and whether they may be believed. */
import { holm, wilsonInterval } from '@plaudit/feedback';
import type { Exposure } from '@plaudit/store';
import { sequentialDifference } from '../statistics/confidence-sequence.ts';
import { adjustByCovariate } from '../statistics/covariate.ts';
import { type Measured, type Moments, momentsOf } from '../statistics/measured.ts';
import { type SampleRatio, sampleRatio } from '../statistics/sample-ratio.ts';
import { controlOf, type ExperimentPlan, type Metric } from './plan.ts';

interface Difference {
  readonly metric: string;
  readonly arm: string;
  readonly control: string;
  readonly difference: number;
  readonly effect: number | null;
  /** Holds at every look. */
  readonly interval: readonly [number, number];
  /** Of secondary metrics and segments corrected for their number (Holm). */
  readonly pValue: number;
  /** Share of the variance that the covariate took away; 0 where it was not used. */
  readonly varianceRemoved: number;
  /** What the interval says of the arm. */
  readonly verdict: 'better' | 'worse' | 'open';
}

type Compared =
  | (Difference & { readonly enough: true; readonly n: number })
  | {
      readonly enough: false;
      readonly metric: string;
      readonly arm: string;
      readonly n: number;
      readonly needed: number;
    };

interface ArmSummary {
  readonly arm: string;
  readonly units: number;
  /** By metric: units with an outcome, and their mean; null for none. */
  readonly means: Readonly<Record<string, { readonly n: number; readonly mean: number | null }>>;
}

export interface Analysis {
  /** Why the result must not be used; null where nothing speaks against it. */
  readonly hold: string | null;
  readonly arms: readonly ArmSummary[];
  readonly sampleRatio: Measured<SampleRatio>;
  /** Units that saw two arms, which count for none. */
  readonly conflicting: {
    readonly units: number;
    readonly share: number | null;
    readonly interval: readonly [number, number] | null;
  };
  readonly primary: readonly Compared[];
  readonly secondary: readonly Compared[];
  readonly segments: readonly (Compared & { readonly segment: string; readonly value: string })[];
}

/** More units than this in two arms say that the assignment does not hold. */
const mostConflicting = 0.01;
const mostSegmentValues = 50;

type Units = readonly Exposure[];

const outcomesOf = (units: Units, metric: string): { values: number[]; covariates: (number | null)[] } => {
  const values: number[] = [];
  const covariates: (number | null)[] = [];
  for (const { outcomes, covariate } of units) {
    const value = outcomes[metric];
    if (value === undefined) continue;
    values.push(value);
    covariates.push(covariate);
  }
  return { values, covariates };
};

/** Moments of two arms, without what the covariate explains where every unit has one. */
const momentsOfArms = (
  treatment: Units,
  control: Units,
  { name, covariate }: Metric,
): { arms: readonly [Moments, Moments]; removed: number } => {
  const sides = [treatment, control].map((units) => outcomesOf(units, name));
  if (covariate && sides.every((side) => side.covariates.every((value) => value !== null))) {
    const adjusted = adjustByCovariate(
      sides.map((side) => ({ outcomes: side.values, covariates: side.covariates as number[] })),
    );
    if (adjusted.enough)
      return { arms: [adjusted.arms[0]!, adjusted.arms[1]!], removed: 1 - adjusted.remaining };
  }
  const [a, b] = sides.map((side) => momentsOf(side.values)) as [Moments, Moments];
  return { arms: [a, b], removed: 0 };
};

const compare = (
  plan: ExperimentPlan,
  metric: Metric,
  arm: string,
  treatment: Units,
  control: Units,
  alpha: number,
): Compared => {
  const { arms, removed } = momentsOfArms(treatment, control, metric);
  const found = sequentialDifference(arms[0], arms[1], { alpha, tunedTo: plan.units });
  if (!found.enough) return { ...found, metric: metric.name, arm };
  const [low, high] = found.interval;
  const up = metric.better === 'up';
  return {
    ...found,
    ...{ metric: metric.name, arm, control: controlOf(plan), varianceRemoved: removed },
    verdict: low > 0 ? (up ? 'better' : 'worse') : high < 0 ? (up ? 'worse' : 'better') : 'open',
  };
};

/** P-values for how many were looked at; a verdict stays only where the corrected one is below alpha. */
const corrected = <Row extends Compared>(rows: readonly Row[], alpha: number): Row[] => {
  const known = rows.filter((row) => row.enough);
  const adjusted = holm(known.map((row) => (row.enough ? row.pValue : 1)));
  const of = new Map(known.map((row, i) => [row, adjusted[i]!]));
  return rows.map((row) => {
    if (!row.enough) return row;
    const pValue = of.get(row)!;
    return { ...row, pValue, verdict: pValue < alpha ? row.verdict : 'open' };
  });
};

/**
 * @param units Every unit that was exposed.
 * @example const found = analyse(plan, units); if (found.hold === null) found.primary
 */
export const analyse = (plan: ExperimentPlan, units: Units): Analysis => {
  const names = plan.arms.map(({ name }) => name);
  const clean = units.filter(({ conflicting }) => !conflicting);
  const of = new Map(names.map((name) => [name, clean.filter(({ arm }) => arm === name)]));
  const strays = clean.filter(({ arm }) => !of.has(arm)).length;
  const control = controlOf(plan);
  const others = names.filter((name) => name !== control);
  const metrics = [plan.primary, ...plan.secondary];
  const ratio = sampleRatio(
    names.map((name) => of.get(name)!.length),
    plan.arms.map(({ share }) => share),
  );
  const conflicts = units.length - clean.length;
  const share = units.length === 0 ? null : conflicts / units.length;
  const interval = share === null ? null : wilsonInterval(share, units.length);
  const hold =
    ratio.enough && ratio.mismatch
      ? 'The arms do not have the shares that they were to have: something decides who is in which, or who is counted.'
      : interval !== null && interval[0] > mostConflicting
        ? 'More than one unit in a hundred saw two arms.'
        : strays > 0
          ? 'Units were exposed to arms that the plan does not have.'
          : null;

  const every = (metric: Metric, alpha: number): Compared[] =>
    others.map((arm) => compare(plan, metric, arm, of.get(arm)!, of.get(control)!, alpha));
  const bySegment = plan.segments.flatMap((segment) => {
    const values = new Set(clean.flatMap(({ segments }) => segments[segment] ?? []));
    return [...values]
      .sort()
      .slice(0, mostSegmentValues)
      .flatMap((value) => {
        const within = (arm: string): Units =>
          of.get(arm)!.filter(({ segments }) => segments[segment] === value);
        return others.map((arm) => ({
          ...compare(plan, plan.primary, arm, within(arm), within(control), plan.alpha),
          segment,
          value,
        }));
      });
  });
  return {
    hold,
    arms: names.map((arm) => ({
      arm,
      units: of.get(arm)!.length,
      means: Object.fromEntries(
        metrics.map(({ name }) => {
          const { n, mean } = momentsOf(outcomesOf(of.get(arm)!, name).values);
          return [name, { n, mean: n === 0 ? null : mean }];
        }),
      ),
    })),
    sampleRatio: ratio,
    conflicting: { units: conflicts, share, interval },
    primary: every(plan.primary, plan.alpha / others.length),
    secondary: corrected(
      plan.secondary.flatMap((metric) => every(metric, plan.alpha)),
      plan.alpha,
    ),
    segments: corrected(bySegment, plan.alpha),
  };
};
