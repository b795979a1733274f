/** @file Tests: every migration goes from the one before it with data in place, once, and to the schema that is on file. */
import { Pool } from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../postgres/open-database.ts';
import { onEveryDatabase } from '../testing.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations.ts';
import { schemaManifest } from './schema-manifest.ts';

const project = '00000000-0000-7000-8000-000000000001';
const id = (number: number): string => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;
const digest = (number: number): string => `'\\x${String(number).padStart(64, '0')}'`;

/** For each migration rows that its tables can hold. A new migration needs an entry of its own. */
const rowsOf: Readonly<Record<number, string>> = {
  1: `
    insert into projects (id, name, created_at) values ('${project}', 'p', now());
    insert into annotators (project, id, name, kind, subject, created_at)
      values ('${project}', '${id(2)}', 'ada', 'human', 'ada', now());
    insert into prompts values ('${project}', ${digest(1)}, '[{"content":"q\\u0000","role":"user"}]', now());
    insert into responses values ('${project}', ${digest(1)}, ${digest(2)}, '"a"', now());
    insert into judgements (project, id, kind, prompt, responses, annotator, source, said, created_at)
      values ('${project}', ${digest(3)}, 'label', ${digest(1)}, array[${digest(2)}::bytea], '${id(2)}', 's', '{}', now());
    insert into judgements (project, id, kind, created_at, erased_at)
      values ('${project}', ${digest(4)}, 'label', now(), now());
    insert into retractions values ('${project}', ${digest(3)}, 'ada', 'slipped', now());
    insert into subject_rows values ('${project}', 'bob', 'judgement', ${digest(3)});
    insert into datasets (project, id, name, created_at) values ('${project}', '${id(3)}', 'd', now());
    insert into imports (project, id, dataset, source, state, started_at)
      values ('${project}', '${id(4)}', '${id(3)}', 's', 'running', now());
    insert into dataset_rows values ('${project}', '${id(3)}', ${digest(3)}, '${id(4)}');`,
  2: `
    insert into rubrics values ('${project}', '${id(5)}', 'r', 1, 'read', now());
    insert into criteria values ('${project}', '${id(5)}', 'truth', 0, '', 1, 5, 1);
    insert into assignments (project, id, annotator, prompt, responses, rubric, purpose, selected_by, state, created_at)
      values ('${project}', '${id(6)}', '${id(2)}', ${digest(1)}, array[${digest(2)}::bytea], '${id(5)}', 'gold', 'r', 'open', now());`,
  3: `
    insert into snapshots (project, id, "rows", query, created_at) values ('${project}', ${digest(5)}, 1, '{}', now());
    insert into snapshot_rows select '${project}', number, ${digest(3)} from snapshots;
    insert into tags values ('${project}', 'v1', ${digest(5)}, now());`,
  4: `
    insert into erasures values ('${project}', '${id(7)}', array[${digest(6)}::bytea], 'owner', 'asked', '{}', now());
    insert into runs (project, id, name, kind, state, config, created_at, tainted_by)
      values ('${project}', '${id(8)}', 'n', 'reward.train', 'running', '{}', now(), '${id(7)}');
    insert into steps (project, run, name, position, state, started_at)
      values ('${project}', '${id(8)}', 'fit', 0, 'running', now());
    insert into metrics (project, run, name, step, value, at) values ('${project}', '${id(8)}', 'loss', 0, 'NaN', now());
    insert into artifacts values ('${project}', ${digest(7)}, 3, 'text/plain', now());
    insert into models (project, id, name, version, role, run, card, created_at)
      values ('${project}', '${id(9)}', 'm', 1, 'reward', '${id(8)}', '{}', now());
    insert into files values ('${project}', '${id(9)}', 'a', ${digest(7)}, now());
    insert into run_snapshots values ('${project}', '${id(8)}', ${digest(5)}, 'train');
    insert into run_models values ('${project}', '${id(8)}', '${id(9)}', 'base');`,
  5: `
    insert into bundles (project, id, name, version, reward_model, state, created_by, created_at, updated_at)
      values ('${project}', '${id(10)}', 'b', 1, '${id(9)}', 'draft', 'e', now(), now());
    insert into deployments (project, name, revision, bundle, actor, reason, created_at)
      values ('${project}', 'live', 1, '${id(10)}', 'e', 'r', now());
    insert into experiments (project, id, name, state, plan, created_at)
      values ('${project}', '${id(11)}', 'x', 'draft', '{}', now());
    insert into incidents (project, id, kind, severity, title, state, opened_at)
      values ('${project}', '${id(12)}', 'drift', 1, 't', 'open', now());`,
  6: `
    insert into audit values ('${project}', 1, now(), 'e', 'a', 'r', '{}', ${digest(0)}, ${digest(8)});
    insert into vault_keys values ('${project}', 'key', 'bob', 'master', '', '', '', now());
    insert into vault values ('${project}', 't', 'EMAIL', 'bob', 'key', '', '', '', now());
    insert into impressions (project, id, prompt, response, position, surface, could_answer, created_at)
      values ('${project}', '${id(14)}', ${digest(1)}, ${digest(2)}, 0, 'chat', true, now());
    insert into signals values ('${project}', '${id(15)}', '${id(14)}', 'copy', '{}', now());`,
  7: `
    insert into labelling_tasks (project, id, name, kind, rubric, dataset, redundancy, state, created_by, created_at)
      values ('${project}', '${id(16)}', 't', 'rating', '${id(5)}', 'd', 2, 'open', 'e', now());
    insert into labelling_annotators values ('${project}', '${id(16)}', '${id(2)}');
    insert into labelling_items (project, id, task, position, prompt, responses, purpose, selected_by)
      values ('${project}', '${id(17)}', '${id(16)}', 0, ${digest(1)}, array[${digest(2)}::bytea], 'label', 'r');
    insert into labelling_showings values ('${project}', '${id(6)}', '${id(16)}', '${id(17)}', '${id(2)}');
    insert into labelling_answers (project, assignment, digest, answer, seconds, answered_at)
      values ('${project}', '${id(6)}', ${digest(9)}, '{}', 1, now());
    insert into labelling_verdicts values ('${project}', '${id(17)}', array[${digest(3)}::bytea], 'e', 'r', now());`,
  8: `
    insert into users (id, email, name, password, created_at) values ('${id(18)}', 'a@b.c', 'ada', 'hash', now());
    insert into users (id, name, created_at, removed_at) values ('${id(19)}', 'removed', now(), now());
    insert into sessions values (${digest(10)}, '${id(18)}', now(), now(), now());
    insert into members values ('${project}', '${id(18)}', 'viewer', now());
    insert into api_keys values ('${project}', '${id(20)}', 'ci', ${digest(11)}, 'plt_ab', 'engineer', 'ada', now());
    insert into invitations (id, digest, project, role, created_by, created_at, expires_at)
      values ('${id(21)}', ${digest(12)}, '${project}', 'annotator', 'ada', now(), now());`,
  9: `
    insert into bundle_records values ('${project}', '${id(22)}', '${id(10)}', 'golden', 'e', '{}', now());
    insert into roll_outs (project, id, deployment, canary, plan, state, status, actor, started_at)
      values ('${project}', '${id(23)}', 'live', '${id(10)}', '{}', '{}', 'running', 'e', now());
    insert into observations (project, id, at, deployment, arm) values ('${project}', '${id(24)}', now(), 'live', 'canary');
    insert into exposures (project, experiment, unit, arm, created_at) values ('${project}', '${id(11)}', 'u', 'a', now());
    insert into outcomes values ('${project}', '${id(11)}', 'u', 'reward', 1, now());
    insert into alert_rules (project, id, name, rule, created_by, created_at)
      values ('${project}', '${id(25)}', 'drift', '{}', 'e', now());
    insert into reviews (project, id, prompt, response, reasons, state, opened_at)
      values ('${project}', '${id(26)}', ${digest(1)}, ${digest(2)}, '[]', 'open', now());`,
  10: `
    insert into run_groups (project, id, name, created_at, updated_at)
      values ('${project}', '${id(90)}', 'sweep', now(), now());
    update runs set run_group = '${id(90)}';`,
  11: `insert into kept_answers values ('${project}', 'k', ${digest(8)}, null, now());`,
  12: `update models set deleted_at = now();`,
};

onEveryDatabase(({ emptySchema, shared }) => {
  const pools: Pool[] = [];
  afterAll(async () => {
    for (const pool of pools) await pool.end();
  });
  const emptyPool = async (): Promise<Pool> => {
    const pool = new Pool({ connectionString: await emptySchema(), max: 4 });
    pool.on('error', () => undefined);
    pools.push(pool);
    return pool;
  };

  /** Every row of every table, by table. */
  const contents = async (pool: Pool): Promise<Record<string, Record<string, unknown>[]>> => {
    const { rows } = await pool.query<{ name: string }>(
      "select table_name as name from information_schema.tables where table_schema = current_schema() and table_name <> 'schema_migrations'",
    );
    const found: Record<string, Record<string, unknown>[]> = {};
    for (const { name } of rows)
      found[name] = (await pool.query(`select * from ${name} as t order by t::text`)).rows;
    return found;
  };

  it('goes through every migration with data of all the earlier ones in place, and loses none of it', async () => {
    const pool = await emptyPool();
    for (const { number } of migrations) {
      const before = await contents(pool);
      expect(await migrate(pool, { migrations: migrations.slice(0, number) })).toEqual([number]);
      const after = await contents(pool);
      expect(after, `migration ${number}`).toMatchObject(before);
      for (const [table, rows] of Object.entries(before))
        expect(after[table], table).toHaveLength(rows.length);
      const rows = rowsOf[number];
      if (rows === undefined) throw new Error(`migration ${number} has no rows in this test`);
      await pool.query(rows);
      const filled = await contents(pool);
      const made = Object.keys(after).filter((table) => before[table] === undefined);
      for (const table of made) expect(filled[table]?.length, table).toBeGreaterThan(0);
    }
    expect(await migrate(pool)).toEqual([]);
  });

  it('is run once when several processes open the database at the same time', async () => {
    const url = await emptySchema();
    const ran = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const pool = new Pool({ connectionString: url, max: 1 });
        pools.push(pool);
        return migrate(pool);
      }),
    );
    expect(ran.flat()).toEqual(migrations.map(({ number }) => number));
  });

  it('leaves nothing of a migration that fails', async () => {
    const pool = await emptyPool();
    const broken = { number: 2, name: 'broken', sql: 'create table half (x int); select 1 / 0' };
    await expect(migrate(pool, { migrations: [migrations[0]!, broken] })).rejects.toThrow();
    expect(await contents(pool)).toEqual({});
    expect(await migrate(pool)).toHaveLength(migrations.length);
  });

  it('refuses a database that a later version has migrated, that another migration has made, or that may not be migrated', async () => {
    const url = await emptySchema();
    await expect(openDatabase({ url, migrate: false })).rejects.toMatchObject({
      code: 'store.schema_older',
      parameters: { found: 0, known: migrations.length },
    });
    const database = await openDatabase({ url });
    await (await openDatabase({ url, migrate: false })).close();
    await database.pool.query("insert into schema_migrations values ($1, 'later', '', now())", [
      migrations.length + 1,
    ]);
    await expect(openDatabase({ url })).rejects.toMatchObject({
      code: 'store.schema_newer',
      parameters: { found: migrations.length + 1, known: migrations.length },
    });
    await database.pool.query("delete from schema_migrations where name = 'later'");
    await database.pool.query("update schema_migrations set digest = 'another' where number = 2");
    await expect(openDatabase({ url })).rejects.toMatchObject({ code: 'store.schema_altered' });
    await database.close();
  });

  it('ends at the schema on file; after an intended change `vitest -u` writes it anew', async () => {
    const manifest = await schemaManifest((await shared()).pool);
    await expect(`${JSON.stringify(manifest, null, 2)}\n`).toMatchFileSnapshot('../../schema.json');
  });
});

describe('the list of migrations', () => {
  it('is numbered from 1 without gaps', () => {
    expect(migrations.map(({ number }) => number)).toEqual(migrations.map((_, i) => i + 1));
  });
});
