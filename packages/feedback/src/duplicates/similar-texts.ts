/**
 * @file Texts that are alike among millions: MinHash signatures, the bands in which alike texts meet, and an exact check.
 * @see Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, 3.4 (banding)
 */
import { UnionFind } from '../union-find.ts';
import { Buckets } from './buckets.ts';
import { IntegerColumn } from './columns.ts';
import { minHash, mostPermutations } from './min-hash.ts';
import { GramSet, gramsOf, jaccard, mix } from './text-grams.ts';

/** Rows of a band: 32 bands of 4 look at a pair of similarity 0.7 with probability 1 - (1 - 0.7^4)^32 = 0.9998. */
const rowsPerBand = 4;
/** Entries of a signature in one word of a sketch, which keeps the lowest four bits of each. */
const entriesPerWord = 8;

/**
 * Standard deviations by which two sketches may agree less than those of texts at the threshold do before the exact check
 * is spared: a pair at the threshold is lost with probability 2e-4. For a text that was checked in vain `patience` times,
 * because it shares a template with many, the slack is the narrow one: a sixth of the pairs right at the threshold are
 * lost, hardly any of those well above.
 */
const slack = 3.5;
const narrowSlack = 1;
const patience = 8;

/**
 * Texts of a bucket that a text is held against. It bounds the time where thousands of texts share a template and are not
 * alike. Of 250,000 generated prompts, a quarter of them from 200 templates, all bounds together lost 180 of 54,493 joins
 * and took a third of the time.
 */
const mostVisits = 32;

export interface SimilarTextsOptions {
  /** Least similarity to be alike, 0 to 1. */
  readonly threshold: number;
  /** Bands of 4 permutations, at most 32. Default 32; 16 do for a threshold of at least 0.8. */
  readonly bands?: number;
  /** How alike two texts are, where that is more than their grams; asked for pairs whose grams may be alike. */
  readonly similarity?: (a: string, b: string) => number;
}

export interface SimilarTextsFound {
  /** Texts that are alike are in one set, directly or through others. */
  readonly clusters: UnionFind;
  /** Share of the meetings of two texts in a bucket that were looked at: below 1 where buckets hold too many texts. */
  readonly lookedAt: number;
}

/**
 * Texts that were added, and which of them are alike. Holds each distinct text and about 300 bytes beside it; time and
 * memory grow with the number of texts and their lengths, whatever the texts are.
 *
 * @example
 * const texts = new SimilarTexts({ threshold: 0.7 });
 * for (const prompt of prompts) texts.add(normaliseText(prompt));
 * const { clusters } = texts.join((a, b, similarity) => { ... });
 */
export class SimilarTexts {
  private readonly texts: string[] = [];
  private readonly numbers = new Map<string, number>();
  /** For each band the key of each text's bucket. */
  private readonly keys: readonly IntegerColumn[];
  /** [texts, sketchWords] */
  private readonly sketches = new IntegerColumn();
  private readonly sketchWords: number;
  /** Distinct grams of each text. */
  private readonly sizes = new IntegerColumn();
  private readonly grams = new GramSet();
  private readonly signature: Int32Array;
  private readonly threshold: number;
  private readonly leastAgreement: number;
  private readonly leastAgreementAfterPatience: number;
  private readonly similarity: (a: number, b: number) => number;

  constructor({ threshold, bands = 32, similarity }: SimilarTextsOptions) {
    const permutations = bands * rowsPerBand;
    if (!(Number.isInteger(bands) && bands >= 2 && bands % 2 === 0 && permutations <= mostPermutations))
      throw new RangeError(
        `${bands} bands are not an even number from 2 to ${mostPermutations / rowsPerBand}`,
      );
    this.keys = Array.from({ length: bands }, () => new IntegerColumn());
    this.signature = new Int32Array(permutations);
    this.sketchWords = permutations / entriesPerWord;
    this.threshold = threshold;
    // Entries that differ share their lowest four bits one time in sixteen.
    const agreement = threshold + (1 - threshold) / 16;
    const deviation = Math.sqrt(permutations * agreement * (1 - agreement));
    this.leastAgreement = permutations * agreement - slack * deviation;
    this.leastAgreementAfterPatience = permutations * agreement - narrowSlack * deviation;
    this.similarity = similarity
      ? (a, b) => similarity(this.texts[a]!, this.texts[b]!)
      : this.similarityOfGrams();
  }

  /** Distinct texts. */
  get size(): number {
    return this.texts.length;
  }

  /** The number of a text by first appearance. Texts are compared as they are: normalise them first. */
  add(text: string): number {
    const known = this.numbers.get(text);
    if (known !== undefined) return known;
    const number = this.texts.length;
    this.numbers.set(text, number);
    this.texts.push(text);
    const { signature, sketches, sketchWords } = this;
    const grams = gramsOf(text);
    this.grams.hold(grams);
    this.sizes.push(this.grams.size);
    minHash(grams, signature);
    for (const [band, keys] of this.keys.entries()) keys.push(bandKey(signature, band));
    for (let word = 0; word < sketchWords; word++) {
      let bits = 0;
      for (let e = 0; e < entriesPerWord; e++)
        bits |= (signature[word * entriesPerWord + e]! & 15) << (4 * e);
      sketches.push(bits);
    }
    return number;
  }

  /**
   * Finds the texts that are alike, one band after the other, so that one band's buckets are in memory at a time. A pair
   * that is in one cluster already is not looked at again. More texts may be added afterwards and all be joined anew.
   */
  join(onAlike: (a: number, b: number, similarity: number) => void = () => {}): SimilarTextsFound {
    const { size, threshold } = this;
    const clusters = new UnionFind(size);
    const failures = new Uint8Array(size);
    const refuted = new RecentPairs(size);
    const buckets = new Buckets(size);
    let meetings = 0;
    let visited = 0;
    for (const [band, { values: keys }] of this.keys.entries()) {
      buckets.clear();
      // In another order for each band, so that the bound on visits does not always hit the same pairs.
      const stride = strideOf(band, size);
      for (let i = 0, text = 0; i < size; i++, text = (text + stride) % size) {
        meetings += buckets.add(keys[text]!, text);
        let root = -1;
        let other = buckets.previous[text]!;
        for (let visits = 0; other >= 0 && visits < mostVisits; visits++, other = buckets.previous[other]!) {
          visited++;
          if (root < 0) root = clusters.root(text);
          const least = failures[text]! < patience ? this.leastAgreement : this.leastAgreementAfterPatience;
          if (clusters.root(other) === root || !this.mayBeAlike(text, other, least)) continue;
          if (refuted.has(text, other)) continue;
          const similarity = this.similarity(text, other);
          if (similarity >= threshold) {
            clusters.join(text, other);
            root = clusters.root(text);
            onAlike(text, other, similarity);
          } else {
            refuted.add(text, other);
            if (failures[text]! < patience) failures[text]!++;
          }
        }
      }
    }
    return { clusters, lookedAt: meetings === 0 ? 1 : visited / meetings };
  }

  /**
   * Whether the sketches agree often enough: one line of the cache for each text, and no branch that the processor cannot
   * foresee.
   */
  private mayBeAlike(one: number, other: number, least: number): boolean {
    const { sketchWords } = this;
    const { values } = this.sketches;
    const a = one * sketchWords;
    const b = other * sketchWords;
    let agreeing = 0;
    for (let word = 0; word < sketchWords; word++) {
      let unequal = values[a + word]! ^ values[b + word]!;
      // The lowest bit of each four: set where any of them is.
      unequal |= unequal >>> 1;
      unequal |= unequal >>> 2;
      agreeing += (~unequal & 0x01010101) + ((~unequal >>> 4) & 0x01010101);
    }
    return Math.imul(agreeing, 0x01010101) >>> 24 >= least;
  }

  /** The grams of a text that is held against several are made once. */
  private similarityOfGrams(): (a: number, b: number) => number {
    const held = new GramSet();
    let number = -1;
    return (a, b) => {
      if (a !== number) held.hold(gramsOf(this.texts[a]!));
      number = a;
      return jaccard(held.size, this.sizes.values[b]!, held.shared(gramsOf(this.texts[b]!)));
    };
  }
}

/** A step that visits all of so many items, another one for each band: the multiples of the golden ratio's fraction. */
const strideOf = (band: number, size: number): number => {
  const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b));
  let stride = Math.max(1, Math.floor(size * ((0.6180339887498949 * (band + 1)) % 1)));
  while (commonDivisor(size, stride) !== 1) stride++;
  return stride;
};

const bandKey = (signature: Int32Array, band: number): number => {
  let key = 0;
  for (let row = 0; row < rowsPerBand; row++)
    key = mix(Math.imul(key, 0x9e3779b1) ^ signature[band * rowsPerBand + row]!);
  return key | 0;
};

/** Pairs that were added lately. What it has forgotten is only checked once more. */
class RecentPairs {
  private readonly pairs: Float64Array;
  private readonly items: number;

  constructor(items: number) {
    this.items = items;
    this.pairs = new Float64Array(2 ** Math.min(20, Math.ceil(Math.log2(4 * items + 2)))).fill(-1);
  }

  has(a: number, b: number): boolean {
    return this.pairs[this.slotOf(a, b)] === this.pairOf(a, b);
  }

  add(a: number, b: number): void {
    this.pairs[this.slotOf(a, b)] = this.pairOf(a, b);
  }

  private pairOf(a: number, b: number): number {
    return Math.min(a, b) * this.items + Math.max(a, b);
  }

  private slotOf(a: number, b: number): number {
    return mix(Math.imul(Math.min(a, b), 0x9e3779b1) ^ Math.max(a, b)) & (this.pairs.length - 1);
  }
}
