/** @file National identifiers of India, China, Korea, Singapore, Taiwan and Thailand. */
import { digitAt, digitsOf, isDay, isShortDay, mod11and2, verhoeff, weightedSum } from '../checksums.ts';
import { nationalId } from './national-id.ts';

/** Aadhaar: twelve digits that begin with 2 to 9, Verhoeff's check digit; palindromes are not issued. @see UIDAI */
const inAadhaar = nationalId({
  type: 'IN_AADHAAR',
  region: 'IN',
  digits: 12,
  plain: [{ source: '[2-9]\\d{3}([ -]?)\\d{4}\\1\\d{4}' }],
  accepts: (value) => {
    const digits = digitsOf(value);
    return verhoeff(digits) && digits !== [...digits].reverse().join('');
  },
  context: ['aadhaar', 'aadhar', 'adhaar', 'uidai', 'आधार', 'ஆதார்', 'uid number'],
});

/** Permanent account number: the fourth letter is the kind of holder, P a person; its check letter is not published. @see Income Tax Department */
const inPan = nationalId({
  type: 'IN_PAN',
  region: 'IN',
  digits: 4,
  distinct: [{ source: '[A-Z]{3}[ABCFGHJLPT][A-Z]\\d{4}[A-Z]', score: 0.5 }],
  accepts: (value) => !value.includes('0000'),
  context: ['pan', 'pan card', 'pan number', 'permanent account', 'income tax', 'पैन'],
});

/** Resident identity number: region, date, number, ISO/IEC 7064 MOD 11-2. @see GB 11643-1999 */
const cnResidentId = nationalId({
  type: 'CN_RESIDENT_ID',
  region: 'CN',
  anyCase: true,
  digits: 17,
  distinct: [{ source: '[1-8]\\d{5}(?:18|19|20)\\d{9}[\\dX]', score: 0.85 }],
  accepts: (value) =>
    isDay(Number(value.slice(6, 10)), Number(value.slice(10, 12)), Number(value.slice(12, 14))) &&
    mod11and2(value),
  context: ['身份证', '身分證', '居民身份证', 'resident identity', 'id card', 'citizen id'],
});

/** Resident registration number: date, sex and century; its check digit is random for numbers issued since October 2020. @see 행정안전부 */
const krRrn = nationalId({
  type: 'KR_RRN',
  region: 'KR',
  digits: 13,
  distinct: [{ source: '\\d{2}[01]\\d[0-3]\\d ?- ?[1-8]\\d{6}', score: 0.65 }],
  plain: [{ source: '\\d{2}[01]\\d[0-3]\\d[1-8]\\d{6}' }],
  accepts: (value) => isShortDay(digitsOf(value).slice(0, 6)),
  context: ['주민등록번호', '주민번호', '외국인등록번호', 'rrn', 'resident registration', 'resident number'],
});

const nricLetters: Readonly<Record<string, string>> = {
  S: 'JZIHGFEDCBA',
  T: 'GFEDCBAJZIH',
  F: 'XWUTRQPNMLK',
  G: 'RQPNMLKXWUT',
  M: 'KLJNPQRTUWX',
};

/** NRIC and FIN: seven digits, a check letter modulo 11 by the first letter. @see Immigration & Checkpoints Authority */
const sgNric = nationalId({
  type: 'SG_NRIC',
  region: 'SG',
  anyCase: true,
  digits: 7,
  distinct: [{ source: '[STFGM]\\d{7}[A-Z]', score: 0.75 }],
  accepts: (value) => {
    const sum = weightedSum(value.slice(1), [2, 7, 6, 5, 4, 3, 2]) + (value[0] === 'M' ? 3 : 0);
    const letters = nricLetters[value[0]!]!;
    // For T and G four is added to the sum, which the order of their letters already holds.
    return letters[value[0] === 'M' ? 10 - (sum % 11) : sum % 11] === value[8];
  },
  context: ['nric', 'fin number', 'identity card', 'ic number', 'fin'],
});

/** National identification card: the letter of a region counts as two digits, weights 1, 9 to 1, 1. @see 內政部戶政司 */
const twId = nationalId({
  type: 'TW_ID',
  region: 'TW',
  anyCase: true,
  digits: 9,
  plain: [{ source: '[A-Z][1289]\\d{8}' }],
  accepts: (value) => {
    const area = 'ABCDEFGHJKLMNPQRSTUVXYWZIO'.indexOf(value[0]!) + 10;
    const sum =
      Math.floor(area / 10) + 9 * (area % 10) + weightedSum(value.slice(1), [8, 7, 6, 5, 4, 3, 2, 1, 1]);
    return sum % 10 === 0;
  },
  context: [
    '身分證',
    '身分證字號',
    '統一編號',
    '居留證',
    'national id',
    'taiwan id',
    'identification card',
    '身份證',
  ],
});

/** Citizen number: thirteen digits, modulo 11. @see กรมการปกครอง */
const thCitizenId = nationalId({
  type: 'TH_CITIZEN_ID',
  region: 'TH',
  digits: 13,
  distinct: [{ source: '[1-8]-\\d{4}-\\d{5}-\\d{2}-\\d', score: 0.8 }],
  plain: [{ source: '[1-8]( ?)\\d{4}\\1\\d{5}\\1\\d{2}\\1\\d' }],
  accepts: (value) => {
    const digits = digitsOf(value);
    const sum = weightedSum(digits, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    return (11 - (sum % 11)) % 10 === digitAt(digits, 12);
  },
  context: ['บัตรประชาชน', 'เลขประจำตัวประชาชน', 'thai id', 'citizen id', 'national id', 'บัตร'],
});

export const asia = [inAadhaar, inPan, cnResidentId, krRrn, sgNric, twId, thCitizenId];
