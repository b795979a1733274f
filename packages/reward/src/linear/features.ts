/** @file Turns a prompt and a response into hashed word features and dense surface features. */
import type { Prompt } from '@plaudit/contract';
import { surfaceFeatures, surfaceNames } from './surface.ts';
import { newScan, type ScannedText, scanText, symbolToken, wordToken } from './tokens.ts';

/** Which features there are. Saved in a model's `config.json`; the same settings give the same features for ever. */
export interface FeatureConfiguration {
  /** Number of hashed columns, a power of two. */
  readonly dimension: number;
  readonly bigrams: boolean;
  /** The first one, two and three tokens of the response as features of their own. */
  readonly openings: boolean;
  /** Words of the response that stand in the last user turn too, as features of their own. */
  readonly echoes: boolean;
  /** What n occurrences of a hashed feature count: 1, or 1 + ln n. */
  readonly counts: 'binary' | 'log';
  /** Divides a response's hashed values by (their number)^power: 0 keeps them, 0.5 gives every response length 1. */
  readonly lengthPower: number;
  readonly skip?: number;
  readonly bigramScale?: number;
  readonly openScale?: number;
  readonly echoScale?: number;
  readonly cross?: boolean;
}

export const defaultFeatures: FeatureConfiguration = {
  dimension: 2 ** 18,
  bigrams: true,
  openings: true,
  echoes: true,
  counts: 'binary',
  lengthPower: 0,
};

/** Namespaces of the hashed features: each is mixed into the hash so that kinds do not share a column by rule. */
const unigramSeed = 0x3c6ef372;
const bigramSeed = 0xa54ff53a;
const openingSeeds = [0x510e527f, 0x9b05688c, 0x1f83d9ab] as const;
const echoSeed = 0x5be0cd19;

/** The 32-bit finaliser of MurmurHash3. */
export const mix = (hash: number): number => {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

const follow = (hash: number, next: number): number => (Math.imul(hash, 0x9e3779b1) + next) | 0;

/** A set of 32-bit keys with a count each, in order of first occurrence; open addressing, reused between texts. */
class CountedSet {
  keys = new Uint32Array(512);
  counts = new Uint16Array(512);
  size = 0;
  private table = new Int32Array(2048).fill(-1);
  private slots = new Int32Array(512);

  clear(): void {
    for (let i = 0; i < this.size; i++) this.table[this.slots[i]!] = -1;
    this.size = 0;
  }

  /** Adds a key. @returns How often it had been there before. */
  add(key: number): number {
    const mask = this.table.length - 1;
    let slot = Math.imul(key, 0x9e3779b1) >>> 8 & mask;
    for (;;) {
      const at = this.table[slot]!;
      if (at < 0) break;
      if (this.keys[at] === key) {
        const before = this.counts[at]!;
        if (before < 65535) this.counts[at] = before + 1;
        return before;
      }
      slot = (slot + 1) & mask;
    }
    if (this.size === this.keys.length) {
      this.grow();
      return this.add(key);
    }
    this.table[slot] = this.size;
    this.slots[this.size] = slot;
    this.keys[this.size] = key;
    this.counts[this.size] = 1;
    this.size++;
    return 0;
  }

  has(key: number): boolean {
    const mask = this.table.length - 1;
    let slot = Math.imul(key, 0x9e3779b1) >>> 8 & mask;
    for (;;) {
      const at = this.table[slot]!;
      if (at < 0) return false;
      if (this.keys[at] === key) return true;
      slot = (slot + 1) & mask;
    }
  }

  private grow(): void {
    const { keys, counts, size } = this;
    this.keys = new Uint32Array(size * 2);
    this.counts = new Uint16Array(size * 2);
    this.slots = new Int32Array(size * 2);
    this.table = new Int32Array(size * 8).fill(-1);
    this.size = 0;
    for (let i = 0; i < size; i++) {
      this.add(keys[i]!);
      this.counts[i] = counts[i]!;
    }
  }
}

/** The text that a response answers: the last user turn, or the last turn where no user speaks. */
const asked = (prompt: Prompt): string =>
  (prompt.findLast((turn) => turn.role === 'user') ?? prompt.at(-1))?.content ?? '';

/**
 * Computes features into buffers that it reuses: read them before the next call.
 *
 * Hashed column of a feature with 32-bit hash h: `h mod dimension`, value `+f` where bit 31 of h is 0 and `-f` where it
 * is 1 (Weinberger et al. 2009), f by `counts` and `lengthPower`. Two features that meet in a column are two entries.
 */
export class Featuriser {
  readonly configuration: FeatureConfiguration;
  /** Hashed entries of the last response. */
  columns = new Int32Array(4096);
  values = new Float64Array(4096);
  entries = 0;
  /** Raw values of `surfaceNames` of the last response. */
  readonly surface = new Float64Array(surfaceNames.length);
  private readonly prompt = newScan();
  private readonly response = newScan();
  private readonly promptWords = new CountedSet();
  private readonly unigrams = new CountedSet();
  private readonly others = new CountedSet();

  constructor(configuration: FeatureConfiguration) {
    this.configuration = configuration;
  }

  /** Sets the prompt that the next responses answer. */
  setPrompt(prompt: Prompt): void {
    scanText(asked(prompt), this.prompt);
    this.promptWords.clear();
    for (let i = 0; i < this.prompt.tokens; i++)
      if (this.prompt.kinds[i] !== symbolToken) this.promptWords.add(this.prompt.hashes[i]!);
  }

  /** UTF-16 code units of the last response. */
  get characters(): number {
    return this.response.characters;
  }

  setResponse(text: string): void {
    const { bigrams, openings, echoes } = this.configuration;
    const scan: ScannedText = scanText(text, this.response);
    const { hashes, kinds, tokens } = scan;
    const { unigrams, others, promptWords } = this;
    unigrams.clear();
    others.clear();
    let distinct = 0;
    let shared = 0;
    let repeatedBigrams = 0;
    for (let i = 0; i < tokens; i++) {
      const hash = hashes[i]!;
      if (unigrams.add(hash) === 0 && kinds[i] === wordToken) {
        distinct++;
        if (promptWords.has(hash)) {
          shared++;
          if (echoes) others.add(mix(hash ^ echoSeed));
        }
      }
      if (bigrams && i > 0 && others.add(mix(follow(hashes[i - 1]!, hash) ^ bigramSeed)) > 0) repeatedBigrams++;
    }
    if (bigrams && tokens > 0) {
      others.add(mix(follow(1, hashes[0]!) ^ bigramSeed));
      others.add(mix(follow(hashes[tokens - 1]!, 2) ^ bigramSeed));
    }
    const skip = this.configuration.skip ?? 0;
    if (skip > 0)
      for (let i = 2; i < tokens; i++)
        for (let k = 2; k <= skip && k <= i; k++) others.add(mix(follow(follow(hashes[i - k]!, hashes[i]!), 77)));
    if (this.configuration.cross)
      for (let i = 0; i < unigrams.size; i++)
        for (let k = 0; k < promptWords.size; k++) others.add(mix(follow(follow(promptWords.keys[k]!, unigrams.keys[i]!), 99)));
    if (openings) {
      let opening = 0;
      for (let i = 0; i < openingSeeds.length && i < tokens; i++) {
        opening = follow(opening, hashes[i]!);
        others.add(mix(opening ^ openingSeeds[i]!));
      }
    }
    this.write();
    surfaceFeatures(
      scan,
      this.prompt,
      { distinct, shared, promptDistinct: promptWords.size, repeatedBigrams },
      this.surface,
    );
  }

  private write(): void {
    const { unigrams, others } = this;
    const { dimension, counts, lengthPower } = this.configuration;
    const total = unigrams.size + others.size;
    if (this.columns.length < total) {
      this.columns = new Int32Array(total * 2);
      this.values = new Float64Array(total * 2);
    }
    const scale = lengthPower === 0 || total === 0 ? 1 : total ** -lengthPower;
    const mask = dimension - 1;
    const { columns, values } = this;
    let at = 0;
    for (let i = 0; i < unigrams.size; i++) {
      const hash = mix(unigrams.keys[i]! ^ unigramSeed);
      const value = counts === 'binary' ? scale : scale * (1 + Math.log(unigrams.counts[i]!));
      columns[at] = hash & mask;
      values[at++] = hash >>> 31 === 0 ? value : -value;
    }
    const bs = this.configuration.bigramScale ?? 1;
    for (let i = 0; i < others.size; i++) {
      const hash = others.keys[i]!;
      const value = bs * (counts === 'binary' ? scale : scale * (1 + Math.log(others.counts[i]!)));
      columns[at] = hash & mask;
      values[at++] = hash >>> 31 === 0 ? value : -value;
    }
    this.entries = total;
  }
}
