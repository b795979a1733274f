/** @file What the tests of this folder share: fixtures, temporary folders, and the code of an error. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PlauditError } from '@plaudit/contract';

export const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));

/** Runs with a folder that is removed afterwards. */
export const inTemporaryFolder = async <T>(run: (folder: string) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'plaudit-'));
  try {
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** The code of the PlauditError that was thrown; anything else that is thrown fails the test. */
export const codeOf = async (run: () => unknown): Promise<string> => {
  try {
    await run();
  } catch (thrown) {
    if (thrown instanceof PlauditError) return thrown.code;
    throw thrown;
  }
  return 'nothing thrown';
};

/** A safetensors file of any header and data. */
export const safetensorsBytes = (header: unknown, data: Uint8Array = new Uint8Array(0)): Uint8Array => {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
};
