/** @file People who vote against everybody else more often than the others' own disagreement allows. */
import type { AnnotatorValue } from '../../agreement/annotator-value.ts';
import { poissonBinomialTails } from '../../statistics/binomial.ts';
import { voteTable } from '../vote-table.ts';

export interface Contrarian {
  readonly annotator: string;
  /** Units on which the others have a majority. */
  readonly votes: number;
  readonly agreeing: number;
  /** How many of them would agree if the annotator voted as the others do. */
  readonly expected: number;
  readonly pValue: number;
  /**
   * 1 / (2 √p), whose expectation is at most 1 for who votes like the others; e-values of other criteria or later batches
   * may be multiplied with it.
   */
  readonly eValue: number;
  /** The e-value is at least 20. */
  readonly outlier: boolean;
}

/** By Markov's inequality reached with probability 0.05 at most. */
const evidenceNeeded = 20;

/**
 * Holds each annotator's votes against the others'. On a unit, the most frequent of the others' m votes, given n times, has
 * the chance (n + 1) / (m + number of classes) of being said again; the sum of agreements is then Poisson binomial.
 *
 * One e-value for all votes, and not a product over votes: whoever says what most say multiplies such a product by one
 * half each time, and a random clicker would never be found. The factor 1 / (2p), which a public arena multiplies, is no
 * e-value: its expectation is infinite.
 *
 * @see Vovk and Wang 2021, "E-values: calibration, combination and applications", for 1 / (2 √p)
 */
export const contrarians = (values: readonly AnnotatorValue[]): Contrarian[] => {
  if (values.length === 0) return [];
  const { units, annotators, classes, starts, annotator, said } = voteTable(values);
  const chances = annotators.map((): number[] => []);
  const agreeing = new Int32Array(annotators.length);
  const counts = new Int32Array(classes.length);
  for (let unit = 0; unit < units.length; unit++) {
    const [from, to] = [starts[unit]!, starts[unit + 1]!];
    counts.fill(0);
    for (let i = from; i < to; i++) counts[said[i]!]!++;
    for (let i = from; i < to; i++) {
      const own = said[i]!;
      counts[own]!--;
      const others = to - from - 1;
      const most = counts.reduce((best, count) => Math.max(best, count), 0);
      const leaders = counts.filter((count) => count === most).length;
      if (most > 0 && leaders === 1) {
        chances[annotator[i]!]!.push((most + 1) / (others + classes.length));
        if (counts[own] === most) agreeing[annotator[i]!]!++;
      }
      counts[own]!++;
    }
  }
  return annotators.map((name, w) => {
    const of = chances[w]!;
    const pValue = of.length === 0 ? 1 : poissonBinomialTails(of, agreeing[w]!).lower;
    const eValue = 1 / (2 * Math.sqrt(Math.max(pValue, Number.MIN_VALUE)));
    return {
      annotator: name,
      votes: of.length,
      agreeing: agreeing[w]!,
      expected: of.reduce((sum, chance) => sum + chance, 0),
      pValue,
      eValue,
      outlier: eValue >= evidenceNeeded,
    };
  });
};
