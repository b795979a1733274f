/** @file National identifiers of Spain, Portugal, Italy and Turkey. */
import { compact, digitAt, digitsOf, isDay, weightedSum } from '../checksums.ts';
import { nationalId } from './national-id.ts';

const nifLetters = 'TRWAGMYFPDXBNJZSQVHLCKE';

/** Documento nacional de identidad: eight digits modulo 23. @see Ministerio del Interior */
const esNif = nationalId({
  type: 'ES_NIF',
  region: 'ES',
  anyCase: true,
  digits: 8,
  distinct: [
    { source: '\\d{8}[ -]?[A-HJ-NP-TV-Z]' },
    { source: '\\d{2}\\.\\d{3}\\.\\d{3}[ -]?[A-HJ-NP-TV-Z]', score: 0.75 },
  ],
  accepts: (value) => nifLetters[Number(digitsOf(value)) % 23] === value.at(-1),
  context: ['dni', 'nif', 'documento nacional', 'identificación fiscal', 'identidad'],
});

/** Número de identidad de extranjero: X, Y or Z stands for 0, 1 or 2. */
const esNie = nationalId({
  type: 'ES_NIE',
  region: 'ES',
  anyCase: true,
  digits: 7,
  distinct: [{ source: '[XYZ][ -]?\\d{7}[ -]?[A-HJ-NP-TV-Z]', score: 0.65 }],
  accepts: (value) =>
    nifLetters[Number(`${'XYZ'.indexOf(value[0]!)}${digitsOf(value)}`) % 23] === value.at(-1),
  context: ['nie', 'extranjero', 'identidad de extranjero'],
});

/** Número de identificação fiscal of a person: begins 1, 2, 3 or 45; modulo 11. @see Autoridade Tributária */
const ptNif = nationalId({
  type: 'PT_NIF',
  region: 'PT',
  digits: 9,
  plain: [{ source: '(?:[123]\\d{2}|45\\d)([ .]?)\\d{3}\\1\\d{3}' }],
  accepts: (value) => {
    const digits = digitsOf(value);
    return ((11 - (weightedSum(digits, [9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11) % 10 === digitAt(digits, 8);
  },
  context: ['nif', 'contribuinte', 'número fiscal', 'identificação fiscal'],
});

/** What a character counts on an odd place of the codice fiscale. @see Decreto ministeriale 23 dicembre 1976 */
const oddValues = [
  1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
];
/** Letters that take the place of digits where two people would have one code. */
const omocodia = 'LMNPQRSTUV';

/** Codice fiscale: 16 characters, the last a check letter modulo 26. */
const itCodiceFiscale = nationalId({
  type: 'IT_CODICE_FISCALE',
  region: 'IT',
  anyCase: true,
  digits: 2,
  distinct: [
    {
      source:
        '[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]|' +
        '[A-Z]{3} [A-Z]{3} \\d{2}[ABCDEHLMPRST]\\d{2} [A-Z]\\d{3}[A-Z]',
      score: 0.9,
    },
  ],
  accepts: (value) => {
    const code = compact(value);
    let sum = 0;
    for (let i = 0; i < 15; i++) {
      const character = code.charCodeAt(i);
      const rank = character < 58 ? character - 48 : character - 65;
      sum += i % 2 === 0 ? oddValues[rank]! : rank;
    }
    const day = Number([...code.slice(9, 11)].map((c) => (/\d/.test(c) ? c : omocodia.indexOf(c))).join(''));
    return code.charCodeAt(15) - 65 === sum % 26 && isDay(2000, 1, day > 40 ? day - 40 : day);
  },
  context: ['codice fiscale', 'c.f.'],
});

/** T.C. Kimlik numarası: two check digits. @see Nüfus ve Vatandaşlık İşleri */
const trTckn = nationalId({
  type: 'TR_TCKN',
  region: 'TR',
  digits: 11,
  plain: [{ source: '[1-9]\\d{10}' }],
  accepts: (value) => {
    const odd = weightedSum(value, [1, 0, 1, 0, 1, 0, 1, 0, 1]);
    const even = weightedSum(value, [0, 1, 0, 1, 0, 1, 0, 1]);
    const tenth = (((odd * 7 - even) % 10) + 10) % 10;
    return tenth === digitAt(value, 9) && (odd + even + tenth) % 10 === digitAt(value, 10);
  },
  context: ['tc kimlik', 't.c. kimlik', 'kimlik', 'tckn', 'tc no', 't.c. no', 'kimlik numarası'],
});

export const southernEurope = [esNif, esNie, ptNif, itCodiceFiscale, trTckn];
