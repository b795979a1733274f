/** @file Check digits that several kinds of numbers share. Every function takes digits only, unless it says otherwise. */

/** The digits of a number as it is written. */
export const digitsOf = (value: string): string => value.replace(/\D/g, '');

/** Letters and digits of an identifier as it is written, upper case. */
export const compact = (value: string): string => value.replace(/[^0-9A-Za-z]/g, '').toUpperCase();

/** Luhn's check digit, ISO/IEC 7812-1 annex B: cards, and identifiers of Canada, Sweden and South Africa. */
export const luhn = (digits: string): boolean => {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    sum += i % 2 === 0 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit;
  }
  return sum % 10 === 0;
};

/** The sum of the first digits, each times its weight. */
export const weightedSum = (digits: string, weights: readonly number[]): number =>
  weights.reduce((sum, weight, i) => sum + weight * (digits.charCodeAt(i) - 48), 0);

/** The digit at an index, counted from the end where negative. */
export const digitAt = (digits: string, index: number): number => Number(digits.at(index));

/** A long decimal number modulo a small one. */
export const modulo = (digits: string, divisor: number): number => {
  let rest = 0;
  for (let i = 0; i < digits.length; i++) rest = (rest * 10 + digits.charCodeAt(i) - 48) % divisor;
  return rest;
};

/** ISO/IEC 7064 MOD 97-10 over letters and digits, as an IBAN uses it: letters count from A = 10. */
export const mod97 = (value: string): number => {
  let rest = 0;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    rest = code < 58 ? (rest * 10 + code - 48) % 97 : (rest * 100 + code - 55) % 97;
  }
  return rest;
};

/** ISO/IEC 7064 MOD 11,10: the German tax identifier. */
export const mod11and10 = (digits: string): boolean => {
  let product = 10;
  for (let i = 0; i < digits.length - 1; i++) {
    const sum = (product + digitAt(digits, i)) % 10;
    product = ((sum === 0 ? 10 : sum) * 2) % 11;
  }
  return (product + digitAt(digits, -1)) % 10 === 1;
};

/** ISO/IEC 7064 MOD 11-2, the last character a digit or X: the Chinese resident number. */
export const mod11and2 = (value: string): boolean => {
  let rest = 0;
  for (const character of value.slice(0, -1)) rest = ((rest + Number(character)) * 2) % 11;
  const check = (12 - rest) % 11;
  return value.at(-1) === (check === 10 ? 'X' : String(check));
};

/** The dihedral group of order ten, and the permutation of Verhoeff 1969. */
const dihedral = [
  '0123456789',
  '1234067895',
  '2340178956',
  '3401289567',
  '4012395678',
  '5987604321',
  '6598710432',
  '7659821043',
  '8765932104',
  '9876543210',
];
const permutation = [
  '0123456789',
  '1576283094',
  '5803796142',
  '8916043527',
  '9453126870',
  '4286573901',
  '2793806415',
  '7046913258',
];

/** Verhoeff's check digit: the Indian Aadhaar number. */
export const verhoeff = (digits: string): boolean => {
  let check = 0;
  for (let i = 0; i < digits.length; i++) {
    const permuted = Number(permutation[i % 8]![digitAt(digits, digits.length - 1 - i)]);
    check = Number(dihedral[check]![permuted]);
  }
  return check === 0;
};

/** Whether the calendar has the day, of the year in full. */
export const isDay = (year: number, month: number, day: number): boolean =>
  month >= 1 &&
  month <= 12 &&
  day >= 1 &&
  day <= new Date(Date.UTC(2000, month, 0)).getUTCDate() &&
  (month !== 2 || day !== 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)));

/** Whether `yymmdd` is a day of either century that it may mean. */
export const isShortDay = (digits: string): boolean => {
  const [year, month, day] = [0, 2, 4].map((at) => Number(digits.slice(at, at + 2))) as [
    number,
    number,
    number,
  ];
  return isDay(1900 + year, month, day) || isDay(2000 + year, month, day);
};
