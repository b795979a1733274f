/**
 * @file Whether texts of a benchmark are in the data: overlap of 13 words, the custom since Brown et al. 2020, appendix C.
 *
 * As there, words are lower case and without punctuation, shorter texts count as a whole from 8 words on, and n-grams that
 * are everywhere do not count. There those were n-grams of more than ten documents of the training data; here they are
 * n-grams of more than ten texts of the benchmark, since a leaked question is in many rows of preference data.
 */
import { z } from 'zod';
import { mix } from '../../duplicates/text-grams.ts';
import { Evidence } from '../evidence.ts';
import { defineGate, notApplicable } from '../gate.ts';
import { finePercent, listed, plural, shortName } from '../sentences.ts';
import type { Benchmark } from '../shared.ts';
import { wordsOf } from '../text-words.ts';
import { thresholds } from '../thresholds.ts';

const longest = 13;
const shortest = 8;
const templateTexts = 10;

/** The texts of one benchmark that hold an n-gram, up to one more than make a template of it. */
interface Place {
  readonly benchmark: number;
  readonly texts: number[];
}

/** The n-grams of benchmarks by length and key. */
class NgramIndex {
  /** Texts of each benchmark that are long enough to be found, and those that are not. */
  readonly texts: number[] = [];
  readonly tooShort: number[] = [];
  private readonly places = new Map<number, Map<number, Place[]>>();

  constructor(benchmarks: readonly Benchmark[]) {
    for (const [benchmark, { texts }] of benchmarks.entries()) {
      this.texts.push(0);
      this.tooShort.push(0);
      let number = 0;
      for (const text of texts) this.add(wordsOf(text), benchmark, number++);
    }
  }

  /** Calls back for every text of a benchmark that shares an n-gram with these words. */
  overlaps(words: readonly string[], onFound: (benchmark: number, text: number) => void): void {
    for (const [length, grams] of this.places)
      for (const key of ngramKeys(words, length))
        for (const { benchmark, texts } of grams.get(key) ?? [])
          if (texts.length <= templateTexts) for (const text of texts) onFound(benchmark, text);
  }

  private add(words: readonly string[], benchmark: number, text: number): void {
    if (words.length < shortest) {
      this.tooShort[benchmark]!++;
      return;
    }
    this.texts[benchmark]!++;
    const length = Math.min(longest, words.length);
    const grams = this.places.get(length) ?? new Map<number, Place[]>();
    this.places.set(length, grams);
    for (const key of ngramKeys(words, length)) {
      const places = grams.get(key) ?? [];
      if (places.length === 0) grams.set(key, places);
      const place = places.find((one) => one.benchmark === benchmark);
      if (place === undefined) places.push({ benchmark, texts: [text] });
      else if (place.texts.at(-1) !== text && place.texts.length <= templateTexts) place.texts.push(text);
    }
  }
}

const hashOf = (word: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  return mix(hash);
};

/** Odd, so that no word of a run is lost. */
const bases = [0x9e3779b1, 0x85ebca6b] as const;

/** A key of 52 bits for every run of so many words: two polynomials of the words' hashes, rolled from run to run. */
const ngramKeys = (words: readonly string[], length: number): Float64Array => {
  const keys = new Float64Array(Math.max(0, words.length - length + 1));
  const hashes = Uint32Array.from(words, hashOf);
  const leaving = bases.map((base) => {
    let power = 1;
    for (let i = 0; i < length; i++) power = Math.imul(power, base);
    return power;
  });
  let [first, second] = [0, 0];
  for (let i = 0; i < hashes.length; i++) {
    const out = i < length ? 0 : hashes[i - length]!;
    first = (Math.imul(first, bases[0]) + hashes[i]! - Math.imul(out, leaving[0]!)) | 0;
    second = (Math.imul(second, bases[1]) + hashes[i]! - Math.imul(out, leaving[1]!)) | 0;
    if (i >= length - 1) keys[i - length + 1] = mix(first) * 2 ** 20 + (mix(second) >>> 12);
  }
  return keys;
};

export const contamination = defineGate({
  name: 'contamination',
  title: 'Contamination by benchmarks',
  family: 'duplicates and leakage',
  unit: 'share',
  required: true,
  memory: 'benchmarks',
  fix: 'Take these rows out, or do not report results on the benchmarks that they hold. Paraphrases and translations are not found this way.',
  settings: z.strictObject(thresholds({ most: 0 }, { most: 0.005 })),
  start: (_, __, { benchmarks = [] }) => {
    if (benchmarks.length === 0)
      return { finish: () => notApplicable('No benchmark was given to compare with.', 'judgements') };
    const index = new NgramIndex(benchmarks);
    const evidence = new Evidence();
    const found = benchmarks.map(() => ({ rows: 0, texts: new Set<number>() }));
    let rows = 0;
    return {
      add: (row) => {
        rows++;
        const hit = new Set<number>();
        for (const words of row.words)
          index.overlaps(words, (benchmark, text) => {
            hit.add(benchmark);
            found[benchmark]!.texts.add(text);
          });
        for (const benchmark of hit) found[benchmark]!.rows++;
        if (hit.size > 0) evidence.add(row.reference);
      },
      finish: () => {
        if (rows === 0) return notApplicable('There are no judgements.', 'judgements');
        const { total } = evidence.found;
        const value = total / rows;
        const names = benchmarks.map(({ name }) => shortName(name));
        const hits = names.flatMap((name, i) =>
          found[i]!.rows === 0
            ? []
            : [
                `${name} (${plural(found[i]!.texts.size, 'text')} of ${index.texts[i]!.toLocaleString('en')})`,
              ],
        );
        const unseen = index.tooShort.reduce((sum, texts) => sum + texts, 0);
        const short =
          unseen === 0
            ? ''
            : ` ${plural(unseen, 'text')} of fewer than ${shortest} words cannot be looked for.`;
        return {
          value,
          n: rows,
          noun: 'judgements',
          reason: `${
            total === 0
              ? `No judgement shares ${longest} words in a row with ${listed(names)}.`
              : `${plural(total, 'judgement')} (${finePercent(value)}) share ${longest} words in a row with ${listed(hits)}.`
          }${short}`,
          evidence: evidence.found,
          pictures: [
            {
              kind: 'bars',
              title: 'How much of each benchmark is in the data',
              caption: `Texts of which the data hold ${longest} words in a row, or all of a shorter text.`,
              noun: 'texts',
              mark: null,
              items: names.map((name, i) => ({
                name,
                value: index.texts[i] === 0 ? null : found[i]!.texts.size / index.texts[i]!,
                interval: null,
                n: index.texts[i]!,
              })),
              omitted: 0,
            },
          ],
        };
      },
    };
  },
});
