/** @file Tests: a log verifies as it was exported, and not after any change of any entry; by code that did not write it. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditHash, openDatabase, openStore } from '@plaudit/store';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyChain } from './audit-chain.ts';
import { auditExport } from './commands/audit-export.ts';
import { auditVerify } from './commands/audit-verify.ts';

const folder = mkdtempSync(join(tmpdir(), 'plaudit-audit-'));
const file = join(folder, 'audit.jsonl');
let lines: string[];

beforeAll(async () => {
  const database = await openDatabase({ folder: join(folder, 'postgres'), environment: {} });
  try {
    const store = await openStore(database, { project: 'default' });
    for (let i = 0; i < 12; i++)
      await store.audit.append({
        ...{ actor: `user:${i % 3}`, action: 'bundle.create', resource: `bundle ${i} – „quoted“` },
        details: { share: i / 7, from: i % 2 === 0 ? null : 'é', list: [1, { b: 2, a: 1 }] },
      });
  } finally {
    await database.close();
  }
  process.env.DATABASE_URL = '';
  await auditExport().parseAsync(['--out', file, '--store', folder, '--quiet'], { from: 'user' });
  lines = readFileSync(file, 'utf8').trim().split('\n');
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const hashOf = (line: string): string => JSON.parse(line).hash;

describe('an exported audit log', () => {
  it('verifies as it is, and against any hash that was kept', async () => {
    expect(lines).toHaveLength(12);
    const last = hashOf(lines[11]!);
    expect(await verifyChain(lines)).toEqual({ intact: true, entries: 12, last });
    for (const kept of [hashOf(lines[4]!), last])
      expect(await verifyChain(lines, { last: kept })).toMatchObject({ intact: true });
    expect(await verifyChain(lines.slice(5), { after: hashOf(lines[4]!) })).toMatchObject({
      intact: true,
      entries: 7,
    });
    expect(await verifyChain([])).toEqual({ intact: true, entries: 0, last: null });
  });

  it('has the hashes that the store computes', () => {
    for (const line of lines) {
      const { project, at, ...entry } = JSON.parse(line);
      expect(auditHash(project, { ...entry, at: new Date(at) })).toBe(entry.hash);
    }
  });

  it('does not verify once any entry is changed, left out, moved or doubled', async () => {
    const broken = async (changed: readonly string[], seq: number) =>
      expect(await verifyChain(changed), `entry ${seq}`).toMatchObject({ intact: false, seq });
    for (let i = 0; i < 11; i++) {
      await broken(lines.toSpliced(i, 1), i + 2);
      await broken(lines.toSpliced(i, 2, lines[i + 1]!, lines[i]!), i + 2);
      await broken(lines.toSpliced(i, 0, lines[i]!), i === 0 ? 1 : i + 1);
    }
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 11 }),
        fc.constantFrom('actor', 'action', 'resource', 'at', 'details', 'project'),
        async (at, field) => {
          const entry = JSON.parse(lines[at]!);
          entry[field] =
            { details: { share: 9 }, at: '2020-01-01T00:00:00.000Z' }[field as 'details'] ?? 'other';
          const { intact } = await verifyChain(lines.with(at, JSON.stringify(entry)));
          expect(intact).toBe(false);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('does not verify when an entry is changed together with its own hash', async () => {
    const { hash, ...entry } = JSON.parse(lines[6]!);
    const changed = { ...entry, actor: 'eve' };
    const { canonicalJson } = await import('@plaudit/contract');
    const forged = { ...changed, hash: createHash('sha256').update(canonicalJson(changed)).digest('hex') };
    expect(await verifyChain(lines.with(6, JSON.stringify(forged)))).toMatchObject({ intact: false, seq: 8 });
  });

  it('that was cut off at its end shows only against a hash that was kept', async () => {
    const cut = lines.slice(0, 8);
    expect(await verifyChain(cut)).toMatchObject({ intact: true });
    expect(await verifyChain(cut, { last: hashOf(lines[11]!) })).toMatchObject({ intact: false });
  });

  it('of something else is not read', async () => {
    for (const text of ['no json', '{}', '[]', JSON.stringify({ ...JSON.parse(lines[0]!), more: 1 })])
      expect(await verifyChain([text]), text).toMatchObject({ intact: false, line: 1, seq: null });
  });
});

describe('plaudit audit verify', () => {
  const verify = (...words: string[]) =>
    auditVerify().parseAsync([...words, '--quiet', '--json'], { from: 'user' });
  it('ends well for a whole log and with the entry that is wrong for any other', async () => {
    await verify(file, '--last', hashOf(lines[11]!));
    const changed = join(folder, 'changed.jsonl');
    writeFileSync(changed, lines.with(3, lines[3]!.replace('bundle.create', 'bundle.retire')).join('\n'));
    await expect(verify(changed)).rejects.toMatchObject({ code: 'audit.broken', parameters: { seq: 4 } });
    writeFileSync(changed, 'something');
    await expect(verify(changed)).rejects.toMatchObject({
      code: 'audit.unreadable',
      parameters: { line: 1 },
    });
    await expect(verify(join(folder, 'none'))).rejects.toMatchObject({ code: 'data.file_missing' });
  });
});
