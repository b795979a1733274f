import { describe, expect, it } from 'vitest';
import { checkOperators, defaultOperator, maskValue, saltedHash } from './operators.ts';
import { privacyPolicy } from './policy.ts';

const projectKey = new Uint8Array(32);

describe('operators', () => {
  it('are by default pseudonyms for people and nothing of secrets', () => {
    for (const type of ['EMAIL', 'PHONE', 'IBAN', 'US_SSN', 'PERSON', 'IP_ADDRESS', 'A_TYPE_OF_YOUR_OWN'])
      expect(defaultOperator(type)).toBe('pseudonym');
    for (const type of ['CARD', 'SECRET', 'URL_CREDENTIALS']) expect(defaultOperator(type)).toBe('redact');
    expect(defaultOperator('BIRTH_DATE')).toBe('replace');
  });

  it('mask all but the last letters and digits, and never leave more than half', () => {
    expect(maskValue('4111 1111 1111 1234', 4)).toBe('**** **** **** 1234');
    expect(maskValue('4111 1111 1111 1234', 99)).toBe('**** **** 1111 1234');
    expect(maskValue('ab𝒜', 0)).toBe('***');
    expect(maskValue('a', 5)).toBe('*');
  });

  it('hash the salt and the value as SHA-256 does elsewhere', () =>
    // hashlib.sha256(bytes(16) + b"alice@example.org").hexdigest()
    expect(saltedHash(new Uint8Array(16), 'alice@example.org')).toBe(
      'a677af11c61a9c84569f6250be0810251485d8d2d55545a21b29bc8499fda22f',
    ));

  it.each<[unknown]>([
    [{ EMAIL: 'shred' }],
    [{ EMAIL: { mask: -1 } }],
    [{ EMAIL: { mask: '4' } }],
    [{ email: 'redact' }],
    [[]],
    ['redact'],
    [{ EMAIL: null }],
  ])('that nobody knows are refused: %j', (operators) =>
    expect(() => checkOperators(operators)).toThrow(expect.objectContaining({ code: 'privacy.policy' })),
  );

  it('that need a salt or a vault say so', () => {
    const refusal = expect.objectContaining({ code: 'privacy.policy' });
    expect(() => privacyPolicy({ projectKey, operators: { EMAIL: 'hash' } })).toThrow(refusal);
    expect(() =>
      privacyPolicy({ projectKey, operators: { EMAIL: 'hash' }, hashSalt: new Uint8Array(15) }),
    ).toThrow(refusal);
    expect(() => privacyPolicy({ projectKey, operators: { EMAIL: 'encrypt' } })).toThrow(refusal);
    expect(() => privacyPolicy({ projectKey: new Uint8Array(16) })).toThrow(RangeError);
  });

  it('of a type named like a property of every object are the defaults', () =>
    expect(privacyPolicy({ projectKey }).operatorOf('constructor')).toBe('pseudonym'));
});
