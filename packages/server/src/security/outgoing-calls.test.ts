/** @file Tests: nobody makes the server call into the network that it is in, however the address is written. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attackedServer } from './testing.ts';

const server = attackedServer();
const { ask } = server;

/** What an attacker wants to reach: something on the server's own machine. */
let calls = 0;
const inside = createServer((_, reply) => {
  calls++;
  reply.end('secret');
});
let port: number;
beforeAll(async () => {
  inside.listen(0, '127.0.0.1');
  await once(inside, 'listening');
  ({ port } = inside.address() as AddressInfo);
});
afterAll(() => {
  inside.closeAllConnections();
  inside.close();
});

const rule = (url: string) => ({
  name: `rule ${url}`.slice(0, 90),
  rule: {
    ...{ deployment: 'ourword', measure: { of: 'mean reward' }, below: 1e9, noData: 'alert' },
    channels: [{ to: 'webhook', url }],
  },
});

describe('a webhook', () => {
  it('into a private network, to this machine or to a cloud’s metadata is refused when it is set, in every spelling', async () => {
    const headers = await server.key('ours', 'owner');
    const hosts = [
      ...['127.0.0.1', '127.1', '127.000.000.001', '2130706433', '0x7f000001', '0x7f.0.0.1', '0177.0.0.1'],
      ...['017700000001', '0', '0.0.0.0', 'localhost', 'LOCALHOST', 'localhost.', '[::1]', '[::]'],
      ...['[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[0:0:0:0:0:ffff:127.0.0.1]', '[64:ff9b::127.0.0.1]'],
      ...['[fc00::1]', '[fe80::1]', '[2002:7f00:1::]', '10.0.0.1', '172.16.0.1', '192.168.0.1', '100.64.0.1'],
      ...['169.254.169.254', '[fd00:ec2::254]', '①②⑦.0.0.1', '１２７.0.0.1', '127。0。0。1'],
    ];
    for (const host of hosts)
      for (const scheme of ['http', 'https']) {
        const url = `${scheme}://${host}:${port}/x`;
        const { status, body } = await ask('POST', '/v1/projects/ours/alert-rules', {
          headers,
          body: rule(url),
        });
        expect([400, 422], `${url}: ${status}`).toContain(status);
        expect(body.error.code, url).toMatch(/^(monitoring\.webhook_refused|request\.invalid)$/);
      }
    const others = [
      'file:///etc/passwd',
      'gopher://127.0.0.1/',
      'ftp://127.0.0.1/',
      'http:127.0.0.1',
      '//127.0.0.1/',
      'https://user:pass@127.0.0.1/',
      'data:,x',
      'javascript:alert(1)',
      `unix:/run/x.sock`,
    ];
    for (const url of others)
      expect(
        (await ask('POST', '/v1/projects/ours/alert-rules', { headers, body: rule(url) })).status,
        url,
      ).toBeGreaterThanOrEqual(400);
    const { body } = await ask('GET', '/v1/projects/ours/alert-rules', { headers });
    expect(JSON.stringify(body)).not.toContain('webhook');
    expect(calls).toBe(0);
  });
});

describe('a route', () => {
  it('takes no other address that the server would call', async () => {
    const { body } = await ask('GET', '/openapi.json');
    const addresses: string[] = [];
    const walk = (value: unknown, path: string): void => {
      if (value === null || typeof value !== 'object') return;
      const of = value as Record<string, unknown>;
      if (of.format === 'uri') addresses.push(path);
      for (const [name, inner] of Object.entries(of)) {
        if (
          /^(url|uri|endpoint|host|address|webhook|callback|redirect|proxy)$/i.test(name) &&
          path.includes('properties')
        )
          addresses.push(`${path}/${name}`);
        walk(inner, `${path}/${name}`);
      }
    };
    for (const [path, methods] of Object.entries(
      body.paths as Record<string, Record<string, Record<string, unknown>>>,
    ))
      for (const [method, { requestBody, parameters }] of Object.entries(methods)) {
        walk(requestBody, `${method} ${path}`);
        walk(parameters, `${method} ${path}`);
      }
    const places = new Set(
      addresses.map((place) => place.split('/requestBody')[0]!.replace(/\/(content|0|schema).*/, '')),
    );
    expect([...places].sort()).toEqual([
      'post /v1/projects/{project}/alert-rules',
      'put /v1/projects/{project}/alert-rules/{rule}',
    ]);
  });
});
