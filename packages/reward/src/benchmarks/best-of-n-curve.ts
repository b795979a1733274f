/**
 * @file The best-of-n curve: the true quality of the best scored of n responses, for every n, without drawing any.
 *
 * Nakano et al. 2021 (arXiv 2112.09332), app. I, for the unbiased estimate; Gao et al. 2022 (arXiv 2210.10760) for its use.
 */
import { fewestClusters } from '@plaudit/feedback';
import type { Interval } from '../validation/document.ts';
import type { BenchmarkOptions } from './benchmark.ts';
import { meanOf, middle, resample } from './measure.ts';

export interface BestOfNPoint {
  readonly n: number;
  /** ln n - (n - 1) / n, in nats: the policy's divergence from where the responses came from is at most this. */
  readonly klBound: number;
  /** Mean true quality of the best scored of n responses. */
  readonly gold: number;
  readonly interval: Interval | null;
  /** Mean reward of the same response. */
  readonly proxy: number;
  /** Mean true quality of the truly best of n responses: what no reward model can exceed. */
  readonly oracle: number;
}

export interface BestOfNCurve {
  readonly points: readonly BestOfNPoint[];
  readonly prompts: number;
  /** Responses of every prompt that the curve can use: the fewest that any prompt has. */
  readonly responses: number;
  /** Whether the true quality is a share, such as right or wrong. */
  readonly share: boolean;
}

/** One prompt with what the model and the truth say about its responses. */
export interface BestOfNPrompt {
  readonly cluster: string;
  readonly proxy: readonly number[];
  readonly gold: readonly number[];
}

/**
 * The divergence of best-of-n from its own policy is at most this, and can be less.
 *
 * @see Beirami et al. 2024 (arXiv 2401.01879)
 */
export const bestOfNKlBound = (n: number): number => Math.log(n) - (n - 1) / n;

/**
 * The expected value of the response with the highest key among n drawn without replacement:
 * sum over i = n..N of C(i - 1, n - 1) / C(N, n) times the value of the i-th response by key. Responses with equal keys
 * share the mean of their values, which is drawing one of them by chance.
 *
 * The weights come from one another, w(N) = n / N and w(i - 1) = w(i) (i - n) / (i - 1), so that no binomial coefficient is
 * ever formed: exact to rounding for any N, where C(N, n) overflows from N = 1030 on.
 *
 * @returns One number for each of `sizes`, all between 1 and the number of responses.
 */
export const bestOfN = (
  keys: readonly number[],
  values: readonly number[],
  sizes: readonly number[],
): Float64Array => {
  const sorted = sharedByKey(keys, values);
  const count = sorted.length;
  return Float64Array.from(sizes, (n) => {
    if (!Number.isSafeInteger(n) || n < 1 || n > count)
      throw new RangeError(`best of ${n} among ${count} responses`);
    let weight = n / count;
    let sum = 0;
    for (let i = count; i >= n && weight > 0; i--) {
      sum += weight * sorted[i - 1]!;
      weight *= i > 1 ? (i - n) / (i - 1) : 0;
    }
    return sum;
  });
};

/** Values in rising order of their keys; where keys are equal, the mean of their values in each place. */
const sharedByKey = (keys: readonly number[], values: readonly number[]): Float64Array => {
  const order = Uint32Array.from(keys.keys()).sort((a, b) => keys[a]! - keys[b]!);
  const sorted = Float64Array.from(order, (at) => values[at]!);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && keys[order[to]!] === keys[order[from]!]) to++;
    if (to - from > 1) {
      const run = sorted.subarray(from, to);
      run.fill(run.reduce((sum, value) => sum + value, 0) / run.length);
    }
    from = to;
  }
  return sorted;
};

/** Every n up to 32; from there on about a tenth more each time, and the powers of two. The most is always there. */
const sizesUpTo = (most: number): number[] => {
  const sizes: number[] = [];
  const next = (n: number): number =>
    n < 32 ? n + 1 : Math.min(Math.ceil(n * 1.1), 2 ** (Math.floor(Math.log2(n)) + 1));
  for (let n = 1; n < most; n = next(n)) sizes.push(n);
  return [...sizes, most];
};

/** The curve over prompts, each counting the same, with an interval over resamples of whole prompts. */
export const bestOfNCurve = async (
  prompts: readonly BestOfNPrompt[],
  options: BenchmarkOptions,
): Promise<BestOfNCurve> => {
  if (prompts.length === 0) throw new RangeError('a curve over no prompts has no value');
  const responses = prompts.reduce(
    (least, { gold }) => Math.min(least, gold.length),
    Number.POSITIVE_INFINITY,
  );
  const sizes = sizesUpTo(responses);
  const units = prompts.map(({ cluster, proxy, gold }) => ({
    cluster,
    gold: bestOfN(proxy, gold, sizes),
    proxy: bestOfN(proxy, proxy, sizes),
    oracle: bestOfN(gold, gold, sizes),
  }));
  const drawn = sizes.map((): number[] => []);
  await resample(
    new Map([['all', units]]),
    (sample) => {
      const one = sample.get('all')!;
      const sums = new Float64Array(sizes.length);
      for (const { gold } of one) for (let at = 0; at < sums.length; at++) sums[at]! += gold[at]!;
      sums.forEach((sum, at) => {
        drawn[at]!.push(sum / one.length);
      });
    },
    options,
  );
  const clusters = new Set(units.map(({ cluster }) => cluster)).size;
  return {
    points: sizes.map((n, at) => ({
      n,
      klBound: bestOfNKlBound(n),
      gold: meanOf(units, ({ gold }) => gold[at]!)!,
      // Fewer prompts say nothing about others.
      interval: clusters < fewestClusters ? null : middle(drawn[at]!),
      proxy: meanOf(units, ({ proxy }) => proxy[at]!)!,
      oracle: meanOf(units, ({ oracle }) => oracle[at]!)!,
    })),
    prompts: prompts.length,
    responses,
    share: prompts.every(({ gold }) => gold.every((value) => value >= 0 && value <= 1)),
  };
};
