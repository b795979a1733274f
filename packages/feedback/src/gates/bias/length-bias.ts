/** @file Whether the longer response wins: the bias that a reward model learns first. */
import { sigmoid } from '@plaudit/contract';
import { z } from 'zod';
import { ClusteredShare } from '../clustered-share.ts';
import { Evidence } from '../evidence.ts';
import { defineGate, notApplicable } from '../gate.ts';
import { between, percent, plural } from '../sentences.ts';
import { thresholds } from '../thresholds.ts';

/** Upper ends of the bins of the ratio of the longer to the shorter response. */
const ratios = [1.1, 1.25, 1.5, 2, 3, 5, Number.POSITIVE_INFINITY] as const;

const binName = (i: number): string => {
  const from = i === 0 ? 1 : ratios[i - 1]!;
  return Number.isFinite(ratios[i]!) ? `${from} to ${ratios[i]}` : `over ${from}`;
};

export const lengthBias = defineGate({
  name: 'length-bias',
  title: 'Length bias',
  family: 'bias',
  unit: 'share',
  required: false,
  memory: 'nothing',
  fix: 'Find out whether longer answers are better here or only look so: compare pairs of like length, tell annotators not to reward length, add pairs in which the shorter answer wins, or train with a length penalty and report accuracy beside the length baseline.',
  settings: z.strictObject(thresholds({ least: 0.4, most: 0.6 }, { least: 0.2, most: 0.8 })),
  start: (_, { draws }) => {
    const all = new ClusteredShare();
    const bins = ratios.map(() => new ClusteredShare());
    const slope = new LengthSlope();
    const evidence = new Evidence();
    let equal = 0;
    return {
      add: ({ decisions, responses, promptKey, reference }) => {
        for (const { winner, loser, tie } of decisions) {
          if (tie) continue;
          const [won, lost] = [responses[winner]!.length, responses[loser]!.length];
          if (won === lost) {
            equal++;
            continue;
          }
          const longer = won > lost;
          // An empty response is shorter than any other, by no ratio.
          const ratio = Math.max(won, lost) / Math.max(1, Math.min(won, lost));
          const own = draws.of(promptKey);
          all.add(Number(longer), promptKey, own);
          bins[ratios.findIndex((most) => ratio <= most)]!.add(Number(longer), promptKey, own);
          slope.add(Math.log(ratio), longer);
          if (longer && ratio > 2) evidence.add(reference);
        }
      },
      finish: () => {
        const { value, interval, n } = all;
        if (value === null || interval === null)
          return notApplicable('No response was preferred to one of another length.', 'decided pairs');
        const coefficient = slope.coefficient();
        const twice = sigmoid(coefficient * Math.LN2);
        return {
          value,
          interval,
          neutral: 0.5,
          n,
          noun: 'decided pairs',
          reason: `The longer response wins ${percent(value)} (${between(interval)}) of ${plural(n, 'pair')} of unequal length; one that is twice as long is preferred in ${percent(twice, 0)}. A reward model has to beat ${percent(Math.max(value, 1 - value))} to have learnt more than length.`,
          // Rows speak for a bias towards the longer only.
          ...(value > 0.5 && { evidence: evidence.found }),
          measures: { coefficient, preferredWhenTwiceAsLong: twice, equalLengths: equal },
          pictures: [
            {
              kind: 'curve',
              title: 'How often the longer response wins',
              caption:
                'By how many times as long it is. A curve that rises with the ratio is a bias; one that stays at a half is none.',
              noun: 'pairs',
              x: 'length of the longer, in lengths of the shorter',
              mark: 0.5,
              items: bins.map((bin, i) => ({
                name: binName(i),
                value: bin.value,
                interval: bin.interval,
                n: bin.n,
              })),
              omitted: 0,
            },
          ],
        };
      },
    };
  },
});

/** Log ratios are gathered in bins so narrow that their width changes the third digit of the slope at most. */
const width = 0.02;
const bins = 600;

/** The slope of ln(odds that the longer wins) on ln(length ratio), without an intercept: equal lengths are equal odds. */
class LengthSlope {
  private readonly sums = new Float64Array(bins);
  private readonly counts = new Float64Array(bins);
  private readonly wins = new Float64Array(bins);

  add(logRatio: number, longerWins: boolean): void {
    const bin = Math.min(bins - 1, Math.floor(logRatio / width));
    this.sums[bin]! += logRatio;
    this.counts[bin]!++;
    if (longerWins) this.wins[bin]!++;
  }

  /** Newton's method on the log-likelihood, with a prior of one win and one loss at a ratio of e, so that it is finite. */
  coefficient(): number {
    let slope = 0;
    for (let step = 0; step < 50; step++) {
      const prior = sigmoid(slope);
      let gradient = 1 - 2 * prior;
      let information = 2 * prior * (1 - prior);
      for (let bin = 0; bin < bins; bin++) {
        const n = this.counts[bin]!;
        if (n === 0) continue;
        const x = this.sums[bin]! / n;
        const p = sigmoid(slope * x);
        gradient += x * (this.wins[bin]! - n * p);
        information += n * x * x * p * (1 - p);
      }
      const change = Math.max(-2, Math.min(2, gradient / information));
      slope += change;
      if (Math.abs(change) < 1e-10) break;
    }
    return slope;
  }
}
