import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDetector } from './detector.ts';
import { withoutOverlaps } from './overlaps.ts';
import type { Finding, Recogniser } from './recogniser.ts';

const detector = createDetector();
const types = (text: string, before = ''): string[] => detector.scan(text, before).map(({ type }) => type);

describe('a finding', () => {
  it('says where, what, how sure, and who found it in which version, and not the value', () =>
    expect(detector.scan('Write to alice@example.org')).toEqual([
      { start: 9, end: 26, type: 'EMAIL', score: 0.9, recogniser: 'email', version: '1' },
    ]));

  it('has offsets in the original text where digits of other scripts and other hyphens were read', () => {
    const text = 'कार्ड ४१११‑११११‑११११‑११११ है';
    const [finding] = detector.scan(text);
    expect(text.slice(finding?.start, finding?.end)).toBe('४१११‑११११‑११११‑११११');
  });

  it('scores higher the nearer a word of the context is', () => {
    const near = detector.scan('SSN 219 09 9998')[0]!;
    const far = detector.scan('The SSN that the clerk at the front desk wrote down was 219 09 9998')[0]!;
    expect(near.score).toBeGreaterThan(far.score);
    expect(far.score).toBeGreaterThanOrEqual(0.5);
  });
});

describe('context', () => {
  it('counts in the question before an answer', () => {
    expect(types('219 09 9998')).toEqual([]);
    expect(types('219 09 9998', 'What is your social security number?')).toEqual(['US_SSN']);
  });
  it('does not count inside a token', () => expect(types(`<US_SSN> and 219 09 9998`)).toEqual([]));
  it('finds words without their accents and with endings', () => {
    expect(types('meine Telefonnummern: 30 23125000')).toEqual(['PHONE']);
    expect(types('telefono 612345678')).toEqual(['PHONE']);
  });
});

describe('tokens', () => {
  it('of ours are not read again', () => {
    expect(types('<EMAIL_7f3a9c0d12ab34cd> <EMAIL> <CARD_4111111111111a11>')).toEqual([]);
    expect(types(`<EMAIL_${'7'.repeat(64)}>`)).toEqual([]);
  });
  it('do not hide a card in their shape', () => expect(types('<CARD_4111111111111111>')).toEqual(['CARD']));
  it('part what is before from what is after', () =>
    expect(types('4111 1111 <EMAIL> 1111 1111, password = <SECRET>hunter2xx')).toEqual([]));
});

describe('options', () => {
  it('always find the terms of a deny list, whole words in any case', () => {
    const own = createDetector({ deny: { PERSON: ['Alice Liddell', 'Zoë'] } });
    const text = 'ALICE LIDDELL met zoë and Zoëlla; alice liddells';
    expect(own.scan(text).map(({ start, end }) => text.slice(start, end))).toEqual(['ALICE LIDDELL', 'zoë']);
  });
  it('never report the values of an allow list', () => {
    const own = createDetector({ allow: ['Support@Example.org'] });
    expect(own.scan('support@example.org or alice@example.org')).toHaveLength(1);
  });
  it('can ask for some types only, for recognisers of your own and for another threshold', () => {
    const badge: Recogniser = {
      name: 'badge',
      version: '3',
      type: 'BADGE',
      mayOccur: ({ holds }) => holds('B-'),
      patterns: [{ regex: /\bB-\d{4}\b/g, score: 0.4 }],
    };
    const own = createDetector({ types: ['BADGE'], recognisers: [badge], threshold: 0.4 });
    expect(own.scan('B-1234 alice@example.org').map(({ type, version }) => [type, version])).toEqual([
      ['BADGE', '3'],
    ]);
    expect(() => createDetector({ recognisers: [{ ...badge, type: 'badge' }] })).toThrow(RangeError);
    expect(() => createDetector({ threshold: 2 })).toThrow(RangeError);
  });
});

describe('overlapping findings', () => {
  const finding = (start: number, end: number, score: number, recogniser = 'r'): Finding => ({
    start,
    end,
    type: 'T',
    score,
    recogniser,
    version: '1',
  });
  it('leave the highest score, then the longest', () => {
    expect(withoutOverlaps([finding(0, 9, 0.5), finding(5, 7, 0.9)], 9)).toEqual([finding(5, 7, 0.9)]);
    expect(withoutOverlaps([finding(0, 4, 0.9), finding(2, 9, 0.9)], 9)).toEqual([finding(2, 9, 0.9)]);
    expect(withoutOverlaps([finding(0, 4, 0.9, 'b'), finding(0, 4, 0.9, 'a')], 9)).toEqual([
      finding(0, 4, 0.9, 'a'),
    ]);
  });
  it('are gone, whatever they are, and the order of the text is kept', () => {
    const span = fc.record({
      start: fc.nat(50),
      length: fc.integer({ min: 1, max: 9 }),
      score: fc.constantFrom(0.5, 0.9),
    });
    fc.assert(
      fc.property(fc.array(span, { maxLength: 12 }), (spans) => {
        const kept = withoutOverlaps(
          spans.map(({ start, length, score }) => finding(start, start + length, score)),
          60,
        );
        expect(kept.every(({ start }, i) => i === 0 || start >= kept[i - 1]!.end)).toBe(true);
        expect(kept.length > 0).toBe(spans.length > 0);
      }),
    );
  });
});

describe('hostile texts', () => {
  it('of any characters are scanned without a fault, inside their length', () => {
    const pieces = fc.constantFrom(
      '@',
      '.',
      '-',
      ' ',
      '4111',
      '+49',
      'ssn',
      '://',
      '=',
      '<',
      'eyJ',
      '"',
      '\n',
      'a1',
      '\u2011',
      'İ',
      '𝒜',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string({ unit: 'binary' })), { maxLength: 40 }), (parts) => {
        const text = parts.join('');
        for (const { start, end } of detector.scan(text)) {
          expect(start).toBeLessThan(end);
          expect(end).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 50 },
    );
  });

  // A search that took quadratic time would need minutes for a million characters; these take less than a second each of
  // an idle processor. The time of the processor counts, not the clock, which other work on the machine slows down.
  it.each([
    'a',
    '@',
    'a@a.',
    '1',
    '1-',
    '12 34 56 78 ',
    '4111111111111111 ',
    'DE8937',
    '2001:db8::',
    'eyJ-',
    'sk-a1A-',
    '://a:',
    '?token=',
    'api_key="',
    'password is a1',
    'ssn 123456789 ',
    '-----BEGIN PRIVATE KEY-----',
    '<EMAIL_',
    ' [at] ',
  ])(
    'of a million characters of %j take linear time',
    (unit) => {
      const text = unit.repeat(Math.ceil(1_000_000 / unit.length));
      const before = process.cpuUsage().user;
      detector.scan(text);
      expect((process.cpuUsage().user - before) / 1e6).toBeLessThan(10);
    },
    300_000,
  );
});
