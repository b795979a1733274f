/** @file One transaction of an import: asks which ids are new, and copies only what is. */
import type { PoolClient } from 'pg';
import { storableName } from '../names.ts';
import type { AnnotatorIds } from './annotator-ids.ts';
import { copyBytes, copyBytesList, copyJson, copyRows, copyText } from './copy-rows.ts';
import { beforeErasures } from './erasure-lock.ts';
import type { ImportCounts } from './import-judgements.ts';
import type { StoredJudgement, StoredText } from './judgement-record.ts';
import { bytesList } from './scope.ts';
import { type VaultRecords, writeVault } from './vault.ts';

export interface Portion {
  readonly judgements: readonly {
    readonly stored: StoredJudgement;
    /** The people whom its texts name. */
    readonly subjects: readonly string[];
    /** Who made it, where the scrubber says so. */
    readonly maker: string | undefined;
  }[];
  readonly vault: readonly VaultRecords[];
  readonly rows: number;
  readonly rejected: number;
}

/** Parts the people of a row into who made it and whom its texts name. */
export const withSubjects = (
  stored: StoredJudgement,
  people: readonly string[],
): Portion['judgements'][number] => {
  const names = people.map(storableName);
  const isMaker = (name: string): boolean => name.startsWith('ANNOTATOR_');
  return { stored, subjects: names.filter((name) => !isMaker(name)), maker: names.find(isMaker) };
};

export interface ImportTarget {
  readonly project: string;
  readonly dataset: string;
  /** Absent for judgements that come one by one. */
  readonly import: string | null;
}

const attempts = 8;

/**
 * Stores a portion and moves the record of the import on, in one transaction. Another import may bring the same rows at
 * the same time; whoever comes second asks again and finds them there.
 *
 * @returns The counts with those of the portion, all of it committed.
 */
export const writePortion = async (
  client: PoolClient,
  target: ImportTarget,
  portion: Portion,
  annotators: AnnotatorIds,
  before: ImportCounts,
  now: Date,
): Promise<ImportCounts> => {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.query('begin');
      await client.query(beforeErasures, [target.project]);
      const counts = await write(client, target, portion, annotators, before, now);
      await client.query('commit');
      return counts;
    } catch (cause) {
      const { code } = cause as { code?: string };
      const overtaken = code === '23505' || code === '40P01';
      if (!overtaken || attempt === attempts) throw cause;
      await client.query('rollback');
    }
  }
};

const write = async (
  client: PoolClient,
  target: ImportTarget,
  { judgements, vault, rows, rejected }: Portion,
  annotators: AnnotatorIds,
  before: ImportCounts,
  now: Date,
): Promise<ImportCounts> => {
  const { project, dataset } = target;
  const distinct = new Map(judgements.map((one) => [one.stored.id, one]));
  const prompts = new Map<string, StoredText>();
  const responses = new Map<string, StoredText & { readonly prompt: string }>();
  for (const { stored } of distinct.values()) {
    prompts.set(stored.prompt.id, stored.prompt);
    for (const { id, json } of stored.responses) responses.set(id, { id, json, prompt: stored.prompt.id });
  }
  const found = {
    judgements: await present(client, 'judgements', project, distinct.keys()),
    prompts: await present(client, 'prompts', project, prompts.keys()),
    responses: await presentResponses(client, project, [...responses.values()]),
  };
  const wasErased = ({ id, prompt, responses }: StoredJudgement): boolean =>
    found.judgements.get(id) ??
    (found.prompts.get(prompt.id) || responses.some((one) => found.responses.get(one.id))) ??
    false;
  const kept = [...distinct.values()].filter(({ stored }) => !wasErased(stored));
  const keptPrompts = new Set(kept.map(({ stored }) => stored.prompt.id));
  const keptResponses = new Set(kept.flatMap(({ stored }) => stored.responses.map(({ id }) => id)));
  const fresh = kept.map(({ stored }) => stored).filter(({ id }) => !found.judgements.has(id));
  const ids = await annotators(
    kept.flatMap(({ stored, maker }) => (stored.annotator ? { ...stored.annotator, subject: maker } : [])),
  );
  for (const records of vault) await writeVault(client, project, records, now);
  const at = now.toISOString();

  await copyRows(
    client,
    'prompts (project, id, messages, created_at)',
    [...prompts.values()]
      .filter(({ id }) => keptPrompts.has(id) && !found.prompts.has(id))
      .map(({ id, json }) => [project, copyBytes(id), copyJson(json), at]),
  );
  await copyRows(
    client,
    'responses (project, prompt, id, content, created_at)',
    [...responses.values()]
      .filter(({ id }) => keptResponses.has(id) && !found.responses.has(id))
      .map(({ id, prompt, json }) => [project, copyBytes(prompt), copyBytes(id), copyJson(json), at]),
  );
  await copyRows(
    client,
    'judgements (project, id, kind, prompt, responses, annotator, source, criterion, language, said, created_at)',
    fresh.map((one) => [
      project,
      copyBytes(one.id),
      one.kind,
      copyBytes(one.prompt.id),
      copyBytesList(one.responses.map(({ id }) => id)),
      copyText(one.annotator ? ids.get(one.annotator.name)! : null),
      copyText(one.source),
      copyText(one.criterion),
      copyText(one.language),
      copyJson(one.said),
      at,
    ]),
  );
  const members = await memberRows(client, target, kept);
  const added = kept.filter(({ stored }) => !members.has(stored.id));
  await copyRows(
    client,
    'dataset_rows (project, dataset, "row", import)',
    added.map(({ stored }) => [project, dataset, copyBytes(stored.id), copyText(target.import)]),
  );
  await linkSubjects(client, project, kept);

  const counts: ImportCounts = {
    rows: before.rows + rows,
    rejected: before.rejected + rejected,
    added: before.added + added.length,
    known: before.known + judgements.length - distinct.size + kept.length - added.length,
    erased: before.erased + distinct.size - kept.length,
  };
  if (target.import !== null)
    await client.query(
      `update imports set rows = greatest(rows, $3), rejected = greatest(rejected, $4), added = added + $5, known = $6,
       committed_at = $7
     where project = $1 and id = $2`,
      [project, target.import, counts.rows, counts.rejected, added.length, counts.known, now],
    );
  return counts;
};

/**
 * Which of the ids are there, and whether they have been erased. Asked id by id (`limit 1` says so): a join would read the
 * whole table for each portion, so that a million rows took twice as long.
 */
const present = async (
  client: PoolClient,
  table: 'judgements' | 'prompts',
  project: string,
  ids: Iterable<string>,
): Promise<ReadonlyMap<string, boolean>> => {
  const { rows } = await client.query<{ id: string; erased: boolean }>(
    `select id, found.erased_at is not null as erased
     from unnest($2::bytea[]) as asked (id)
     cross join lateral (select erased_at from ${table} where project = $1 and id = asked.id limit 1) as found`,
    [project, bytesList(ids)],
  );
  return new Map(rows.map(({ id, erased }) => [id, erased]));
};

const presentResponses = async (
  client: PoolClient,
  project: string,
  asked: readonly { readonly id: string; readonly prompt: string }[],
): Promise<ReadonlyMap<string, boolean>> => {
  const { rows } = await client.query<{ id: string; erased: boolean }>(
    `select id, found.erased_at is not null as erased
     from unnest($2::bytea[], $3::bytea[]) as asked (prompt, id)
     cross join lateral (
       select erased_at from responses where project = $1 and prompt = asked.prompt and id = asked.id limit 1
     ) as found`,
    [project, bytesList(asked.map(({ prompt }) => prompt)), bytesList(asked.map(({ id }) => id))],
  );
  return new Map(rows.map(({ id, erased }) => [id, erased]));
};

const memberRows = async (
  client: PoolClient,
  { project, dataset }: ImportTarget,
  kept: Portion['judgements'],
): Promise<ReadonlySet<string>> => {
  const { rows } = await client.query<{ row: string }>(
    `select asked."row" from unnest($3::bytea[]) as asked ("row")
     cross join lateral (
       select from dataset_rows where project = $1 and dataset = $2 and "row" = asked."row" limit 1
     ) as found`,
    [project, dataset, bytesList(kept.map(({ stored }) => stored.id))],
  );
  return new Set(rows.map(({ row }) => row));
};

/** Also for rows that were there: a better detector may find people whom an earlier one did not. */
const linkSubjects = async (
  client: PoolClient,
  project: string,
  kept: Portion['judgements'],
): Promise<void> => {
  const links = kept.flatMap(({ stored, subjects }) =>
    subjects.map((subject) => ({ subject, id: stored.id })),
  );
  if (links.length === 0) return;
  await client.query(
    `insert into subject_rows (project, subject, kind, id)
     select $1, subject, 'judgement', id from unnest($2::text[], $3::bytea[]) as new (subject, id)
     on conflict do nothing`,
    [project, links.map(({ subject }) => subject), bytesList(links.map(({ id }) => id))],
  );
};
