/** @file Telephone numbers, international and in the formats of a list of countries, by libphonenumber's numbering plans. */

import { isIPv4 } from 'node:net';
import type { MetadataJson } from 'libphonenumber-js/core';
import type { CountryCode } from 'libphonenumber-js/max';
import { onFirstUse } from '../../on-first-use.ts';
import { digitsOf } from '../checksums.ts';
import { listed } from '../context.ts';
import type { Recogniser } from '../recogniser.ts';
import { identifierWords, impersonalWords } from './words.ts';

const core = onFirstUse<typeof import('libphonenumber-js/core')>('libphonenumber-js/core');
const library = onFirstUse<typeof import('libphonenumber-js/max')>('libphonenumber-js/max');
const fullMetadata = onFirstUse<MetadataJson>('libphonenumber-js/max/metadata');

/** The order matters where one number is right in two countries: the first makes its E.164 form. */
export const defaultPhoneRegions =
  'US GB DE FR ES IT NL BE CH AT PT IE PL CZ SE NO DK FI RO GR TR RU IN CN JP KR SG TH AU NZ ZA BR MX AR CL'.split(
    ' ',
  ) as readonly CountryCode[];

export interface NumberingPlan {
  readonly region: CountryCode;
  /** The digits before a number that is dialled within the country; most have `0`, North America has `1`. */
  readonly trunk: string;
  readonly national: RegExp;
}

/** Asking the library costs 50 µs a number and country; its own pattern of the country first, 0.1 µs. */
export const numberingPlan = (region: CountryCode): NumberingPlan => {
  const metadata = new (core().Metadata)(fullMetadata());
  metadata.selectNumberingPlan(region);
  // Both are part of the class but not of its declarations.
  const plan = metadata.numberingPlan as unknown as {
    nationalNumberPattern(): string;
    nationalPrefix(): string | null | undefined;
  };
  return {
    region,
    trunk: plan.nationalPrefix() ?? '',
    national: new RegExp(`^(?:${plan.nationalNumberPattern()})$`),
  };
};

/** The dates, addresses and decimals that have the digits of a telephone number. */
const looksElse = (value: string): boolean =>
  /^(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?:19|20)?\d{2})(?![-./]?\d)/.test(value) ||
  /^\d{1,3}(?:\.\d{3})+$/.test(value) ||
  /^\d+\.\d+$|^(?:19|20)\d\d\/\d/.test(value) ||
  // From month to month, as in a life's record.
  /^\d{1,2}[./](?:19|20)\d\d ?- ?\d{1,2}[./](?:19|20)\d\d/.test(value) ||
  isIPv4(value);

const valid = (number: string, region?: CountryCode): string | undefined => {
  const parsed = library().parsePhoneNumberFromString(number, {
    ...(region && { defaultCountry: region }),
    extract: false,
  });
  return parsed?.isValid() ? parsed.number : undefined;
};

const nationalForm = (
  value: string,
  plans: readonly NumberingPlan[],
  needsTrunk: boolean,
): string | undefined => {
  const digits = digitsOf(value);
  for (const { region, trunk, national } of plans) {
    const dialled = trunk !== '' && digits.startsWith(trunk);
    if (needsTrunk && !dialled) continue;
    if (!(dialled && national.test(digits.slice(trunk.length))) && !national.test(digits)) continue;
    const number = valid(value, region);
    if (number !== undefined) return number;
  }
  return undefined;
};

/** A number with its country code: from `+`, or from `00`, which most of the world dials for it. */
const internationalForm = (value: string): string | undefined => valid(value.replace(/^00/, '+'));

/** The E.164 form of a telephone number, such as +442079460958; undefined where it is none in any of the plans. */
export const e164 = (value: string, plans: readonly NumberingPlan[]): string | undefined =>
  /^\s*(?:\+|00)/.test(value) ? internationalForm(value.trim()) : nationalForm(value, plans, false);

/**
 * The length of the longest beginning that is a number: `415-555-2671 2024` is a number and a year. At most three groups
 * of digits are given up.
 */
const longestBeginning =
  (isNumber: (value: string) => boolean) =>
  (value: string): number => {
    let end = value.length;
    for (let given = 0; given < 4; given++) {
      const part = value.slice(0, end);
      const digits = digitsOf(part).length;
      if (digits < 7) return 0;
      if (digits <= 16 && !looksElse(part) && isNumber(part)) return end;
      end = part.search(/[ .\-/()]+\d+$/);
      if (end < 0) return 0;
    }
    return 0;
  };

const start = '(?<![A-Za-z0-9+_]|[0-9a-f][-./]|[$€£¥#] ?)';
/** Within a row of groups of digits no group in the middle begins a number. */
const rowStart = '(?<![A-Za-z0-9+_]|[0-9a-f][-./]|\\d[ ,]|[$€£¥#] ?)';
const end = '(?![A-Za-z0-9_]|[-./,]\\d)';

/** @param plans Of the countries in whose national formats numbers are read */
export const phoneRecogniser = (plans: readonly NumberingPlan[]): Recogniser => {
  const dialledWithZero = plans.filter(({ trunk }) => trunk === '0');
  const northAmerican = plans.filter(({ trunk }) => trunk === '1');
  return {
    name: 'phone',
    version: '1',
    type: 'PHONE',
    mayOccur: ({ digits }) => digits >= 7,
    patterns: [
      {
        regex: new RegExp(
          `(?:(?<![A-Za-z0-9+_])\\+|${rowStart}00(?=[1-9]))\\(?[1-9](?:[ .\\-/()]{0,3}\\d){6,16}${end}`,
          'g',
        ),
        score: 0.8,
        accepts: longestBeginning((value) => internationalForm(value) !== undefined),
      },
      ...(northAmerican.length === 0
        ? []
        : [
            {
              regex: new RegExp(
                `${start}(?:1[-. ])?(?:\\([2-9]\\d\\d\\)[ -]?|[2-9]\\d\\d(?<sign>[-.]))[2-9]\\d\\d(?:\\k<sign>|(?<=\\).{4,5})[-. ])\\d{4}${end}`,
                'g',
              ),
              score: 0.6,
              accepts: (value: string) =>
                !looksElse(value) && nationalForm(value, northAmerican, false) !== undefined,
            },
          ]),
      {
        // A trunk zero and groups: `020 7946 0958`, `(030) 123456`, `06-12345678`.
        regex: new RegExp(
          `${rowStart}(?:0[1-9]\\d{0,4}|\\(0[1-9]\\d{0,4}\\))(?:[ .\\-/]{1,3}\\d{2,8}){1,5}${end}`,
          'g',
        ),
        score: 0.55,
        accepts: longestBeginning(
          (value) => digitsOf(value).length >= 9 && nationalForm(value, dialledWithZero, true) !== undefined,
        ),
      },
      {
        // Any other way of writing it, of at least eight digits, beside a word.
        regex: new RegExp(
          `${rowStart}(?:\\d|\\(\\d{1,4}\\) ?\\d)(?:[ .\\-/]{0,2}\\d){5,13}${end}(?! ?\\d)`,
          'g',
        ),
        score: 0.2,
        accepts: (value) =>
          digitsOf(value).length >= 8 &&
          !looksElse(value) &&
          value.split(/\D+/).length <= 5 &&
          nationalForm(value, plans, false) !== undefined,
      },
    ],
    context: listed(`
      phone, telephone, tel, mobile, cell:, cell", my cell, cell is, cell no, cell number, cell phone,
      cellphone, call me, call us, call him, call her, call them, please call, call at, whatsapp, sms,
      text me, fax, dial, ring me, contact number, telefon, tel., handy, rufnummer, durchwahl, anrufen,
      teléfono, móvil, celular, llámame, téléphone, portable, appelez, appeler, telefono, cellulare,
      chiamami, telefone, telemóvel, telemovel, ligue, telefoon, mobiel, gsm, bel me, numer telefonu,
      komórka, zadzwoń, mobil, puhelin, тел, телефон, позвоните, τηλέφωνο, 电话, 電話, 手机, 手機, 携帯, 連絡先, 전화,
      휴대폰, 연락처, फोन, मोबाइल, โทร, هاتف, جوال
    `),
    against: [...impersonalWords, ...identifierWords],
  };
};
