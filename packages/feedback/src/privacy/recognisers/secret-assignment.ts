/** @file Secrets by the name that they are given: `api_key = "…"`, `Authorization: Bearer …`, "the password is …". */
import type { Recogniser } from '../recogniser.ts';
import { isPlaceholder, looksRandom } from './secret-strength.ts';

/** What a secret key is a key to; `primary_key` and `foreign_key` are none. */
const keyNames =
  '(?:api|app|access|secret|private|auth|client|account|service|encryption|signing|master|storage|admin)';
const names =
  `(?:${keyNames}[ _-]?key|(?:access|api|auth|bearer|refresh|id|session|bot|personal|security)[ _-]?token` +
  '|(?:client|app|shared|api|consumer|webhook|oauth)[ _-]?secret|secret|token|credential)';
/**
 * The sign between the name and the value, then the value: the search goes from one `=` or `:` to the next, which are
 * rarer than letters, and looks back for the name.
 */
const assigned = (name: string, value: string): RegExp =>
  new RegExp(`[:=]>?=?(?<=(?<![A-Za-z])${name}["'\`]?[ \\t]{0,3}[:=]>?=?)[ \\t]{0,3}${value}`, 'dgiu');

const passwordName =
  'pass(?:word|wd|phrase|code)?|pwd|contraseña|passwort|kennwort|mot de passe|senha|wachtwoord|hasło|пароль|密码|密碼|パスワード|비밀번호';
/** Names of passwords that no other word of a language holds. */
const saidName =
  '(?:password|passwd|passphrase|passcode|contraseña|passwort|kennwort|mot de passe|senha|wachtwoord|hasło|lösenord|пароль|密码|密碼|パスワード|비밀번호)';
const isPassword = (value: string): boolean =>
  value.length >= 6 && /\d/.test(value) && /\p{L}|[^\p{L}\p{N}]/u.test(value) && !isPlaceholder(value);

/** Up to the next space or closing sign; a full stop after it is the sentence's. */
const bareValue = '["\'`]?(?<value>[^\\s"\'`\\u007f,;)]{6,64}[^\\s"\'`\\u007f,;).!?。])';
const isBarePassword = (value: string): boolean =>
  isPassword(value) && /\p{L}/u.test(value) && !/[()[\]{}<>]|^\w+(?:\.\w+)+$/.test(value);

export const secretAssignmentRecogniser: Recogniser = {
  name: 'secret-assignment',
  version: '1',
  type: 'SECRET',
  mayOccur: ({ digits }) => digits > 0,
  patterns: [
    {
      regex: assigned(names, '(?<quote>["\'`])(?<value>[^\\s"\'`\\u007f]{12,512})\\k<quote>'),
      score: 0.8,
      accepts: (value) => looksRandom(value, 2.8),
    },
    {
      // Bare, it has to be longer and more random, or every name in a program would do.
      regex: assigned(names, '(?<value>[A-Za-z0-9_+/=\\-]{16,256})(?![\\w(.[])'),
      score: 0.75,
      accepts: (value) => looksRandom(value, 3.3) && /\d\D+\d/.test(value),
    },
    {
      regex: /\bBearer (?<value>[A-Za-z0-9_.+/=-]{20,2048})/dg,
      score: 0.75,
      accepts: (value) => looksRandom(value, 3.3),
    },
    {
      regex: assigned(`(?:${passwordName})`, '(?<quote>["\'`])(?<value>[^"\'`\\n\\u007f]{6,128})\\k<quote>'),
      score: 0.75,
      accepts: isPassword,
    },
    {
      regex: assigned(`(?:${passwordName})`, bareValue),
      score: 0.65,
      accepts: isBarePassword,
    },
    {
      // "the password is …", "Das Passwort lautet …"
      regex: new RegExp(
        `${saidName}(?: (?:is|was|ist|lautet|es|est|é|to|är|это|является) (?:now )?|(?:是|は|은|는) ?[:：]?)["'\`]?${bareValue}`,
        'dgi',
      ),
      score: 0.65,
      accepts: isBarePassword,
    },
  ],
};
