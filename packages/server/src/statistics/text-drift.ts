/** @file Whether a classifier can tell the texts of now from those of a reference: drift of what people ask or models write. */
import { Random, sigmoid } from '@plaudit/contract';
import { normalCdf, rocAuc } from '@plaudit/feedback';
import { type Measured, tooFew } from './measured.ts';

export interface TextDrift {
  /** Area under the ROC curve over texts that the classifier had not seen; 0.5 where nothing tells them apart. */
  readonly auc: number;
  /** One-sided, against 0.5, by the normal approximation of the Mann-Whitney statistic. */
  readonly pValue: number;
}

export interface TextDriftOptions {
  /** Texts that each side needs. Default 100. */
  readonly least?: number;
  /** Texts of each side that are used; more are sampled from. Default 2000. */
  readonly most?: number;
  readonly seed?: number;
}

const columns = 2 ** 15;
const passes = 4;
const firstRate = 0.5;
const penalty = 1e-4;
/** Characters of a text that are read. */
const mostCharacters = 20_000;

/** Columns of the words of a text, each once (FNV-1a). */
const wordsOf = (text: string): Int32Array => {
  const found = new Set<number>();
  for (const [word] of text
    .slice(0, mostCharacters)
    .toLowerCase()
    .matchAll(/[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu)) {
    let hash = 0x811c9dc5;
    for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
    found.add((hash >>> 0) % columns);
  }
  return Int32Array.from(found);
};

interface Example {
  readonly words: Int32Array;
  readonly current: boolean;
}

/** Logistic regression on hashed words by stochastic gradient descent; every text has length 1. */
const classifier = (examples: readonly Example[], random: Random): ((words: Int32Array) => number) => {
  const weights = new Float64Array(columns);
  let bias = 0;
  const scoreOf = (words: Int32Array): number => {
    const value = words.length === 0 ? 0 : 1 / Math.sqrt(words.length);
    let score = bias;
    for (const column of words) score += value * weights[column]!;
    return score;
  };
  for (let pass = 0; pass < passes; pass++) {
    const rate = firstRate / (1 + pass);
    for (const at of random.permutation(examples.length)) {
      const { words, current } = examples[at]!;
      const value = words.length === 0 ? 0 : 1 / Math.sqrt(words.length);
      const step = rate * (Number(current) - sigmoid(scoreOf(words)));
      bias += step * 0.1;
      for (const column of words)
        weights[column] = weights[column]! * (1 - rate * penalty) + step * value * 4;
    }
  }
  return scoreOf;
};

/**
 * The classifier two-sample test: trained on one half of the texts, its area under the ROC curve is measured on the other, and
 * the other way round.
 *
 * @see Lopez-Paz and Oquab 2017 (arXiv 1610.06545)
 */
export const textDrift = (
  reference: readonly string[],
  current: readonly string[],
  { least = 100, most = 2000, seed = 0 }: TextDriftOptions = {},
): Measured<TextDrift> => {
  const fewest = Math.min(reference.length, current.length);
  if (fewest < least || fewest < 4) return tooFew(fewest, Math.max(4, least));
  const random = new Random(seed, 'text drift');
  const drawn = (texts: readonly string[]): readonly string[] =>
    Array.from(random.permutation(texts.length).subarray(0, most), (i) => texts[i]!);
  const examplesOf = (texts: readonly string[], isCurrent: boolean): Example[] =>
    drawn(texts).map((text) => ({ words: wordsOf(text), current: isCurrent }));
  const sides = [examplesOf(reference, false), examplesOf(current, true)];
  const halves = [0, 1].map((half) => sides.flatMap((side) => side.filter((_, i) => i % 2 === half)));
  let auc = 0;
  let variance = 0;
  for (const [train, test] of [halves, halves.toReversed()] as [Example[], Example[]][]) {
    const scoreOf = classifier(train, random);
    const right = test.map((example) => example.current);
    auc +=
      rocAuc(
        test.map(({ words }) => scoreOf(words)),
        right,
      )! / 2;
    const positives = right.filter(Boolean).length;
    const negatives = right.length - positives;
    variance += (positives + negatives + 1) / (12 * positives * negatives) / 4;
  }
  return {
    enough: true,
    n: current.length,
    auc,
    pValue: normalCdf(-(auc - 0.5) / Math.sqrt(variance)),
  };
};
