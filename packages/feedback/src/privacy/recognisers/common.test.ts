import { describe, expect, it } from 'vitest';
import { createDetector } from '../detector.ts';

const detector = createDetector();
/** What is found in a text, as `TYPE value`. */
const found = (text: string): string[] =>
  detector.scan(text).map(({ type, start, end }) => `${type} ${text.slice(start, end)}`);

describe('e-mail addresses', () => {
  it.each([
    ['write to alice@example.org.', 'alice@example.org'],
    ['Alice <Alice.O-Neil+shop@Mail.Example.CO.UK>', 'Alice.O-Neil+shop@Mail.Example.CO.UK'],
    ['mailto:max@bücher.example', 'max@bücher.example'],
    ['max@xn--bcher-kva.example', 'max@xn--bcher-kva.example'],
    ['info@例子.中国', 'info@例子.中国'],
    ['我的邮箱是wei.chen@example.com谢谢', 'wei.chen@example.com'],
    ['alice [at] example [dot] org', 'alice [at] example [dot] org'],
    ['alice(at)example.org', 'alice(at)example.org'],
    ['it is alice [at] example [dot] de. Is that right?', 'alice [at] example [dot] de'],
    ['ａlice＠example.org'.replace('ａ', 'a'), 'alice＠example.org'],
  ])('are found in %j', (text, value) => expect(found(text)).toEqual([`EMAIL ${value}`]));

  it.each([
    'logo@2x.png',
    'f = lambda x: x@w.T',
    'npm install @scope/package@1.2.3',
    'git@github.com:owner/repository.git',
    'sftp://alice@files.example.org/home',
    'follow @alice.dev',
    'a@b',
    'alice@localhost',
  ])('are not seen in %j', (text) => expect(found(text)).toEqual([]));
});

describe('telephone numbers', () => {
  it.each([
    // Numbers kept for fiction: Ofcom's, the Bundesnetzagentur's, NANPA's, ACMA's.
    ['+44 20 7946 0958', '+44 20 7946 0958'],
    ['ring 020 7946 0958 today', '020 7946 0958'],
    ['+44 (0)20 7946 0958', '+44 (0)20 7946 0958'],
    ['0044 20 7946 0958', '0044 20 7946 0958'],
    ['(212) 555-0132', '(212) 555-0132'],
    ['call 1-212-555-0132 or write', '1-212-555-0132'],
    ['212‑555‑0132 with hyphens that do not break', '212‑555‑0132'],
    ['030 23125 000', '030 23125 000'],
    ['Mobil 0491 570 006', '0491 570 006'],
    ['06.12.34.56.78', '06.12.34.56.78'],
    ['my phone is 2125550132', '2125550132'],
    ['手机：13812345678', '13812345678'],
  ])('are found in %j', (text, value) => expect(found(text)).toEqual([`PHONE ${value}`]));

  it.each([
    'phone bill: $1,234.56 of 2024-05-12',
    'phone 12.05.2024',
    'id 550e8400-e29b-41d4-a716-446655440000, telephone desk',
    'phone firmware 10.2.14.7',
    'mobile app version 4.12.0-20240512',
    'telephone order 4155552671000123',
    'order no. 212-555-0132',
    'She phoned 12 times: 1 2 3 4 5 6 7 8 9 10 11 12',
    'mobile pi 3.14159265358979',
    '555-0132',
  ])('are not seen in %j', (text) => expect(found(text)).toEqual([]));

  it('are read by the formats of the countries that are asked for', () => {
    const german = createDetector({ phoneRegions: ['DE'] });
    expect(german.scan('030 23125 000')).toHaveLength(1);
    expect(german.scan('(212) 555-0132')).toHaveLength(0);
    expect(german.normalise('PHONE', '030/23125-000')).toBe('+493023125000');
    expect(detector.normalise('PHONE', '(212) 555-0132')).toBe('+12125550132');
  });
});

describe('payment cards', () => {
  it.each([
    // The test numbers that PayPal and Stripe publish.
    '4111 1111 1111 1111',
    '5555-5555-5555-4444',
    '378282246310005',
    '3782 822463 10005',
    '6011111111111117',
    '3056 9309 0259 04',
    '3056 930902 5904',
    '3530111333300000',
    '2223003122003222',
    '4242424242424242',
  ])('are found: %s', (value) => expect(found(`paid with ${value}, thanks`)).toEqual([`CARD ${value}`]));

  it.each([
    '4111 1111 1111 1112',
    '9111 1111 1111 1111',
    '0000 0000 0000 0000',
    '41111111-1111-4111-1111-111111111111',
    'ratio 0.4111111111111111',
    'tracking 4111111111111111',
  ])('are not seen in %j', (text) => expect(found(text)).toEqual([]));
});

describe('a card of a rare length without groups', () => {
  it('takes a word', () => {
    expect(found('Diners card 30569309025904')).toEqual(['CARD 30569309025904']);
    expect(found('row 30569309025904 is gone')).toEqual([]);
  });
});

describe('IBANs', () => {
  it.each([
    // The examples of the SWIFT IBAN registry.
    'GB29 NWBK 6016 1331 9268 19',
    'DE89370400440532013000',
    'FR14 2004 1010 0505 0001 3M02 606',
    'NO93 8601 1117 947',
    'MT84 MALT 0110 0001 2345 MTLC AST0 01S',
    'CH93 0076 2011 6238 5295 7',
  ])('are found whole: %s', (value) =>
    expect(found(`IBAN ${value} and the rest`)).toEqual([`IBAN ${value}`]),
  );

  it.each(['GB29 NWBK 6016 1331 9268 18', 'DE8937040044053201300', 'XX89 3704 0044 0532 0130 00'])(
    'with a wrong check, length or country are none: %s',
    (value) => expect(found(`IBAN ${value}`)).toEqual([]),
  );
});

describe('addresses of machines', () => {
  it.each([
    // RFC 5737, RFC 3849 and RFC 7042 keep these for documentation.
    ['from 203.0.113.77:443', 'IP_ADDRESS 203.0.113.77'],
    ['2001:db8:85a3::8a2e:370:7334', 'IP_ADDRESS 2001:db8:85a3::8a2e:370:7334'],
    ['[fe80::1ff:fe23:4567:890a]', 'IP_ADDRESS fe80::1ff:fe23:4567:890a'],
    ['my ip 192.168.1.17', 'IP_ADDRESS 192.168.1.17'],
    ['00:00:5E:00:53:01', 'MAC_ADDRESS 00:00:5E:00:53:01'],
    ['00-00-5e-00-53-af', 'MAC_ADDRESS 00-00-5e-00-53-af'],
    ['mac address 0000.5e00.5301', 'MAC_ADDRESS 0000.5e00.5301'],
  ])('are found in %j', (text, value) => expect(found(text)).toEqual([value]));

  it.each([
    '127.0.0.1',
    '0.0.0.0',
    '255.255.255.0',
    '224.0.0.1',
    '192.168.0.1',
    '203.0.113.0/24',
    'version 203.0.113.7',
    '1.2.3.4',
    '203.0.113.256',
    '1.203.0.113.7',
    'std::vector<int>',
    'dead::beef',
    '12:30:45',
    '::1',
    '16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48',
    '00:00:00:00:00:00',
    '2024-05-12-10-30-45',
  ])('are not seen in %j', (text) => expect(found(text)).toEqual([]));
});

describe('addresses of cryptocurrencies', () => {
  it.each([
    // The first block's address; the examples of BIP 173, BIP 350 and EIP-55.
    '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa',
    'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4',
    'BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4',
    '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
    'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0',
  ])('are found: %s', (value) => expect(found(`send to ${value}.`)).toEqual([`CRYPTO_ADDRESS ${value}`]));

  it.each([
    // BIP 173's and BIP 350's invalid examples, one changed letter, a program's address.
    'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5',
    'tc1qw508d6qejxtdg4y5r3zarvary0c5xw7kg3g4ty',
    'bc1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4',
    '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb',
    '0x7ffee4b2c8d0',
  ])('are not seen in %s', (value) => expect(found(`send to ${value}.`)).toEqual([]));
});

describe('dates of birth', () => {
  it.each([
    ['born on March 7, 1984 in Leeds', 'March 7, 1984'],
    ['DOB: 07/03/1984', '07/03/1984'],
    ['geboren am 7. März 1984', '7. März 1984'],
    ['née le 7 mars 1984', '7 mars 1984'],
    ['nací el 7 de marzo de 1984', '7 de marzo de 1984'],
    ['生年月日は1984年3月7日です', '1984年3月7日'],
  ])('are found in %j', (text, value) => expect(found(text)).toEqual([`BIRTH_DATE ${value}`]));

  it.each([
    'The meeting is on March 7, 1984',
    'born in 1984',
    'born in Ulm on March 14, 1879',
    'date of birth on file; joined on 07/03/2014',
  ])('are not seen in %j', (text) => expect(found(text)).toEqual([]));
});
