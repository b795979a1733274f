/** @file Votes whose right answer is known: gold items and attention checks, and when an annotator should pause. */
import { type Interval, wilsonInterval } from '../../statistics/bootstrap.ts';

/** One vote on an item whose right answer is known. Votes are taken in the order in which they were given. */
export interface CheckedVote {
  readonly annotator: string;
  readonly right: boolean;
}

export interface CheckOptions {
  /** Least acceptable share of right votes, between 0 and 1. Default 0.7. */
  readonly bar?: number;
  /**
   * What pauses. e-process: evidence against the bar, which may be looked at after every vote. interval: the upper end of
   * Wilson's interval is below the bar; it finds a random clicker earlier, and is right for one look at a fixed time: looked
   * at after each of 60 votes, it pauses 16 % of those who are exactly as good as the bar. Never the raw share: of ten
   * two-sided items a random clicker gets seven or more right 17 times in a hundred. Default e-process.
   */
  readonly rule?: 'e-process' | 'interval';
  /** Chance of ever pausing someone who is exactly as good as the bar, for the e-process. Default 0.05. */
  readonly level?: number;
}

export interface CheckResult {
  readonly annotator: string;
  readonly checked: number;
  readonly right: number;
  readonly accuracy: number;
  /** Wilson's, at 95 %. */
  readonly interval: Interval;
  /** Evidence that the accuracy is below the bar, the largest so far; 20 is enough at a level of 0.05. */
  readonly eValue: number;
  readonly pause: boolean;
}

/** Accuracies below the bar that the e-process bets on, as shares of the bar. */
const bets = Array.from({ length: 16 }, (_, i) => (i + 0.5) / 16);

/**
 * How each annotator does on items whose answer is known. The e-value is the mean, over accuracies p below the bar b, of the
 * likelihood ratio (p / b)^right ((1 - p) / (1 - b))^wrong. For whoever is right with probability b or more its
 * expectation is at most 1 whenever one looks, so it ever reaches 1 / level with probability at most `level`.
 *
 * @example checkVotes(votes, { bar: 0.75 }).filter(({ pause }) => pause)
 * @see Ville 1939; Ramdas, Grünwald, Vovk and Shafer 2023, "Game-theoretic statistics and safe anytime-valid inference"
 * @throws RangeError for a bar or level that is not between 0 and 1
 */
export const checkVotes = (votes: Iterable<CheckedVote>, options: CheckOptions = {}): CheckResult[] => {
  const { bar = 0.7, rule = 'e-process', level = 0.05 } = options;
  if (!(bar > 0 && bar < 1 && level > 0 && level < 1))
    throw new RangeError('bar and level are between 0 and 1');
  const gains = bets.map((share) => ({
    right: Math.log(share),
    wrong: Math.log((1 - share * bar) / (1 - bar)),
  }));
  const people = new Map<string, { checked: number; right: number; most: number }>();
  for (const { annotator, right } of votes) {
    const so = people.get(annotator) ?? { checked: 0, right: 0, most: 1 };
    people.set(annotator, so);
    so.checked++;
    if (right) so.right++;
    else so.most = Math.max(so.most, evidence(gains, so.right, so.checked - so.right));
  }
  return [...people].map(([annotator, { checked, right, most }]) => {
    const interval = wilsonInterval(right / checked, checked);
    return {
      annotator,
      checked,
      right,
      accuracy: right / checked,
      interval,
      eValue: most,
      pause: rule === 'interval' ? interval[1] < bar : most >= 1 / level,
    };
  });
};

const evidence = (
  gains: readonly { readonly right: number; readonly wrong: number }[],
  right: number,
  wrong: number,
): number =>
  gains.reduce((sum, gain) => sum + Math.exp(right * gain.right + wrong * gain.wrong), 0) / gains.length;
