/** @file The channel over real message ports. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { plauditError } from '@plaudit/contract';
import { afterEach, describe, expect, it } from 'vitest';
import { Channel, type Handlers, serve } from './channel.ts';

type TestCalls = {
  double: { request: number; response: number };
  length: { request: Float32Array; response: number };
  gate: { request: number; response: number };
  fail: { request: 'table' | 'other'; response: null };
};

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

/** A channel, its server, and gates: a `gate` request is answered when its number is opened. */
const connect = (limit?: number) => {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  const opened = new Map<number, () => void>();
  const committed: number[] = [];
  let received = 0;
  port2.on('message', () => received++);
  const handlers: Handlers<TestCalls> = {
    double: (number) => ({ value: number * 2 }),
    length: (array) => ({ value: array.length }),
    gate: async (number, commit) => {
      await new Promise<void>((resolve) => opened.set(number, resolve));
      commit();
      committed.push(number);
      return { value: number };
    },
    fail: (kind) => {
      throw kind === 'table'
        ? plauditError('engine.feed', { input: 'x', problem: 'is missing' })
        : new Error('broken');
    },
  };
  serve<TestCalls>(port2, handlers);
  const channel = new Channel<TestCalls>(port1, limit);
  const until = async (number: number): Promise<() => void> => {
    while (!opened.has(number)) await new Promise((resolve) => setTimeout(resolve, 1));
    return opened.get(number)!;
  };
  return { channel, until, committed, received: () => received };
};

describe('a channel', () => {
  it('answers each call with its own answer, in order', async () => {
    const { channel } = connect();
    const numbers = Array.from({ length: 50 }, (_, i) => i);
    expect(await Promise.all(numbers.map((number) => channel.call('double', number)))).toEqual(
      numbers.map((number) => number * 2),
    );
  });

  it('moves buffers that are transferred', async () => {
    const { channel } = connect();
    const array = new Float32Array(1000);
    expect(await channel.call('length', array, { transfer: [array.buffer] })).toBe(1000);
    expect(array.length).toBe(0);
  });

  it('posts no more than its limit', async () => {
    const { channel, until, received } = connect(2);
    const calls = [0, 1, 2, 3, 4].map((number) => channel.call('gate', number));
    (await until(0))();
    await calls[0];
    await until(1);
    expect(channel.load).toEqual({ posted: 2, waiting: 2 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(received()).toBe(3);
    for (const number of [1, 2, 3, 4]) {
      expect(channel.load.posted).toBeLessThanOrEqual(2);
      (await until(number))();
      await calls[number];
    }
    expect(channel.load).toEqual({ posted: 0, waiting: 0 });
  });

  it('carries an error of the table with its code and parameters', async () => {
    const { channel } = connect();
    await expect(channel.call('fail', 'table')).rejects.toMatchObject({
      name: 'PlauditError',
      code: 'engine.feed',
      parameters: { input: 'x' },
      message: 'The input x of the graph is missing.',
    });
    await expect(channel.call('fail', 'other')).rejects.toMatchObject({
      code: 'engine.worker_fault',
      message: expect.stringContaining('broken'),
    });
    expect(await channel.call('double', 4)).toBe(8);
  });

  it('rejects a request that cannot be sent and goes on', async () => {
    const { channel } = connect(1);
    const array = new Float32Array(4);
    structuredClone(array, { transfer: [array.buffer] });
    await expect(channel.call('length', array, { transfer: [array.buffer] })).rejects.toThrow();
    expect(await channel.call('double', 1)).toBe(2);
  });
});

describe('cancellation', () => {
  it('refuses a signal that is aborted already', async () => {
    const { channel, received } = connect();
    await expect(channel.call('double', 1, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'engine.cancelled',
    });
    expect(received()).toBe(0);
  });

  it('withdraws a waiting request at once, and it never reaches the server', async () => {
    const { channel, until, committed } = connect(1);
    const first = channel.call('gate', 0);
    const open = await until(0);
    const controller = new AbortController();
    const second = channel.call('gate', 1, { signal: controller.signal });
    controller.abort('enough');
    await expect(second).rejects.toMatchObject({ code: 'engine.cancelled', cause: 'enough' });
    expect(channel.load).toEqual({ posted: 1, waiting: 0 });
    open();
    await first;
    await channel.drained();
    expect(committed).toEqual([0]);
  });

  it('rejects a running request when it ends, uncommitted', async () => {
    const { channel, until, committed } = connect(1);
    const controller = new AbortController();
    let settled = false;
    const call = channel.call('gate', 0, { signal: controller.signal }).finally(() => {
      settled = true;
    });
    call.catch(() => {});
    const open = await until(0);
    controller.abort();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(settled).toBe(false);
    open();
    await expect(call).rejects.toMatchObject({ code: 'engine.cancelled' });
    expect(committed).toEqual([]);
  });

  it('skips a request that was cancelled while it lay with the server', async () => {
    const { channel, until, committed } = connect(2);
    const controller = new AbortController();
    const first = channel.call('gate', 0);
    const second = channel.call('gate', 1, { signal: controller.signal });
    second.catch(() => {});
    const open = await until(0);
    controller.abort();
    open();
    await first;
    await expect(second).rejects.toMatchObject({ code: 'engine.cancelled' });
    expect(committed).toEqual([0]);
  });

  it('does not pretend that a finished request was cancelled', async () => {
    const { channel } = connect();
    const controller = new AbortController();
    expect(await channel.call('double', 2, { signal: controller.signal })).toBe(4);
    controller.abort();
    expect(await channel.call('double', 3)).toBe(6);
  });
});

describe('the end of a channel', () => {
  it('answers what was asked before it was closed and refuses the rest', async () => {
    const { channel, until } = connect(1);
    const calls = [0, 1].map((number) => channel.call('gate', number));
    channel.close(plauditError('engine.closed', { what: 'channel' }));
    await expect(channel.call('double', 1)).rejects.toMatchObject({ code: 'engine.closed' });
    let drained = false;
    const drain = channel.drained().then(() => {
      drained = true;
    });
    (await until(0))();
    await calls[0];
    expect(drained).toBe(false);
    (await until(1))();
    await drain;
    expect(await calls[1]).toBe(1);
  });

  it('rejects all that is outstanding when it fails', async () => {
    const { channel, until } = connect(1);
    const calls = [0, 1, 2].map((number) => channel.call('gate', number));
    await until(0);
    channel.fail(plauditError('engine.worker_died', { problem: 'test' }));
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'engine.worker_died' });
    await channel.drained();
  });
});
