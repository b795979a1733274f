/** @file A roll-out in the store: it starts after every gate, is looked at by the clock, and each step of it is one change. */
import { plauditError } from '@plaudit/contract';
import type { ArmTotals, RollOut, Store } from '@plaudit/store';
import { currentOf, passGates, type RegistryServices } from '../registry/promotion.ts';
import { requireTransition } from '../registry/states.ts';
import { noMoments } from '../statistics/measured.ts';
import {
  type ArmLook,
  decide,
  type Look,
  resumed,
  rollOutState,
  type StepLook,
  startingState,
} from './controller.ts';
import { checkPlan, type GivenPlan, type RollOutPlan, rollOutPlan } from './plan.ts';

export interface RollOutServices extends RegistryServices {
  readonly now: () => Date;
}

/** Who the controller is in histories and the audit log. */
const controllerActor = 'plaudit:roll-out';

export interface StartRollOut {
  readonly deployment: string;
  readonly canary: string;
  readonly plan: GivenPlan;
  /** The revision that was seen. */
  readonly after: number;
  readonly actor: string;
  /** Who answers for the actor, where that is a key. */
  readonly person?: string;
  readonly reason: string;
}

/**
 * Gives the first share to a canary that has passed every gate.
 *
 * @throws PlauditError rollout.*, registry.*; store.taken where one is under way; store.overtaken
 */
export const startRollOut = async (
  services: RollOutServices,
  store: Store,
  start: StartRollOut,
): Promise<RollOut> => {
  const { deployment, canary: bundle, plan: given, after, actor, reason } = start;
  const current = await currentOf(store, deployment);
  if (!current?.bundle) throw plauditError('rollout.no_production', { deployment });
  const canary = await store.bundles.get(bundle);
  const production = await store.bundles.get(current.bundle);
  const onlyJudgeIsNew = canary.rewardModel !== production.rewardModel && canary.policy === production.policy;
  const plan = checkPlan(given, !onlyJudgeIsNew);
  requireTransition(canary.state, 'canary');
  const evidence = await passGates(services, store, canary, start);
  const shadow = current.shadow === canary.id ? null : current.shadow;
  const { started } = await store.promotions.apply({
    start: {
      ...{ deployment, canary: canary.id, plan, actor },
      state: startingState(services.now().getTime()),
    },
    deployment: {
      name: deployment,
      change: {
        ...{ after, bundle: current.bundle, shadow: shadow ?? undefined, canary: canary.id },
        ...{ canaryShare: plan.steps[0]!, actor, reason, evidence: { ...evidence } },
      },
    },
    moves: [{ bundle: canary.id, from: canary.state, to: 'canary' }],
    audit: {
      ...{ actor, action: 'roll_out.start', resource: `deployment ${deployment}` },
      details: { canary: canary.id, share: plan.steps[0]! },
    },
  });
  await services.changed?.(store, deployment);
  return started!;
};

const emptyArm: ArmLook = { units: 0, reward: noMoments, milliseconds: noMoments, failures: 0, incidents: 0 };

const lookOf = (totals: ArmTotals | undefined, reward: ArmTotals['reward'] | undefined): ArmLook =>
  totals
    ? {
        units: totals.units,
        reward: reward ?? noMoments,
        milliseconds: totals.milliseconds,
        failures: totals.failedUnits,
        incidents: totals.incidentUnits,
      }
    : emptyArm;

/** The plan that a roll-out began with. */
export const planOf = ({ plan }: RollOut): RollOutPlan => checkPlan(rollOutPlan.parse(plan));

/**
 * What both arms did in a stretch of a step. Rewards are those of one reward model: production's, where there are two.
 *
 * @param stretch `bundle` is production's then.
 */
export const seenBetween = async (
  store: Store,
  { deployment, canary: tried }: RollOut,
  {
    bundle,
    share,
    from,
    to,
  }: { readonly bundle: string | null; readonly share: number; readonly from: Date; readonly to: Date },
): Promise<StepLook> => {
  const totals = await store.observations.totals({ deployment, from, to });
  const production = totals.find((of) => of.arm === 'production' && of.bundle === bundle);
  const canary = totals.find((of) => of.arm === 'canary' && of.bundle === tried);
  const [ours, theirs] = [
    await store.bundles.get(tried),
    bundle === null ? null : await store.bundles.get(bundle),
  ];
  const sameJudge = theirs?.rewardModel === ours.rewardModel;
  return {
    share,
    production: lookOf(production, production?.reward),
    canary: lookOf(canary, sameJudge ? canary?.reward : canary?.productionReward),
  };
};

/** What both arms did since the present step began. */
const seenSince = async (store: Store, rollOut: RollOut, now: Date): Promise<StepLook> => {
  const { steps, settle } = planOf(rollOut);
  const { since, step } = rollOutState.parse(rollOut.state);
  const { bundle } = await store.deployments.current(rollOut.deployment);
  const from = new Date(since + 1000 * settle);
  return seenBetween(store, rollOut, { bundle, share: steps[step]!, from, to: now });
};

/** What the controller would do now; nothing is changed. */
export const previewOf = async (
  store: Store,
  rollOut: RollOut,
  now: Date,
): Promise<Look & { readonly seen: StepLook }> => {
  const seen = await seenSince(store, rollOut, now);
  const state = rollOutState.parse(rollOut.state);
  return { ...decide(planOf(rollOut), state, seen, now.getTime()), seen };
};

/**
 * Looks at a roll-out and does what the controller decides. Two servers that look at the same time do it once: the second is
 * overtaken, and that is no error.
 */
export const lookAtRollOut = async (
  services: RollOutServices,
  store: Store,
  id: string,
): Promise<Look | null> => {
  const rollOut = await store.rollOuts.get(id);
  if (rollOut.status !== 'running') return null;
  const { deployment, canary, revision } = rollOut;
  const current = await store.deployments.current(deployment);
  const look = await previewOf(store, rollOut, services.now());
  const { decision, guardrails } = look;
  const evidence = { seen: look.seen, guardrails };
  const change = { after: current.revision, actor: controllerActor, evidence };
  const keep = { bundle: current.bundle ?? undefined, shadow: current.shadow ?? undefined };
  const audit = (details: Record<string, unknown>) => ({
    ...{ actor: controllerActor, action: `roll_out.${decision.kind}`, resource: `deployment ${deployment}` },
    details: { rollOut: id, canary, ...details },
  });
  const to = { id, after: revision };
  switch (decision.kind) {
    case 'hold':
      return look;
    case 'pause':
      await store.promotions.apply({
        rollOut: { ...to, status: 'paused', state: look.state },
        audit: audit({ share: current.canaryShare }),
      });
      break;
    case 'advance':
      await store.promotions.apply({
        deployment: {
          name: deployment,
          change: { ...change, ...keep, canary, canaryShare: decision.share, reason: 'the step held' },
        },
        rollOut: { ...to, status: 'running', state: look.state },
        audit: audit({ share: decision.share }),
      });
      break;
    case 'promote': {
      const retired = current.bundle === null ? null : await store.bundles.get(current.bundle);
      await store.promotions.apply({
        deployment: {
          name: deployment,
          change: {
            ...{ ...change, bundle: canary, shadow: keep.shadow },
            reason: 'every step of the roll-out held',
          },
        },
        moves: [
          { bundle: canary, from: 'canary', to: 'production' },
          ...(retired && retired.state === 'production'
            ? [{ bundle: retired.id, from: retired.state, to: 'retired' as const }]
            : []),
        ],
        rollOut: { ...to, status: 'promoted', state: look.state },
        audit: audit({ from: current.bundle }),
      });
      break;
    }
    case 'roll_back':
      await store.promotions.apply({
        deployment: { name: deployment, change: { ...change, ...keep, reason: decision.reason } },
        moves: [{ bundle: canary, from: 'canary', to: 'rolled_back' }],
        rollOut: { ...to, status: 'rolled_back', state: look.state },
        audit: audit({ share: current.canaryShare }),
      });
  }
  if (decision.kind === 'pause' || decision.kind === 'roll_back')
    await store.incidents.open({
      kind: `roll-out ${decision.kind === 'pause' ? 'paused' : 'rolled back'}`,
      severity: decision.kind === 'pause' ? 3 : 2,
      title: `${deployment}: ${decision.reason}`,
      deployment,
      details: { rollOut: id, canary, guardrails },
    });
  if (decision.kind !== 'pause') await services.changed?.(store, deployment);
  return look;
};

/**
 * Looks at every roll-out of a project that is under way.
 *
 * @returns What could not be looked at, by the id of the roll-out; those that another server was quicker with are not among them.
 */
export const lookAtRollOuts = async (
  services: RollOutServices,
  store: Store,
): Promise<ReadonlyMap<string, unknown>> => {
  const failed = new Map<string, unknown>();
  for (const { id, status } of await store.rollOuts.list({ underWay: true })) {
    if (status !== 'running') continue;
    try {
      await lookAtRollOut(services, store, id);
    } catch (error) {
      if ((error as { code?: string }).code !== 'store.overtaken') failed.set(id, error);
    }
  }
  return failed;
};

const inStatus = (rollOut: RollOut, wanted: RollOut['status']): void => {
  if (rollOut.status !== wanted) throw plauditError('rollout.not_running', { status: rollOut.status });
};

/** The canary keeps its share, and nothing more happens by itself. @throws PlauditError rollout.not_running */
export const pauseRollOut = async (store: Store, id: string, actor: string): Promise<void> => {
  const rollOut = await store.rollOuts.get(id);
  inStatus(rollOut, 'running');
  const { deployment, canary, revision, state } = rollOut;
  await store.promotions.apply({
    rollOut: { id, after: revision, status: 'paused', state },
    audit: {
      ...{ actor, action: 'roll_out.pause', resource: `deployment ${deployment}` },
      details: { rollOut: id, canary },
    },
  });
};

/** Goes on at the same step; the evidence so far stays. @throws PlauditError rollout.not_running */
export const resumeRollOut = async (
  services: RollOutServices,
  store: Store,
  id: string,
  actor: string,
): Promise<void> => {
  const rollOut = await store.rollOuts.get(id);
  inStatus(rollOut, 'paused');
  const now = services.now();
  const state = resumed(
    rollOutState.parse(rollOut.state),
    await seenSince(store, rollOut, now),
    now.getTime(),
  );
  await store.promotions.apply({
    rollOut: { id, after: rollOut.revision, status: 'running', state },
    audit: {
      ...{ actor, action: 'roll_out.resume', resource: `deployment ${rollOut.deployment}` },
      details: { rollOut: id, canary: rollOut.canary },
    },
  });
};
