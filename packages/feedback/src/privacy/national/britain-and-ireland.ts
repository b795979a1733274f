/** @file National identifiers of the United Kingdom and Ireland. */
import { compact, digitAt, digitsOf, weightedSum } from '../checksums.ts';
import { nationalId } from './national-id.ts';

/** NHS number: modulo 11, weights 10 to 2; a remainder that asks for ten is never issued. @see NHS Data Dictionary */
const ukNhs = nationalId({
  type: 'UK_NHS',
  region: 'GB',
  digits: 10,
  plain: [{ source: '\\d{3}([ -]?)\\d{3}\\1\\d{4}' }],
  accepts: (value) => {
    const digits = digitsOf(value);
    return (11 - (weightedSum(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11 === digitAt(digits, 9);
  },
  context: ['nhs', 'nhs number', 'national health', 'health service number', 'patient number', 'nhs no'],
});

/** National Insurance number: letters that HMRC does not use are refused. @see HMRC, NIM39110 */
const ukNino = nationalId({
  type: 'UK_NINO',
  region: 'GB',
  digits: 2,
  distinct: [
    { source: '[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]([ -])\\d{2}\\1\\d{2}\\1\\d{2}\\1[A-D]', score: 0.8 },
    { source: '[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\\d{6}[A-D]', score: 0.5 },
  ],
  accepts: (value) => !/^(?:BG|GB|KN|NK|NT|TN|ZZ)/.test(value),
  context: ['national insurance', 'nino', 'ni number', 'ni no', 'insurance number'],
});

const ppsLetters = 'WABCDEFGHIJKLMNOPQRSTUV';

/** Personal Public Service number: seven digits, a check letter modulo 23, since 2013 a second letter. @see Department of Social Protection */
const iePps = nationalId({
  type: 'IE_PPS',
  region: 'IE',
  anyCase: true,
  digits: 7,
  plain: [{ source: '\\d{7} ?[A-W][A-IWTX]?' }],
  accepts: (value) => {
    const text = compact(value);
    const second = text[8] === undefined || text[8] === 'W' ? 0 : Math.max(0, ppsLetters.indexOf(text[8]));
    const sum = weightedSum(text, [8, 7, 6, 5, 4, 3, 2]) + 9 * (/[A-I]/.test(text[8] ?? '') ? second : 0);
    return ppsLetters[sum % 23] === text[7];
  },
  context: ['pps', 'ppsn', 'pps number', 'personal public service', 'uimhir psp'],
});

export const britainAndIreland = [ukNhs, ukNino, iePps];
