/** @file Weights in files: wherever they lie and through whatever links they are reached. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CompiledGraph, ExternalFile } from './compiled-graph.ts';
import { EngineWorker } from './engine-worker.ts';
import { locateExternalData } from './external-data.ts';
import { declare, handmade } from './test-models.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'plaudit-external-')));
const inFolder = (...parts: string[]): string => join(folder, ...parts);
let worker: EngineWorker;

beforeAll(async () => {
  // The layout of the Hub's cache: a snapshot of links to blobs named by their hash.
  mkdirSync(inFolder('blobs'), { recursive: true });
  mkdirSync(inFolder('snapshots', 'main'), { recursive: true });
  mkdirSync(inFolder('adapter'));
  const numbers = (first: number): Uint8Array =>
    new Uint8Array(Float32Array.of(99, first, first + 1, first + 2, first + 3).buffer);
  writeFileSync(inFolder('blobs', 'abc123'), numbers(1));
  writeFileSync(inFolder('adapter', 'head.safetensors'), numbers(10));
  symlinkSync('../../blobs/abc123', inFolder('snapshots', 'main', 'model.safetensors'));
  worker = await EngineWorker.start({ threads: 1 });
});

afterAll(async () => {
  await worker.stop();
  rmSync(folder, { recursive: true });
});

/** y = x a b, with a and b 2x2 behind the first number of their files. */
const product = (files: readonly ExternalFile[]): CompiledGraph => {
  const matrix = (index: number) => ({
    location: files[index]!.location,
    offset: 4,
    rows: 2,
    columns: 2,
  });
  return handmade(
    [declare('x', [1, 2])],
    [
      ['MatMul', 'x a', 'xa'],
      ['MatMul', 'xa b', 'y'],
    ],
    [declare('y', [1, 2])],
    {},
    { a: matrix(0), b: matrix(files.length - 1) },
    files,
  );
};

const run = async (files: readonly ExternalFile[], prepack: boolean): Promise<number[]> => {
  const session = await worker.open(product(files), { prepack });
  const { y } = await session.run({ x: { dtype: 'float32', shape: [1, 2], data: Float32Array.of(1, 1) } });
  await session.close();
  return [...(y!.data as Float32Array)];
};

describe('weights in files', () => {
  it.each([true, false])(
    'are read through a link, as in the cache of the Hub (prepack %s)',
    async (prepack) => {
      const file = inFolder('snapshots', 'main', 'model.safetensors');
      // [1 1] [[1 2] [3 4]] = [4 6]; [4 6] [[1 2] [3 4]] = [22 32]
      expect(await run([{ location: 'model.safetensors', file }], prepack)).toEqual([22, 32]);
    },
  );

  it('may lie in several folders', async () => {
    const files = [
      { location: '0', file: inFolder('snapshots', 'main', 'model.safetensors') },
      { location: '1', file: inFolder('adapter', 'head.safetensors') },
    ];
    // [4 6] [[10 11] [12 13]] = [112 122]
    expect(await run(files, true)).toEqual([112, 122]);
  });

  it('leave a model alone that points to its file already', () => {
    const files = [{ location: 'head.safetensors', file: inFolder('adapter', 'head.safetensors') }];
    const { model } = product(files);
    expect(locateExternalData(model, files)).toEqual({ model, folder: inFolder('adapter') });
    expect(locateExternalData(model, files).model).toBe(model);
    expect(locateExternalData(model, [])).toEqual({ model, folder: undefined });
  });

  it('find the deepest folder that holds all files', () => {
    const files = [
      { location: 'a', file: inFolder('adapter', 'head.safetensors') },
      { location: 'b', file: inFolder('blobs', 'abc123') },
    ];
    expect(locateExternalData(product(files).model, files).folder).toBe(folder);
  });

  it('are asked for by name when they are missing', async () => {
    const file = inFolder('nowhere.safetensors');
    await expect(worker.open(product([{ location: 'w', file }]))).rejects.toMatchObject({
      code: 'engine.weights_missing',
      parameters: { path: file },
    });
    await expect(worker.open(product([{ location: 'w', file: folder }]))).rejects.toMatchObject({
      code: 'engine.weights_missing',
    });
  });

  it('that are cut off are refused', async () => {
    const file = inFolder('short');
    writeFileSync(file, new Uint8Array(12));
    await expect(worker.open(product([{ location: 'short', file }]))).rejects.toMatchObject({
      code: 'engine.model_refused',
    });
  });
});
