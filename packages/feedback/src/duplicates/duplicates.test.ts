import { Random } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { minHash, mostPermutations } from './min-hash.ts';
import { SimilarTexts } from './similar-texts.ts';
import { GramSet, gramsOf, jaccard, normaliseText, textSimilarity } from './text-grams.ts';
import { textKey } from './text-key.ts';

const random = new Random(1, 'duplicates');
const letters = 'abcdefghijklmnopqrstuvwxyz';
const word = (): string =>
  Array.from({ length: 2 + random.integer(8) }, () => letters[random.integer(26)]).join('');
const vocabulary = Array.from({ length: 2000 }, word);
const text = (words: number): string =>
  Array.from({ length: words }, () => random.pick(vocabulary)).join(' ');
/** The text with some of its words replaced. */
const changed = (from: string, words: number): string => {
  const list = from.split(' ');
  for (let i = 0; i < words; i++) list[random.integer(list.length)] = random.pick(vocabulary);
  return list.join(' ');
};

describe('the similarity of texts', () => {
  it('is that of their sets of character 5-grams, counted by hand', () => {
    // abcde bcdef cdefg and bcdef cdefg defgh: two of four.
    expect(textSimilarity('abcdefg', 'bcdefgh')).toBe(0.5);
    expect(textSimilarity('A-b', 'a b')).toBe(1);
    expect(textSimilarity('abc', 'abcdefg')).toBe(0);
    // Repeated grams count once.
    expect(textSimilarity('aaaaaaaaaa', 'aaaaa')).toBe(1);
  });

  it('is the same by one set that is used again and again as by two that are new', () => {
    const held = new GramSet();
    for (let i = 0; i < 200; i++) {
      const [a, b] = [text(1 + random.integer(400)), text(1 + random.integer(30))];
      const mixed = normaliseText(`${a.slice(0, 200)} ${b}`);
      const sets = [a, mixed].map((one) => new Set(gramsOf(one)));
      const shared = [...sets[0]!].filter((gram) => sets[1]!.has(gram)).length;
      held.hold(gramsOf(a));
      expect(held.size).toBe(sets[0]!.size);
      expect(held.shared(gramsOf(mixed))).toBe(shared);
      expect(textSimilarity(a, mixed)).toBe(jaccard(sets[0]!.size, sets[1]!.size, shared));
    }
  });
});

describe('signatures', () => {
  it('agree in a share that is the similarity, without a bias', () => {
    const differences = Array.from({ length: 300 }, () => {
      const a = text(40);
      const b = changed(a, 5);
      const signatures = [a, b].map((one) => {
        const signature = new Int32Array(mostPermutations);
        minHash(gramsOf(one), signature);
        return signature;
      });
      const agreeing = signatures[0]!.reduce((sum, entry, p) => sum + Number(entry === signatures[1]![p]), 0);
      return agreeing / mostPermutations - textSimilarity(a, b);
    });
    const mean = differences.reduce((sum, one) => sum + one, 0) / differences.length;
    const spread = Math.sqrt(differences.reduce((sum, one) => sum + one * one, 0) / differences.length);
    // One signature of 128 has a standard deviation of at most 0.044, the mean of 300 of 0.0026.
    expect(Math.abs(mean)).toBeLessThan(0.008);
    expect(spread).toBeLessThan(0.05);
  });
});

describe('texts that are alike', () => {
  const found = (texts: readonly string[], threshold: number): Set<string> => {
    const similar = new SimilarTexts({ threshold });
    for (const one of texts) similar.add(one);
    const { clusters } = similar.join((a, b, similarity) => {
      expect(similarity).toBeGreaterThanOrEqual(threshold);
      expect(similarity).toBe(textSimilarity(texts[a]!, texts[b]!));
    });
    const pairs = new Set<string>();
    for (let a = 0; a < texts.length; a++)
      for (let b = 0; b < a; b++) if (clusters.root(a) === clusters.root(b)) pairs.add(`${b} ${a}`);
    return pairs;
  };

  it('are those that comparing all with all finds', () => {
    const written = Array.from({ length: 150 }, () => {
      const one = text(8 + random.integer(30));
      return [one, changed(one, 1), changed(one, 3), changed(one, 6)];
    }).flat();
    const texts = [...new Set(written)];
    const alike = found(texts, 0.7);
    let [missed, all] = [0, 0];
    for (let a = 0; a < texts.length; a++)
      for (let b = Math.max(0, a - 3); b < a; b++) {
        if (textSimilarity(texts[a]!, texts[b]!) < 0.7) continue;
        all++;
        if (!alike.has(`${b} ${a}`)) missed++;
      }
    expect(all).toBeGreaterThan(200);
    expect(missed).toBe(0);
  });

  it('are found among thousands that share a template and are not alike, without looking at every pair', () => {
    const template = text(24);
    const unlike = Array.from({ length: 4000 }, () => changed(template, 9));
    const twins = unlike.slice(0, 100).map((one) => changed(one, 1));
    const similar = new SimilarTexts({ threshold: 0.7 });
    const numbers = [...unlike, ...twins].map((one) => similar.add(one));
    const { clusters, lookedAt } = similar.join();
    const together = twins.filter(
      (_, i) => clusters.root(numbers[i]!) === clusters.root(numbers[4000 + i]!),
    ).length;
    expect(together).toBeGreaterThan(90);
    expect(lookedAt).toBeLessThan(0.9);
  });

  it('may be added to and joined again', () => {
    const [one, other] = [text(30), text(30)];
    const similar = new SimilarTexts({ threshold: 0.7 });
    similar.add(one);
    similar.add(changed(one, 1));
    const count = (): number => {
      const { clusters } = similar.join();
      return new Set(Array.from({ length: similar.size }, (_, i) => clusters.root(i))).size;
    };
    expect(count()).toBe(1);
    similar.add(other);
    similar.add(changed(other, 1));
    expect(count()).toBe(2);
  });

  it('are none among no texts, and a text is there once', () => {
    const similar = new SimilarTexts({ threshold: 0.7 });
    expect(similar.join().lookedAt).toBe(1);
    expect(similar.add('one')).toBe(0);
    expect(similar.add('one')).toBe(0);
    similar.join();
    expect(similar.size).toBe(1);
  });

  it('cannot be told by a number of bands that does not fit signatures', () => {
    for (const bands of [0, 3, 34])
      expect(() => new SimilarTexts({ threshold: 0.7, bands })).toThrow(RangeError);
  });
});

describe('the key of a text', () => {
  it('is the beginning of its SHA-256', () => {
    // FIPS 180-2, appendix B.1: SHA-256 of abc begins ba7816bf 8f01cfea.
    expect(textKey('abc')).toBe(0xba7816bf8f01c);
  });

  it('is that of the normalised text for texts that only look different', () => {
    expect(textKey(normaliseText('Hello,  World!'))).toBe(textKey(normaliseText('hello world')));
  });
});
