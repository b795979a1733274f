import { readFileSync } from 'node:fs';
import { Random } from '@plaudit/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixture } from '../checkpoint/testing.ts';
import { loadTokenizer } from './tokenizer.ts';
import { byteLetters, trainByteLevelBpe } from './train-bpe.ts';

const recorded = JSON.parse(readFileSync(fixture('tokenizers/expected.json'), 'utf8')) as {
  corpus: string[];
  texts: string[];
  ids: Record<string, number[][]>;
};
const theirs = JSON.parse(readFileSync(fixture('tokenizers/smollm.json'), 'utf8')) as {
  model: { vocab: Record<string, number>; merges: [string, string][] };
};
const special = ['<pad>', '<s>', '</s>', '<|im_start|>', '<|im_end|>'];
const corpus = Array.from({ length: 20 }, () => recorded.corpus).flat();
type Trained = typeof theirs;
const load = (tokenizerJson: Record<string, unknown>) =>
  loadTokenizer({ path: 'test', tokenizerJson, tokenizerConfig: {} });

describe('trainByteLevelBpe', () => {
  it('finds the merges and the vocabulary that the Python trainer finds', () => {
    const ours = trainByteLevelBpe(corpus, { vocabSize: 400, specialTokens: special, minFrequency: 1 });
    const { model } = ours as unknown as Trained;
    expect(model.merges).toEqual(theirs.model.merges);
    expect(model.vocab).toEqual(theirs.model.vocab);
    const tokenizer = load(ours);
    for (const [i, text] of recorded.texts.entries())
      expect(tokenizer.encode(text)).toEqual(recorded.ids.smollm![i]);
  });

  it('does not depend on the order of the texts', () => {
    const order = new Random(1).permutation(corpus.length);
    const shuffled = Array.from(order, (i) => corpus[i]!);
    const training = { vocabSize: 350, specialTokens: special };
    expect(JSON.stringify(trainByteLevelBpe(shuffled, training))).toBe(
      JSON.stringify(trainByteLevelBpe(corpus, training)),
    );
  });

  it('makes a tokenizer that gives every text back, also of scripts it never saw', () => {
    const tokenizer = load(trainByteLevelBpe(corpus, { vocabSize: 300, specialTokens: ['<|end|>'] }));
    for (const text of recorded.texts) expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        fc.pre(!text.includes('<|end|>') && text.isWellFormed());
        return tokenizer.decode(tokenizer.encode(text)) === text;
      }),
    );
  });

  it('stops early when there is nothing left to merge, and knows all bytes without any text', () => {
    const empty = trainByteLevelBpe([], {
      vocabSize: 4096,
      specialTokens: ['<|end|>'],
    }) as unknown as Trained;
    expect(Object.keys(empty.model.vocab).length).toBe(257);
    expect(empty.model.vocab['<|end|>']).toBe(0);
    expect(new Set(byteLetters).size).toBe(256);
    const once = trainByteLevelBpe(['abab'], { vocabSize: 4096, specialTokens: [] }) as unknown as Trained;
    expect(once.model.merges).toEqual([['a', 'b']]);
  });

  it('leaves out what no space divides for long', () => {
    const start = performance.now();
    trainByteLevelBpe(['ab'.repeat(1_000_000)], { vocabSize: 1000, specialTokens: [] });
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it('refuses a vocabulary that is too small, and special tokens that are the same', () => {
    expect(() => trainByteLevelBpe([], { vocabSize: 256, specialTokens: ['a'] })).toThrow(RangeError);
    expect(() => trainByteLevelBpe([], { vocabSize: 400, specialTokens: ['<x>', '<x>'] })).toThrow(
      RangeError,
    );
  });
});
