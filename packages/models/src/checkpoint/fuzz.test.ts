import { readFileSync } from 'node:fs';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlauditError } from '@plaudit/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from './open.ts';
import { readTensor } from './read-tensor.ts';
import { readSafetensorsHeader } from './safetensors.ts';
import { fixture, inTemporaryFolder } from './testing.ts';

/** Opens and reads all; a PlauditError is as good as success, anything else is a fault. */
const survives = async (path: string): Promise<void> => {
  const before = process.memoryUsage.rss();
  try {
    const checkpoint = await openCheckpoint(path);
    for (const name of checkpoint.tensors.keys()) await checkpoint.read(name);
    await checkpoint.text();
  } catch (thrown) {
    if (!(thrown instanceof PlauditError)) throw thrown;
  }
  // The files have at most 150 kB: nothing that they say may cost more than a few megabytes.
  expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 2 ** 20);
};

/** Where and what to write over a valid file; small numbers and the edges of integers find more than noise does. */
const mutation = (length: number, headerLength: number) =>
  fc.record({
    at: fc.oneof(
      { weight: 4, arbitrary: fc.nat(headerLength - 1) },
      { weight: 1, arbitrary: fc.nat(length - 1) },
    ),
    bytes: fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 8 }),
      fc.constantFrom(
        new Uint8Array(8),
        new Uint8Array(8).fill(0xff),
        Uint8Array.of(0xff, 0xff, 0xff, 0x7f),
        Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0x80),
        Uint8Array.of(9, 0, 0, 0),
      ),
    ),
  });

const mutated = (
  bytes: Uint8Array,
  changes: readonly { at: number; bytes: Uint8Array }[],
  cut: number,
): Uint8Array => {
  const copy = bytes.slice();
  for (const change of changes) copy.set(change.bytes.subarray(0, copy.length - change.at), change.at);
  return copy.subarray(0, copy.length - cut);
};

const settings = { numRuns: 300, interruptAfterTimeLimit: 20_000, markInterruptAsFailure: false };

describe('a checkpoint from anywhere', () => {
  it.each(['gguf/llama.gguf', 'gguf/bert.gguf', 'llama/model.safetensors'])(
    'never crashes or takes much memory when bytes of %s are changed or cut off',
    async (name) => {
      const valid = new Uint8Array(readFileSync(fixture(name)));
      const headerLength = name.endsWith('.gguf') ? 6000 : 2600;
      await inTemporaryFolder(async (folder) => {
        await cp(fixture('llama'), folder, { recursive: true });
        const path = join(folder, name.endsWith('.gguf') ? 'x.gguf' : 'model.safetensors');
        await fc.assert(
          fc.asyncProperty(
            fc.array(mutation(valid.length, headerLength), { minLength: 1, maxLength: 4 }),
            fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(valid.length - 1)),
            async (changes, cut) => {
              await writeFile(path, mutated(valid, changes, cut));
              await survives(path);
            },
          ),
          settings,
        );
      });
    },
  );

  it('never crashes on random bytes behind a right beginning', async () => {
    await inTemporaryFolder(async (folder) => {
      await cp(fixture('llama'), folder, { recursive: true });
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (noise, isGguf) => {
          const path = join(folder, isGguf ? 'x.gguf' : 'model.safetensors');
          const start = isGguf
            ? new TextEncoder().encode('GGUF\x03\0\0\0')
            : Buffer.from(BigUint64Array.of(BigInt(noise.length)).buffer);
          await writeFile(path, Buffer.concat([start, noise]));
          await survives(path);
        }),
        settings,
      );
    });
  });

  it('never crashes on a safetensors header of random JSON', async () => {
    const offsets = fc.tuple(fc.integer({ min: -2, max: 40 }), fc.integer({ min: -2, max: 40 }));
    const entry = fc.record({
      dtype: fc.oneof(fc.constantFrom('F32', 'F16', 'I64', 'BOOL'), fc.string()),
      shape: fc.oneof(fc.array(fc.integer({ min: -1, max: 5 }), { maxLength: 3 }), fc.jsonValue()),
      data_offsets: fc.oneof(offsets, fc.jsonValue()),
    });
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'x.safetensors');
      await fc.assert(
        fc.asyncProperty(
          fc.dictionary(fc.string(), fc.oneof({ weight: 5, arbitrary: entry }, fc.jsonValue()), {
            maxKeys: 4,
          }),
          fc.nat(40),
          async (header, length) => {
            const json = Buffer.from(JSON.stringify(header));
            const size = Buffer.from(BigUint64Array.of(BigInt(json.length)).buffer);
            await writeFile(path, Buffer.concat([size, json, Buffer.alloc(length)]));
            try {
              const file = await readSafetensorsHeader(path);
              for (const tensor of file.tensors.values()) await readTensor(tensor);
            } catch (thrown) {
              if (!(thrown instanceof PlauditError)) throw thrown;
            }
          },
        ),
        settings,
      );
    });
  });
});
