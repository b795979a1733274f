/** @file National identifiers of France, Belgium, the Netherlands, Germany, Austria and Switzerland. */
import { compact, digitAt, digitsOf, mod11and10, modulo, weightedSum } from '../checksums.ts';
import { nationalId } from './national-id.ts';

const nirPart = '[1-478] ?\\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\\d) ?(?:\\d{2}|2[AB]) ?\\d{3} ?\\d{3} ?\\d{2}';

/** Numéro d'inscription au répertoire: 97 minus the number modulo 97; Corsica's 2A and 2B count as 19 and 18. @see INSEE */
const frNir = nationalId({
  type: 'FR_NIR',
  region: 'FR',
  anyCase: true,
  digits: 5,
  distinct: [{ source: nirPart, score: 0.75 }],
  accepts: (value) => {
    const digits = compact(value).replace('2A', '19').replace('2B', '18');
    return 97 - modulo(digits.slice(0, 13), 97) === Number(digits.slice(13));
  },
  context: [
    'nir',
    'sécurité sociale',
    'numéro de sécu',
    'numéro de sécurité sociale',
    'insee',
    'carte vitale',
  ],
});

/** Rijksregisternummer: 97 minus the first nine digits modulo 97, with a 2 before them for births since 2000. @see IBZ */
const beNationalNumber = nationalId({
  type: 'BE_NATIONAL_NUMBER',
  region: 'BE',
  digits: 11,
  distinct: [{ source: '\\d{2}\\.[0-5]\\d\\.\\d{2}[- ]\\d{3}[. -]?\\d{2}', score: 0.8 }],
  plain: [{ source: '\\d{6}[ -]?\\d{3}[ -]?\\d{2}|\\d{2} \\d{2} \\d{2} \\d{3} \\d{2}' }],
  accepts: (value) => {
    const digits = digitsOf(value);
    const check = Number(digits.slice(9));
    const month = Number(digits.slice(2, 4)) % 20;
    const day = Number(digits.slice(4, 6));
    const isCheck = (number: string): boolean => 97 - modulo(number, 97) === check;
    return month <= 12 && day <= 31 && (isCheck(digits.slice(0, 9)) || isCheck(`2${digits.slice(0, 9)}`));
  },
  context: [
    'rijksregister',
    'rijksregisternummer',
    'registre national',
    'numéro national',
    'national number',
    'nrn',
    'niss',
    'insz',
  ],
});

/** Burgerservicenummer: the eleven test with -1 for the last digit. @see Rijksdienst voor Identiteitsgegevens */
const nlBsn = nationalId({
  type: 'NL_BSN',
  region: 'NL',
  digits: 8,
  plain: [{ source: '\\d{9}|\\d{4}[. ]\\d{2}[. ]\\d{3}|\\d{3} \\d{3} \\d{3}' }],
  accepts: (value) => {
    const digits = digitsOf(value);
    return digits !== '000000000' && weightedSum(digits, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0;
  },
  context: ['bsn', 'burgerservicenummer', 'sofinummer', 'burger service'],
});

/**
 * Steuerliche Identifikationsnummer: ISO/IEC 7064 MOD 11,10; of the first ten digits exactly one is there twice or three
 * times. @see Bundeszentralamt für Steuern
 */
const deSteuerId = nationalId({
  type: 'DE_STEUER_ID',
  region: 'DE',
  digits: 11,
  distinct: [{ source: '[1-9]\\d{10}', score: 0.5 }, { source: '[1-9]\\d \\d{3} \\d{3} \\d{3}' }],
  accepts: (value) => {
    const digits = digitsOf(value);
    const counts = Array.from({ length: 10 }, (_, d) => digits.slice(0, 10).split(String(d)).length - 1);
    const repeated = counts.filter((count) => count > 1);
    return repeated.length === 1 && repeated[0]! <= 3 && mod11and10(digits);
  },
  context: [
    'steuer-id',
    'steuer id',
    'steueridentifikationsnummer',
    'steuerliche identifikationsnummer',
    'idnr',
    'steuer-identifikationsnummer',
    'tax id',
    'tin',
  ],
});

/** Sozialversicherungsnummer: weights around the check digit at place four, modulo 11. @see Dachverband der Sozialversicherungsträger */
const atSvnr = nationalId({
  type: 'AT_SVNR',
  region: 'AT',
  digits: 10,
  plain: [{ source: '[1-9]\\d{3}[ -]?\\d{6}' }],
  accepts: (value) => {
    const digits = digitsOf(value);
    return weightedSum(digits, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 === digitAt(digits, 3);
  },
  context: ['svnr', 'sozialversicherungsnummer', 'sv-nummer', 'sv nummer', 'versicherungsnummer'],
});

/** AHV number: begins 756, EAN-13's check digit. @see Zentrale Ausgleichsstelle */
const chAhv = nationalId({
  type: 'CH_AHV',
  region: 'CH',
  digits: 13,
  distinct: [
    { source: '756\\.\\d{4}\\.\\d{4}\\.\\d{2}', score: 0.9 },
    { source: '756 ?\\d{4} ?\\d{4} ?\\d{2}' },
  ],
  accepts: (value) => weightedSum(digitsOf(value), [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 === 0,
  context: ['ahv', 'avs', 'ahv-nummer', 'numéro avs', 'numero avs', 'sozialversicherungsnummer', 'navs'],
});

export const westernEurope = [frNir, beNationalNumber, nlBsn, deSteuerId, atSvnr, chAhv];
