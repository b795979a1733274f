/** @file What is known of each entity type: whom it points to, what is done with it unless told, its normal form. */
import { isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { compact, digitsOf } from './checksums.ts';
import { comparableTerm } from './term-list.ts';

/** A person (or the person's device or account), something that opens a door, or a fact about somebody. */
type EntityNature = 'identifier' | 'secret' | 'attribute';

interface EntityType {
  readonly nature: EntityNature;
  /** One form for all ways of writing one value, so that it gets one pseudonym. */
  readonly normalise: (value: string) => string;
}

const identifier = (normalise: (value: string) => string): EntityType => ({
  nature: 'identifier',
  normalise,
});

/** The mailbox as it is, in lower case; the domain in its ASCII form. Dots and plus signs are left: only Gmail ignores them. */
const normaliseEmail = (value: string): string => {
  const plain = comparableTerm(value)
    .replace(/ ?[[(] ?at ?[\])] ?/, '@')
    .replace(/ ?[[(] ?dot ?[\])] ?/g, '.');
  const at = plain.lastIndexOf('@');
  const domain = plain.slice(at + 1);
  return `${plain.slice(0, at)}@${domainToASCII(domain) || domain}`;
};

/** The shortest form of an IPv6 address (RFC 5952), as URLs have it. */
const normaliseAddress = (value: string): string =>
  isIPv6(value) ? new URL(`http://[${value}]`).hostname.slice(1, -1) : value;

const types: Readonly<Record<string, EntityType>> = {
  EMAIL: identifier(normaliseEmail),
  // The detector gives telephone numbers their E.164 form: that takes its regions.
  PHONE: identifier(digitsOf),
  CARD: { nature: 'secret', normalise: digitsOf },
  IBAN: identifier(compact),
  IP_ADDRESS: identifier(normaliseAddress),
  MAC_ADDRESS: identifier((value) => compact(value)),
  URL_CREDENTIALS: { nature: 'secret', normalise: (value) => value },
  SECRET: { nature: 'secret', normalise: (value) => value },
  CRYPTO_ADDRESS: identifier((value) => (/^(?:0x|bc1|tb1)/i.test(value) ? value.toLowerCase() : value)),
  BIRTH_DATE: { nature: 'attribute', normalise: comparableTerm },
  PERSON: identifier(comparableTerm),
  ADDRESS: identifier(comparableTerm),
};

/** Of a national identifier: letters and digits, upper case; a Swedish one without its century. */
const nationalIdentifier = identifier(compact);
const withoutCentury = identifier((value) => digitsOf(value).slice(-10));

/** What is known of a type; one that is not in the table identifies a person, which is the careful guess. */
export const entityType = (type: string): EntityType =>
  types[type] ??
  (type === 'SE_PERSONNUMMER'
    ? withoutCentury
    : /^[A-Z]{2}_/.test(type)
      ? nationalIdentifier
      : identifier(comparableTerm));
