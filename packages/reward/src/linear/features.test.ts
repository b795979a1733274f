import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultFeatures, Featuriser, mix } from './features.ts';
import { KeySet } from './key-set.ts';
import { surfaceNames } from './surface.ts';
import { newScan, scanText } from './tokens.ts';

const ask = (content: string) => [{ role: 'user' as const, content }];

const featuresOf = (prompt: string, response: string, into = new Featuriser(defaultFeatures)) => {
  into.setPrompt(ask(prompt));
  into.setResponse(response);
  return {
    entries: [...into.columns.subarray(0, into.entries)].map(
      (column, i) => [column, into.values[i]!] as const,
    ),
    surface: Object.fromEntries(surfaceNames.map((name, i) => [name, into.surface[i]!])),
  };
};

describe('scanning', () => {
  it('hashes words as FNV-1a of their lower-case code units (numbers from a Python implementation)', () => {
    const scan = scanText("Hello DON'T don\u2019t", newScan());
    expect([...scan.hashes.subarray(0, scan.tokens)]).toEqual([1335831723, 1773164909, 1773164909]);
  });

  it('counts what it sees', () => {
    const scan = scanText('- One.\n- Two, "three"!\n3) Why (so)? `x`', newScan());
    expect(scan).toMatchObject({
      words: 6,
      digits: 1,
      sentences: 3,
      questions: 1,
      exclamations: 1,
      commas: 1,
      quotes: 2,
      parentheses: 1,
      newlines: 2,
      listItems: 3,
      backticks: 2,
      capitals: 3,
    });
  });

  it('takes composed and decomposed letters for the same word', () => {
    const composed = [...scanText('caf\u00e9', newScan()).hashes.subarray(0, 1)];
    const decomposed = [...scanText('cafe\u0301', newScan()).hashes.subarray(0, 1)];
    expect(decomposed).toEqual(composed);
  });

  it('takes each Chinese character and each emoji for a token', () => {
    expect(scanText('你好。', newScan())).toMatchObject({ tokens: 3, words: 2, sentences: 1 });
    expect(scanText('🙂🙂', newScan())).toMatchObject({ tokens: 2, words: 0 });
  });

  it('finishes on every text, half surrogates and controls included', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const scan = scanText(text, newScan());
        expect(scan.tokens).toBeLessThanOrEqual(text.normalize('NFC').length);
        expect(scan.words).toBeLessThanOrEqual(scan.tokens);
      }),
    );
  });
});

describe('hashed features', () => {
  it('stand where a reimplementation in Python puts them', () => {
    expect(mix(1)).toBe(1364076727);
    const unigram = 3743215104;
    const bigram = 2520624358;
    const { entries } = featuresOf('', 'hello world');
    // Two unigrams and three bigrams (start, middle, end): values are over 5^0.25.
    expect(entries).toHaveLength(5);
    const scale = 5 ** -0.25;
    expect(entries[0]).toEqual([unigram % 2 ** 18, unigram >= 2 ** 31 ? -scale : scale]);
    expect(entries).toContainEqual([bigram % 2 ** 18, bigram >= 2 ** 31 ? -scale / 2 : scale / 2]);
  });

  it('do not depend on what was featurised before', () => {
    const used = new Featuriser(defaultFeatures);
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), fc.string({ maxLength: 3000 }), (prompt, response) => {
        expect(featuresOf(prompt, response, used)).toEqual(featuresOf(prompt, response));
      }),
      { numRuns: 60 },
    );
  });

  it('leave bigrams out at scale 0', () => {
    expect(
      featuresOf('', 'one two three', new Featuriser({ ...defaultFeatures, bigramScale: 0 })).entries,
    ).toHaveLength(3);
  });
});

describe('surface features', () => {
  it('are finite for every text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (prompt, response) => {
        for (const value of Object.values(featuresOf(prompt, response).surface))
          expect(value).toSatisfy(Number.isFinite);
      }),
    );
  });

  it('measure length and overlap with the last user turn', () => {
    const { surface } = featuresOf('why is the sky blue', 'The sky is blue because');
    expect(surface.log_characters).toBeCloseTo(Math.log(24), 12);
    expect(surface.log_words).toBeCloseTo(Math.log(6), 12);
    expect(surface.prompt_share).toBeCloseTo(4 / 5, 12);
    expect(surface.prompt_coverage).toBeCloseTo(4 / 5, 12);
    expect(surface.ends_unfinished).toBe(1);
    expect(surface.starts_with_capital).toBe(1);
    expect(featuresOf('x', '').surface.empty).toBe(1);
  });
});

describe('the key set', () => {
  it('agrees with a Set through growth and clearing', () => {
    const set = new KeySet();
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 3000 }), { maxLength: 5000 }), (keys) => {
        set.clear();
        const expected = new Set<number>();
        for (const key of keys) {
          expect(set.add(key)).toBe(!expected.has(key));
          expected.add(key);
        }
        expect([...set.keys.subarray(0, set.size)]).toEqual([...expected]);
        expect(set.has(4000)).toBe(false);
      }),
      { numRuns: 20 },
    );
  });
});
