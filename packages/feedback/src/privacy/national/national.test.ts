import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createDetector } from '../detector.ts';
import { nationalRecognisers } from './national.ts';

const detector = createDetector();

/** Numbers that python-stdnum 2.2 takes, and numbers that it refuses for their check digits; see record.py beside them. */
const recorded = JSON.parse(
  readFileSync(new URL('./fixtures/python-stdnum.json', import.meta.url), 'utf8'),
) as Record<string, { published: string[]; valid: string[]; refused: string[] }>;
const typeOf = (kind: string): string => (kind === 'BTC' ? 'CRYPTO_ADDRESS' : kind);

describe.each(Object.entries(recorded))('%s', (kind, { published, valid, refused }) => {
  it('takes what python-stdnum takes', () =>
    expect(
      [...published, ...valid].filter((value) => !detector.couldBe(value).includes(typeOf(kind))),
    ).toEqual([]));
  it('refuses what python-stdnum refuses for its check digits', () =>
    expect(refused.filter((value) => detector.couldBe(value).includes(typeOf(kind)))).toEqual([]));
});

describe('published examples of what python-stdnum does not know', () => {
  it.each([
    // HMRC's manual NIM39110 has the rule; QQ is its example because it is never issued.
    ['UK_NINO', 'AB 12 34 56 C', 'QQ 12 34 56 C'],
    // Services Australia's specimen card.
    ['AU_MEDICARE', '2123 45670 1', '2123 45671 1'],
    ['SG_NRIC', 'S1234567D', 'S1234567E'],
    ['SG_NRIC', 'G1234567X', 'G1234567N'],
    ['SG_NRIC', 'M1234567K', 'M1234567L'],
    // The specimen of Taiwan's Ministry of the Interior.
    ['TW_ID', 'A123456789', 'A123456788'],
    ['IN_PAN', 'ABCPE1234F', 'ABCDE1234F'],
    ['KR_RRN', '900101-1234568', '901301-1234568'],
    ['DK_CPR', '211062-5629', '311162-5629'],
    // GB 11643-1999's own example.
    ['CN_RESIDENT_ID', '11010519491231002X', '110105194912310021'],
    ['US_SSN', '078-05-1120', '666-05-1120'],
    ['FR_NIR', '2 69 05 49 588 157 80', '2 69 05 49 588 157 81'],
  ])('%s takes %s and not %s', (type, right, wrong) => {
    expect(detector.couldBe(right)).toContain(type);
    expect(detector.couldBe(wrong)).not.toContain(type);
  });
});

describe('evidence', () => {
  const types = (text: string): string[] => detector.scan(text).map(({ type }) => type);

  it('reports nine digits with a right check digit only beside a word that says what they are', () => {
    expect(types('there are 046454286 of them')).toEqual([]);
    expect(types('my SIN is 046454286')).toEqual(['CA_SIN']);
    expect(types('046454286 is my social insurance number')).toEqual(['CA_SIN']);
    expect(types('order 046454286, SIN unknown')).toEqual([]);
  });

  it('reports a shape that chance seldom makes without a word', () =>
    expect(types('RSSMRA85T10A562S, 756.9217.0769.85 and 131052-308T')).toEqual([
      'IT_CODICE_FISCALE',
      'CH_AHV',
      'FI_HETU',
    ]));

  it('takes the type whose word is nearest', () => {
    expect(types('My TFN is 123 456 782 here')).toEqual(['AU_TFN']);
    expect(types('Our BSN clerk asked; the NIF is 123456789')).toEqual(['PT_NIF']);
  });

  it('looks for the identifiers of the countries that are asked for, and of all unless told', () => {
    const text = 'SSN 078-05-1120, PESEL 44051401359';
    expect(types(text)).toEqual(['US_SSN', 'PL_PESEL']);
    expect(
      createDetector({ regions: ['PL'], phoneRegions: [] })
        .scan(text)
        .map(({ type }) => type),
    ).toEqual(['PL_PESEL']);
    expect(() => createDetector({ regions: ['XX'] })).toThrow(RangeError);
  });

  it('knows identifiers of more than thirty countries, each under a name of its own', () => {
    expect(new Set(nationalRecognisers.map(({ region }) => region)).size).toBeGreaterThan(30);
    expect(new Set(nationalRecognisers.map(({ name }) => name)).size).toBe(nationalRecognisers.length);
  });
});
