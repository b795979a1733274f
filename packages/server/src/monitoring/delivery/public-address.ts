/** @file Which addresses a server may call on a user's word: public ones, so that nobody looks through it into the network it is in. */
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { plauditError } from '@plaudit/contract';

/** Special-purpose blocks of RFC 6890 and its successors: this host, private networks, links, clouds' metadata, multicast. */
const blocked4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];
/** Of IPv6 only global unicast is public, and of that not what stands for something else. */
const blocked6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const listOf = (family: 'ipv4' | 'ipv6', blocks: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const block of blocks) {
    const [address, bits] = block.split('/') as [string, string];
    list.addSubnet(address, Number(bits), family);
  }
  return list;
};
const notPublic4 = listOf('ipv4', blocked4);
const notPublic6 = listOf('ipv6', blocked6);
const globalUnicast = listOf('ipv6', ['2000::/3']);

/** Whether an address belongs to the public internet. An IPv4 address in an IPv6 one is not taken apart: it is refused. */
export const isPublicAddress = (address: string): boolean => {
  switch (isIP(address)) {
    case 4:
      return !notPublic4.check(address, 'ipv4');
    case 6:
      return globalUnicast.check(address, 'ipv6') && !notPublic6.check(address, 'ipv6');
    default:
      return false;
  }
};

export interface CallRules {
  /** Hosts that may be called though they are private or without TLS, as an administrator configured them. */
  readonly allowedHosts?: readonly string[];
  /** All addresses of a host. Default the system's resolver. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

const systemResolve = async (host: string): Promise<readonly string[]> =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);

const refused = (problem: string): Error => plauditError('monitoring.webhook_refused', { problem });

/**
 * The address that may be called, and which of its host's addresses: the caller connects to that one and asks no resolver
 * again, which could say something else the second time.
 *
 * @throws PlauditError monitoring.webhook_refused
 */
export const callableAddress = async (
  text: string,
  { allowedHosts = [], resolve = systemResolve }: CallRules = {},
): Promise<{ readonly url: URL; readonly address: string }> => {
  const url = URL.parse(text);
  if (!url) throw refused('it is not an address');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const allowed = allowedHosts.includes(host);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && allowed))
    throw refused('it does not begin with https://');
  if (url.username !== '' || url.password !== '') throw refused('it holds a user or a password');
  let addresses: readonly string[];
  try {
    addresses = isIP(host) > 0 ? [host] : await resolve(host);
  } catch {
    throw refused('its host is not known');
  }
  if (addresses.length === 0) throw refused('its host has no address');
  // One private address among several is enough to be led there.
  if (!allowed && !addresses.every(isPublicAddress)) throw refused('its host is in a private network');
  return { url, address: addresses[0]! };
};
