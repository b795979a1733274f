/** @file Tests: what every route has in common, before any feature is there. */

import { Writable } from 'node:stream';
import { plauditError } from '@plaudit/contract';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { engineers } from './http/roles.ts';
import { type Route, route } from './http/route.ts';
import { testApp } from './testing.ts';

const lines: string[] = [];
const logger = pino(
  new Writable({
    write(line, _, done) {
      lines.push(String(line));
      done();
    },
  }),
);

const base = { tag: 'Test', summary: 'Is tested.' } as const;
const routes: readonly Route[] = [
  route({
    ...base,
    method: 'POST',
    url: '/v1/projects/:project/echo/:number',
    operation: 'echo',
    access: engineers,
    params: z.object({ number: z.coerce.number().int() }),
    query: z.object({ loud: z.stringbool().default(false) }),
    body: z.strictObject({ text: z.string().max(100), at: z.iso.datetime().optional() }),
    result: z.object({ said: z.string(), number: z.number(), project: z.string(), at: z.date() }),
    status: 201,
    handler: async ({ params, query, body, store }) => ({
      said: query.loud ? body.text.toUpperCase() : body.text,
      number: params.number,
      project: store.project.name,
      at: new Date(0),
      secret: 'never shown',
    }),
  }),
  route({
    ...base,
    method: 'POST',
    url: '/v1/where',
    operation: 'where',
    access: engineers,
    result: z.string(),
    handler: async ({ store }) => store.project.name,
  }),
  route({
    ...base,
    method: 'GET',
    url: '/v1/fault/:kind',
    operation: 'fault',
    access: 'public',
    params: z.object({ kind: z.string() }),
    async handler({ params: { kind } }) {
      if (kind === 'ours') throw plauditError('store.taken', { what: 'tag', name: 'a', project: 'b' });
      throw new Error('the row says: my secret');
    },
  }),
  route({
    ...base,
    method: 'GET',
    url: '/api/outside',
    operation: 'outside',
    access: 'account',
    errorBody: ({ code }) => ({ error_code: code }),
    handler: async () => ({}),
  }),
  route({
    ...base,
    method: 'GET',
    url: '/v1/limited',
    operation: 'limited',
    access: 'public',
    perMinute: 2,
    handler: async () => ({}),
  }),
  route({
    ...base,
    method: 'POST',
    url: '/v1/file',
    operation: 'file',
    access: 'public',
    upload: true,
    bodyLimit: 1000,
    result: z.number(),
    async handler({ upload }) {
      let bytes = 0;
      for await (const piece of upload) bytes += piece.length;
      return bytes;
    },
  }),
];

const { request, app } = testApp(() => routes, { logger, metricsToken: 'of the collector' });

describe('a request', () => {
  it('reaches its handler parsed, and is answered with what the result names and nothing else', async () => {
    const { status, body, headers } = await request(
      'engineer',
      'POST',
      '/v1/projects/test/echo/7?loud=true',
      {
        text: 'hello',
      },
    );
    expect(status).toBe(201);
    expect(body).toEqual({ said: 'HELLO', number: 7, project: 'test', at: '1970-01-01T00:00:00.000Z' });
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is refused with the field that is wrong, and without what it holds', async () => {
    const { status, body } = await request('engineer', 'POST', '/v1/projects/test/echo/7', {
      text: 12345,
    });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'request.invalid' });
    expect(body.error.message).toContain('body.text');
    expect(JSON.stringify(body)).not.toContain('12345');
    for (const wrong of ['{"text":', '{"__proto__":{"a":1},"text":""}', '']) {
      const answer = await request('engineer', 'POST', '/v1/projects/test/echo/7', Buffer.from(wrong), {
        'content-type': 'application/json',
      });
      expect(answer.body.error.code, wrong).toMatch(/^request\.(not_json|invalid)$/);
      expect(answer.status).toBe(400);
    }
  });

  it('is refused when its body is too large or of another kind', async () => {
    const large = await request('engineer', 'POST', '/v1/projects/test/echo/7', {
      text: 'x'.repeat(2 ** 21),
    });
    expect(large).toMatchObject({ status: 413, body: { error: { code: 'request.too_large' } } });
    const xml = await request('engineer', 'POST', '/v1/projects/test/echo/7', Buffer.from('<a/>'), {
      'content-type': 'text/xml',
    });
    expect(xml).toMatchObject({ status: 415, body: { error: { code: 'request.media_type' } } });
  });

  it('to nowhere gets an error of the table', async () => {
    expect(await request('owner', 'GET', '/v1/nowhere')).toMatchObject({
      status: 404,
      body: { error: { code: 'request.no_route' } },
    });
    for (const path of ['/v1/fault/%', `/v1/fault/${'x'.repeat(2000)}`]) {
      const { status, body } = await request('owner', 'GET', path);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(body.error.code).toMatch(/^request\./);
    }
  });

  it('is answered by the error table, and a fault of ours tells nothing but its id, in the log neither', async () => {
    expect(await request('nobody', 'GET', '/v1/fault/ours')).toMatchObject({
      status: 409,
      body: { error: { code: 'store.taken', parameters: { what: 'tag' } } },
    });
    const fault = await request('nobody', 'GET', '/v1/fault/else', undefined, { 'x-request-id': 'abc' });
    expect(fault).toMatchObject({
      status: 500,
      body: { error: { code: 'server.internal', parameters: { request: 'abc' } } },
    });
    expect(fault.text + lines.join('')).not.toContain('secret');
    expect(lines.join('')).toContain('server.internal');
  });

  it('of an outside format gets errors in that format', async () => {
    expect((await request('nobody', 'GET', '/api/outside')).body).toEqual({
      error_code: 'access.unauthenticated',
    });
  });

  it('is refused beyond what the route allows in a minute, with the time to wait', async () => {
    for (let i = 0; i < 2; i++) expect((await request('viewer', 'GET', '/v1/limited')).status).toBe(200);
    const third = await request('viewer', 'GET', '/v1/limited');
    expect(third).toMatchObject({ status: 429, body: { error: { code: 'request.too_many' } } });
    expect(Number(third.headers['retry-after'])).toBeGreaterThan(0);
    expect((await request('reviewer', 'GET', '/v1/limited')).status).toBe(200);
  });

  it('can bring a file of any kind as a stream, up to the limit', async () => {
    const send = (bytes: number) =>
      request('nobody', 'POST', '/v1/file', Buffer.alloc(bytes), { 'content-type': 'text/whatever' });
    expect((await send(1000)).body).toBe(1000);
    expect(await send(1001)).toMatchObject({ status: 413 });
  });
});

describe('access', () => {
  it('is refused to nobody, to other roles and to other projects, and an owner may do everything', async () => {
    const echo = async (as: Parameters<typeof request>[0], project = 'test') =>
      (await request(as, 'POST', `/v1/projects/${project}/echo/1`, { text: '' })).status;
    expect(await echo('nobody')).toBe(401);
    for (const role of ['reviewer', 'annotator', 'viewer', 'stranger'] as const)
      expect(await echo(role)).toBe(403);
    for (const role of ['owner', 'engineer', 'administrator'] as const) expect(await echo(role)).toBe(201);
    expect(await echo('owner', 'other')).toBe(403);
    expect(await echo('owner', 'that is not there')).toBe(403);
    expect(await echo('administrator', 'that is not there')).toBe(404);
  });

  it('without a project in the path is to the project of the key, or to the one that a header names', async () => {
    expect((await request('engineer', 'POST', '/v1/where')).body).toBe('test');
    expect(await request('administrator', 'POST', '/v1/where')).toMatchObject({
      status: 400,
      body: { error: { code: 'access.no_project' } },
    });
    const named = { 'plaudit-project': 'other' };
    expect((await request('administrator', 'POST', '/v1/where', undefined, named)).body).toBe('other');
    expect((await request('engineer', 'POST', '/v1/where', undefined, named)).status).toBe(403);
  });

  it('is checked before the body is looked at', async () => {
    expect((await request('viewer', 'POST', '/v1/projects/test/echo/1', Buffer.from('{'))).status).toBe(403);
  });
});

describe('the server', () => {
  it('says that it lives and is ready, and what it measures', async () => {
    expect(await request('nobody', 'GET', '/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await request('nobody', 'GET', '/readyz')).toMatchObject({ status: 200 });
    const metrics = (as: 'nobody' | 'owner' | 'administrator', headers = {}) =>
      request(as, 'GET', '/metrics', undefined, headers);
    expect((await metrics('nobody')).status).toBe(401);
    expect((await metrics('owner')).status).toBe(401);
    expect((await metrics('nobody', { authorization: 'Bearer of the collector' })).status).toBe(200);
    expect((await metrics('administrator')).text).toContain(
      'plaudit_http_request_seconds_count{method="GET",route="/healthz",status="200"} 1',
    );
  });

  it('sends headers that keep a page from running what is not ours', async () => {
    const { headers } = await request('nobody', 'GET', '/healthz');
    expect(headers['content-security-policy']).toContain("script-src 'self'");
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    expect(headers).not.toHaveProperty('x-powered-by');
  });

  it('refuses what a page of another site sends', async () => {
    const from = async (headers: Record<string, string>) =>
      (await request('nobody', 'POST', '/v1/file', Buffer.alloc(1), headers)).status;
    expect(await from({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await from({ 'sec-fetch-site': 'same-site' })).toBe(403);
    expect(await from({ origin: 'https://evil.example', host: 'plaudit.example' })).toBe(403);
    expect(await from({ origin: 'null', host: 'plaudit.example' })).toBe(403);
    expect(await from({ 'sec-fetch-site': 'same-origin', origin: 'https://plaudit.example' })).toBe(200);
    expect(await from({ origin: 'https://plaudit.example', host: 'plaudit.example' })).toBe(200);
  });

  it('describes every route in OpenAPI 3.1', async () => {
    const { body } = await request('nobody', 'GET', '/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    const operation = body.paths['/v1/projects/{project}/echo/{number}'].post;
    expect(operation).toMatchObject({ operationId: 'echo', 'x-access': ['owner', 'engineer'] });
    expect(operation.parameters.map(({ name }: { name: string }) => name)).toEqual([
      'number',
      'project',
      'loud',
    ]);
    expect(operation.responses['201'].content['application/json'].schema.properties.at).toEqual({
      type: 'string',
      format: 'date-time',
    });
    expect(operation.requestBody.content['application/json'].schema.properties.text.maxLength).toBe(100);
  });

  it('refuses to start with routes that ask for a project and for no role in it, or that share a name', async () => {
    const { createApp } = await import('./app.ts');
    const made = (given: readonly Route[]) =>
      createApp({ database: {} as never, identities: {} as never, routes: given });
    await expect(made([{ ...routes[0]!, access: 'account' }])).rejects.toThrow(RangeError);
    await expect(made([routes[1]!, routes[1]!])).rejects.toThrow(RangeError);
    expect(app().server.listening).toBe(false);
  });
});
