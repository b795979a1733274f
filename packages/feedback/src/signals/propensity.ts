/** @file How probable a signal is where it could be given: counted over all impressions, those that nobody reacted to among them. */
import type { Impression, SignalName } from './log.ts';
import type { SignalRules, StratumName } from './rules.ts';

/** The rate of a signal in one stratum of impressions. */
export interface StratumRate {
  readonly stratum: Readonly<Record<string, string>>;
  readonly impressions: number;
  /** Impressions with at least one such signal. */
  readonly signalled: number;
  /** Their share, drawn towards the share of all. */
  readonly propensity: number;
}

export interface Propensities {
  readonly strata: readonly StratumRate[];
  /** The propensity at an impression where the signal could be given; 0 where it never was. */
  at(impression: Impression): number;
}

/**
 * Rates by stratum with a beta prior: `(signalled + prior * rate of all) / (impressions + prior)`. They hold within a
 * stratum as far as the signal depends on nothing else there; where the unhappy react more than the happy at the same
 * place, only impressions that were asked at random tell.
 *
 * @param signalled Ids of the impressions with at least one such signal
 */
export const propensitiesOf = (
  impressions: readonly Impression[],
  signal: SignalName,
  signalled: ReadonlySet<string>,
  { by, prior }: SignalRules['propensity'],
): Propensities => {
  const able = impressions.filter((one) => couldGive(one, signal));
  const lengthOf = by.includes('length') ? lengthClasses(able) : () => '';
  const stratumOf = (one: Impression): Record<string, string> =>
    Object.fromEntries(by.map((name) => [name, stratumValue(one, name, lengthOf)]));
  const all = able.filter(({ id }) => signalled.has(id)).length / Math.max(1, able.length);
  const groups = Map.groupBy(able, (one) => JSON.stringify(stratumOf(one)));
  const rates = new Map<string, StratumRate>();
  for (const [key, group] of groups) {
    const count = group.filter(({ id }) => signalled.has(id)).length;
    const propensity = (count + prior * all) / (group.length + prior);
    rates.set(key, {
      stratum: stratumOf(group[0]!),
      impressions: group.length,
      signalled: count,
      propensity,
    });
  }
  return {
    strata: [...rates.values()],
    at: (one) => rates.get(JSON.stringify(stratumOf(one)))?.propensity ?? all,
  };
};

/** Whether the surface let the user give the signal. */
export const couldGive = ({ controls }: Impression, signal: SignalName): boolean =>
  controls === undefined || controls.includes(signal);

const stratumValue = (
  one: Impression,
  name: StratumName,
  lengthOf: (impression: Impression) => string,
): string => {
  switch (name) {
    case 'surface':
      return one.surface;
    case 'policy':
      return one.policy;
    case 'language':
      return one.language ?? '';
    case 'asked':
      return one.asked ? 'yes' : 'no';
    case 'length':
      return lengthOf(one);
  }
};

const charactersOf = ({ responses }: Impression): number =>
  responses.reduce((sum, response) => sum + response.length, 0) / responses.length;

/** Quarters of the impressions by the length of their responses. */
const lengthClasses = (impressions: readonly Impression[]): ((impression: Impression) => string) => {
  const lengths = impressions.map(charactersOf).sort((a, b) => a - b);
  const ends = [0.25, 0.5, 0.75].map((share) => lengths[Math.floor(share * lengths.length)] ?? 0);
  return (one) => String(ends.filter((end) => charactersOf(one) > end).length);
};
