/** @file Choosing a token from the distribution of the next one. */

/** How tokens are chosen. The filters apply in this order, as in Hugging Face's transformers. */
export interface SamplingOptions {
  /** Logits of tokens that the row holds already are divided by it where positive and multiplied where negative (Keskar et al. 2019); 1 for none. */
  readonly repetitionPenalty?: number;
  /** Divides the logits; 1 by default, and 0 chooses the likeliest token. */
  readonly temperature?: number;
  /** Only so many of the likeliest tokens, and those as likely as the last of them; 0 for all. */
  readonly topK?: number;
  /** Only the fewest of the likeliest tokens that together have this probability (Holtzman et al. 2020); 1 for all. */
  readonly topP?: number;
  /** Only tokens with at least this share of the likeliest one's probability (Nguyen et al. 2024); 0 for all. */
  readonly minP?: number;
}

/** What the graph says of the next token of a row. */
export interface Distribution {
  /** The output that `Sampler.reads`, float32 [vocabulary]. */
  readonly values: Float32Array;
  /** log of the sum of e^x over the logits. */
  readonly logSumExp: number;
  /** The same over the logits divided by the temperature. */
  readonly scaledLogSumExp: number;
}

/** A token that was chosen, with its log-probabilities in nats. */
export interface Choice {
  readonly token: number;
  /** Of the model, whatever the options. */
  readonly logProbability: number;
  /** Of the distribution that the token was drawn from. */
  readonly samplingLogProbability: number;
}

/** Chooses tokens by the same options; keeps what it works with between calls. */
export class Sampler {
  /** The graph's output that a choice needs: logits where they change before the softmax, or where there is none. */
  readonly reads: 'logits' | 'probabilities';
  /** What the graph divides the logits by. */
  readonly temperature: number;
  /** Whether a choice depends on the tokens of the row. */
  readonly remembers: boolean;
  private readonly options: Required<SamplingOptions>;
  private readonly own: Float32Array;
  private readonly ranking = new Ranking();

  /** @throws RangeError for a value outside of its range */
  constructor(options: SamplingOptions, vocabularySize: number) {
    const { repetitionPenalty = 1, temperature = 1, topK = 0, topP = 1, minP = 0 } = options;
    const within = (name: string, value: number, fits: boolean, range: string): void => {
      if (!fits || !Number.isFinite(value)) throw new RangeError(`${name} must be ${range}, not ${value}`);
    };
    within('repetitionPenalty', repetitionPenalty, repetitionPenalty > 0, 'above 0');
    within('temperature', temperature, temperature >= 0, 'at least 0');
    within('topK', topK, Number.isInteger(topK) && topK >= 0, 'a whole number of at least 0');
    within('topP', topP, topP > 0 && topP <= 1, 'above 0 and at most 1');
    within('minP', minP, minP >= 0 && minP <= 1, 'from 0 to 1');
    this.options = { repetitionPenalty, temperature, topK, topP, minP };
    this.remembers = repetitionPenalty !== 1;
    this.reads = this.remembers || temperature === 0 ? 'logits' : 'probabilities';
    this.temperature = temperature || 1;
    this.own = new Float32Array(this.remembers ? vocabularySize : 0);
  }

  /**
   * @param uniform In [0, 1): the one number that decides
   * @param seen Tokens of the row, where the sampler `remembers`
   */
  choose(distribution: Distribution, uniform: number, seen: ReadonlySet<number>): Choice {
    const { values, logSumExp, scaledLogSumExp } = distribution;
    if (this.reads === 'probabilities') {
      const { token, logProbability } = this.draw(values, uniform);
      const logit = this.temperature * (Math.log(values[token]!) + scaledLogSumExp);
      return { token, logProbability: logit - logSumExp, samplingLogProbability: logProbability };
    }
    const penalised = this.remembers ? this.penalised(values, seen) : values;
    const { token, logProbability } =
      this.options.temperature === 0
        ? { token: largest(penalised), logProbability: 0 }
        : this.draw(softmax(penalised, this.temperature), uniform);
    return { token, logProbability: values[token]! - logSumExp, samplingLogProbability: logProbability };
  }

  private penalised(logits: Float32Array, seen: ReadonlySet<number>): Float32Array {
    const { repetitionPenalty } = this.options;
    this.own.set(logits);
    for (const token of seen) {
      const logit = logits[token]!;
      this.own[token] = logit > 0 ? logit / repetitionPenalty : logit * repetitionPenalty;
    }
    return this.own;
  }

  /** By the inverse of the cumulative distribution over the tokens that the filters leave, in the order of their ids. */
  private draw(probabilities: Float32Array, uniform: number): { token: number; logProbability: number } {
    const { topK, topP, minP } = this.options;
    let last = everything;
    if (topK > 0 && topK < probabilities.length)
      // Those as likely as the last one stay with it.
      last = { ...this.ranking.last(probabilities, last, (count) => count >= topK), id: everything.id };
    if (topP < 1) {
      const wanted = topP * massOf(probabilities, last);
      last = this.ranking.last(probabilities, last, (_, mass) => mass >= wanted);
    }
    const least = minP * probabilities[largest(probabilities)]!;
    if (least > last.value) last = { value: least, id: everything.id };
    const mass = last === everything ? 1 : massOf(probabilities, last);
    const token = inverse(probabilities, last, uniform * mass);
    return { token, logProbability: Math.log(probabilities[token]! / mass) };
  }
}

/** In place; e^(x - largest) of the scaled values over their sum. */
const softmax = (logits: Float32Array, temperature: number): Float32Array => {
  const top = logits[largest(logits)]!;
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    const e = Math.exp((logits[i]! - top) / temperature);
    logits[i] = e;
    sum += e;
  }
  for (let i = 0; i < logits.length; i++) logits[i]! /= sum;
  return logits;
};

/** The index of the largest value, the first of several. */
const largest = (values: Float32Array): number => {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
};

/**
 * The last of the tokens that a filter keeps, in the order of their values, the smaller id first where they are equal:
 * each filter keeps the beginning of that order, so the last token says all.
 */
interface Last {
  readonly value: number;
  readonly id: number;
}

const everything: Last = { value: 0, id: Number.POSITIVE_INFINITY };

const massOf = (values: Float32Array, { value: least, id: last }: Last): number => {
  let sum = 0;
  for (let id = 0; id < values.length; id++) {
    const value = values[id]!;
    if (value > least || (value === least && id <= last)) sum += value;
  }
  return sum;
};

/** Values that are added up together on the way to the token that is drawn; a multiple of four. */
const blockSize = 64;

/** In four sums, since each addition to one would wait for the one before it: six times as fast. */
const blockSum = (values: Float32Array, from: number): number => {
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let i = from; i < from + blockSize; i += 4) {
    a += values[i]!;
    b += values[i + 1]!;
    c += values[i + 2]!;
    d += values[i + 3]!;
  }
  return a + b + (c + d);
};

/** The first kept id up to which the values add up to more than the target; the last one above 0 where rounding leaves none. */
const inverse = (values: Float32Array, kept: Last, target: number): number => {
  const { value: least, id: last } = kept;
  let sum = 0;
  let id = 0;
  if (kept === everything) {
    for (; id + blockSize <= values.length; id += blockSize) {
      const next = sum + blockSum(values, id);
      if (next > target) break;
      sum = next;
    }
  }
  for (; id < values.length; id++) {
    const value = values[id]!;
    if (value < least || (value === least && id > last)) continue;
    sum += value;
    if (sum > target) return id;
  }
  return values.findLastIndex((value, id) => value > 0 && (value > least || (value === least && id <= last)));
};

/** Of the bits of a number in 0..1: the exponent and five bits of the mantissa, so that a larger bucket holds larger numbers. */
const bucketShift = 18;
/** A sum of rounded numbers may be a little above 1. */
const buckets = (0x3f800000 >>> bucketShift) + 2;

/**
 * Finds where the order of many probabilities is to be cut without sorting them: they are counted into buckets by their
 * leading bits, and only the bucket in which the cut lies is sorted.
 */
class Ranking {
  private readonly counts = new Uint32Array(buckets);
  private readonly masses = new Float64Array(buckets);

  /**
   * @param before What is left to be cut
   * @param enough Of the number and the sum of the largest values
   * @returns The last of the fewest largest with which it is enough
   */
  last(values: Float32Array, before: Last, enough: (count: number, mass: number) => boolean): Last {
    const { counts, masses } = this;
    counts.fill(0);
    masses.fill(0);
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    const kept = (id: number): boolean =>
      values[id]! > before.value || (values[id] === before.value && id <= before.id);
    for (let id = 0; id < values.length; id++) {
      if (!kept(id)) continue;
      const bucket = bits[id]! >>> bucketShift;
      counts[bucket]!++;
      masses[bucket]! += values[id]!;
    }
    let at = buckets - 1;
    let [count, mass] = [0, 0];
    while (at > 0 && !enough(count + counts[at]!, mass + masses[at]!)) {
      count += counts[at]!;
      mass += masses[at]!;
      at--;
    }
    const edge: number[] = [];
    for (let id = 0; id < values.length; id++)
      if (bits[id]! >>> bucketShift === at && kept(id)) edge.push(id);
    edge.sort((a, b) => values[b]! - values[a]! || a - b);
    for (const id of edge) {
      count++;
      mass += values[id]!;
      if (enough(count, mass)) return { value: values[id]!, id };
    }
    // The sum by buckets was enough by its rounding alone, or nothing is.
    const lowest = edge.at(-1);
    return lowest === undefined ? before : { value: values[lowest]!, id: lowest };
  }
}
