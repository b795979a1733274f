/** @file Payment cards: issuers' ranges, lengths and groups, Luhn's check digit. */

import { digitsOf, luhn } from '../checksums.ts';
import { listed } from '../context.ts';
import type { Recogniser } from '../recogniser.ts';
import { impersonalWords } from './words.ts';

/** First digits and lengths by network. @see ISO/IEC 7812; the networks' published ranges */
const networks: readonly { readonly begins: RegExp; readonly lengths: readonly number[] }[] = [
  { begins: /^4/, lengths: [13, 16, 19] },
  // Mastercard: 51 to 55, 2221 to 2720.
  { begins: /^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16] },
  { begins: /^3[47]/, lengths: [15] },
  { begins: /^(?:30[0-5]|3095|36|38|39)/, lengths: [14] },
  // Discover, then JCB, UnionPay, Mir, RuPay.
  { begins: /^(?:6011|64[4-9]|65)/, lengths: [16, 19] },
  { begins: /^35(?:2[89]|[3-8])/, lengths: [16] },
  { begins: /^62/, lengths: [16, 17, 18, 19] },
  { begins: /^220[0-4]/, lengths: [16] },
  { begins: /^(?:60|81|82|508)/, lengths: [16] },
  // Maestro.
  { begins: /^(?:50|5[6-8]|63|67)/, lengths: [12, 13, 14, 15, 16, 17, 18, 19] },
];

/** Whether the digits are a number that a card may carry. */
const isCard = (value: string): boolean => {
  const digits = digitsOf(value);
  return (
    networks.some(({ begins, lengths }) => lengths.includes(digits.length) && begins.test(digits)) &&
    luhn(digits) &&
    !/^(\d)\1+$/.test(digits)
  );
};

const start = '(?<![A-Za-z0-9+]|[0-9a-f][-./]|\\d[.,])';
const end = '(?![A-Za-z0-9]|[-./]\\d)';

export const cardRecogniser: Recogniser = {
  name: 'card',
  version: '1',
  type: 'CARD',
  mayOccur: ({ digits }) => digits >= 12,
  patterns: [
    {
      regex: new RegExp(`${start}[2-68]\\d{3}([ -]?)\\d{4}\\1\\d{4}\\1\\d{4}(?:\\1\\d{1,3})?${end}`, 'g'),
      score: 0.7,
      accepts: isCard,
    },
    {
      regex: new RegExp(`${start}3[47]\\d{2}([ -]?)\\d{6}\\1\\d{5}${end}`, 'g'),
      score: 0.65,
      accepts: isCard,
    },
    {
      regex: new RegExp(`${start}3\\d{3}([ -])(?:\\d{6}\\1\\d{4}|\\d{4}\\1\\d{4}\\1\\d{2,3})${end}`, 'g'),
      score: 0.65,
      accepts: isCard,
    },
    // Without groups and of a rare length, one number in ten has the right check digit: it takes a word.
    { regex: new RegExp(`${start}[2-68]\\d{11,18}${end}`, 'g'), score: 0.3, accepts: isCard },
  ],
  context: listed(`
    card, credit card, debit, visa, mastercard, amex, american express, maestro, cvv, cvc, karte,
    kreditkarte, tarjeta, carte bancaire, carte de crédit, carte bleue, carta di credito, cartão,
    karta, karty, kaart, kort, kortti, карта, карты, 信用卡, 银行卡, カード, 카드, कार्ड, บัตร
  `),
  against: impersonalWords,
};
