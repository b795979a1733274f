/** @file Promotion: a bundle takes the place of another after every gate, and the one before it comes back in one step. */
import { plauditError } from '@plaudit/contract';
import type { Bundle, Deployment, Store } from '@plaudit/store';
import type { ProjectSettings } from '../accounts/project-settings.ts';
import { checkParity, type Parity } from './golden.ts';
import type { OpenBundle } from './open-bundle.ts';
import { requireTransition } from './states.ts';

export interface RegistryServices {
  readonly openBundle: OpenBundle;
  /** Of the project, as they are now. */
  readonly settings: (store: Store) => Promise<ProjectSettings>;
  /** Called after what serves has changed, so that servers load it. Its failure does not undo the change. */
  readonly changed?: (store: Store, deployment: string) => Promise<void>;
}

/** What a change of what serves was decided by, kept in the deployment's history. */
export interface GateEvidence {
  readonly parity: Parity | null;
  readonly evaluation: string;
  readonly approvals: readonly string[];
}

/**
 * Every gate before traffic: an evaluation on record, no erased data, approval by others where the project asks for it, and
 * golden scores that this installation reproduces. The models are loaded for that.
 *
 * @throws PlauditError registry.*
 */
export const passGates = async (
  { openBundle, settings }: RegistryServices,
  store: Store,
  bundle: Bundle,
  { actor, person = actor }: Pick<Change, 'actor' | 'person'>,
): Promise<GateEvidence> => {
  const { id, name } = bundle;
  if (bundle.taintedBy !== null) throw plauditError('registry.tainted', { bundle: name });
  const [evaluation] = await store.bundleRecords.of(id, 'evaluation');
  if (!evaluation) throw plauditError('registry.not_evaluated', { bundle: name });
  const rules = await settings(store);
  const approvals = (await store.bundleRecords.of(id, 'approval')).map((record) => record.actor);
  if (rules.fourEyes === true && !approvals.some((by) => by !== person && by !== bundle.createdBy))
    throw plauditError('registry.approval_missing', { bundle: name });
  const parity = await loadAndCompare(openBundle, store, bundle, rules.parityTolerance);
  await store.bundleRecords.add(id, { kind: 'parity', actor, document: { ...parity } });
  requireParity(bundle, parity);
  return { parity, evaluation: evaluation.id, approvals };
};

const requireParity = ({ name }: Bundle, { passed, items, largest, tolerance }: Parity): void => {
  if (!passed)
    throw plauditError('registry.parity_failed', {
      ...{ bundle: name, items, largest: Number(largest.toPrecision(3)), tolerance },
    });
};

export const loadAndCompare = async (
  openBundle: OpenBundle,
  store: Store,
  bundle: Bundle,
  tolerance?: number,
): Promise<Parity> => {
  const opened = await openBundle(store, bundle);
  try {
    return await checkParity(store, bundle, opened, tolerance);
  } finally {
    await opened.close();
  }
};

/** What serves under a name; null where nothing ever did. */
export const currentOf = async (store: Store, deployment: string): Promise<Deployment | null> =>
  (await store.deployments.history(deployment, 1))[0] ?? null;

export interface Change {
  readonly deployment: string;
  /** The revision that was seen; 0 for a new deployment. */
  readonly after: number;
  readonly actor: string;
  /** Who answers for the actor, where that is a key. */
  readonly person?: string;
  readonly reason: string;
}

/**
 * Gives a bundle all of the traffic at once. What a canary or a shadow of the deployment was, it is no longer.
 *
 * @throws PlauditError registry.*; store.overtaken where the deployment has changed since
 */
export const promote = async (
  services: RegistryServices,
  store: Store,
  bundleId: string,
  change: Change,
): Promise<Deployment> => {
  const { deployment, after, actor, reason } = change;
  const bundle = await store.bundles.get(bundleId);
  // One that serves under another name already may serve under this one too.
  if (bundle.state !== 'production') requireTransition(bundle.state, 'production');
  const evidence = await passGates(services, store, bundle, change);
  const current = await currentOf(store, deployment);
  const moves = await movesOf(store, current, bundle);
  const [rollOut] = await store.rollOuts.list({ deployment, underWay: true });
  const { deployment: made } = await store.promotions.apply({
    deployment: {
      name: deployment,
      change: { after, bundle: bundle.id, actor, reason, evidence: { ...evidence } },
    },
    moves,
    ...(rollOut && {
      rollOut: {
        ...{ id: rollOut.id, after: rollOut.revision, state: rollOut.state },
        status: rollOut.canary === bundle.id ? ('promoted' as const) : ('cancelled' as const),
      },
    }),
    audit: {
      ...{ actor, action: 'deployment.promote', resource: `deployment ${deployment}` },
      details: { bundle: bundle.id, from: current?.bundle ?? null },
    },
  });
  await services.changed?.(store, deployment);
  return made!;
};

/** Where else a bundle serves, it keeps its state there. */
const servesElsewhere = async (store: Store, bundle: string, deployment: string): Promise<boolean> =>
  (await store.deployments.list()).some(
    ({ name, ...live }) => name !== deployment && [live.bundle, live.canary, live.shadow].includes(bundle),
  );

type Moves = { bundle: string; from: Bundle['state']; to: Bundle['state'] }[];

/** The new one goes to production; production is retired, a canary or shadow goes back to evaluated. */
const movesOf = async (store: Store, current: Deployment | null, bundle: Bundle): Promise<Moves> => {
  const moves: Moves = [{ bundle: bundle.id, from: bundle.state, to: 'production' }];
  for (const [id, to] of [
    [current?.bundle, 'retired'],
    [current?.canary, 'evaluated'],
    [current?.shadow, 'evaluated'],
  ] as const) {
    if (!id || id === bundle.id || (await servesElsewhere(store, id, current!.name))) continue;
    const { state } = await store.bundles.get(id);
    if (state !== to) moves.push({ bundle: id, from: state, to });
  }
  return moves;
};

/** The newest earlier bundle of a deployment that was not itself taken away, and holds no erased data. */
const lastGood = async (store: Store, deployment: string, current: Deployment): Promise<Bundle> => {
  for (const { bundle } of await store.deployments.history(deployment, 1000)) {
    if (bundle === null || bundle === current.bundle) continue;
    const found = await store.bundles.get(bundle);
    if (found.state !== 'rolled_back' && found.taintedBy === null) return found;
  }
  throw plauditError('registry.nothing_to_roll_back', { deployment });
};

/**
 * Takes away what is newest, in one step: a canary where there is one, and else what serves, in whose place the last good
 * bundle comes back. That one is loaded first and has to score as it did; a canary's absence needs no proof.
 *
 * @param evidence What showed that it has to go.
 * @throws PlauditError registry.nothing_to_roll_back, registry.parity_failed; store.overtaken
 */
export const rollBack = async (
  services: RegistryServices,
  store: Store,
  { deployment, after, actor, reason }: Change,
  evidence: Readonly<Record<string, unknown>> = {},
): Promise<Deployment> => {
  const current = await store.deployments.current(deployment);
  if (current.canary !== null) {
    const canary = await store.bundles.get(current.canary);
    const [rollOut] = await store.rollOuts.list({ deployment, underWay: true });
    const { deployment: made } = await store.promotions.apply({
      deployment: {
        name: deployment,
        change: {
          ...{ after, actor, reason, evidence, bundle: current.bundle ?? undefined },
          shadow: current.shadow ?? undefined,
        },
      },
      moves: [{ bundle: canary.id, from: canary.state, to: 'rolled_back' }],
      ...(rollOut && {
        rollOut: { id: rollOut.id, after: rollOut.revision, status: 'rolled_back', state: rollOut.state },
      }),
      audit: {
        ...{ actor, action: 'deployment.roll_back', resource: `deployment ${deployment}` },
        details: { canary: canary.id, share: current.canaryShare },
      },
    });
    await services.changed?.(store, deployment);
    return made!;
  }
  const good = await lastGood(store, deployment, current);
  const parity = await loadAndCompare(
    services.openBundle,
    store,
    good,
    (await services.settings(store)).parityTolerance,
  );
  requireParity(good, parity);
  const gone = current.bundle === null ? null : await store.bundles.get(current.bundle);
  const moves: Moves = [{ bundle: good.id, from: good.state, to: 'production' }];
  if (gone && !(await servesElsewhere(store, gone.id, deployment)))
    moves.push({ bundle: gone.id, from: gone.state, to: 'rolled_back' });
  const { deployment: made } = await store.promotions.apply({
    deployment: {
      name: deployment,
      change: {
        ...{ after, actor, reason, bundle: good.id, shadow: current.shadow ?? undefined },
        evidence: { ...evidence, parity },
      },
    },
    moves,
    audit: {
      ...{ actor, action: 'deployment.roll_back', resource: `deployment ${deployment}` },
      details: { bundle: good.id, from: gone?.id ?? null },
    },
  });
  await services.changed?.(store, deployment);
  return made!;
};

/** Scores all traffic with a bundle whose answers nobody gets; null ends that. @throws as `promote` */
export const setShadow = async (
  services: RegistryServices,
  store: Store,
  bundleId: string | null,
  change: Change,
): Promise<Deployment> => {
  const { deployment, after, actor, reason } = change;
  const current = await store.deployments.current(deployment);
  const moves: Moves = [];
  let evidence: GateEvidence | null = null;
  if (bundleId !== null && bundleId !== current.shadow) {
    const bundle = await store.bundles.get(bundleId);
    requireTransition(bundle.state, 'shadow');
    evidence = await passGates(services, store, bundle, change);
    moves.push({ bundle: bundle.id, from: bundle.state, to: 'shadow' });
  }
  if (current.shadow !== null && current.shadow !== bundleId) {
    const { state } = await store.bundles.get(current.shadow);
    if (state === 'shadow') moves.push({ bundle: current.shadow, from: state, to: 'evaluated' });
  }
  const { deployment: made } = await store.promotions.apply({
    deployment: {
      name: deployment,
      change: {
        ...{ after, actor, reason, bundle: current.bundle ?? undefined, shadow: bundleId ?? undefined },
        ...{ canary: current.canary ?? undefined, canaryShare: current.canaryShare },
        evidence: { ...evidence },
      },
    },
    moves,
    audit: {
      ...{ actor, action: 'deployment.shadow', resource: `deployment ${deployment}` },
      details: { bundle: bundleId, from: current.shadow },
    },
  });
  await services.changed?.(store, deployment);
  return made!;
};
