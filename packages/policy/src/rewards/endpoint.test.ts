/** @file Endpoints as rewards, against a service on the loopback interface that works, and fails in every way. */
import type { PlauditError } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import type { EndpointOptions } from './endpoint.ts';
import { openReward } from './open.ts';
import { hasFailed, type RewardItem, type RewardOutcome } from './source.ts';
import { item, lengths, type Reply, type Service, startService } from './testing.ts';

const quick = { wait: 0.01, timeout: 5 };

const ask = async (
  { url }: Service,
  items: readonly RewardItem[],
  endpoint: EndpointOptions = {},
): Promise<RewardOutcome[][]> => {
  const reward = await openReward(url, { endpoint: { ...quick, ...endpoint } });
  return reward.score(items);
};

const rewards = (outcomes: readonly (readonly RewardOutcome[])[]): (number | string)[][] =>
  outcomes.map((row) => row.map((outcome) => (hasFailed(outcome) ? outcome.failed.code : outcome.reward)));

/** What the endpoint says of a service that always answers like this. */
const problemOf = async (reply: Reply, endpoint: EndpointOptions = {}): Promise<PlauditError> => {
  const service = await startService(() => reply);
  const [[outcome] = []] = await ask(service, [item('?', 'a')], { attempts: 2, ...endpoint });
  if (!outcome || !hasFailed(outcome)) throw new Error('it should have failed');
  expect(outcome.failed.code).toBe('reward.endpoint_failed');
  return outcome.failed;
};

describe('a request', () => {
  it('is what the client of OpenRLHF sends, with prompts in the plain format', async () => {
    const service = await startService();
    const outcomes = await ask(service, [item('Hello', 'Hi', 'Go away'), item('Bye', 'Ciao')]);
    const [hello, bye] = ['User:\nHello\n\nAssistant:\n', 'User:\nBye\n\nAssistant:\n'];
    const query = [`${hello}Hi`, `${hello}Go away`, `${bye}Ciao`];
    expect(service.asked.map((asked) => asked.query)).toEqual(query.map((text) => [text]));
    expect(service.asked.map(({ prompts }) => prompts)).toEqual([[hello], [hello], [bye]]);
    expect(service.asked.map(({ labels }) => labels)).toEqual([[''], [''], ['']]);
    const [a, b, c] = query.map((text) => text.length);
    expect(rewards(outcomes)).toEqual([[a, b], [c]]);
  });

  it('renders prompts as it is told and carries headers', async () => {
    const service = await startService();
    await ask(service, [item('Hello', 'Hi')], {
      render: ([turn]) => `<|user|>${turn!.content}<|assistant|>`,
      headers: { authorization: 'Bearer secret' },
    });
    expect(service.asked[0]!.query).toEqual(['<|user|>Hello<|assistant|>Hi']);
    expect(service.asked[0]!.headers.authorization).toBe('Bearer secret');
  });

  it('holds as many responses as it may, and not more requests are open at once than allowed', async () => {
    const service = await startService((asked) => ({ delay: 20, answer: lengths(asked) }));
    const responses = Array.from({ length: 23 }, (_, i) => 'x'.repeat(i));
    const render = (): string => '';
    const options = { batchSize: 4, concurrency: 3, render };
    const outcomes = await ask(
      service,
      [item('?', ...responses.slice(0, 9)), item('!', ...responses.slice(9))],
      options,
    );
    expect(rewards(outcomes).flat()).toEqual(responses.map((_, i) => i));
    // Requests that are open at once arrive in any order.
    expect(service.asked.map(({ query }) => query.length).sort()).toEqual([3, 4, 4, 4, 4, 4]);
    expect(service.mostOpen()).toBe(3);
  });
});

describe('an answer', () => {
  it('may call the rewards scores, and brings parts to log', async () => {
    const service = await startService(() => ({
      scores: [0.5],
      extra_logs: { fluency: [0.25], notes: ['good'], wrong: [1, 2] },
    }));
    expect(await ask(service, [item('?', 'a')])).toEqual([
      [{ reward: 0.5, parts: { fluency: 0.25 }, uncertainty: null }],
    ]);
  });

  it('is asked for again until it can be used', async () => {
    const replies: Reply[] = [
      { status: 500 },
      'cut',
      { text: 'not JSON' },
      { rewards: [1, 2] },
      { rewards: [7] },
    ];
    const service = await startService((_, number) => replies[number]!);
    expect(rewards(await ask(service, [item('?', 'a')]))).toEqual([[7]]);
    expect(service.asked).toHaveLength(5);
  });

  it.each<[string, Reply, string]>([
    ['too few rewards', { rewards: [] }, 'it gave 0 rewards for 1 queries'],
    ['too many rewards', { rewards: [1, 2] }, 'it gave 2 rewards for 1 queries'],
    ['NaN as Python writes it', { text: '{"rewards": [NaN]}' }, 'its answer holds NaN'],
    ['infinity as Python writes it', { text: '{"rewards": [-Infinity]}' }, 'its answer holds Infinity'],
    ['a number beyond all numbers', { text: '{"rewards": [1e999]}' }, 'no finite number at rewards.0'],
    ['no reward', { rewards: [null] }, 'no finite number at rewards.0'],
    ['text for a reward', { rewards: ['0.5'] }, 'no finite number at rewards.0'],
    ['no rewards at all', { reward: [1] }, 'neither rewards nor scores'],
    ['a list', { text: '[1]' }, 'no finite number at the whole answer'],
    ['no JSON', { text: '<html>' }, 'its answer is not JSON'],
    ['an error of the service', { status: 503 }, 'status 503'],
    ['a connection that breaks', 'cut', 'the connection failed'],
    ['a body without an end', 'endless', 'its answer is larger than 8 MiB'],
    ['an answer that comes too late', { delay: 2000, answer: { rewards: [1] } }, 'no answer in 0.2 s'],
  ])('with %s is a failure after all attempts, and no reward', async (_, reply, problem) => {
    const failed = await problemOf(reply, { timeout: reply instanceof Object && 'delay' in reply ? 0.2 : 5 });
    expect(failed.parameters).toMatchObject({ attempts: 2 });
    expect(failed.message).toContain(problem);
  });

  it('that refuses the request is not asked for again', async () => {
    expect((await problemOf({ status: 404 })).parameters).toMatchObject({
      attempts: 1,
      problem: 'status 404',
    });
  });

  it('is not followed elsewhere', async () => {
    expect((await problemOf({ status: 307 })).message).toMatch(/status 307|connection failed/);
  });
});

describe('an endpoint', () => {
  it('fails for the responses of one request alone', async () => {
    const service = await startService((asked) =>
      asked.query[0]!.endsWith('bad') ? { status: 400 } : { rewards: [1] },
    );
    expect(rewards(await ask(service, [item('?', 'good', 'bad'), item('!', 'good')]))).toEqual([
      [1, 'reward.endpoint_failed'],
      [1],
    ]);
  });

  it('is not asked on when enough has failed', async () => {
    const service = await startService(() => ({ status: 400 }));
    const reward = await openReward(service.url, { endpoint: { ...quick, concurrency: 1 } });
    const outcomes = await reward.score([item('?', 'a', 'b', 'c', 'd', 'e')], { giveUpAfter: 2 });
    expect(outcomes[0]!.every(hasFailed)).toBe(true);
    expect(service.asked).toHaveLength(2);
  });

  it('that is away is not asked about every response', async () => {
    const service = await startService(() => ({ status: 503 }));
    const responses = Array.from({ length: 100 }, (_, i) => String(i));
    const outcomes = await ask(service, [item('?', ...responses)], { attempts: 1, concurrency: 4 });
    expect(outcomes[0]!.every(hasFailed)).toBe(true);
    expect(service.asked.length).toBeLessThan(15);
  });

  it('that nobody listens at is a failure', async () => {
    const reward = await openReward('http://127.0.0.1:9/get_reward', { endpoint: { ...quick, attempts: 1 } });
    expect(rewards(await reward.score([item('?', 'a')]))).toEqual([['reward.endpoint_failed']]);
  });

  it('stops at once when told to', async () => {
    const service = await startService(() => ({ delay: 5000, answer: { rewards: [1] } }));
    const reward = await openReward(service.url, { endpoint: quick });
    const controller = new AbortController();
    const scored = reward.score([item('?', 'a')], { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 50);
    await expect(scored).rejects.toThrow('enough');
  });

  it('keeps secrets of its address out of its name, and refuses a password in it', async () => {
    const reward = await openReward('http://example.org/get_reward?key=secret');
    expect(reward.name).toBe('http://example.org/get_reward');
    await expect(openReward('http://user:secret@example.org/')).rejects.toMatchObject({
      code: 'reward.reference_unknown',
      message: expect.not.stringContaining('secret'),
    });
  });

  it('refuses settings that make no sense', async () => {
    await expect(openReward('http://example.org/', { endpoint: { batchSize: 0 } })).rejects.toThrow(
      RangeError,
    );
  });
});
