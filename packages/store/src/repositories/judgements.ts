/** @file Judgements: brought in, read back as they were given, taken back; never changed. */
import type { Judgement, Message } from '@plaudit/contract';
import { type Kysely, sql } from 'kysely';
import type { JsonObject, Tables } from '../tables.ts';
import { annotatorIds } from './annotator-ids.ts';
import { datasets } from './datasets.ts';
import {
  type ImportBatch,
  type ImportOptions,
  type ImportResult,
  importJudgements,
} from './import-judgements.ts';
import { toJudgement, toStored } from './judgement-record.ts';
import { bytes, bytesList, digestOf, limitOf, type Scope, unknown } from './scope.ts';
import { withSubjects, writePortion } from './write-portion.ts';

export interface FoundJudgement {
  readonly id: string;
  /** Absent where it has been erased on a person's request. */
  readonly judgement: Judgement | undefined;
  readonly createdAt: Date;
  readonly retracted: boolean;
}

/** What the query for judgements gives for each. */
interface JudgementRow {
  readonly id: string;
  readonly said: JsonObject | null;
  readonly messages: readonly Message[] | null;
  readonly contents: readonly string[] | null;
  readonly createdAt: Date;
}

/** Judgements by their ids, with their texts. The ids, an SQL list of bytes, are of one project, as is all that is read. */
export const judgementsById = async (
  db: Kysely<Tables>,
  project: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, JudgementRow>> => {
  const { rows } = await sql<JudgementRow>`
    select j.id, j.said, p.messages, j.created_at,
      (select json_agg(r.content order by place)
        from unnest(j.responses) with ordinality as asked (id, place)
        join responses as r on r.project = j.project and r.prompt = j.prompt and r.id = asked.id) as contents
    from judgements as j
    left join prompts as p on p.project = j.project and p.id = j.prompt
    where j.project = ${project} and j.id = any(${bytesList(ids)}::bytea[])`.execute(db);
  return new Map(rows.map((row) => [row.id, row]));
};

/** Undefined where the row, or one of its texts, has been erased. */
export const recordOf = ({ said, messages, contents }: JudgementRow): Judgement | undefined =>
  said && messages && contents && !contents.includes(null as unknown as string)
    ? toJudgement(said, messages, contents)
    : undefined;

export const judgements = (scope: Scope) => {
  const { db, pool, project, now } = scope;
  const sets = datasets(scope);

  return {
    /**
     * Imports what a reader streams, by COPY. See `importJudgements`.
     *
     * @example await store.judgements.import(streamJudgements(path), { dataset: 'support', source: path })
     */
    async import(
      batches: AsyncIterable<ImportBatch> | Iterable<ImportBatch>,
      options: ImportOptions,
    ): Promise<ImportResult> {
      const { id } = await sets.ensure(options.dataset);
      return importJudgements(scope, id, batches, options);
    },

    /**
     * Adds a judgement that has just been made. Adding the same again changes nothing.
     *
     * @param subjects As in `ImportBatch`.
     * @returns Its id.
     */
    async add(dataset: string, judgement: Judgement, subjects: readonly string[] = []): Promise<string> {
      const { id } = await sets.ensure(dataset);
      const stored = toStored(judgement);
      const client = await pool.connect();
      let healthy = false;
      try {
        await writePortion(
          client,
          { project: project.id, dataset: id, import: null },
          { judgements: [withSubjects(stored, subjects)], vault: [], rows: 1, rejected: 0 },
          annotatorIds(client, scope),
          { rows: 0, rejected: 0, added: 0, known: 0, erased: 0 },
          now(),
        );
        healthy = true;
        return stored.id;
      } finally {
        client.release(!healthy);
      }
    },

    /**
     * A page of what is in a data set now, in the order of ids; what has been taken back or erased is left out.
     *
     * @param after The last id of the page before
     * @throws PlauditError store.unknown
     */
    async page(
      dataset: string,
      { after, limit }: { readonly after?: string; readonly limit?: number } = {},
    ): Promise<readonly { readonly id: string; readonly judgement: Judgement }[]> {
      const { id: set } = await sets.get(dataset);
      const most = limitOf(limit === undefined ? {} : { limit });
      const { rows } = await sql<{ id: string }>`
        select d."row" as id from dataset_rows as d
        where d.project = ${project.id} and d.dataset = ${set}
        and d."row" > ${after === undefined ? bytes('') : digestOf(scope, 'judgement', after)}
        and not exists (select from retractions as r where r.project = d.project and r.judgement = d."row")
        order by d."row" limit ${most}`.execute(db);
      const ids = rows.map(({ id }) => id);
      const found = await judgementsById(db, project.id, ids);
      return ids.flatMap((id) => {
        const row = found.get(id);
        const judgement = row && recordOf(row);
        return judgement ? [{ id, judgement }] : [];
      });
    },

    /** @throws PlauditError store.unknown */
    async get(id: string): Promise<FoundJudgement> {
      const key = digestOf(scope, 'judgement', id);
      const row = (await judgementsById(db, project.id, [id])).get(id);
      if (!row) throw unknown(scope, 'judgement', id);
      const retraction = await db
        .selectFrom('retractions')
        .select('actor')
        .where('project', '=', project.id)
        .where('judgement', '=', key)
        .executeTakeFirst();
      return {
        id,
        judgement: recordOf(row),
        createdAt: row.createdAt,
        retracted: retraction !== undefined,
      };
    },

    /** The ids of what is said about a prompt, the oldest first. */
    async ofPrompt(prompt: string): Promise<readonly string[]> {
      const rows = await db
        .selectFrom('judgements')
        .select('id')
        .where('project', '=', project.id)
        .where('prompt', '=', digestOf(scope, 'prompt', prompt))
        .orderBy('createdAt')
        .orderBy('id')
        .execute();
      return rows.map(({ id }) => id);
    },

    /**
     * Takes a judgement back: it stays on record and is left out of snapshots from now on. Again changes nothing.
     *
     * @throws PlauditError store.unknown
     */
    async retract(id: string, by: { readonly actor: string; readonly reason?: string }): Promise<void> {
      const key = digestOf(scope, 'judgement', id);
      await this.get(id);
      await db
        .insertInto('retractions')
        .values({
          project: project.id,
          judgement: key,
          actor: by.actor,
          reason: by.reason ?? null,
          createdAt: now(),
        })
        .onConflict((conflict) => conflict.columns(['project', 'judgement']).doNothing())
        .execute();
    },

    /** What is in a data set now and has not been taken back, in the order of ids; memory stays flat. */
    async *rows(dataset: string, page = 1000): AsyncGenerator<Judgement> {
      const { id: set } = await sets.get(dataset);
      for (let after = '', more = true; more; ) {
        const rows = await db
          .selectFrom('datasetRows')
          .select('row')
          .where('project', '=', project.id)
          .where('dataset', '=', set)
          .where('row', '>', bytes(after))
          .where((where) =>
            where.not(
              where.exists(
                where
                  .selectFrom('retractions')
                  .select('actor')
                  .where('retractions.project', '=', project.id)
                  .whereRef('retractions.judgement', '=', 'datasetRows.row'),
              ),
            ),
          )
          .orderBy('row')
          .limit(page)
          .execute();
        const ids = rows.map(({ row }) => row);
        const found = await judgementsById(db, project.id, ids);
        // One that has been erased since the page was asked for is no longer in the data set.
        for (const id of ids) {
          const judgement = recordOf(found.get(id)!);
          if (judgement) yield judgement;
        }
        after = ids.at(-1) ?? after;
        more = ids.length === page;
      }
    },
  };
};
