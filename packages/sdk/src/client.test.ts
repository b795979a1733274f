/** @file Tests: what the client sends and what it makes of answers, over a real socket. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiError, createClient } from './client.ts';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

describe('the client', () => {
  let server: Server;
  let baseUrl: string;
  const seen: Seen[] = [];
  let answer: { readonly status: number; readonly body: string } = { status: 200, body: '{}' };
  beforeAll(async () => {
    server = createServer(async (request, reply) => {
      let body = '';
      for await (const part of request) body += part;
      seen.push({ method: request.method!, url: request.url!, headers: request.headers, body });
      reply.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  it('puts parameters into the path, lists into the query, the key into a header', async () => {
    answer = { status: 200, body: '{"runs":[],"settings":{},"metrics":{}}' };
    const client = createClient({ baseUrl, apiKey: 'plt_secret' });
    const found = await client.call('compareRuns', {
      params: { project: 'a/b c' },
      query: { run: ['one', 'two&three'] },
    });
    expect(found.runs).toEqual([]);
    const { method, url, headers } = seen.at(-1)!;
    expect(method).toBe('GET');
    expect(url).toContain('/v1/projects/a%2Fb%20c/');
    expect(url).toMatch(/\?run=one&run=two%26three$/);
    expect(headers.authorization).toBe('Bearer plt_secret');
  });

  it('sends a body as JSON, and takes an answer without one', async () => {
    answer = { status: 204, body: '' };
    const given = { answer: { kind: 'pairwise', outcome: 'tie' }, seconds: 2 } as const;
    const params = { project: 'p', assignment: 'x' };
    expect(
      await createClient({ baseUrl }).call('answerLabellingItem', { params, body: given }),
    ).toBeUndefined();
    expect(JSON.parse(seen.at(-1)!.body)).toEqual(given);
  });

  it('throws the row of the error table, and says whether the same call may work later', async () => {
    const error = {
      code: 'store.unknown',
      message: 'There is no such run.',
      cure: 'Check the id.',
      parameters: {},
    };
    answer = { status: 404, body: JSON.stringify({ error }) };
    const call = () => createClient({ baseUrl }).call('listProjects', {});
    await expect(call()).rejects.toMatchObject({
      code: 'store.unknown',
      cure: 'Check the id.',
      isPassing: false,
    });
    answer = { status: 503, body: '{}' };
    await expect(call()).rejects.toMatchObject({ code: 'http', isPassing: true });
    const nobody = createClient({ baseUrl: 'http://127.0.0.1:9' }).call('listProjects', {});
    await expect(nobody).rejects.toMatchObject({ code: 'network', status: 0, isPassing: true });
    await expect(nobody).rejects.toBeInstanceOf(ApiError);
  });
});
