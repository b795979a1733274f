/** @file National identifiers of the United States, Canada and Mexico. */
import { digitsOf, isShortDay, luhn } from '../checksums.ts';
import { nationalId } from './national-id.ts';

/** Social Security number: no check digit; areas, groups and serials that are never issued. @see SSA, RM 10201.035 */
const usSsn = nationalId({
  type: 'US_SSN',
  region: 'US',
  digits: 9,
  distinct: [{ source: '\\d{3}-\\d{2}-\\d{4}' }],
  plain: [{ source: '\\d{3}([ .]?)\\d{2}\\1\\d{4}' }],
  accepts: (value) => /^(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}$/.test(digitsOf(value)),
  context: ['ssn', 'ssns', 'social', 'social security', 'soc sec', 'social security number', 'seguro social'],
  against: [
    'social insurance',
    'social media',
    'social network',
    'social post',
    'social account',
    'social id',
  ],
});

/** Individual taxpayer identification number: area from 900, groups 50 to 65, 70 to 88, 90 to 92, 94 to 99. @see IRS, Publication 1915 */
const usItin = nationalId({
  type: 'US_ITIN',
  region: 'US',
  digits: 9,
  distinct: [{ source: '9\\d{2}-\\d{2}-\\d{4}' }],
  plain: [{ source: '9\\d{2} ?\\d{2} ?\\d{4}' }],
  accepts: (value) => /^9\d\d(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])\d{4}$/.test(digitsOf(value)),
  context: [
    'itin',
    'individual taxpayer',
    'taxpayer id',
    'taxpayer identification',
    'tax id',
    'tax identification',
  ],
});

/** Social insurance number: Luhn. @see Canada, Social Insurance Number code of practice */
const caSin = nationalId({
  type: 'CA_SIN',
  region: 'CA',
  digits: 9,
  plain: [{ source: '\\d{3}([ -]?)\\d{3}\\1\\d{3}' }],
  accepts: (value) => !/^(?:0{3}|8)/.test(value) && luhn(digitsOf(value)),
  context: [
    'sin',
    'social insurance',
    'social insurance number',
    'assurance sociale',
    'nas',
    "numéro d'assurance sociale",
  ],
});

const curpLetters = '0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ';

/** Clave Única de Registro de Población: weights 18 to 2 over a 37-letter alphabet. @see DOF, Instructivo normativo CURP */
const mxCurp = nationalId({
  type: 'MX_CURP',
  region: 'MX',
  anyCase: true,
  digits: 6,
  distinct: [
    { source: '[A-Z][AEIOUX][A-Z]{2}\\d{6}[HMX][A-Z]{2}[B-DF-HJ-NP-TV-Z]{3}[0-9A-Z]\\d', score: 0.85 },
  ],
  accepts: (value) => {
    let sum = 0;
    for (let i = 0; i < 17; i++) sum += curpLetters.indexOf(value[i]!) * (18 - i);
    return isShortDay(value.slice(4, 10)) && (10 - (sum % 10)) % 10 === Number(value[17]);
  },
  context: ['curp', 'clave única', 'registro de población'],
});

export const northAmerica = [usSsn, usItin, caSin, mxCurp];
