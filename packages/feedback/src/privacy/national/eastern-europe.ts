/** @file National identifiers of Poland, Czechia, Slovakia and Romania. */
import { digitAt, digitsOf, isDay, modulo, weightedSum } from '../checksums.ts';
import { nationalId } from './national-id.ts';

/** PESEL: the birth date with the century in the month, weights 1, 3, 7, 9. @see Ministerstwo Cyfryzacji */
const plPesel = nationalId({
  type: 'PL_PESEL',
  region: 'PL',
  digits: 11,
  plain: [{ source: '\\d{11}' }],
  accepts: (value) => {
    const coded = Number(value.slice(2, 4));
    const century = [1900, 2000, 2100, 2200, 1800][Math.floor(coded / 20)]!;
    const isBirth = isDay(century + Number(value.slice(0, 2)), coded % 20, Number(value.slice(4, 6)));
    return isBirth && weightedSum(value, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0;
  },
  context: ['pesel', 'numer ewidencyjny', 'nr pesel', 'numer pesel'],
});

/** Rodné číslo: divisible by 11 since 1954; women's months are 50 later, spare ones 20. @see Zákon 133/2000 Sb. */
const czRodneCislo = nationalId({
  type: 'CZ_RODNE_CISLO',
  region: 'CZ',
  digits: 9,
  distinct: [{ source: '\\d{6}/\\d{4}', score: 0.7 }],
  plain: [{ source: '\\d{10}' }, { source: '\\d{6}/?\\d{3}' }],
  accepts: (value) => {
    const digits = digitsOf(value);
    const [year, month, day] = [0, 2, 4].map((at) => Number(digits.slice(at, at + 2))) as [
      number,
      number,
      number,
    ];
    const full = digits.length === 9 || year > 53 ? 1900 + year : 2000 + year;
    if (!isDay(full, (month % 50) % 20, day)) return false;
    if (digits.length === 9) return year < 54;
    // A remainder of ten was written as nought until 1985.
    return modulo(digits.slice(0, 9), 11) % 10 === digitAt(digits, 9);
  },
  context: ['rodné číslo', 'r.č.', 'rc', 'rodného čísla', 'birth number'],
});

/** Cod numeric personal: sex and century, date, county, modulo 11. @see Legea 105/1996 */
const roCnp = nationalId({
  type: 'RO_CNP',
  region: 'RO',
  digits: 13,
  distinct: [{ source: '[1-8]\\d{12}' }],
  accepts: (value) => {
    const century = [0, 1900, 1900, 1800, 1800, 2000, 2000, 1900, 1900][digitAt(value, 0)]!;
    const county = Number(value.slice(7, 9));
    const isBirth = isDay(
      century + Number(value.slice(1, 3)),
      Number(value.slice(3, 5)),
      Number(value.slice(5, 7)),
    );
    if (!isBirth || county === 0 || (county > 48 && ![51, 52, 70, 80, 81, 82, 83].includes(county)))
      return false;
    const rest = weightedSum(value, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
    return (rest === 10 ? 1 : rest) === digitAt(value, 12);
  },
  context: ['cnp', 'cod numeric personal', 'c.n.p.'],
});

export const easternEurope = [plPesel, czRodneCislo, roCnp];
