/** @file Tests: requests made to hurt, over real sockets: every one is answered from the error table, and the server stays quick and small. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Random } from '@plaudit/contract';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  addressOf,
  filled,
  hostileNumbers,
  hostileTexts,
  type Operation,
  operationsOf,
} from './hostile-values.ts';
import { codeOf, raw } from './raw.ts';
import { attackedServer } from './testing.ts';

const server = attackedServer();
const { ask } = server;
let operations: readonly Operation[];
beforeAll(async () => {
  operations = operationsOf((await ask('GET', '/openapi.json')).body);
});

describe('every route', () => {
  it('answers what is hostile in every field and every part of its address from the error table, never as a fault', async () => {
    const random = new Random(6, 'hostile requests');
    const keys = await Promise.all(Array.from({ length: 6 }, () => server.key('ours', 'owner')));
    const ours = server.named('ours');
    const reached = new Set<string>();
    const faults: string[] = [];
    const attack = async (operation: Operation, wrong: number): Promise<void> => {
      const { id, method, inQuery, schema } = operation;
      // The session of the attack itself.
      if (id === 'signOut') return;
      const texts = [...hostileTexts, ...Object.values(ours)];
      const path = addressOf(operation, 'ours', (name) =>
        random.uniform() < wrong
          ? random.pick(hostileTexts).slice(0, 400)
          : (ours[name] ?? random.pick(texts).slice(0, 400)),
      );
      const query = new URLSearchParams();
      for (const name of inQuery)
        if (random.uniform() < 0.6)
          query.append(
            name,
            random.pick([...texts, ...hostileNumbers.map(String), '1', '10', 'true']).toWellFormed(),
          );
      const body = schema && filled(schema, { random, wrong, texts });
      const ofPerson = random.uniform() < 0.2 && /^\/v1\/(projects|users|me)/.test(path);
      const answer = await ask(method, query.size > 0 ? `${path}?${query}` : path, {
        headers: ofPerson ? server.session() : random.pick(keys),
        ...(schema && { body }),
      }).catch((error: Error) => ({ status: 599, text: String(error.cause ?? error), body: undefined }));
      if (answer.status < 300) reached.add(id);
      const code = String(answer.body?.error?.code ?? '');
      if (answer.status >= 500 && !/^(serving\.|server\.not_ready)/.test(code))
        faults.push(
          `${id}: ${answer.status} ${answer.text.slice(0, 160)} ${decodeURIComponent(path).slice(0, 150)} ${query} ${JSON.stringify(body)?.slice(0, 500)}`,
        );
    };
    for (const wrong of [0, 0, 0, 0, 0.02, 0.05, 0.2, 1])
      for (let at = 0; at < operations.length; at += 8)
        await Promise.all(operations.slice(at, at + 8).map((operation) => attack(operation, wrong)));
    expect(faults).toEqual([]);
    expect(reached.size).toBeGreaterThan(60);
  }, 300_000);
});

const head = (more: readonly string[] = [], line = 'POST /v1/projects/ours/datasets HTTP/1.1'): string =>
  [line, 'host: x', 'connection: close', ...more, '', ''].join('\r\n');
const isJson = 'content-type: application/json';
const sized = (body: string | Buffer): string => `content-length: ${Buffer.byteLength(body)}`;

describe('a body', () => {
  let known: { readonly authorization: string };
  beforeAll(async () => {
    known = await server.key('ours', 'owner');
  });
  const said = async (body: string | Buffer, headers: readonly string[] = [isJson]): Promise<string> =>
    codeOf(
      await raw(server.address(), [
        head([...headers, `authorization: ${known.authorization}`, sized(body)]),
        body,
      ]),
    );

  it('that is no document of the right form is refused for what is wrong with it', async () => {
    const text = (of: string) => `{"name":"x","description":${of}}`;
    const refused: readonly (readonly [string | Buffer, string, (readonly string[])?])[] = [
      ['', 'request.not_json'],
      ['{', 'request.not_json'],
      ['[1,]', 'request.not_json'],
      ['NaN', 'request.not_json'],
      ['"text"', 'request.invalid'],
      [text('"a","__proto__":{"x":1}'), 'request.not_json'],
      [text('"a","constructor":{"prototype":{"x":1}}'), 'request.not_json'],
      [text('"a","extra":1'), 'request.invalid'],
      [text('1e999'), 'request.invalid'],
      [text(`"${'x'.repeat(20_000)}"`), 'request.invalid'],
      [text('['.repeat(100_000) + ']'.repeat(100_000)), 'request.invalid'],
      [text(`[${'0,'.repeat(400_000)}0]`), 'request.invalid'],
      [text('9'.repeat(500_000)), 'request.invalid'],
      [`{${Array.from({ length: 60_000 }, (_, i) => `"k${i}":0`)}}`, 'request.invalid'],
      [`{${'"name":"x",'.repeat(50_000)}"description":1}`, 'request.invalid'],
      [Buffer.from(text('"\xff\xfe"'), 'latin1'), 'request.not_json'],
      [text('"a"'), 'request.media_type', ['content-type: text/xml']],
      [text('"a"'), 'request.media_type', ['content-type: application/x-www-form-urlencoded']],
      [text('"a"'), 'request.media_type', ['content-type: ;;;']],
      [gzipSync(text('"a"')), 'request.not_json', [isJson, 'content-encoding: gzip']],
    ];
    for (const [body, code, headers] of refused)
      expect(await said(body, headers), String(body).slice(0, 60)).toBe(code);
  });

  it('that bursts when it is unpacked is not unpacked, or in pieces that are thrown away', async () => {
    const before = await server.health();
    const bomb = gzipSync(Buffer.alloc(2 ** 30));
    const headers = { ...known, 'content-type': 'application/octet-stream' };
    const path = '/v1/projects/ours/datasets/bomb/imports?name=bomb.jsonl.gz';
    const { status } = await ask('POST', path, { headers, body: bomb });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    const after = await server.health();
    expect(after.megabytes - before.megabytes).toBeLessThan(600);
  }, 120_000);

  it('holds nothing up for long and takes no memory for good, however many of them come', async () => {
    const headers = { ...known, 'content-type': 'application/json' };
    const send = async (path: string, body: string): Promise<void> => {
      const { status } = await ask('POST', path, { headers, body: Buffer.from(body) });
      expect(status, body.slice(0, 40)).toBe(400);
    };
    const many = (one: string, count: number): string => `[${`${one},`.repeat(count)}${one}]`;
    const attacks: readonly (readonly [string, string])[] = [
      ['/v1/projects/ours/datasets', `{"name":${'['.repeat(500_000)}${']'.repeat(500_000)}}`],
      ['/v1/projects/ours/datasets', `{"name":${'{"a":'.repeat(150_000)}0${'}'.repeat(150_000)}}`],
      ['/v1/score', `{"prompt":"x","responses":${many('0', 900_000)}}`],
      ['/v1/score', `{"prompt":"x","responses":["y"],"messages":${many('{"a":1}', 10_000)}}`],
      ['/v1/projects/ours/snapshots', `{"datasets":["x"],"kinds":${many('"x"', 9000)}}`],
    ];
    const longest: number[] = [];
    for (const [path, body] of attacks) {
      await send(path, body);
      await server.health();
      await send(path, body);
      longest.push((await server.health()).longest);
    }
    // A request of no harm takes some; the bound for all is what the slowest of test machines needs.
    expect(Math.max(...longest), longest.map(Math.round).join(', ')).toBeLessThan(150);
    const before = await server.health();
    await Promise.all(Array.from({ length: 100 }, (_, i) => send(...attacks[i % attacks.length]!)));
    expect((await server.health()).megabytes).toBeLessThan(before.megabytes + 400);
    expect((await ask('GET', '/readyz')).status).toBe(200);
  }, 120_000);
});

describe('a connection', () => {
  it('that is cut in the middle of an upload which was refused takes nothing down', async () => {
    const { authorization } = await server.key('ours', 'owner');
    const socket = connect(Number(new URL(server.address()).port), '127.0.0.1');
    const upload = 'PUT /api/2.0/mlflow-artifacts/artifacts/no-such-place HTTP/1.1';
    socket.write(head([`authorization: ${authorization}`, 'content-length: 1000'], upload));
    socket.write('a part');
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toContain('INVALID_PARAMETER_VALUE');
    socket.destroy();
    await wait(300);
    expect((await ask('GET', '/healthz')).status).toBe(200);
  });

  it('that says what is no HTTP, or too much of it, is answered and closed', async () => {
    expect(codeOf(await raw(server.address(), ['hello\r\n\r\n']))).toBe('request.invalid');
    expect(codeOf(await raw(server.address(), [head(['content-length: x'])]))).toBe('request.invalid');
    expect(
      codeOf(await raw(server.address(), [head(['content-length: 5', 'transfer-encoding: chunked'])])),
    ).toBe('request.invalid');
    expect(
      codeOf(await raw(server.address(), [head(Array.from({ length: 10_000 }, (_, i) => `x-${i}: y`))])),
    ).toBe('request.head_too_large');
    expect(codeOf(await raw(server.address(), [head([], `GET /${'x'.repeat(100_000)} HTTP/1.1`)]))).toBe(
      'request.head_too_large',
    );
    expect(codeOf(await raw(server.address(), [head([], `GET /v1/${'x'.repeat(8000)} HTTP/1.1`)]))).toMatch(
      /request\.(no_route|invalid)/,
    );
    expect(codeOf(await raw(server.address(), [head([], 'BREW /v1/me HTTP/1.1')]))).toBe('request.invalid');
    expect(codeOf(await raw(server.address(), [head([], 'TRACE /v1/me HTTP/1.1')]))).toMatch(
      /request\.(no_route|invalid)/,
    );
  });

  it('whose body never ends is closed once the limit is passed', async () => {
    const { authorization } = await server.key('ours', 'owner');
    const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`;
    const began = performance.now();
    const answer = await raw(server.address(), [
      head([isJson, `authorization: ${authorization}`, 'transfer-encoding: chunked']),
      ...Array.from({ length: 200 }, () => chunk),
    ]);
    // What is answered is lost where the attacker goes on sending.
    expect(['request.too_large', '']).toContain(codeOf(answer));
    expect((await ask('GET', '/healthz')).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});
