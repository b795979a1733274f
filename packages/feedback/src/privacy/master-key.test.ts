import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createMasterKey, masterKeyOf, readMasterKey, writeMasterKey } from './master-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'plaudit-key-'));
afterAll(() => rmSync(folder, { recursive: true }));
const refusal = (code: string) => expect.objectContaining({ code });

it('is written for its owner alone, read back the same, and never replaced', () => {
  const path = join(folder, 'master.key');
  const made = createMasterKey();
  writeMasterKey(path, made);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readMasterKey(path)).toEqual(made);
  const written = readFileSync(path, 'utf8');
  expect(() => writeMasterKey(path, createMasterKey())).toThrow(refusal('privacy.master_key_exists'));
  expect(readFileSync(path, 'utf8')).toBe(written);
  expect(readdirSync(folder)).toEqual(['master.key']);
});

it('is refused where others may read it', () => {
  const path = join(folder, 'open.key');
  writeMasterKey(path, createMasterKey());
  chmodSync(path, 0o640);
  expect(() => readMasterKey(path)).toThrow(refusal('privacy.master_key_exposed'));
});

it('is refused where it is missing, cut off, something else or a folder, and the refusal does not quote it', () => {
  expect(() => readMasterKey(join(folder, 'none'))).toThrow(refusal('privacy.master_key_missing'));
  expect(() => readMasterKey(folder)).toThrow(refusal('privacy.master_key_unusable'));
  for (const [name, text] of [
    ['cut', 'plaudit-master-key-1:c2hvcnQ'],
    ['else', 'hello secret'],
    ['empty', ''],
  ] as const) {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    expect(() => readMasterKey(path)).toThrow(refusal('privacy.master_key_unusable'));
    expect(() => readMasterKey(path)).not.toThrow(/secret|c2hv/);
  }
});

it('says where it cannot be written', () =>
  expect(() => writeMasterKey(join(folder, 'none', 'key'), createMasterKey())).toThrow(
    refusal('output.not_writable'),
  ));

it('has an id that does not tell it, and 32 bytes', () => {
  const zeros = masterKeyOf(new Uint8Array(32));
  expect(zeros.id).toMatch(/^[0-9a-f]{16}$/);
  expect(zeros.id).not.toBe(masterKeyOf(new Uint8Array(32).fill(1)).id);
  expect(() => masterKeyOf(new Uint8Array(16))).toThrow(RangeError);
});
