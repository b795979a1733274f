/** @file Workers, sessions and their ends, on the CPU provider. */
import { execFile } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineWorker } from './engine-worker.ts';
import { availableProviders, providerNames } from './providers.ts';
import type { Session } from './session.ts';
import type { TensorValue } from './tensor.ts';
import { echo, leastSquares, slow } from './test-models.ts';

let worker: EngineWorker;
beforeAll(async () => {
  worker = await EngineWorker.start({ threads: 2 });
});
afterAll(() => worker.stop());

const floats = (...numbers: number[]): TensorValue => ({
  dtype: 'float32',
  shape: [numbers.length],
  data: Float32Array.from(numbers),
});

const square = (n: number): TensorValue => ({
  dtype: 'float32',
  shape: [n, n],
  data: new Float32Array(n * n).fill(1 / n),
});

describe('a session', () => {
  it('returns the outputs that were asked for, all by default', async () => {
    const session = await worker.open(leastSquares(2));
    const feeds = {
      x: { dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
      t: { dtype: 'float32', shape: [2, 1], data: Float32Array.of(1, 0) },
      w: { dtype: 'float32', shape: [2, 1], data: Float32Array.of(1, 1) },
    } as const;
    // x w - t = [2 7]; loss = (4 + 49) / 2; gradient = x^T [2 7]
    expect(await session.run(feeds)).toEqual({
      loss: { dtype: 'float32', shape: [], data: Float32Array.of(26.5) },
      y: { dtype: 'float32', shape: [2, 1], data: Float32Array.of(3, 7) },
      'gradient:w': { dtype: 'float32', shape: [2, 1], data: Float32Array.of(23, 32) },
    });
    expect(Object.keys(await session.run(feeds, { fetch: ['loss', 'loss'] }))).toEqual(['loss']);
    await expect(session.run(feeds, { fetch: ['score'] })).rejects.toMatchObject({
      code: 'engine.output_unknown',
    });
    await expect(session.run({ ...feeds, t: feeds.w, x: feeds.w })).rejects.toMatchObject({
      code: 'engine.feed',
    });
    expect(worker.load).toEqual({ posted: 0, waiting: 0 });
    await session.close();
    await session.close();
    await expect(session.run(feeds)).rejects.toMatchObject({ code: 'engine.closed' });
  });

  it.each([
    { dtype: 'float32', shape: [2], data: Float32Array.of(1, -2) },
    { dtype: 'float16', shape: [2], data: Uint16Array.of(0x3c00, 0xc000) },
    { dtype: 'int64', shape: [2], data: BigInt64Array.of(1n, -(2n ** 60n)) },
    { dtype: 'int32', shape: [2], data: Int32Array.of(1, -2) },
    { dtype: 'int8', shape: [2], data: Int8Array.of(1, -2) },
    { dtype: 'uint8', shape: [2], data: Uint8Array.of(1, 200) },
    { dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) },
    { dtype: 'float32', shape: [0], data: new Float32Array(0) },
  ] satisfies TensorValue[])('carries $dtype there and back', async (x) => {
    const session = await worker.open(echo(x.dtype));
    expect(await session.run({ x })).toEqual({ y: x });
    await session.close();
  });

  it('copies feeds by default, and gives them away when told to', async () => {
    const session = await worker.open(echo());
    const memory = new Float32Array(100).fill(7);
    const part: TensorValue = { dtype: 'float32', shape: [3], data: memory.subarray(10, 13) };
    await session.run({ x: part });
    await session.run({ x: part }, { transfer: true });
    expect(memory.length).toBe(100);
    const whole: TensorValue = { dtype: 'float32', shape: [100], data: memory };
    const { y } = await session.run({ x: whole }, { transfer: true });
    expect(y!.data).toHaveLength(100);
    expect(memory.length).toBe(0);
    await expect(session.run({ x: whole })).rejects.toMatchObject({ code: 'engine.feed' });
    await session.close();
  });

  it('reports what ONNX Runtime refuses', async () => {
    const graph = { ...echo(), model: Uint8Array.of(1, 2, 3) };
    await expect(worker.open(graph)).rejects.toMatchObject({ code: 'engine.model_refused' });
    const mislabelled = { ...echo(), inputs: [{ name: 'x', dtype: 'int32', shape: ['n'] }] } as const;
    const session = await worker.open(mislabelled);
    const x: TensorValue = { dtype: 'int32', shape: [1], data: Int32Array.of(1) };
    await expect(session.run({ x })).rejects.toMatchObject({ code: 'engine.run_failed' });
    await session.close();
  });

  it('writes a profile when it closes', async () => {
    const prefix = `plaudit-profile-${process.pid}`;
    const session = await worker.open(echo(), { profile: join(tmpdir(), prefix), optimisation: 'none' });
    await session.run({ x: floats(1) });
    await session.close();
    const files = readdirSync(tmpdir()).filter((file) => file.startsWith(prefix));
    expect(files).toHaveLength(1);
    for (const file of files) rmSync(join(tmpdir(), file));
  });
});

describe('cancellation and back-pressure', () => {
  it('withdraws runs that wait, ends the one that runs, and leaves the session usable', async () => {
    const session = await worker.open(slow(512, 20));
    const feeds = { x: square(512) };
    const controller = new AbortController();
    const options = { signal: controller.signal };
    const runs = Array.from({ length: 6 }, () => session.run(feeds, options));
    const outcomes = Promise.allSettled(runs);
    expect(worker.load).toEqual({ posted: 2, waiting: 4 });
    controller.abort();
    expect(worker.load).toEqual({ posted: 2, waiting: 0 });
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'engine.cancelled' } });
    }
    const { y } = await session.run(feeds);
    expect(y!.data[0]).toBeCloseTo(1 / 512, 6);
    await session.close();
  });

  it('keeps the main thread free while a graph runs', async () => {
    const session = await worker.open(slow(768, 40));
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 1);
    const start = performance.now();
    await session.run({ x: square(768) });
    const took = performance.now() - start;
    clearInterval(timer);
    expect(longest).toBeLessThan(took / 2);
    await session.close();
  });
});

describe('a provider', () => {
  it('that is bundled is listed, cpu first', async () => {
    const available = await availableProviders();
    expect(available[0]).toBe('cpu');
    expect(providerNames).toEqual(expect.arrayContaining([...available]));
  });

  it('that this machine does not have is refused with those that it has', async () => {
    const available = await availableProviders();
    const absent = providerNames.filter((name) => !available.includes(name));
    expect(absent.length).toBeGreaterThan(0);
    for (const provider of absent) {
      await expect(EngineWorker.start({ provider })).rejects.toMatchObject({
        code: 'engine.provider_absent',
        parameters: { provider, available: available.join(', ') },
      });
    }
  });
});

describe('the end of a worker', () => {
  it('that dies rejects all that is outstanding, and all that follows', async () => {
    const doomed = await EngineWorker.start({ threads: 1 });
    const session = await doomed.open(slow(512, 30));
    const runs = [1, 2, 3, 4, 5].map(() => session.run({ x: square(512) }));
    const outcomes = Promise.allSettled(runs);
    // A message that the worker cannot read ends it after the two runs that it has got by then.
    // biome-ignore lint/complexity/useLiteralKeys: the thread is private; nobody else has to kill it
    doomed['thread'].postMessage(null);
    const settled = await outcomes;
    expect(settled[0]!.status).toBe('fulfilled');
    // The answer to the second may be lost with the thread.
    for (const outcome of settled.slice(2)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'engine.worker_died' } });
    }
    await expect(session.run({ x: square(512) })).rejects.toMatchObject({ code: 'engine.worker_died' });
    await doomed.stop();
  });

  it('that is stopped answers what was asked before', async () => {
    const stopped = await EngineWorker.start({ threads: 1 });
    const session = await stopped.open(slow(256, 10));
    const runs = Promise.all([1, 2, 3, 4].map(() => session.run({ x: square(256) })));
    const stop = stopped.stop();
    await expect(session.run({ x: square(256) })).rejects.toMatchObject({ code: 'engine.closed' });
    expect(await runs).toHaveLength(4);
    await stop;
    await stopped.stop();
  });

  it('that is stopped at once rejects what was asked before', async () => {
    const stopped = await EngineWorker.start({ threads: 1 });
    const session = await stopped.open(slow(256, 10));
    const runs = Promise.allSettled([1, 2, 3, 4].map(() => session.run({ x: square(256) })));
    await stopped.stop({ drain: false });
    for (const outcome of await runs) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'engine.closed' } });
    }
  });
});

describe('the end of a process', () => {
  const url = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);
  const inProcess = (script: string) => {
    const head = `
      import { EngineWorker } from ${url('./engine-worker.ts')};
      import { echo, slow } from ${url('./test-models.ts')};
      const worker = await EngineWorker.start({ threads: 1 });`;
    const flags = ['--conditions=source', '--input-type=module', '--eval', head + script];
    return promisify(execFile)(process.execPath, flags, { timeout: 30_000 });
  };
  const running = `
    const session = await worker.open(slow(512, 40));
    const x = { dtype: 'float32', shape: [512, 512], data: new Float32Array(512 * 512) };
    for (let i = 0; i < 4; i++) session.run({ x }).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 30));
  `;

  it('waits for an outstanding run, not for a worker without one', async () => {
    const { stdout, stderr } = await inProcess(`
      const session = await worker.open(echo());
      const { y } = await session.run({ x: { dtype: 'float32', shape: [1], data: Float32Array.of(3) } });
      console.log(y.data[0]);
    `);
    expect({ stdout, stderr }).toEqual({ stdout: '3\n', stderr: '' });
  });

  it('in the middle of a run keeps its exit code instead of aborting', async () => {
    await expect(inProcess(`${running} process.exit(3);`)).rejects.toMatchObject({ code: 3, stderr: '' });
  });

  it('by an uncaught error in the middle of a run shows that error', async () => {
    await expect(inProcess(`${running} throw new Error('on purpose');`)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('on purpose'),
    });
  });
});

describe('determinism', () => {
  it('the same inputs give the same bits, run after run and session after session', async () => {
    const x = Float32Array.from({ length: 301 * 301 }, (_, i) => Math.sin(i * 12.9898) / 17);
    const open: Session[] = [];
    const results = new Set<number>();
    for (let i = 0; i < 3; i++) {
      const session = await worker.open(slow(301, 5));
      open.push(session);
      for (let j = 0; j < 3; j++) {
        const { y } = await session.run({ x: { dtype: 'float32', shape: [301, 301], data: x } });
        results.add(new Uint32Array(y!.data.buffer)[0]!);
      }
    }
    expect(results.size).toBe(1);
    for (const session of open) await session.close();
  });
});
