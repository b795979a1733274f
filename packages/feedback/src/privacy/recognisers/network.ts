/** @file Addresses of machines: IPv4, IPv6 and MAC. */

import { isIPv4, isIPv6 } from 'node:net';
import { listed } from '../context.ts';
import type { Recogniser } from '../recogniser.ts';

/** Loopback, this host, multicast, reserved and masks: the same on every machine, so they point to nobody. */
const isShared = (address: string): boolean => {
  const [first] = address.split('.').map(Number) as [number];
  return first === 0 || first === 127 || first >= 224;
};

/** Private (RFC 1918), shared by carriers (RFC 6598) and link-local addresses: many have the same one. */
const isPrivate = (address: string): boolean => {
  const [first, second] = address.split('.').map(Number) as [number, number];
  return (
    first === 10 ||
    (first === 172 && second >= 16 && second < 32) ||
    (first === 192 && second === 168) ||
    (first === 169 && second === 254) ||
    (first === 100 && second >= 64 && second < 128)
  );
};

/** Private addresses, and four small numbers, which more often are a version: one in 400 addresses looks so. */
const isWeak = (address: string): boolean => {
  const octets = address.split('.').map(Number);
  const most = Math.max(...octets);
  return isPrivate(address) || most < 32 || (most < 100 && octets[0]! < 10);
};

/** Without a prefix length after it, which makes it a network. */
const fourOctets = /(?<![\w.]|\d,)(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\d|\/\d)/g;

/** Global unicast, unique local and link-local addresses, which start so; `std::vector` and `a::b` do not. */
const beginsAsAddress = /^(?:[23][0-9a-f]{3}|f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]):/i;

export const ipRecogniser: Recogniser = {
  name: 'ip-address',
  version: '1',
  type: 'IP_ADDRESS',
  mayOccur: ({ digits, holds }) => digits >= 4 || holds('::'),
  patterns: [
    {
      regex: fourOctets,
      score: 0.6,
      accepts: (value) => isIPv4(value) && !isShared(value) && !isWeak(value),
    },
    { regex: fourOctets, score: 0.3, accepts: (value) => isIPv4(value) && !isShared(value) && isWeak(value) },
    {
      regex: /(?<![\w:.])[0-9A-Fa-f]{4}:[0-9A-Fa-f:]{1,34}(?:(?<=:)(?:\d{1,3}\.){3}\d{1,3})?(?![\w:])/g,
      score: 0.75,
      accepts: (value) => beginsAsAddress.test(value) && isIPv6(value),
    },
  ],
  // These make a private address somebody's; "IP address" alone stands in every answer about routers.
  context: listed(`
    my ip, client ip, user ip, remote addr, remote_addr, x-forwarded-for, logged in from, visitor,
    login from, connection from, meine ip, mi ip, mon ip, il mio ip, moje ip, minha ip, meu ip
  `),
  against: listed(`
    version, v, ver, upgrade, update, downgrade, install, release, build, section, chapter, firmware,
    driver, abschnitt, versión, rfc
  `),
};

export const macRecogniser: Recogniser = {
  name: 'mac-address',
  version: '1',
  type: 'MAC_ADDRESS',
  mayOccur: ({ digits, holds }) => digits > 0 && (holds(':') || holds('-') || holds('.')),
  patterns: [
    {
      // From the first sign, which is rarer than letters and digits.
      regex:
        /([:-])(?<=(?<![\w:-])(?<lead>[0-9A-Fa-f]{2})\1)(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?!\w|[:-][0-9A-Fa-f])/g,
      score: 0.8,
      accepts: (value) => !/^(?:00.?){6}$|^(?:ff.?){6}$/i.test(value),
    },
    {
      regex: /\.(?<=(?<![\w.])(?<lead>[0-9A-Fa-f]{4})\.)[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}(?!\w|\.\w)/g,
      score: 0.35,
    },
  ],
  context: [
    'mac',
    'mac address',
    'hardware address',
    'ethernet',
    'wifi',
    'wi-fi',
    'bluetooth',
    'bssid',
    'mac-adresse',
    'dirección mac',
  ],
};
