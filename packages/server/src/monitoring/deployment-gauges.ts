/** @file What dashboards show of each deployment that takes more than counting: drift, length, flips, and what serves. */
import type { Store } from '@plaudit/store';
import { compareShadow } from '../roll-out/shadow-comparison.ts';
import { numberDrift } from '../statistics/distributions.ts';
import type { RewardMetrics } from './metrics.ts';
import { answered, hackingSigns, rewardsOf } from './window.ts';

const hour = 3_600_000;
/** Hours before the last one that it is compared with. */
const referenceHours = 7 * 24;

/** A gauge is left away where there is too little to say: it does not stay at what it was. */
export const updateGauges = async (metrics: RewardMetrics, store: Store, now: Date): Promise<void> => {
  const from = new Date(now.getTime() - hour);
  const project = store.project.id;
  for (const { name: deployment, bundle, canary, shadow } of await store.deployments.list()) {
    const where = { project, deployment };
    const current = { deployment, from, to: now };
    const reference = { deployment, from: new Date(from.getTime() - referenceHours * hour), to: from };
    const [before, rows] = [await answered(store, reference), await answered(store, current)];
    const drift = numberDrift(rewardsOf(before), rewardsOf(rows));
    if (drift.enough) metrics.scorePsi.set(where, drift.psi);
    else metrics.scorePsi.remove(where);
    const { lengthPay } = hackingSigns(before, rows);
    if (lengthPay.enough && lengthPay.correlation !== null)
      metrics.lengthCorrelation.set(where, lengthPay.correlation);
    else metrics.lengthCorrelation.remove(where);
    const { comparison } = await compareShadow(store, current);
    if (comparison.enough && comparison.flips.enough) metrics.flipRatio.set(where, comparison.flips.rate);
    else metrics.flipRatio.remove(where);
    for (const [arm, id] of Object.entries({ production: bundle, canary, shadow })) {
      if (id === null) continue;
      const { name, version } = await store.bundles.get(id);
      metrics.info.set({ ...where, arm, bundle: id, version: `${name}@${version}` }, 1);
    }
  }
};
