/** @file Which model answers quickly in a bundle's place: the newest that was distilled from the bundle's reward model. */
import type { Store } from '@plaudit/store';
import { z } from 'zod';

const faithful = z.object({ fidelity: z.object({ agreementInterval: z.tuple([z.number(), z.number()]) }) });

/**
 * The id of that model; null where there is none, where the newest was not shown to order responses as its teacher does
 * beyond chance, or where it was made from data of a person who has been erased.
 */
export const proxyOf = async (store: Store, bundle: string): Promise<string | null> => {
  const { rewardModel } = await store.bundles.get(bundle);
  const proxy = await store.models.distilledFrom(rewardModel);
  if (!proxy || proxy.taintedBy !== null) return null;
  const shown = faithful.safeParse(proxy.card);
  return shown.success && shown.data.fidelity.agreementInterval[0] > 0.5 ? proxy.id : null;
};
