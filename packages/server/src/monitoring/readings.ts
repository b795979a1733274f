/** @file What an alert rule reads: each measure as one number with its interval, or that there is too little to say. */
import type { Bucket, Store } from '@plaudit/store';
import { compareShadow } from '../roll-out/shadow-comparison.ts';
import { burnState } from '../statistics/burn-rate.ts';
import { normalPoint } from '../statistics/chi-square.ts';
import { incidentRate, rateExcess } from '../statistics/incidents.ts';
import { momentsOf } from '../statistics/measured.ts';
import { annotatorsOf, humanAgreement } from './human-checks.ts';
import type { AlertRule, Reading } from './rule.ts';
import { answered, driftBetween, hackingSigns, shareOf, type Window } from './window.ts';

const minute = 60_000;
const fewestScores = 50;
/** Responses of a reference from which a rate of rare events is taken. */
const fewestExposed = 200;

const windowsOf = (rule: AlertRule, now: Date): { current: Window; reference: Window } => {
  const { deployment, reference } = rule;
  const from = new Date(now.getTime() - rule.window * minute);
  return {
    current: { deployment, from, to: now },
    reference:
      'minutes' in reference
        ? { deployment, from: new Date(from.getTime() - reference.minutes * minute), to: from }
        : { deployment, from: new Date(reference.from), to: new Date(reference.to) },
  };
};

const few = (found: { readonly n: number; readonly needed: number }): Reading => ({
  ...{ enough: false, n: found.n, needed: found.needed },
});

const plain = (
  n: number,
  value: number | null,
  interval: readonly [number, number] | null = null,
): Reading => (value === null ? { enough: false, n, needed: n + 1 } : { enough: true, n, value, interval });

/** Sums of the answered arms over a window. */
const totalsOf = async (store: Store, window: Window) =>
  (await store.observations.totals(window))
    .filter(({ arm }) => arm !== 'shadow')
    .reduce(
      (sum, of) => ({
        responses: sum.responses + of.responses,
        failures: sum.failures + of.failures,
        incidents: sum.incidents + of.incidents,
        refusals: sum.refusals + of.refusals,
        truncations: sum.truncations + of.truncations,
      }),
      { responses: 0, failures: 0, incidents: 0, refusals: 0, truncations: 0 },
    );

const meanReward = async (store: Store, window: Window): Promise<Reading> => {
  const { n, mean, variance } = momentsOf(
    (await answered(store, window)).flatMap(({ reward }) => reward ?? []),
  );
  if (n < fewestScores) return { enough: false, n, needed: fewestScores };
  const half = normalPoint(0.975) * Math.sqrt(variance / n);
  return { enough: true, n, value: mean, interval: [mean - half, mean + half] };
};

/** Seconds of a bucket: the shortest window of the pairs. */
const bucketSeconds = 300;
const longestWindow = 72 * 60 * minute;

const errorBudget = async (
  store: Store,
  deployment: string,
  measure: Extract<AlertRule['measure'], { of: 'error budget' }>,
  now: Date,
): Promise<Reading> => {
  const span = { deployment, from: new Date(now.getTime() - longestWindow), to: now };
  const { bad, bound, objective } = measure;
  const buckets =
    bad === 'low rewards' || bad === 'slow'
      ? await store.observations.beyond(
          span,
          bucketSeconds,
          bad === 'slow' ? 'milliseconds' : 'reward',
          bound ?? 0,
        )
      : (await store.observations.buckets(span, bucketSeconds))
          .filter(({ arm }) => arm !== 'shadow')
          .map((bucket: Bucket) => ({ at: bucket.at, total: bucket.responses, bad: bucket[bad] }));
  const found = burnState(
    buckets.map(({ at, total, bad: count }) => ({ at: at.getTime(), total, bad: count })),
    { objective, now: now.getTime() },
  );
  if (!found.enough) return few(found);
  const firing = found.pairs.filter((pair) => pair.firing);
  const worst = Math.max(0, ...found.pairs.map(({ longBurn }) => longBurn ?? 0));
  return { enough: true, n: found.n, value: worst, interval: null, firing: firing.length > 0 };
};

/** @throws PlauditError store.unknown for a data set that is not there */
export const readMeasure = async (store: Store, rule: AlertRule, now: Date): Promise<Reading> => {
  const { measure } = rule;
  const { current, reference } = windowsOf(rule, now);
  const drift = () => driftBetween(store, reference, current, { texts: measure.of === 'prompt auc' });
  const signs = async () => hackingSigns(await answered(store, reference), await answered(store, current));
  switch (measure.of) {
    case 'mean reward':
      return meanReward(store, current);
    case 'reward psi': {
      const { reward } = await drift();
      return reward.enough ? plain(reward.n, reward.psi) : few(reward);
    }
    case 'reward wasserstein': {
      const { reward } = await drift();
      return reward.enough ? plain(reward.n, reward.wasserstein) : few(reward);
    }
    case 'length wasserstein': {
      const { length } = await drift();
      return length.enough ? plain(length.n, length.wasserstein) : few(length);
    }
    case 'prompt auc': {
      const { prompts } = await drift();
      return prompts.enough ? plain(prompts.n, prompts.auc) : few(prompts);
    }
    case 'segment distance': {
      const found = (await drift()).segments[measure.segment];
      return found?.enough
        ? plain(found.n, found.jensenShannon)
        : few(found ?? { n: 0, needed: fewestScores });
    }
    case 'incident rate': {
      const { incidents, responses } = await totalsOf(store, current);
      const found = incidentRate(incidents, responses);
      return found.enough ? plain(responses, found.rate, found.interval) : few(found);
    }
    case 'incident excess': {
      const [before, seen] = [await totalsOf(store, reference), await totalsOf(store, current)];
      if (before.responses < fewestExposed) return few({ n: before.responses, needed: fewestExposed });
      // One more than was seen, so that a reference without any does not make the first one proof.
      const rate = (before.incidents + 1) / before.responses;
      const found = rateExcess(seen.incidents, seen.responses, rate);
      return found.enough ? plain(seen.responses, found.evidence) : few(found);
    }
    case 'failure rate':
    case 'refusal rate':
    case 'truncation rate': {
      const totals = await totalsOf(store, current);
      const count = {
        'failure rate': totals.failures,
        'refusal rate': totals.refusals,
        'truncation rate': totals.truncations,
      }[measure.of];
      const found = shareOf(count, totals.responses, fewestScores);
      return found.enough ? plain(found.n, found.share, found.interval) : few(found);
    }
    case 'saturation': {
      const { saturation } = await signs();
      return saturation.enough ? plain(saturation.n, saturation.share, saturation.interval) : few(saturation);
    }
    case 'repetition': {
      const { repetition } = await signs();
      return repetition.enough ? plain(repetition.n, repetition.mean) : few(repetition);
    }
    case 'length correlation': {
      const { lengthPay } = await signs();
      return lengthPay.enough
        ? plain(lengthPay.n, lengthPay.correlation, lengthPay.interval)
        : few(lengthPay);
    }
    case 'shadow flip rate': {
      const { comparison } = await compareShadow(store, current);
      if (!comparison.enough) return few(comparison);
      const { flips } = comparison;
      return flips.enough ? plain(flips.n, flips.rate, flips.interval) : few(flips);
    }
    case 'human agreement': {
      const found = await humanAgreement(store, measure.dataset, current);
      return found.enough ? plain(found.n, found.share, found.interval) : few(found);
    }
    case 'annotators with concerns': {
      const { annotators } = await annotatorsOf(store, measure.dataset);
      return annotators.length === 0
        ? { enough: false, n: 0, needed: 1 }
        : plain(annotators.length, annotators.filter(({ concerns }) => concerns.length > 0).length);
    }
    case 'error budget':
      return errorBudget(store, rule.deployment, measure, now);
  }
};
