import { describe, expect, it } from 'vitest';
import { createDetector } from '../detector.ts';

const detector = createDetector();
const found = (text: string): string[] =>
  detector.scan(text).map(({ type, start, end }) => `${type} ${text.slice(start, end)}`);
const recognisers = (text: string): string[] => detector.scan(text).map(({ recogniser }) => recogniser);

/** Put together here, so that no scanner of repositories takes this file's examples for leaks. */
const joined = (...parts: string[]): string => parts.join('');
const random36 = 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8';

describe('secrets with a shape of their own', () => {
  it.each([
    ['aws-access-key', joined('AKIA', 'QYLPMN5HHHFPZAM2')],
    ['github-token', joined('gh', 'p_', random36)],
    ['slack-token', joined('xo', 'xb-', '123456789012-123456789012-AbCdEfGhIjKlMnOpQrStUvWx')],
    ['stripe-key', joined('sk', '_live_', 'a1B2c3D4e5F6g7H8i9J0k1L2')],
    ['google-key', joined('AI', 'za', random36.slice(0, 35))],
    ['model-provider-key', joined('s', 'k-proj-', random36, random36)],
    ['model-provider-key', joined('s', 'k-ant-api03-', random36, random36)],
    ['hugging-face-token', joined('h', 'f_', random36.slice(0, 34))],
    // The example of jwt.io.
    [
      'json-web-token',
      joined(
        'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.',
        'eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.',
        'SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c',
      ),
    ],
  ])('%s is found whole in a sentence', (name, value) => {
    expect(found(`use ${value}, please`)).toEqual([`SECRET ${value}`]);
    expect(recognisers(value)).toEqual([name]);
  });

  it('finds a private key with its end, and one that is cut off', () => {
    const lines = Array.from({ length: 5 }, () => `${random36}${random36.slice(0, 28)}`).join('\n');
    const whole = joined('-----BEGIN RSA ', `PRIVATE KEY-----\n${lines}\n-----END RSA `, 'PRIVATE KEY-----');
    expect(found(`key:\n${whole}\nbye`)).toEqual([`SECRET ${whole}`]);
    const cut = joined('-----BEGIN ', `PRIVATE KEY-----\n${lines}`);
    expect(found(`${cut}\n`)).toEqual([`SECRET ${cut}`]);
    expect(found(joined('A file that begins with -----BEGIN ', 'PRIVATE KEY----- is one.'))).toEqual([]);
  });

  it.each([
    'AKIAIOSFODNN7EXAMPLE is the key in the documentation',
    'class="sk-circle-fade-dot sk-cube-grid-animation-long"',
    'OPENAI_API_KEY=sk-your-key-goes-here-0000',
    'task-force-of-twenty-four-people-in-2024',
  ])('sees none in %j', (text) => expect(found(text)).toEqual([]));
});

describe('secrets by their name', () => {
  it.each([
    [`api_key = "${random36}"`, random36],
    [`"clientSecret": "${random36}"`, random36],
    [`AWS_SECRET_ACCESS_KEY=${random36}wxyz`, `${random36}wxyz`],
    [`Authorization: Bearer ${random36}`, random36],
    ['password: "correct h0rse"', 'correct h0rse'],
    ["EMAIL_PASSWORD = 'Hy^e(03)Sc#cs)dd1w'", 'Hy^e(03)Sc#cs)dd1w'],
    ['my password is Sommer#2024.', 'Sommer#2024'],
    ['Das Passwort lautet Sommer#2024, bitte ändern', 'Sommer#2024'],
    ['mi contraseña es Verano2024!x', 'Verano2024!x'],
  ])('are found in %j', (text, value) => expect(found(text)).toEqual([`SECRET ${value}`]));

  it.each([
    'api_key = "YOUR_API_KEY_12345"',
    'api_key = os.environ["API_KEY_2"]',
    'token = tokenizer.encode_plus_2(text)',
    'password = getpass.getpass()',
    'password: must contain at least 8 characters',
    'the primary_key: 12345678901234567890abcd',
    'the secret of 2024 is patience',
    'api_key: $API_KEY_OF_2024',
    'password: <your password 1>',
  ])('are not seen in %j', (text) => expect(found(text)).toEqual([]));
});

describe('URLs', () => {
  it('lose only the user and the password', () =>
    expect(found('postgres://app:Sommer#2024@db.example.com:5432/shop')).toEqual([
      'URL_CREDENTIALS app:Sommer#2024',
    ]));
  it('lose only the token of a query', () =>
    expect(found(`https://api.example.com/v1?user=7&access_token=${random36}&page=2`)).toEqual([
      `URL_CREDENTIALS ${random36}`,
    ]));
  it.each([
    'https://user:password@example.com/',
    'https://example.com:8080/?page=2&sort=asc&key=title',
    'https://example.com/a:b@c',
    'http://localhost:3000/?token=<TOKEN>',
  ])('without a secret are left: %s', (text) => expect(found(text)).toEqual([]));
});
