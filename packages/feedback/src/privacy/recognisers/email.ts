/** @file E-mail addresses: a mailbox, a domain with a plausible last label; international ones; `alice [at] example [dot] org`. */
import { listed } from '../context.ts';
import type { Recogniser } from '../recogniser.ts';

/**
 * Last labels that are endings of files or parts of programs, and no top-level domain of the Internet: `logo@2x.png`,
 * `weights@inputs.T`. Names of private networks (`corp.local`) are left in, since a person reads that mailbox.
 */
const noDomains = new Set(
  (
    'png jpg jpeg gif webp svg ico bmp tiff css scss less js jsx tsx mjs cjs json html htm xml yaml yml toml txt csv tsv ' +
    'pdf doc docx xls xlsx ppt pptx exe dll jar war class gz tgz tar rar mp3 mp4 avi mkv ttf woff conf cfg ini log lock ' +
    'shape dtype reshape transpose length size sum mean'
  ).split(' '),
);

/** Letters of scripts with spaces between words: in the others the sentence would be read as part of the mailbox. */
const letter =
  '\\p{Script=Latin}\\p{Script=Cyrillic}\\p{Script=Greek}\\p{Script=Arabic}\\p{Script=Hebrew}\\p{Script=Devanagari}';
const mailbox = `[${letter}\\p{N}_][${letter}\\p{N}._%+'-]{0,63}`;
const label = '[\\p{L}\\p{N}][\\p{L}\\p{N}-]{0,62}';
const lastLabel = `(?:xn--[A-Za-z0-9-]{2,59}|[${letter}]{2,24}|[\\p{Script=Han}\\p{Script=Hangul}\\p{Script=Thai}]{2,10})(?![${letter}\\p{N}_(-])`;
const [at, dot] = ['[\\[(] ?(?:at|AT|@) ?[\\])]', '(?:\\.| ?[\\[(] ?(?:dot|DOT|\\.) ?[\\])] ?)'];

const plausible = (value: string): boolean => {
  const last = value.slice(value.lastIndexOf('.') + 1).toLowerCase();
  // Every SSH address of a repository has the mailbox "git": it is nobody's.
  return !noDomains.has(last) && !value.startsWith('git@') && !/\.[.@]/.test(value);
};

export const emailRecogniser: Recogniser = {
  name: 'email',
  version: '1',
  type: 'EMAIL',
  mayOccur: ({ plain, holds }) => holds('@') || /[[(] ?(?:at|AT) ?[\])]/.test(plain),
  patterns: [
    {
      // Not the user of a URL. From the sign outwards: a search from the mailbox would take quadratic time on a long word.
      regex: new RegExp(
        `@(?<=(?<!://[^\\s/]{0,64})(?<lead>${mailbox})@)(?:${label}\\.){1,8}${lastLabel}`,
        'gu',
      ),
      score: 0.9,
      accepts: plausible,
    },
    {
      regex: new RegExp(`${at}(?<=(?<lead>${mailbox} ?)${at}) ?(?:${label}${dot}){1,5}${lastLabel}`, 'gu'),
      score: 0.7,
    },
  ],
  context: listed(`
    email, e-mail, mail, correo, courriel, e-post, sähköposti, почта, 邮箱, 電子郵件, メール, 이메일
  `),
};
