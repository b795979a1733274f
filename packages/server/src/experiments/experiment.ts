/** @file An experiment in the store: drafted, started with its plan fixed, fed with units and outcomes, stopped with a conclusion. */
import { hash } from 'node:crypto';
import { type Judgement, plauditError } from '@plaudit/contract';
import type { Experiment, Exposure, Store } from '@plaudit/store';
import type { Measured } from '../statistics/measured.ts';
import { type Analysis, analyse } from './analysis.ts';
import { armOf } from './assignment.ts';
import { type CostOfPoint, type Costs, costOfPoint, type Duel, duelOf } from './duels.ts';
import { checkPlan, controlOf, type ExperimentPlan, experimentPlan } from './plan.ts';

const planOf = ({ plan }: Experiment): ExperimentPlan => experimentPlan.parse(plan);

/** @throws PlauditError experiment.bad_plan, store.taken */
export const draftExperiment = async (
  store: Store,
  name: string,
  plan: ExperimentPlan,
  actor: string,
): Promise<Experiment> => {
  const made = await store.experiments.create(name, checkPlan(plan));
  await store.audit.append({ actor, action: 'experiment.create', resource: `experiment ${made.id}` });
  return made;
};

/** @throws PlauditError experiment.not_running */
const running = async (store: Store, id: string): Promise<Experiment> => {
  const found = await store.experiments.get(id);
  if (found.state !== 'running') throw plauditError('experiment.not_running', { state: found.state });
  return found;
};

/** A unit is told apart, not known: it may be a person. */
const digestOf = (experiment: string, unit: string): string =>
  hash('sha256', `plaudit unit\n${experiment}\n${unit}`, 'hex');

export interface Assigned {
  readonly arm: string;
  readonly deployment: string | null;
}

/** The arm of a unit, which is now exposed to it. @throws PlauditError experiment.not_running */
export const assign = async (
  store: Store,
  id: string,
  unit: string,
  more: {
    readonly covariate?: number | undefined;
    readonly segments?: Readonly<Record<string, string>> | undefined;
  } = {},
): Promise<Assigned> => {
  const plan = planOf(await running(store, id));
  const arm = armOf(plan, id, unit);
  const { covariate, segments } = more;
  await store.exposures.expose(id, digestOf(id, unit), arm, {
    ...(covariate !== undefined && { covariate }),
    ...(segments && { segments }),
  });
  return { arm, deployment: plan.arms.find(({ name }) => name === arm)!.deployment ?? null };
};

/** @throws PlauditError experiment.not_running, experiment.bad_plan for a metric that the plan has not; store.unknown */
export const recordOutcome = async (
  store: Store,
  id: string,
  unit: string,
  outcomes: Readonly<Record<string, number>>,
): Promise<void> => {
  const plan = planOf(await running(store, id));
  const known = new Set([plan.primary, ...plan.secondary].map(({ name }) => name));
  if (Object.keys(outcomes).some((metric) => !known.has(metric)))
    throw plauditError('experiment.bad_plan', { problem: 'it has no metric of that name' });
  for (const [metric, value] of Object.entries(outcomes))
    await store.exposures.record(id, digestOf(id, unit), metric, value);
};

export interface ExperimentReport extends Analysis {
  readonly duels: readonly {
    readonly arm: string;
    readonly result: Measured<Duel>;
    readonly cost: CostOfPoint | null;
  }[];
}

/** @param costs By arm, for what a point of win rate costs. */
export const reportOf = async (
  store: Store,
  experiment: Experiment,
  costs: Readonly<Record<string, Costs>> = {},
): Promise<ExperimentReport> => {
  const plan = planOf(experiment);
  const units: Exposure[] = [];
  for await (const unit of store.exposures.units(experiment.id)) units.push(unit);
  const control = controlOf(plan);
  const judgements: Judgement[] = [];
  if (plan.duels)
    for await (const judgement of store.judgements.rows(plan.duels.dataset)) judgements.push(judgement);
  const duels = plan.duels
    ? plan.arms
        .filter(({ name }) => name !== control)
        .map(({ name: arm }) => {
          const result = duelOf(judgements, arm, control, { alpha: plan.alpha / (plan.arms.length - 1) });
          const spent = costs[arm];
          return {
            arm,
            result,
            cost:
              result.enough && spent
                ? costOfPoint(result.winRate.winRate, result.interval, spent, costs[control])
                : null,
          };
        })
    : [];
  return { ...analyse(plan, units), duels };
};

/** Stops it; what it said then is its conclusion. @throws PlauditError experiment.not_running */
export const stopExperiment = async (
  store: Store,
  id: string,
  actor: string,
  reason: string,
  costs: Readonly<Record<string, Costs>> = {},
): Promise<void> => {
  const report = await reportOf(store, await running(store, id), costs);
  await store.experiments.stop(id, { ...report, reason, costs });
  await store.audit.append({
    ...{ actor, action: 'experiment.stop', resource: `experiment ${id}` },
    details: { hold: report.hold !== null, units: report.arms.map((arm) => arm.units) },
  });
};
