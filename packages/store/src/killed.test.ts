/** @file Test: processes that import and make snapshots are killed, again and again, and nothing acknowledged is lost. */
import { Random } from '@plaudit/contract';
import { expect, it } from 'vitest';
import { judgementId, ManifestDigest } from './ids.ts';
import { onEmbeddedServer, startProcess } from './testing.ts';
import { all, comparisonOf } from './testing-records.ts';

const script = new URL('killed.test-process.ts', import.meta.url);
const count = 6000;
const rounds = 5;
const atOnce = 4;

onEmbeddedServer(({ newStore, shared }) => {
  it(`loses nothing acknowledged and leaves nothing half-made when importing processes are killed ${rounds * atOnce} times`, async () => {
    const { url, pool } = await shared();
    const store = await newStore();
    const random = new Random(Date.now(), 'kills');
    const snapshots = new Set<string>();
    let acknowledged = 0;
    for (let round = 0; round < rounds; round++) {
      // Two of them import the same source, so that one goes on with the record of another.
      const children = Array.from({ length: atOnce }, (_, i) =>
        startProcess(script, [url, store.project.name, String(count), `file ${i % 3}`]),
      );
      for (const child of children) expect((await child.lines.next()).value).toBe('ready');
      await Promise.all(
        children.map(async (child) => {
          child.say('go');
          // By what it has done, not by the clock: on a slow machine it is killed as far into its work as on a quick one.
          let untilKilled = 1 + random.integer(12);
          for (let line = await child.lines.next(); !line.done; line = await child.lines.next()) {
            if (--untilKilled === 0) setTimeout(() => child.kill('SIGKILL'), random.integer(60));
            const [what, value = ''] = line.value.split(' ');
            if (what === 'rows') acknowledged = Math.max(acknowledged, Number(value));
            else if (what === 'snapshot' && value.length === 64) snapshots.add(value);
          }
          await child.ended;
        }),
      );
      const rows = await all(store.judgements.rows('votes'));
      const found = new Set(rows.map(judgementId));
      expect(found.size).toBe(rows.length);
      // Every import reads from the first row on: what is acknowledged is the beginning.
      for (let i = 0; i < acknowledged; i++)
        expect(found.has(judgementId(comparisonOf(i))), `row ${i} of ${acknowledged}`).toBe(true);
    }
    const listed = await store.snapshots.list({ limit: 1000 });
    const visible = new Set(listed.map(({ id }) => id));
    expect([...snapshots].filter((id) => !visible.has(id))).toEqual([]);
    expect({ acknowledged, snapshots: snapshots.size }).toEqual({
      acknowledged: expect.toSatisfy((rows: number) => rows > 0 && rows < count),
      snapshots: expect.toSatisfy((made: number) => made > 0),
    });
    for (const { id, rows } of listed) {
      const manifest = new ManifestDigest();
      for await (const row of store.snapshots.rowIds(id)) manifest.add([row]);
      expect({ id: manifest.digest(), rows: manifest.rows }).toEqual({ id, rows });
    }
    const { rows: orphans } = await pool.query(
      'select 1 from snapshot_rows where snapshot not in (select number from snapshots) limit 1',
    );
    expect(orphans).toEqual([]);
    const { added, known } = await store.judgements.import(
      [{ judgements: Array.from({ length: count }, (_, i) => comparisonOf(i)) }],
      { dataset: 'votes', source: 'file 0' },
    );
    expect(added + known).toBe(count);
    expect((await store.datasets.get('votes')).rows).toBe(count);
  });
});
