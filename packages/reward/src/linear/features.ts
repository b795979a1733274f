/** @file Turns a prompt and a response into hashed word features and dense surface features. */
import type { Prompt } from '@plaudit/contract';
import { KeySet } from './key-set.ts';
import { surfaceFeatures, surfaceNames } from './surface.ts';
import { newScan, scanText, symbolToken, wordToken } from './tokens.ts';

/** Which features there are. Saved in a model's `config.json`; the same settings give the same features for ever. */
export interface FeatureConfiguration {
  /** Number of hashed columns, a power of two. */
  readonly dimension: number;
  /** What a bigram counts beside a unigram's 1; 0 leaves bigrams out. */
  readonly bigramScale: number;
  /** Divides a response's hashed values by (their number)^lengthPower: 0.5 would give every response length 1. */
  readonly lengthPower: number;
}

/**
 * Chosen by 2 x 5-fold cross-validation on the training and validation sides of HH-harmless, Auto-J, PandaLM and
 * AlpacaEval-1. Log loss on HH: unigrams 0.628, with bigrams at 1 0.631, at 0.5 0.628, at 0.5 and lengthPower 0.25 0.627;
 * on Auto-J the bigrams gain 0.007. Opening trigrams, words echoed from the prompt and 1 + ln n counts gained nothing
 * and are left out; skip-grams gained 0.002 to 0.004 for twice the time.
 */
export const defaultFeatures: FeatureConfiguration = {
  dimension: 2 ** 18,
  bigramScale: 0.5,
  lengthPower: 0.25,
};

/** Mixed into the hashes so that a word and a bigram do not share a column by rule. */
const unigramSeed = 0x3c6ef372;
const bigramSeed = 0xa54ff53a;
/** Stand for the start and the end of the response in its first and last bigram. */
const startOfText = 1;
const endOfText = 2;

/** The 32-bit finaliser of MurmurHash3. */
export const mix = (hash: number): number => {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

const follow = (hash: number, next: number): number => (Math.imul(hash, 0x9e3779b1) + next) | 0;

/** The text that a response answers: the last user turn, or the last turn where no user speaks. */
const asked = (prompt: Prompt): string =>
  (prompt.findLast((turn) => turn.role === 'user') ?? prompt.at(-1))?.content ?? '';

/**
 * Computes features into buffers that it reuses: read them before the next call.
 *
 * A unigram has the hash mix(token ^ unigramSeed), a bigram mix(follow(first, second) ^ bigramSeed), token hashes being
 * FNV-1a of lower-case UTF-16 code units. A feature counts once however often it occurs. Its column is the hash modulo
 * the dimension; its value is 1 for a unigram and `bigramScale` for a bigram, over n^lengthPower where n is the number
 * of different features of the response, negative where bit 31 of the hash is set (Weinberger et al. 2009). Two features
 * that meet in a column are two entries.
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
  private readonly promptWords = new KeySet();
  private readonly tokens = new KeySet();
  private readonly bigrams = new KeySet();

  constructor(configuration: FeatureConfiguration) {
    this.configuration = configuration;
  }

  /** Sets the prompt that the next responses answer. */
  setPrompt(prompt: Prompt): void {
    const { hashes, kinds, tokens } = scanText(asked(prompt), this.prompt);
    this.promptWords.clear();
    for (let i = 0; i < tokens; i++) if (kinds[i] !== symbolToken) this.promptWords.add(hashes[i]!);
  }

  setResponse(text: string): void {
    const scan = scanText(text, this.response);
    const { hashes, kinds, tokens } = scan;
    const { promptWords, bigrams } = this;
    this.tokens.clear();
    bigrams.clear();
    let distinct = 0;
    let shared = 0;
    let repeatedBigrams = 0;
    let previous = startOfText;
    for (let i = 0; i < tokens; i++) {
      const hash = hashes[i]!;
      if (this.tokens.add(hash) && kinds[i] === wordToken) {
        distinct++;
        if (promptWords.has(hash)) shared++;
      }
      if (!bigrams.add(mix(follow(previous, hash) ^ bigramSeed))) repeatedBigrams++;
      previous = hash;
    }
    if (tokens > 0) bigrams.add(mix(follow(previous, endOfText) ^ bigramSeed));
    this.write();
    surfaceFeatures(
      scan,
      this.prompt,
      { distinct, shared, promptDistinct: promptWords.size, repeatedBigrams },
      this.surface,
    );
  }

  private write(): void {
    const { tokens, bigrams } = this;
    const { dimension, bigramScale, lengthPower } = this.configuration;
    const total = tokens.size + (bigramScale === 0 ? 0 : bigrams.size);
    if (this.columns.length < total) {
      this.columns = new Int32Array(total * 2);
      this.values = new Float64Array(total * 2);
    }
    const { columns, values } = this;
    const mask = dimension - 1;
    const unigram = total === 0 ? 1 : total ** -lengthPower;
    const bigram = bigramScale * unigram;
    let at = 0;
    for (let i = 0; i < tokens.size; i++) {
      const hash = mix(tokens.keys[i]! ^ unigramSeed);
      columns[at] = hash & mask;
      values[at++] = hash >>> 31 === 0 ? unigram : -unigram;
    }
    for (let i = 0; at < total; i++) {
      const hash = bigrams.keys[i]!;
      columns[at] = hash & mask;
      values[at++] = hash >>> 31 === 0 ? bigram : -bigram;
    }
    this.entries = total;
  }
}
