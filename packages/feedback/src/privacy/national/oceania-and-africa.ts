/** @file National identifiers of Australia and South Africa. */
import { digitAt, digitsOf, isShortDay, luhn, weightedSum } from '../checksums.ts';
import { nationalId } from './national-id.ts';

/** Tax file number: nine digits, weights modulo 11. @see Australian Taxation Office */
const auTfn = nationalId({
  type: 'AU_TFN',
  region: 'AU',
  digits: 9,
  plain: [{ source: '\\d{3}([ -]?)\\d{3}\\1\\d{3}' }],
  accepts: (value) => {
    const digits = digitsOf(value);
    return digits !== '000000000' && weightedSum(digits, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0;
  },
  context: ['tfn', 'tax file', 'tax file number'],
});

/** Medicare card: begins 2 to 6, the ninth digit checks the first eight, then the issue, perhaps the person. @see Services Australia */
const auMedicare = nationalId({
  type: 'AU_MEDICARE',
  region: 'AU',
  digits: 10,
  plain: [{ source: '[2-6]\\d{3}([ -]?)\\d{5}\\1\\d(?:[ /-]?[1-9])?' }],
  accepts: (value) => {
    const digits = digitsOf(value);
    return weightedSum(digits, [1, 3, 7, 9, 1, 3, 7, 9]) % 10 === digitAt(digits, 8);
  },
  context: ['medicare', 'medicare card', 'medicare number'],
});

/** Identity number: birth date, sex, citizenship 0 or 1, Luhn. @see Department of Home Affairs */
const zaId = nationalId({
  type: 'ZA_ID',
  region: 'ZA',
  digits: 13,
  distinct: [{ source: '\\d{6} ?\\d{4} ?[01][89]\\d', score: 0.6 }],
  plain: [{ source: '\\d{6} ?\\d{4} ?[01]\\d{2}' }],
  accepts: (value) => {
    const digits = digitsOf(value);
    return isShortDay(digits.slice(0, 6)) && luhn(digits);
  },
  context: [
    'id number',
    'identity number',
    'south african id',
    'sa id',
    'id no',
    'identiteitsnommer',
    'rsa id',
  ],
});

export const oceaniaAndAfrica = [auTfn, auMedicare, zaId];
