/** @file National identifiers of Sweden, Finland, Norway and Denmark. */
import { digitsOf, isDay, isShortDay, luhn, modulo, weightedSum } from '../checksums.ts';
import { nationalId } from './national-id.ts';

/** Personnummer and samordningsnummer (day plus 60): Luhn over the last ten digits. @see Skatteverket, SKV 704 */
const sePersonnummer = nationalId({
  type: 'SE_PERSONNUMMER',
  region: 'SE',
  digits: 6,
  distinct: [
    { source: '(?:19|20)\\d{6}[-+]\\d{4}', score: 0.8 },
    { source: '\\d{6}[-+]\\d{4}', score: 0.6 },
  ],
  plain: [{ source: '(?:19|20)?\\d{10}' }],
  accepts: (value) => {
    const digits = digitsOf(value).slice(-10);
    const day = Number(digits.slice(4, 6));
    const plainDay = String(day > 60 ? day - 60 : day).padStart(2, '0');
    return isShortDay(digits.slice(0, 4) + plainDay) && luhn(digits);
  },
  context: ['personnummer', 'personnr', 'samordningsnummer', 'pnr', 'personal identity number'],
});

const hetuLetters = '0123456789ABCDEFHJKLMNPRSTUVWXY';

/** Henkilötunnus: date, sign of the century, number, check character modulo 31. @see Digi- ja väestötietovirasto */
const fiHetu = nationalId({
  type: 'FI_HETU',
  region: 'FI',
  anyCase: true,
  digits: 3,
  distinct: [{ source: '[0-3]\\d[01]\\d{3}[-+A-FU-Y]\\d{3}[0-9A-FHJ-NPR-Y]', score: 0.58 }],
  accepts: (value) => {
    const [day, month, year] = [0, 2, 4].map((at) => Number(value.slice(at, at + 2))) as [
      number,
      number,
      number,
    ];
    const isBirth = isDay(2000 + year, month, day) || isDay(1900 + year, month, day);
    return isBirth && hetuLetters[Number(value.slice(0, 6) + value.slice(7, 10)) % 31] === value[10];
  },
  context: ['henkilötunnus', 'hetu', 'sosiaaliturvatunnus', 'personbeteckning'],
});

/** Fødselsnummer, D number (day plus 40) and H number (month plus 40): two check digits modulo 11. @see Skatteetaten */
const noFodselsnummer = nationalId({
  type: 'NO_FODSELSNUMMER',
  region: 'NO',
  digits: 11,
  distinct: [{ source: '[0-7]\\d{5} ?\\d{5}', score: 0.6 }],
  accepts: (value) => {
    const digits = digitsOf(value);
    const [day, month] = [Number(digits.slice(0, 2)) % 40, Number(digits.slice(2, 4)) % 40];
    return (
      isDay(2000, month, day) &&
      weightedSum(digits, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11 === 0 &&
      weightedSum(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0
    );
  },
  context: ['fødselsnummer', 'personnummer', 'fnr', 'd-nummer', 'fødselsnr'],
});

/** CPR number: a date and four digits; since 2007 their check digit need not hold. @see CPR-kontoret */
const dkCpr = nationalId({
  type: 'DK_CPR',
  region: 'DK',
  digits: 10,
  plain: [{ source: '[0-3]\\d[01]\\d{3}[- ]?\\d{4}' }],
  accepts: (value) => {
    const digits = digitsOf(value);
    return (
      isShortDay(digits.slice(4, 6) + digits.slice(2, 4) + digits.slice(0, 2)) && modulo(digits, 10_000) !== 0
    );
  },
  context: ['cpr', 'cpr-nummer', 'cpr-nr', 'cpr nr', 'personnummer', 'cpr nummer'],
});

export const nordic = [sePersonnummer, fiHetu, noFodselsnummer, dkCpr];
