/** @file International bank account numbers: country, length by country, ISO/IEC 7064 MOD 97-10. */
import { compact, mod97 } from '../checksums.ts';
import type { Recogniser } from '../recogniser.ts';

/** Characters of an IBAN by country. @see SWIFT, IBAN Registry, release 99 */
const lengths: Readonly<Record<number, string>> = {
  15: 'NO',
  16: 'BE',
  18: 'DK FI FK FO GL NL SD',
  19: 'MK SI',
  20: 'AT BA EE KZ LT LU MN XK',
  21: 'CH HR LI LV',
  22: 'BG BH CR DE GB GE IE ME RS VA',
  23: 'AE GI IL IQ OM SO TL',
  24: 'AD CZ ES MD PK RO SA SE SK TN VG',
  25: 'LY PT ST',
  26: 'IS TR',
  27: 'BI DJ FR GR IT MC MR SM',
  28: 'AL AZ BY CY DO GT HU LB NI PL SV',
  29: 'BR EG PS QA UA',
  30: 'JO KW MU YE',
  31: 'MT SC',
  32: 'LC',
  33: 'RU',
};

const branches = Object.entries(lengths).map(
  ([length, countries]) =>
    `(?:${countries.replaceAll(' ', '|')})\\d\\d(?:[ -]?[A-Z0-9]){${Number(length) - 4}}`,
);

export const ibanRecogniser: Recogniser = {
  name: 'iban',
  version: '1',
  type: 'IBAN',
  mayOccur: ({ digits }) => digits >= 6,
  patterns: [
    {
      regex: new RegExp(`(?<![A-Za-z0-9])(?:${branches.join('|')})(?![A-Za-z0-9])`, 'g'),
      score: 0.95,
      accepts: (value) => {
        const plain = compact(value);
        return mod97(plain.slice(4) + plain.slice(0, 4)) === 1;
      },
    },
  ],
};
