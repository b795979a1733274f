/**
 * @file Training a byte-level BPE tokenizer: merges of the most frequent neighbours, as in Sennrich et al. 2016, with
 * the counting and the order of ties of Hugging Face's BpeTrainer, whose merges it reproduces.
 */
import { gpt2Words } from './pre-tokenizer.ts';

export interface BpeTraining {
  /** Tokens in all: special ones, 256 bytes, merges. Fewer come out where the texts have no more pairs to merge. */
  readonly vocabSize: number;
  /** Get the first ids, in this order. */
  readonly specialTokens: readonly string[];
  /** Pairs that occur less often are not merged; 2 unless said otherwise. */
  readonly minFrequency?: number;
}

/** Longer runs without a space (base64, a drawn line) teach nothing and would take quadratic time. */
const maxWordBytes = 256;

/** Ids stay below this, so that a pair of them is one exact number. */
const maxVocabulary = 2 ** 20;

/**
 * GPT-2's letters for bytes: printable ones stand for themselves, the other 68 get U+0100 and following, so that no
 * token holds a space or a control character.
 */
export const byteLetters: readonly string[] = (() => {
  const printable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
})();

// In a JavaScript pattern \s holds U+FEFF and lacks U+0085; the tokenizer's own \s is Unicode's.
const wordPattern = new RegExp(
  gpt2Words
    .replaceAll('[^\\s', '[^\\p{White_Space}')
    .replaceAll('\\s', '\\p{White_Space}')
    .replaceAll('\\S', '\\P{White_Space}'),
  'gu',
);
const digitPattern = /\p{N}|\P{N}+/gu;

const countWords = (texts: Iterable<string>): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const text of texts)
    for (const [piece] of text.matchAll(digitPattern))
      for (const [word] of piece.matchAll(wordPattern)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
};

/** A binary heap of candidate pairs: most frequent first, then the smaller ids. */
class PairQueue {
  private readonly pairs: number[] = [];
  private readonly counts: number[] = [];

  get size(): number {
    return this.pairs.length;
  }

  private before(i: number, j: number): boolean {
    const difference = this.counts[i]! - this.counts[j]!;
    return difference !== 0 ? difference > 0 : this.pairs[i]! < this.pairs[j]!;
  }

  private swap(i: number, j: number): void {
    [this.pairs[i], this.pairs[j]] = [this.pairs[j]!, this.pairs[i]!];
    [this.counts[i], this.counts[j]] = [this.counts[j]!, this.counts[i]!];
  }

  push(pair: number, count: number): void {
    let i = this.pairs.push(pair) - 1;
    this.counts.push(count);
    for (let parent = (i - 1) >> 1; i > 0 && this.before(i, parent); i = parent, parent = (i - 1) >> 1)
      this.swap(i, parent);
  }

  pop(): { pair: number; count: number } {
    const top = { pair: this.pairs[0]!, count: this.counts[0]! };
    this.swap(0, this.pairs.length - 1);
    this.pairs.pop();
    this.counts.pop();
    for (let i = 0; ; ) {
      const left = 2 * i + 1;
      const child = left + 1 < this.pairs.length && this.before(left + 1, left) ? left + 1 : left;
      if (child >= this.pairs.length || !this.before(child, i)) break;
      this.swap(i, child);
      i = child;
    }
    return top;
  }
}

interface Word {
  ids: number[];
  readonly count: number;
}

/** How often each pair of neighbours occurs, and in which words, kept up to date merge by merge. */
class PairCounts {
  readonly counts = new Map<number, number>();
  private readonly places = new Map<number, Set<number>>();
  private readonly words: readonly Word[];

  constructor(words: readonly Word[]) {
    this.words = words;
    for (const [index, { ids, count }] of words.entries())
      for (let i = 1; i < ids.length; i++) this.add(ids[i - 1]! * maxVocabulary + ids[i]!, count, index);
  }

  private add(pair: number, count: number, word: number): void {
    this.counts.set(pair, (this.counts.get(pair) ?? 0) + count);
    const places = this.places.get(pair);
    if (places) places.add(word);
    else this.places.set(pair, new Set([word]));
  }

  /** Replaces the pair by `merged` in every word. @returns the pairs that became more frequent */
  merge(pair: number, merged: number): Set<number> {
    const left = Math.floor(pair / maxVocabulary);
    const right = pair % maxVocabulary;
    const grown = new Set<number>();
    for (const index of this.places.get(pair) ?? []) {
      const word = this.words[index]!;
      const { ids, count } = word;
      const replaced: number[] = [];
      for (let i = 0; i < ids.length; i++) {
        if (ids[i] !== left || ids[i + 1] !== right) {
          replaced.push(ids[i]!);
          continue;
        }
        const before = replaced.at(-1);
        const after = ids[i + 2];
        if (before !== undefined) {
          this.add(before * maxVocabulary + left, -count, index);
          this.add(before * maxVocabulary + merged, count, index);
          grown.add(before * maxVocabulary + merged);
        }
        if (after !== undefined) {
          this.add(right * maxVocabulary + after, -count, index);
          this.add(merged * maxVocabulary + after, count, index);
          grown.add(merged * maxVocabulary + after);
        }
        replaced.push(merged);
        i++;
      }
      word.ids = replaced;
    }
    this.counts.delete(pair);
    this.places.delete(pair);
    return grown;
  }
}

/**
 * Trains a byte-level BPE tokenizer (each digit a word of its own, as in SmolLM) and describes it as tokenizer.json.
 * Deterministic: only the counts matter, not the order of the texts. Every text can be encoded and comes back the same.
 *
 * @returns tokenizer.json, parsed; `@huggingface/tokenizers` and Python's tokenizers give the same ids with it
 * @throws RangeError for a vocabulary that does not hold the bytes and special tokens, or is beyond 2^20
 * @example trainByteLevelBpe(texts, { vocabSize: 4096, specialTokens: ['<|end|>', '<|pad|>'] })
 */
export const trainByteLevelBpe = (
  texts: Iterable<string>,
  training: BpeTraining,
): Record<string, unknown> => {
  const { vocabSize, specialTokens, minFrequency = 2 } = training;
  const least = specialTokens.length + 256;
  if (!Number.isInteger(vocabSize) || vocabSize < least || vocabSize > maxVocabulary)
    throw new RangeError(
      `vocabSize must be a whole number from ${least} to ${maxVocabulary}, not ${vocabSize}`,
    );
  // Letters in the order of their code points, as Hugging Face's trainer numbers them.
  const tokens = [...specialTokens, ...[...byteLetters].sort()];
  if (new Set(tokens).size !== tokens.length)
    throw new RangeError('special tokens must differ from each other and from bytes');
  const idOf = new Map(tokens.map((token, id) => [token, id]));
  const idOfByte = byteLetters.map((letter) => idOf.get(letter)!);

  const encoder = new TextEncoder();
  const words = [...countWords(texts)]
    .map(
      ([word, count]): Word => ({ ids: Array.from(encoder.encode(word), (byte) => idOfByte[byte]!), count }),
    )
    .filter(({ ids }) => ids.length <= maxWordBytes);
  const pairs = new PairCounts(words);
  const queue = new PairQueue();
  for (const [pair, count] of pairs.counts) queue.push(pair, count);

  const merges: [string, string][] = [];
  while (tokens.length < vocabSize && queue.size > 0) {
    const { pair, count } = queue.pop();
    const current = pairs.counts.get(pair) ?? 0;
    if (current < Math.max(1, minFrequency)) continue;
    if (current !== count) {
      queue.push(pair, current);
      continue;
    }
    const left = tokens[Math.floor(pair / maxVocabulary)]!;
    const right = tokens[pair % maxVocabulary]!;
    // Two ways to the same letters share one token.
    let id = idOf.get(left + right);
    if (id === undefined) {
      id = tokens.push(left + right) - 1;
      idOf.set(left + right, id);
    }
    merges.push([left, right]);
    for (const grown of pairs.merge(pair, id)) queue.push(grown, pairs.counts.get(grown)!);
  }

  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specialTokens.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Digits', individual_digits: true },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  };
};
