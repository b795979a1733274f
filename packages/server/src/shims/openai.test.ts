/** @file The real client of OpenAI against the routes that answer in its shape. */
import { join } from 'node:path';
import OpenAI, { type APIError } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PolicyService } from '../serving/policy-service.ts';
import { ScoringService } from '../serving/scoring-service.ts';
import { temporaryFolder, tinyPolicy, trainLinear } from '../serving/testing.ts';
import { testApp } from '../testing.ts';
import { openAiRoutes } from './openai.ts';

const folder = temporaryFolder();
const policies = new PolicyService({ atOnce: 1, maxQueue: 3 });
const scoring = new ScoringService();
const { app, request, store } = testApp(() => openAiRoutes({ scoring, policies }));
let client: OpenAI;

beforeAll(async () => {
  const reference = await tinyPolicy(folder);
  await policies.serve(store().project.id, 'writer', {
    version: 'writer@1',
    reference,
    maxLength: 200,
    threads: 1,
  });
  const directory = await trainLinear(folder, 'linear');
  await scoring.serve(store().project.id, 'writer', {
    production: { model: { version: 'rm@1', directory } },
  });
  await app().listen({ port: 0, host: '127.0.0.1' });
  const { port } = app().server.address() as { port: number };
  client = new OpenAI({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: 'viewer', maxRetries: 0 });
}, 120_000);
afterAll(async () => {
  await scoring.close();
  await policies.close();
  // The client keeps connections open that no request has come over, which Node does not count as idle.
  app().server.closeAllConnections();
});

const messages = [{ role: 'user' as const, content: 'bcd fgh' }];
const asked = { model: 'writer', messages, max_tokens: 12, seed: 3, temperature: 1 };

describe('the client of OpenAI', () => {
  it('gets a completion, the same for the same seed', async () => {
    const answer = await client.chat.completions.create({ ...asked, n: 2 });
    expect(answer).toMatchObject({
      object: 'chat.completion',
      model: 'writer',
      choices: [
        { index: 0, message: { role: 'assistant' }, finish_reason: expect.stringMatching(/stop|length/) },
        { index: 1 },
      ],
    });
    expect(answer.id).toMatch(/^chatcmpl-/);
    expect(answer.usage!.total_tokens).toBe(answer.usage!.prompt_tokens + answer.usage!.completion_tokens);
    const again = await client.chat.completions.create({ ...asked, n: 2 });
    expect(again.choices).toEqual(answer.choices);
  });

  it('streams the same text, with usage where that is asked for', async () => {
    const whole = await client.chat.completions.create(asked);
    const stream = await client.chat.completions.create({
      ...asked,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    const reasons: unknown[] = [];
    let usage: unknown;
    let parts = 0;
    for await (const { choices, usage: told } of stream) {
      for (const { delta, finish_reason } of choices) {
        text += delta.content ?? '';
        if (delta.content) parts++;
        if (finish_reason) reasons.push(finish_reason);
      }
      if (told) usage = told;
    }
    expect(text).toBe(whole.choices[0]!.message.content);
    expect(parts).toBeGreaterThan(1);
    expect(reasons).toEqual([whole.choices[0]!.finish_reason]);
    expect(usage).toEqual(whole.usage);
  });

  it('understands an answer that was withheld, in one piece and as a stream', async () => {
    await scoring.serve(store().project.id, 'guarded', {
      production: {
        model: { version: 'rm@1', directory: join(folder, 'linear') },
        guardrails: { rules: [{ name: 'any', pattern: '[^]' }], blockedMessage: 'Not here.' },
      },
    });
    const reference = join(folder, 'policy');
    await policies.serve(store().project.id, 'guarded', { version: 'writer@1', reference });
    const whole = await client.chat.completions.create({ ...asked, model: 'guarded' });
    const streamed = client.chat.completions.stream({ ...asked, model: 'guarded' });
    for (const { choices } of [whole, await streamed.finalChatCompletion()])
      expect(choices[0]).toMatchObject({
        finish_reason: 'content_filter',
        message: { refusal: 'Not here.' },
      });
    policies.retire(store().project.id, 'guarded');
    await scoring.retire(store().project.id, 'guarded');
  });

  it('lists and shows models', async () => {
    const names = [];
    for await (const { id, object, owned_by } of client.models.list()) names.push([id, object, owned_by]);
    expect(names).toEqual([['writer', 'model', 'plaudit']]);
    expect((await client.models.retrieve('writer')).id).toBe('writer');
  });

  it('understands the errors: unknown models, what is too long, what is not supported, a wrong key', async () => {
    const errorOf = (work: Promise<unknown>): Promise<APIError> =>
      work.then(
        () => expect.fail('it should have failed'),
        (error) => error as APIError,
      );
    const unknown = await errorOf(client.chat.completions.create({ ...asked, model: 'gpt-4' }));
    expect(unknown).toBeInstanceOf(OpenAI.NotFoundError);
    expect(unknown.code).toBe('model_not_found');
    const long = await errorOf(
      client.chat.completions.create({ ...asked, messages: [{ role: 'user', content: 'bcd '.repeat(500) }] }),
    );
    expect([long.status, long.code]).toEqual([400, 'context_length_exceeded']);
    const tools = await errorOf(client.chat.completions.create({ ...asked, logprobs: true }));
    expect(tools).toBeInstanceOf(OpenAI.BadRequestError);
    const stranger = new OpenAI({ baseURL: client.baseURL, apiKey: 'wrong', maxRetries: 0 });
    expect(await errorOf(stranger.models.list().then((page) => page.data))).toBeInstanceOf(
      OpenAI.AuthenticationError,
    );
  });

  it('is told to come again when the queue is full, and a caller that hangs up frees its place', async () => {
    const gone = new AbortController();
    const long = { ...asked, max_tokens: 150, seed: 9 };
    const waiting = [1, 2, 3].map((seed) =>
      client.chat.completions.create({ ...long, seed }, { signal: gone.signal }),
    );
    for (const one of waiting) one.catch(() => undefined);
    const version = policies.deployed(store().project.id)[0]!;
    expect(version.name).toBe('writer');
    await new Promise((done) => setTimeout(done, 30));
    const full = await client.chat.completions.create(asked).then(
      () => null,
      (error) => error as InstanceType<typeof OpenAI.RateLimitError>,
    );
    gone.abort();
    await Promise.allSettled(waiting);
    // A quick machine may have written all three already.
    if (full) {
      expect(full).toBeInstanceOf(OpenAI.RateLimitError);
      expect(full.headers!.get('retry-after')).not.toBeNull();
    }
    await expect
      .poll(async () => (await request('viewer', 'POST', '/v1/chat/completions', asked)).status, {
        timeout: 10_000,
      })
      .toBe(200);
  });
});
