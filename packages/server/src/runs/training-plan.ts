/** @file Every kind of run that can be started over HTTP, what each asks for, and what it is recorded with. */
import { plauditError } from '@plaudit/contract';
import { isOnline } from '@plaudit/policy';
import type { Store } from '@plaudit/store';
import { z } from 'zod';
import { feedbackJudgements } from './plans/feedback-judgements.ts';
import { policyTrain } from './plans/policy-train.ts';
import { rewardDistil } from './plans/reward-distil.ts';
import { rewardTrain } from './plans/reward-train.ts';
import { modelId, type PlannedRun } from './plans/shared.ts';

export const runPlan = z.discriminatedUnion('kind', [
  rewardTrain,
  policyTrain,
  rewardDistil,
  feedbackJudgements,
]);
export type RunPlan = z.output<typeof runPlan>;

/** What each kind's process reads from the record of its run. */
export const runConfigs = {
  'reward.train': rewardTrain.omit({ kind: true, name: true }),
  'policy.train': policyTrain.omit({ kind: true, name: true }),
  'reward.distil': rewardDistil.omit({ kind: true, name: true }),
  'feedback.judgements': feedbackJudgements.omit({ kind: true, name: true }),
} as const;
export type JobKind = keyof typeof runConfigs;
export type RunConfig<Kind extends JobKind> = z.output<(typeof runConfigs)[Kind]>;

export const jobKinds = Object.keys(runConfigs) as readonly JobKind[];
export const isJobKind = (kind: string): kind is JobKind => Object.hasOwn(runConfigs, kind);

/** The tag of runs that are jobs of a server; those of commands have none. */
export const jobTag = 'plaudit.job';

/** Models that a plan names, what the run needs them for, and the role that they must have. */
const modelsOf = (plan: RunPlan) => {
  if (plan.kind === 'reward.distil')
    return [{ id: plan.teacher, purpose: 'teacher', role: 'reward' as const }];
  if (plan.kind !== 'policy.train') return [];
  const named = [
    { id: plan.policy, purpose: 'policy', role: 'policy' as const },
    { id: plan.reward, purpose: 'reward', role: 'reward' as const },
    { id: plan.gold, purpose: 'gold', role: 'reward' as const },
  ];
  return named.flatMap(({ id, ...rest }) =>
    id !== undefined && modelId.safeParse(id).success ? [{ id, ...rest }] : [],
  );
};

const requireReward = ({ method, reward, gold }: RunPlan & { readonly kind: 'policy.train' }): void => {
  const refuse = (setting: string, problem: string): never => {
    throw plauditError('policy.bad_configuration', { setting, problem: `${method} ${problem}` });
  };
  if (isOnline(method) && reward === undefined) refuse('reward', 'cannot do without it');
  if (!isOnline(method) && reward !== undefined) refuse('reward', 'does not use it');
  if (!isOnline(method) && gold !== undefined) refuse('gold', 'does not use it');
};

/**
 * Finds what a plan names.
 *
 * @throws PlauditError store.unknown for a snapshot, a data set or a model of its role that is not there;
 *   policy.bad_configuration for a method without its reward, or with one that it has no use for
 */
export const planRun = async (store: Store, plan: RunPlan): Promise<PlannedRun> => {
  const { kind: _, name: _name, ...config } = plan;
  if (plan.kind === 'policy.train') requireReward(plan);
  const models = modelsOf(plan);
  for (const { id, role } of models) await store.models.ofRole(id, role);
  const inputs = models.map(({ id, purpose }) => ({ id, purpose }));
  if (plan.kind === 'feedback.judgements') {
    if (plan.calibrateWith !== undefined) await store.datasets.get(plan.calibrateWith);
    return { config, snapshots: [], models: inputs };
  }
  const { id: snapshot } = await store.snapshots.find(plan.snapshot);
  return {
    config: { ...config, snapshot },
    snapshots: [{ id: snapshot, purpose: 'train' }],
    models: inputs,
  };
};
