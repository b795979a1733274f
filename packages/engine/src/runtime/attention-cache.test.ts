/** @file Keys and values in the worker: what a graph reads of them, and where what it returns is written. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Graph } from '../graph/graph.ts';
import { compile } from '../onnx/emit.ts';
import * as ops from '../ops/index.ts';
import type { AttentionCache } from './attention-cache.ts';
import { EngineWorker } from './engine-worker.ts';
import type { Session } from './session.ts';
import type { TensorValue } from './tensor.ts';

const [keys, size] = [2, 3];

let worker: EngineWorker;
let session: Session;
beforeAll(async () => {
  worker = await EngineWorker.start({ threads: 1 });
  // New keys are the fed numbers, new values their opposites; all that is held comes back to be looked at.
  const graph = new Graph();
  const past = (kind: string) => graph.input(`past.0.${kind}`, 'float32', ['rows', keys, 'past', size]);
  const fresh = graph.input('fresh', 'float32', ['tokens', keys * size]);
  session = await worker.open(
    compile({
      keys: ops.multiply(past('key'), 1),
      values: ops.multiply(past('value'), 1),
      'new.0.key': ops.multiply(fresh, 1),
      'new.0.value': ops.negate(fresh),
    }),
  );
});
afterAll(() => worker.stop());

/** Tokens whose features count up from 10 times their number. */
const tokens = (...numbers: number[]): TensorValue => ({
  dtype: 'float32',
  shape: [numbers.length, keys * size],
  data: Float32Array.from(numbers.flatMap((n) => Array.from({ length: keys * size }, (_, i) => 10 * n + i))),
});

const write = (store: AttentionCache, numbers: number[], places: (readonly [number, number])[]) =>
  session.run(
    { fresh: tokens(...numbers) },
    { cache: { store, first: 0, count: 1, empty: true, writes: Int32Array.from(places.flat()) } },
  );

/** The first feature of the first head at each position of rows; of the second head, 3 more. */
const read = async (store: AttentionCache, first: number, count: number): Promise<number[][]> => {
  const { keys: found, values } = await session.run(
    { fresh: tokens() },
    { cache: { store, first, count, empty: false, writes: new Int32Array(0) } },
  );
  const { capacity } = store;
  expect(found!.shape).toEqual([count, keys, capacity, size]);
  expect(values!.data).toEqual((found!.data as Float32Array).map((value) => 0 - value));
  return Array.from({ length: count }, (_, row) =>
    Array.from({ length: capacity }, (_, position) => {
      const at = (key: number): number =>
        found!.data[((row * keys + key) * capacity + position) * size] as number;
      expect(at(1)).toBe(at(0) === 0 ? 0 : at(0) + size);
      return at(0);
    }),
  );
};

describe('an attention cache', () => {
  it('holds what runs return for their tokens, and gives graphs the rows that they ask for', async () => {
    const store = await worker.createCache({ layers: 1, keys, size, rows: 3 });
    await store.reserve(2);
    const outputs = await write(
      store,
      [1, 2, 3],
      [
        [0, 0],
        [2, 0],
        [2, 1],
      ],
    );
    expect(Object.keys(outputs)).toEqual(['keys', 'values']);
    expect(outputs.keys!.shape).toEqual([1, keys, 0, size]);
    expect(await read(store, 0, 3)).toEqual([
      [10, 0],
      [0, 0],
      [20, 30],
    ]);
    expect(await read(store, 2, 1)).toEqual([[20, 30]]);
    await store.close();
  });

  it('keeps everything when it grows, and never shrinks', async () => {
    const store = await worker.createCache({ layers: 1, keys, size, rows: 2 });
    await store.reserve(1);
    await write(
      store,
      [1, 2],
      [
        [0, 0],
        [1, 0],
      ],
    );
    await store.reserve(3);
    await write(store, [3], [[1, 2]]);
    await store.reserve(2);
    expect(store.capacity).toBe(3);
    expect(await read(store, 0, 2)).toEqual([
      [10, 0, 0],
      [20, 0, 30],
    ]);
    await store.close();
  });

  it('copies the first positions of a row to others', async () => {
    const store = await worker.createCache({ layers: 1, keys, size, rows: 3 });
    await store.reserve(3);
    await write(
      store,
      [1, 2, 3, 4],
      [
        [1, 0],
        [1, 1],
        [1, 2],
        [2, 2],
      ],
    );
    await store.copy(
      [
        [1, 0],
        [1, 2],
      ],
      2,
    );
    expect(await read(store, 0, 3)).toEqual([
      [10, 20, 0],
      [10, 20, 30],
      [10, 20, 40],
    ]);
    await store.close();
  });

  it('refuses rows and positions that it does not have, other sizes, other workers, and use after its end', async () => {
    const store = await worker.createCache({ layers: 1, keys, size, rows: 2 });
    await store.reserve(2);
    const refused = { code: 'engine.cache' };
    await expect(write(store, [1], [[2, 0]])).rejects.toMatchObject(refused);
    await expect(write(store, [1], [[0, 2]])).rejects.toMatchObject(refused);
    await expect(write(store, [1, 2], [[0, 0]])).rejects.toMatchObject(refused);
    await expect(read(store, 1, 2)).rejects.toMatchObject(refused);
    await expect(store.copy([[0, 2]], 1)).rejects.toMatchObject(refused);
    await expect(store.copy([[0, 1]], 3)).rejects.toMatchObject(refused);

    const wide = await worker.createCache({ layers: 1, keys: 3, size, rows: 2 });
    await expect(write(wide, [1], [[0, 0]])).rejects.toMatchObject(refused);
    await wide.reserve(1);
    await expect(write(wide, [1], [[0, 0]])).rejects.toMatchObject({ code: 'engine.feed' });
    const deep = await worker.createCache({ layers: 2, keys, size, rows: 2 });
    await deep.reserve(1);
    await expect(write(deep, [1], [[0, 0]])).rejects.toMatchObject({ code: 'engine.output_unknown' });

    await using other = await EngineWorker.start({ threads: 1 });
    const foreign = await other.createCache({ layers: 1, keys, size, rows: 2 });
    await foreign.reserve(1);
    await expect(write(foreign, [1], [[0, 0]])).rejects.toMatchObject({ code: 'engine.closed' });
    await store.close();
    await store.close();
    await expect(write(store, [1], [[0, 0]])).rejects.toMatchObject({ code: 'engine.closed' });
  });
});
