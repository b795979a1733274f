/** @file Prompts and responses that wait to be judged, or were shown: stored once each, under the hash of their content. */
import { canonicalJson, type Prompt } from '@plaudit/contract';
import { sql } from 'kysely';
import { promptId, responseId } from '../ids.ts';
import { storableName } from '../names.ts';
import { lockAgainstErasure } from './erasure-lock.ts';
import { bytes, digestOf, type Query, type Scope, unknown } from './scope.ts';

export interface FoundPrompt {
  readonly id: string;
  /** Absent where it has been erased. */
  readonly prompt: Prompt | undefined;
  /** Its responses, the oldest first; `text` is absent where it has been erased. */
  readonly responses: readonly { readonly id: string; readonly text: string | undefined }[];
}

export const prompts = (scope: Scope) => {
  const { db, project, now } = scope;

  const link = async (
    query: Query,
    kind: 'prompt' | 'response',
    id: string,
    subjects: readonly string[],
    prompt: string | null = null,
  ): Promise<void> => {
    if (subjects.length === 0) return;
    await query
      .insertInto('subjectRows')
      .values(
        subjects.map((subject) => ({
          project: project.id,
          subject: storableName(subject),
          kind,
          id: bytes(id),
          prompt,
        })),
      )
      .onConflict((conflict) => conflict.columns(['project', 'subject', 'kind', 'id']).doNothing())
      .execute();
  };

  return {
    /**
     * @param subjects People whose pseudonyms stand in the text.
     * @returns Its id. One that is there, or has been erased, stays as it is.
     */
    async add(prompt: Prompt, subjects: readonly string[] = []): Promise<string> {
      const id = promptId(prompt);
      await db.transaction().execute(async (query) => {
        await lockAgainstErasure(query, project.id);
        await query
          .insertInto('prompts')
          .values({ project: project.id, id: bytes(id), messages: canonicalJson(prompt), createdAt: now() })
          .onConflict((conflict) => conflict.columns(['project', 'id']).doNothing())
          .execute();
        await link(query, 'prompt', id, subjects);
      });
      return id;
    },

    /** The same for a response to a prompt that is there. @throws PlauditError store.unknown for the prompt */
    async addResponse(prompt: string, text: string, subjects: readonly string[] = []): Promise<string> {
      const key = digestOf(scope, 'prompt', prompt);
      const id = responseId(prompt, text);
      await db.transaction().execute(async (query) => {
        await lockAgainstErasure(query, project.id);
        const found = await query
          .selectFrom('prompts')
          .select('id')
          .where('project', '=', project.id)
          .where('id', '=', key)
          .executeTakeFirst();
        if (!found) throw unknown(scope, 'prompt', prompt);
        await query
          .insertInto('responses')
          .values({
            project: project.id,
            id: bytes(id),
            prompt: key,
            content: JSON.stringify(text),
            createdAt: now(),
          })
          .onConflict((conflict) => conflict.columns(['project', 'prompt', 'id']).doNothing())
          .execute();
        await link(query, 'response', id, subjects, key);
      });
      return id;
    },

    /** @throws PlauditError store.unknown */
    async get(id: string): Promise<FoundPrompt> {
      const key = digestOf(scope, 'prompt', id);
      const found = await db
        .selectFrom('prompts')
        .select('messages')
        .where('project', '=', project.id)
        .where('id', '=', key)
        .executeTakeFirst();
      if (!found) throw unknown(scope, 'prompt', id);
      const rows = await db
        .selectFrom('responses')
        .select(['id', 'content'])
        .where('project', '=', project.id)
        .where('prompt', '=', key)
        .orderBy('createdAt')
        .orderBy('id')
        .execute();
      return {
        id,
        prompt: (found.messages ?? undefined) as Prompt | undefined,
        responses: rows.map((row) => ({
          id: row.id,
          text: (row.content ?? undefined) as string | undefined,
        })),
      };
    },

    /**
     * The prompts that a snapshot's rows are about, each with every response that is stored of it, judged or not, the
     * oldest first. What has been erased is left out; memory stays flat.
     *
     * @throws PlauditError store.unknown
     */
    async *ofSnapshot(
      snapshot: string,
      page = 500,
    ): AsyncGenerator<{ readonly prompt: Prompt; readonly responses: readonly string[] }> {
      const found = await db
        .selectFrom('snapshots')
        .select('number')
        .where('project', '=', project.id)
        .where('id', '=', digestOf(scope, 'snapshot', snapshot))
        .executeTakeFirst();
      if (!found) throw unknown(scope, 'snapshot', snapshot);
      for (let after = '', more = true; more; ) {
        const { rows } = await sql<{
          id: string;
          messages: Prompt | null;
          contents: (string | null)[] | null;
        }>`
          select p.id, p.messages,
            (select json_agg(r.content order by r.created_at, r.id) from responses as r
              where r.project = p.project and r.prompt = p.id) as contents
          from prompts as p
          where p.project = ${project.id} and p.id > ${bytes(after)}
          and exists (select from judgements as j
            join snapshot_rows as s on s."row" = j.id and s.snapshot = ${found.number} and s.project = j.project
            where j.project = p.project and j.prompt = p.id)
          order by p.id limit ${page}`.execute(db);
        for (const { messages, contents } of rows)
          if (messages !== null)
            yield { prompt: messages, responses: (contents ?? []).filter((text) => text !== null) };
        after = rows.at(-1)?.id ?? after;
        more = rows.length === page;
      }
    },
  };
};
