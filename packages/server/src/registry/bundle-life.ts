/** @file The life of a bundle beside the traffic: evaluation, approval, retirement, and who still needs it. */
import { plauditError } from '@plaudit/contract';
import type { Bundle, Store } from '@plaudit/store';
import type { Change } from './promotion.ts';
import { requireTransition } from './states.ts';

/** Records an evaluation; a draft, or a bundle that was rolled back and looked at again, is evaluated from then on. */
export const recordEvaluation = async (
  store: Store,
  bundle: Bundle,
  actor: string,
  document: Readonly<Record<string, unknown>>,
): Promise<void> => {
  const [golden] = await store.bundleRecords.of(bundle.id, 'golden');
  if (!golden) throw plauditError('registry.no_golden', { bundle: bundle.name });
  await store.bundleRecords.add(bundle.id, { kind: 'evaluation', actor, document });
  const becomes = bundle.state === 'draft' || bundle.state === 'rolled_back';
  await store.promotions.apply({
    moves: becomes ? [{ bundle: bundle.id, from: bundle.state, to: 'evaluated' }] : [],
    audit: { actor, action: 'bundle.evaluate', resource: `bundle ${bundle.id}` },
  });
};

/**
 * Approves in the name of the person: nobody's own key is another person.
 *
 * @throws PlauditError registry.own_approval
 */
export const approve = async (
  store: Store,
  bundle: Bundle,
  { actor, person = actor }: Pick<Change, 'actor' | 'person'>,
  reason: string,
): Promise<void> => {
  if (person === bundle.createdBy) throw plauditError('registry.own_approval');
  await store.bundleRecords.add(bundle.id, { kind: 'approval', actor: person, document: { reason } });
  await store.audit.append({ actor, action: 'bundle.approve', resource: `bundle ${bundle.id}` });
};

/** Deployments that serve, shadow or try a bundle now. */
export const liveDeploymentsOf = async (store: Store, bundle: string): Promise<readonly string[]> =>
  (await store.deployments.list())
    .filter(({ bundle: production, canary, shadow }) => [production, canary, shadow].includes(bundle))
    .map(({ name }) => name);

/** @throws PlauditError registry.in_use, registry.bad_transition */
export const retire = async (store: Store, bundle: Bundle, actor: string): Promise<void> => {
  const deployments = await liveDeploymentsOf(store, bundle.id);
  if (deployments.length > 0)
    throw plauditError('registry.in_use', {
      ...{ what: 'bundle', name: bundle.name, deployments: deployments.join(', ') },
    });
  requireTransition(bundle.state, 'retired');
  await store.promotions.apply({
    moves: [{ bundle: bundle.id, from: bundle.state, to: 'retired' }],
    audit: { actor, action: 'bundle.retire', resource: `bundle ${bundle.id}` },
  });
};

/**
 * What a model may not be deleted or withdrawn for: deployments that serve it, or a policy that was trained against it.
 *
 * @throws PlauditError registry.in_use
 */
export const requireModelUnused = async (store: Store, model: string): Promise<void> => {
  const { bundles } = await store.lineage.downstream({ model });
  const needed = new Set(bundles);
  const deployments = (await store.deployments.list())
    .filter(({ bundle, canary, shadow }) =>
      [bundle, canary, shadow].some((id) => id !== null && needed.has(id)),
    )
    .map(({ name }) => name);
  if (deployments.length > 0) {
    const { name } = await store.models.get(model);
    throw plauditError('registry.in_use', { what: 'model', name, deployments: deployments.join(', ') });
  }
};
