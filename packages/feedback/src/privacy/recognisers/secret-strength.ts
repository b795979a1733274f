/** @file Whether a text is a secret that somebody uses, or stands for one in an example. */

/** What documentation writes in place of a secret, or code that reads one. */
const placeholder = new RegExp(
  [
    '^(?:x{3,}|\\*{3,}|\\.{3,}|\\d{1,8}|null|none|undefined|true|false|string|test|changeme|password|passwd|secret|token)$',
    '(?<![A-Za-z0-9])(?:your|my|our|the|some|insert|enter|replace|change|sample|dummy|fake|todo)(?=[ _-])',
    'example|placeholder|redacted',
    '^(?:[<{[]|\\$[{(A-Z]|%[({A-Z])|\\{\\{|\\w\\(.{0,80}\\)$|\\*{4}|x{6}|\\.\\.\\.|\\$\\{|env[.\\[]|getenv|process\\.|config\\.|settings\\.|secrets\\.|self\\.',
  ].join('|'),
  'i',
);

/** Whether the text only stands for a secret. */
export const isPlaceholder = (value: string): boolean => placeholder.test(value);

/** Shannon entropy of the text's characters, bits for each. */
export const characterEntropy = (value: string): number => {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
};

/** Whether a text looks drawn at random: letters and digits, no placeholder, at least `entropy` bits a character. */
export const looksRandom = (value: string, entropy: number): boolean =>
  /\d/.test(value) && /[A-Za-z]/.test(value) && !isPlaceholder(value) && characterEntropy(value) >= entropy;
