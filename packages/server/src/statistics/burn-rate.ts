/** @file How fast an error budget is spent, and the pairs of windows that decide who is woken for it. */
import { type Measured, tooFew } from './measured.ts';

/** Good and bad events of one bucket of time. */
export interface Outcomes {
  /** Start of the bucket, milliseconds since 1970. */
  readonly at: number;
  readonly total: number;
  readonly bad: number;
}

const hour = 3_600_000;

/** Both windows of a pair have to burn: the long one says that it matters, the short one that it still goes on. */
export interface BurnPair {
  readonly name: string;
  readonly urgency: 'page' | 'ticket';
  readonly long: number;
  readonly short: number;
  /** Times the rate that would spend the whole budget in exactly its period. */
  readonly burn: number;
}

/** For a budget of 30 days: 2, 5, 10 and 10 % of it. @see Beyer et al. 2018, The Site Reliability Workbook, ch. 5 */
export const burnPairs: readonly BurnPair[] = [
  { name: '1 h and 5 min', urgency: 'page', long: hour, short: hour / 12, burn: 14.4 },
  { name: '6 h and 30 min', urgency: 'page', long: 6 * hour, short: hour / 2, burn: 6 },
  { name: '1 d and 2 h', urgency: 'ticket', long: 24 * hour, short: 2 * hour, burn: 3 },
  { name: '3 d and 6 h', urgency: 'ticket', long: 72 * hour, short: 6 * hour, burn: 1 },
];

interface PairBurn extends BurnPair {
  /** null where the window had too little traffic to say. */
  readonly longBurn: number | null;
  readonly shortBurn: number | null;
  readonly firing: boolean;
}

export interface BurnState {
  readonly pairs: readonly PairBurn[];
  /** Of the pairs that fire the most urgent; `none` is a statement, made only where there was traffic. */
  readonly urgency: 'page' | 'ticket' | 'none';
}

export interface BurnOptions {
  /** Share of good events that is promised, such as 0.999. */
  readonly objective: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Events that the long window needs: one failure of two requests is no incident. Default 100. */
  readonly least?: number;
  readonly pairs?: readonly BurnPair[];
}

/** @throws RangeError for an objective that leaves no budget, or is no share */
export const burnState = (
  buckets: readonly Outcomes[],
  { objective, now, least = 100, pairs = burnPairs }: BurnOptions,
): Measured<BurnState> => {
  if (!(objective > 0 && objective < 1)) throw new RangeError('an objective is a share below 1');
  const within = (span: number): { total: number; bad: number } => {
    let [total, bad] = [0, 0];
    for (const bucket of buckets) {
      if (bucket.at <= now - span || bucket.at > now) continue;
      total += bucket.total;
      bad += bucket.bad;
    }
    return { total, bad };
  };
  const burnOf = ({ total, bad }: { total: number; bad: number }, needed: number): number | null =>
    total < needed || total === 0 ? null : bad / total / (1 - objective);
  const found = pairs.map((pair): PairBurn => {
    const longBurn = burnOf(within(pair.long), least);
    const shortBurn = burnOf(within(pair.short), 1);
    const firing = longBurn !== null && shortBurn !== null && longBurn > pair.burn && shortBurn > pair.burn;
    return { ...pair, longBurn, shortBurn, firing };
  });
  const seen = Math.max(0, ...pairs.map(({ long }) => within(long).total));
  if (found.every(({ longBurn }) => longBurn === null)) return tooFew(seen, least);
  const firing = found.filter((pair) => pair.firing);
  return {
    enough: true,
    n: seen,
    pairs: found,
    urgency: firing.some(({ urgency }) => urgency === 'page')
      ? 'page'
      : firing.length > 0
        ? 'ticket'
        : 'none',
  };
};
