/** @file Tests: no name that a caller gives leads to a file that is not meant, however it is written. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { raw } from './raw.ts';
import { attackedServer } from './testing.ts';

const server = attackedServer();
const { ask } = server;

/** Ways to write a path that leaves its folder, as they stand in an address. */
const leaving: readonly string[] = [
  ...['../../../../etc/passwd', '..%2f..%2f..%2f..%2fetc%2fpasswd', '%2e%2e/%2e%2e/%2e%2e/etc/passwd'],
  ...['..%252f..%252fetc%252fpasswd', '..\\..\\..\\etc\\passwd', '..%5c..%5cetc%5cpasswd', '%2fetc%2fpasswd'],
  ...['//etc/passwd', './/..//..//etc/passwd', 'a/../../../etc/passwd', '%00/etc/passwd', 'x%00.txt'],
  ...['....//....//etc/passwd', '%c0%ae%c0%ae/etc/passwd', '..;/..;/etc/passwd', '~/x', 'file:///etc/passwd'],
  ...[
    '../master.key',
    '../postgres/password',
    '../artifacts/x',
    '..',
    '.',
    '%2e%2e',
    'C:%5cwindows%5cwin.ini',
  ],
];
/** What is in files that must not be read. */
const secrets = /root:.*:0:0:|BEGIN |"key"\s*:\s*"[A-Za-z0-9+/=]{40}/;

describe('a path that leaves its folder', () => {
  it('reads nothing, of runs, models, MLflow or the pages of the studio', async () => {
    const { authorization } = await server.key('ours', 'owner');
    const { run, model } = server.named('ours');
    const places = [
      `/v1/projects/ours/runs/${run}/artifacts/`,
      `/v1/projects/ours/models/${model}/files/`,
      `/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/`,
      `/api/2.0/mlflow-artifacts/artifacts/`,
      `/api/2.0/mlflow/artifacts/list?run_id=${run}&path=`,
      '/assets/',
      '/',
    ];
    for (const place of places)
      for (const path of leaving) {
        // As it is: a client of HTTP would tidy the address up first.
        const answer = await raw(server.address(), [
          `GET ${place}${path} HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\naccept: text/html\r\nconnection: close\r\n\r\n`,
        ]);
        const status = Number(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1]);
        const isPage = answer.includes('<div id="root">') || /"files":\[\]/.test(answer);
        expect(
          status >= 400 && status < 500 ? 'refused' : isPage ? 'nothing' : status,
          `${place}${path}`,
        ).toMatch(/refused|nothing/);
        expect(answer).not.toMatch(secrets);
      }
  }, 120_000);

  it('writes nothing: uploads of MLflow are refused, and the name of an import is only a name', async () => {
    const { authorization } = await server.key('ours', 'owner');
    const { run } = server.named('ours');
    const put = async (path: string): Promise<string> =>
      raw(server.address(), [
        `PUT /api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/${path} HTTP/1.1\r\nhost: x\r\n` +
          `authorization: ${authorization}\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx`,
      ]);
    const kept: string[] = [];
    for (const path of leaving) if (/^HTTP\/1.1 2/.test(await put(path))) kept.push(path);
    // Names in which nothing leads anywhere.
    expect(kept.filter((path) => !/^(\.\.%252f|\.\.\.\.|\.\.;|~|file:|%c0)/.test(path))).toEqual([]);
    const before = readdirSync(join(server.folder(), '..')).sort();
    const row = { prompt: 'question', chosen: 'good', rejected: 'bad' };
    for (const name of [
      '../../../escaped.jsonl',
      '/tmp/escaped.jsonl',
      'a\\..\\..\\b.jsonl',
      '..',
      '\0.jsonl',
      '-rf',
      '.',
    ])
      await ask('POST', `/v1/projects/ours/datasets/named/imports?name=${encodeURIComponent(name)}`, {
        headers: { authorization, 'content-type': 'application/octet-stream' },
        body: Buffer.from(JSON.stringify(row)),
      });
    expect(readdirSync(join(server.folder(), '..')).sort()).toEqual(before);
    expect(readdirSync(join(server.folder(), 'uploads'))).toEqual([]);
    expect(existsSync('/tmp/escaped.jsonl')).toBe(false);
  }, 60_000);

  it('is no base for a training, and no name that a file of ours is made from', async () => {
    const headers = await server.key('ours', 'engineer');
    const { snapshot } = server.named('ours');
    const plan = { kind: 'reward.train', name: '../../../escaped', snapshot, despiteGates: true };
    for (const base of [
      '/etc',
      '../x',
      'models/../../etc',
      'models/..',
      'models',
      'models//x',
      'models/a/../../b',
      'models/.hidden',
      'file:///etc',
      'hf:../..',
      'hf:a/b/../../c',
      'hf:http://x/y',
      'models/x\0',
    ]) {
      const { status } = await ask('POST', '/v1/projects/ours/runs', {
        headers,
        body: { ...plan, model: 'probe', settings: { base } },
      });
      expect(status, base).toBe(400);
    }
    for (const objective of ['/etc/passwd.json', '../x.json', 'plan.json'])
      expect(
        (await ask('POST', '/v1/projects/ours/runs', { headers, body: { ...plan, settings: { objective } } }))
          .status,
      ).toBe(400);
  });
});
