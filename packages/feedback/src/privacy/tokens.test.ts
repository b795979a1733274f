import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isToken, projectKey, subjectId, tokenOf } from './tokens.ts';

const key = Uint8Array.from({ length: 32 }, (_, i) => i);

describe('a pseudonym', () => {
  // By Python: hmac.new(bytes(range(32)), b"EMAIL|alice@example.org", hashlib.sha256).hexdigest()[:16]
  it('is 64 bits of an HMAC as Python computes it', () => {
    expect(subjectId(key, 'EMAIL', 'alice@example.org')).toBe('EMAIL_88b1efe5cf11b961');
    expect(subjectId(key, 'PHONE', '+442079460958')).toBe('PHONE_62216db6db798d9f');
  });

  it('differs by type, by value and by project', () => {
    const other = projectKey(key, 'other');
    const ids = [
      subjectId(key, 'EMAIL', 'a@b.org'),
      subjectId(key, 'PERSON', 'a@b.org'),
      subjectId(key, 'EMAIL', 'c@b.org'),
      subjectId(other, 'EMAIL', 'a@b.org'),
    ];
    expect(new Set(ids).size).toBe(4);
  });

  it('is told from other text in brackets, for any value', () =>
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(isToken(tokenOf(subjectId(key, 'US_SSN', value)))).toBe(true);
      }),
    ));
});

it('derives a project key as RFC 5869 says', () =>
  // HKDF-SHA256 in ten lines of Python over its hmac module.
  expect(Buffer.from(projectKey(key, 'support')).toString('hex')).toBe(
    'f591fc3cb09ed34638021219776286fd1e1882c4a0dcd3930bbef08a3446d105',
  ));

it.each(['<EMAIL>', '<US_SSN>', `<EMAIL_${'0'.repeat(64)}>`, '<CARD_411111111111111a>'])(
  'takes %s for a token',
  (text) => expect(isToken(text)).toBe(true),
);
it.each([
  '<b>',
  '<Email>',
  'EMAIL',
  '<EMAIL_1>',
  '<CARD_4111111111111111>',
  '<AB123456C>',
  '< EMAIL>',
  ''.padEnd(3),
])('takes %j for other text', (text) => expect(isToken(text)).toBe(false));
