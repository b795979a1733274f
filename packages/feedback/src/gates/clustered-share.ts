/**
 * @file Means with intervals in memory that does not grow: every prompt draws its own weights of a Poisson bootstrap.
 * @see Chamandy, Muralidharan, Najmi and Naidu 2012, "Estimating Uncertainty for Massive Data Streams"
 */
import { mix } from '../duplicates/text-grams.ts';
import { fewestClusters, type Interval, quantile, wilsonInterval } from '../statistics/bootstrap.ts';

const resamples = 400;

/** P(X <= k) of the Poisson distribution with mean 1, as whole numbers of 2^-32. */
const cumulative = ((): number[] => {
  const steps: number[] = [];
  for (let k = 0, term = Math.exp(-1), sum = 0; k < 12; k++, term /= k) {
    sum += term;
    steps.push(Math.floor(sum * 2 ** 32));
  }
  return steps;
})();

/** How often each resample draws a prompt; all judgements of one prompt are drawn together. */
export type Draws = Uint8Array;

/** Draws of prompts by their keys. The draws of the last prompt are kept, since a prompt's rows often follow each other. */
export class PromptDraws {
  private readonly draws: Draws = new Uint8Array(resamples);
  private key = Number.NaN;

  of(promptKey: number): Draws {
    if (promptKey === this.key) return this.draws;
    this.key = promptKey;
    const low = promptKey >>> 0;
    const high = Math.floor(promptKey / 2 ** 32);
    for (let r = 0; r < resamples; r++) {
      const uniform = mix(mix(low ^ Math.imul(r + 1, 0x9e3779b1)) ^ high);
      let times = 0;
      while (times < cumulative.length && uniform >= cumulative[times]!) times++;
      this.draws[r] = times;
    }
    return this.draws;
  }
}

/** Distinct keys kept exactly; above them their number is estimated from how densely the least of them lie. */
const leastKeys = 256;

/** The number of different prompts: exact up to 256, beyond within a tenth or so. @see Bar-Yossef et al. 2002 */
class DistinctPrompts {
  private readonly least = new Set<number>();
  private largest = 0;

  add(key: number): void {
    if (this.least.has(key)) return;
    if (this.least.size < leastKeys) this.largest = Math.max(this.largest, key);
    else if (key > this.largest) return;
    else {
      this.least.delete(this.largest);
      this.largest = Math.max(key, ...this.least);
    }
    this.least.add(key);
  }

  get count(): number {
    if (this.least.size < leastKeys) return this.least.size;
    return Math.round((leastKeys - 1) / (this.largest / 2 ** 52));
  }
}

/** A mean of numbers from 0 to 1, with its 95 % interval over resamples of whole prompts. */
export class ClusteredShare {
  /** Numbers that were added. */
  n = 0;
  private sum = 0;
  private readonly sums = new Float64Array(resamples);
  private readonly weights = new Float64Array(resamples);
  private readonly distinct = new DistinctPrompts();

  /** @param draws Those of the prompt with this key */
  add(value: number, promptKey: number, draws: Draws): void {
    this.n++;
    this.sum += value;
    this.distinct.add(promptKey);
    const { sums, weights } = this;
    for (let r = 0; r < resamples; r++) {
      const times = draws[r]!;
      weights[r]! += times;
      sums[r]! += times * value;
    }
  }

  /** Different prompts, above 256 an estimate. */
  get prompts(): number {
    return this.distinct.count;
  }

  /** Null without a number. */
  get value(): number | null {
    return this.n === 0 ? null : this.sum / this.n;
  }

  /**
   * Below 10 prompts, and where all numbers are the same, resampling cannot see the uncertainty: the interval is then
   * Wilson's with prompts as its count. Null without a number.
   */
  get interval(): Interval | null {
    if (this.n === 0) return null;
    const means = this.sums
      .map((sum, r) => sum / this.weights[r]!)
      .filter((mean) => !Number.isNaN(mean))
      .sort();
    const mean = this.sum / this.n;
    const [low, high] = [quantile(means, 0.025), quantile(means, 0.975)];
    return this.prompts >= fewestClusters && high - low > 1e-12
      ? [Math.min(low, mean), Math.max(high, mean)]
      : wilsonInterval(mean, this.prompts);
  }
}
