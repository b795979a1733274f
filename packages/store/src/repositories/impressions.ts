/** @file Impressions and signals: what users were shown, with which probability, and what they did about it. */
import type { Row } from '../tables.ts';
import { digestOf, own, referring, type Scope, unknown, uuidOf } from './scope.ts';

export type Impression = Row<'impressions'>;
export type Signal = Row<'signals'>;

export interface NewImpression {
  /** Default a new one: a client that may send twice gives its own. */
  readonly id?: string;
  readonly prompt: string;
  readonly response: string;
  /** 0 is shown first. */
  readonly position: number;
  /** With which the serving policy chose this response, above 0 to 1. */
  readonly probability?: number;
  readonly model?: string;
  readonly surface: string;
  /** Whether the user could give feedback: silence means something only then. */
  readonly couldAnswer: boolean;
  readonly subject?: string;
}

export const impressions = (scope: Scope) => {
  const { db, project, now, newId } = scope;
  return {
    /** @returns Its id. The same id again changes nothing. @throws PlauditError store.unknown for what it refers to */
    async log(impression: NewImpression): Promise<string> {
      const id = impression.id === undefined ? newId() : uuidOf(scope, 'impression', impression.id);
      await referring(scope, () =>
        db
          .insertInto('impressions')
          .values({
            project: project.id,
            id,
            prompt: digestOf(scope, 'prompt', impression.prompt),
            response: digestOf(scope, 'response', impression.response),
            position: impression.position,
            probability: impression.probability ?? null,
            model: impression.model === undefined ? null : uuidOf(scope, 'model', impression.model),
            surface: impression.surface,
            couldAnswer: impression.couldAnswer,
            subject: impression.subject ?? null,
            createdAt: now(),
          })
          .onConflict((conflict) => conflict.columns(['project', 'id']).doNothing())
          .execute(),
      );
      return id;
    },

    /** What a user did about an impression. The same id again changes nothing. @throws PlauditError store.unknown */
    async signal(impression: string, kind: string, value: unknown, given?: string): Promise<string> {
      const id = given === undefined ? newId() : uuidOf(scope, 'signal', given);
      await referring(scope, () =>
        db
          .insertInto('signals')
          .values({
            project: project.id,
            id,
            impression: uuidOf(scope, 'impression', impression),
            kind,
            value: JSON.stringify(value),
            createdAt: now(),
          })
          .onConflict((conflict) => conflict.columns(['project', 'id']).doNothing())
          .execute(),
      );
      return id;
    },

    /** @throws PlauditError store.unknown */
    async get(id: string): Promise<Impression & { readonly signals: readonly Signal[] }> {
      const key = uuidOf(scope, 'impression', id);
      const found = await db
        .selectFrom('impressions')
        .selectAll()
        .where('project', '=', project.id)
        .where('id', '=', key)
        .executeTakeFirst();
      if (!found) throw unknown(scope, 'impression', id);
      const signals = await db
        .selectFrom('signals')
        .selectAll()
        .where('project', '=', project.id)
        .where('impression', '=', key)
        .orderBy('id')
        .execute();
      return { ...own(found), signals: signals.map(own) };
    },

    /** All of them with their signals, the oldest first; memory stays flat. */
    async *since(
      at: Date,
      page = 1000,
    ): AsyncGenerator<Impression & { readonly signals: readonly Signal[] }> {
      for (let after = '00000000-0000-0000-0000-000000000000', more = true; more; ) {
        const rows = await db
          .selectFrom('impressions')
          .selectAll()
          .where('project', '=', project.id)
          .where('createdAt', '>=', at)
          .where('id', '>', after)
          .orderBy('id')
          .limit(page)
          .execute();
        if (rows.length === 0) return;
        const ids = rows.map(({ id }) => id);
        const signals = await db
          .selectFrom('signals')
          .selectAll()
          .where('project', '=', project.id)
          .where('impression', 'in', ids)
          .orderBy('id')
          .execute();
        const of = Map.groupBy(signals.map(own), ({ impression }) => impression);
        for (const row of rows) yield { ...own(row), signals: of.get(row.id) ?? [] };
        after = ids.at(-1)!;
        more = ids.length === page;
      }
    },

    /** Deletes what is older, with its signals; texts and judgements stay. @returns How many impressions. */
    async forget(before: Date): Promise<number> {
      const { numDeletedRows } = await db
        .deleteFrom('impressions')
        .where('project', '=', project.id)
        .where('createdAt', '<', before)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
};
