/** @file Addresses of cryptocurrencies: Bitcoin in Base58Check and Bech32 with their checksums, Ethereum by its shape. */
import { createHash } from 'node:crypto';
import type { Recogniser } from '../recogniser.ts';

const base58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** Base58Check: 21 bytes of payload, then the first 4 of its double SHA-256. @see Bitcoin wiki, Base58Check encoding */
const isBase58Check = (value: string): boolean => {
  let number = 0n;
  for (const character of value) number = number * 58n + BigInt(base58.indexOf(character));
  if (number >> 200n !== 0n) return false;
  const bytes = Buffer.from(number.toString(16).padStart(50, '0'), 'hex');
  const digest = createHash('sha256')
    .update(createHash('sha256').update(bytes.subarray(0, 21)).digest())
    .digest();
  // Version 0 is a public key's hash, 5 a script's.
  return (bytes[0] === 0 || bytes[0] === 5) && digest.subarray(0, 4).equals(bytes.subarray(21));
};

const bech32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** Bech32 (BIP 173) or Bech32m (BIP 350). */
const isBech32 = (value: string): boolean => {
  if (value !== value.toLowerCase() && value !== value.toUpperCase()) return false;
  const text = value.toLowerCase();
  const split = text.lastIndexOf('1');
  const prefix = [...text.slice(0, split)].map((character) => character.charCodeAt(0));
  const data = [...text.slice(split + 1)].map((character) => bech32.indexOf(character));
  let checksum = 1;
  for (const digit of [...prefix.map((code) => code >> 5), 0, ...prefix.map((code) => code & 31), ...data]) {
    const top = checksum >>> 25;
    checksum = ((checksum & 0x1ffffff) << 5) ^ digit;
    for (const [i, term] of generator.entries()) if ((top >>> i) & 1) checksum ^= term;
  }
  return checksum === 1 || checksum === 0x2bc830a3;
};

export const cryptoAddressRecogniser: Recogniser = {
  name: 'crypto-address',
  version: '1',
  type: 'CRYPTO_ADDRESS',
  mayOccur: ({ digits }) => digits > 0,
  patterns: [
    { regex: /(?<!\w)[13][1-9A-HJ-NP-Za-km-z]{25,34}(?!\w)/g, score: 0.95, accepts: isBase58Check },
    {
      regex: /(?<!\w)(?:bc1|tb1|BC1|TB1)[02-9ac-hj-np-zAC-HJ-NP-Z]{11,71}(?!\w)/g,
      score: 0.95,
      accepts: isBech32,
    },
    // The mixed case of EIP-55 is a checksum, but most wallets print lower case too: the shape is enough.
    { regex: /(?<!\w)0x[0-9a-fA-F]{40}(?!\w)/g, score: 0.75, accepts: (value) => !/^0x0{20}/.test(value) },
  ],
};
