/** @file Items of labelling tasks, one by itself or all of a task with their texts. */
import type { Prompt } from '@plaudit/contract';
import { sql } from 'kysely';
import type { AssignmentPurpose, Row } from '../tables.ts';
import { own, type Scope, unknown, uuidOf } from './scope.ts';

export type LabellingItem = Row<'labellingItems'>;

/** An item with its texts. */
export interface ItemTexts {
  readonly id: string;
  readonly purpose: AssignmentPurpose;
  /** Annotators who have it open or have judged it. */
  readonly claims: number;
  readonly promptId: string;
  readonly prompt: Prompt;
  /** In the order of the record. */
  readonly responses: readonly string[];
}

export const labellingItems = (scope: Scope) => {
  const { db, project } = scope;
  return {
    /** @throws PlauditError store.unknown */
    async item(id: string): Promise<LabellingItem> {
      const found = await db
        .selectFrom('labellingItems')
        .selectAll()
        .where('project', '=', project.id)
        .where('id', '=', uuidOf(scope, 'labelling item', id))
        .executeTakeFirst();
      if (!found) throw unknown(scope, 'labelling item', id);
      return own(found);
    },

    /** Items that are no checks, in the order of the task; those of which a text has been erased are left out. */
    async items(task: string, limit: number): Promise<readonly ItemTexts[]> {
      const { rows } = await sql<ItemTexts>`
        select i.id, i.purpose, i.claims, encode(i.prompt, 'hex') as prompt_id, p.messages as prompt, t.texts as responses
        from labelling_items as i
        join prompts as p on p.project = i.project and p.id = i.prompt and p.messages is not null
        cross join lateral (
          select json_agg(r.content order by u.place) as texts, count(r.content) as found
          from unnest(i.responses) with ordinality as u (id, place)
          left join responses as r on r.project = i.project and r.prompt = i.prompt and r.id = u.id
        ) as t
        where i.project = ${project.id} and i.task = ${uuidOf(scope, 'labelling task', task)}
          and i.purpose in ('label', 'control') and t.found = cardinality(i.responses)
        order by i.position limit ${limit}`.execute(db);
      return rows;
    },
  };
};
