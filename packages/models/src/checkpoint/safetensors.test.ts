import { readFileSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTensor } from './read-tensor.ts';
import { readSafetensorsHeader } from './safetensors.ts';
import { codeOf, fixture, inTemporaryFolder, safetensorsBytes } from './testing.ts';
import { writeSafetensors } from './write-safetensors.ts';

const headerOf = (bytes: Uint8Array) =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, 'model.safetensors');
    await writeFile(path, bytes);
    return readSafetensorsHeader(path);
  });

const tensor = (shape: unknown, from: unknown, to: unknown, dtype: unknown = 'F32') => ({
  dtype,
  shape,
  data_offsets: [from, to],
});
const data = (length: number) => new Uint8Array(length);

describe('readSafetensorsHeader', () => {
  it('reads every dtype that Python wrote', async () => {
    const expected = JSON.parse(readFileSync(fixture('dtypes/expected.json'), 'utf8')) as Record<
      string,
      { shape: number[]; values: number[] }
    >;
    const file = await readSafetensorsHeader(fixture('dtypes/model.safetensors'));
    expect([...file.tensors.keys()].sort()).toEqual(Object.keys(expected).sort());
    expect(file.metadata.get('note')).toBe('every dtype');
    for (const [name, { shape, values }] of Object.entries(expected)) {
      const entry = file.tensors.get(name)!;
      expect(entry.shape).toEqual(shape);
      expect([...(await readTensor(entry))]).toEqual(values.map(Math.fround));
    }
  });

  const good = { a: tensor([2], 0, 8), b: tensor([1, 3], 8, 20) };

  it('accepts tensors in any order, empty ones, and spaces behind the header', async () => {
    const file = await headerOf(
      safetensorsBytes(
        `${JSON.stringify({ b: good.b, empty: tensor([0, 7], 8, 8), a: good.a })}   `,
        data(20),
      ),
    );
    expect([...file.tensors.keys()]).toEqual(['b', 'empty', 'a']);
  });

  it.each<[string, string, Uint8Array]>([
    ['no bytes at all', 'model.corrupt', new Uint8Array(0)],
    ['a header longer than the file', 'model.corrupt', new Uint8Array(16).fill(0xff)],
    ['a header that is not JSON', 'model.corrupt', safetensorsBytes('{nonsense}')],
    ['a header that is a list', 'model.corrupt', safetensorsBytes('[1,2]')],
    ['a header that is not UTF-8', 'model.corrupt', Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff)],
    [
      'a hole between tensors',
      'model.corrupt',
      safetensorsBytes({ a: good.a, b: tensor([1, 3], 12, 24) }, data(24)),
    ],
    [
      'overlapping tensors',
      'model.corrupt',
      safetensorsBytes({ a: good.a, b: tensor([1, 3], 4, 16) }, data(16)),
    ],
    ['bytes at the end that belong to none', 'model.corrupt', safetensorsBytes(good, data(24))],
    ['a truncated last tensor', 'model.corrupt', safetensorsBytes(good, data(19))],
    ['offsets that run backwards', 'model.corrupt', safetensorsBytes({ a: tensor([2], 8, 0) }, data(8))],
    ['a negative offset', 'model.corrupt', safetensorsBytes({ a: tensor([2], -8, 0) }, data(8))],
    ['a fractional offset', 'model.corrupt', safetensorsBytes({ a: tensor([2], 0.5, 8.5) }, data(9))],
    [
      'a shape whose product overflows',
      'model.corrupt',
      safetensorsBytes({ a: tensor([2 ** 40, 2 ** 40], 0, 8) }, data(8)),
    ],
    ['a negative size', 'model.corrupt', safetensorsBytes({ a: tensor([-2, -1], 0, 8) }, data(8))],
    ['a shape that is text', 'model.corrupt', safetensorsBytes({ a: tensor('2', 0, 8) }, data(8))],
    [
      'a shape of nine dimensions',
      'model.corrupt',
      safetensorsBytes({ a: tensor(Array(9).fill(1), 0, 4) }, data(4)),
    ],
    [
      'a size that is not a whole number',
      'model.corrupt',
      safetensorsBytes({ a: tensor([0.5], 0, 2) }, data(2)),
    ],
    [
      'a dtype that is not known',
      'model.dtype_unsupported',
      safetensorsBytes({ a: tensor([2], 0, 8, 'F8_E4M3') }, data(8)),
    ],
    [
      'a dtype named like a method',
      'model.dtype_unsupported',
      safetensorsBytes({ a: tensor([2], 0, 8, 'toString') }, data(8)),
    ],
    ['an entry that is null', 'model.corrupt', safetensorsBytes({ a: null })],
    ['an empty name', 'model.corrupt', safetensorsBytes({ '': good.a }, data(8))],
    ['a name of 2,000 letters', 'model.corrupt', safetensorsBytes({ ['x'.repeat(2000)]: good.a }, data(8))],
    ['metadata that holds a number', 'model.corrupt', safetensorsBytes({ __metadata__: { a: 1 } })],
    [
      'a tensor named twice',
      'model.corrupt',
      safetensorsBytes(
        `{"a":${JSON.stringify(good.a)},"\\u0061":${JSON.stringify(tensor([1, 2], 0, 8))}}`,
        data(8),
      ),
    ],
  ])('refuses %s', async (_, code, bytes) => {
    expect(await codeOf(() => headerOf(bytes))).toBe(code);
  });
});

describe('writeSafetensors', () => {
  const tensors = new Map([
    ['z', { dtype: 'F32', shape: [2, 2], data: Float32Array.of(1, -2, 3.5, 1e-20) }],
    ['b', { dtype: 'BF16', shape: [3], data: Float32Array.of(1, 2, -3) }],
    ['a', { dtype: 'F16', shape: [2], data: async () => Float32Array.of(0.5, 65504) }],
    ['1', { dtype: 'F32', shape: [], data: Float32Array.of(7) }],
  ] as const);

  it('is read back as it was written, in an order and at offsets that do not depend on the order given', async () => {
    await inTemporaryFolder(async (folder) => {
      const [one, two] = [join(folder, 'one.safetensors'), join(folder, 'two.safetensors')];
      await writeSafetensors(one, tensors, { rank: '8', alpha: '16' });
      await writeSafetensors(two, new Map([...tensors].reverse()), { alpha: '16', rank: '8' });
      expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
      const file = await readSafetensorsHeader(one);
      expect([...file.metadata]).toEqual([
        ['alpha', '16'],
        ['format', 'pt'],
        ['rank', '8'],
      ]);
      expect([...file.tensors.values()].map(({ name, offset }) => [name, offset % 4])).toContainEqual([
        'z',
        0,
      ]);
      expect(Math.min(...[...file.tensors.values()].map((entry) => entry.offset)) % 64).toBe(0);
      expect([...(await readTensor(file.tensors.get('z')!))]).toEqual([1, -2, 3.5, Math.fround(1e-20)]);
      expect([...(await readTensor(file.tensors.get('b')!))]).toEqual([1, 2, -3]);
      expect([...(await readTensor(file.tensors.get('a')!))]).toEqual([0.5, 65504]);
      expect([...(await readTensor(file.tensors.get('1')!))]).toEqual([7]);
    });
  });

  it('leaves nothing behind when the data does not fit the shape', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'x.safetensors');
      const wrong = new Map([['a', { dtype: 'F32', shape: [3], data: Float32Array.of(1) }]] as const);
      await expect(writeSafetensors(path, wrong)).rejects.toThrow(RangeError);
      expect(await readdir(folder)).toEqual([]);
    });
  });
});
