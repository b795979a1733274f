/** @file Reviews: responses that a person has to allow or block before they count. */
import type { Row } from '../tables.ts';
import {
  digestOf,
  limitOf,
  overtaken,
  own,
  type Page,
  referring,
  type Scope,
  unknown,
  uuidOf,
} from './scope.ts';

export type Review = Row<'reviews'>;

export interface NewReview {
  /** Ids of texts that are stored. */
  readonly prompt: string;
  readonly response: string;
  readonly deployment?: string;
  /** Names of domains and rules. */
  readonly reasons: readonly string[];
}

export const reviews = (scope: Scope) => {
  const { db, project, now, newId } = scope;

  const get = async (id: string): Promise<Review> => {
    const found = await db
      .selectFrom('reviews')
      .selectAll()
      .where('project', '=', project.id)
      .where('id', '=', uuidOf(scope, 'review', id))
      .executeTakeFirst();
    if (!found) throw unknown(scope, 'review', id);
    return own(found);
  };

  return {
    /** @returns Its id: the same one while the same response waits already. @throws PlauditError store.unknown */
    async open(review: NewReview): Promise<string> {
      const prompt = digestOf(scope, 'prompt', review.prompt);
      const response = digestOf(scope, 'response', review.response);
      const added = await referring(scope, () =>
        db
          .insertInto('reviews')
          .values({
            project: project.id,
            id: newId(),
            prompt,
            response,
            deployment: review.deployment ?? null,
            reasons: JSON.stringify(review.reasons),
            state: 'open',
            openedAt: now(),
          })
          .onConflict((conflict) => conflict.doNothing())
          .returning('id')
          .executeTakeFirst(),
      );
      if (added) return added.id;
      const { id } = await db
        .selectFrom('reviews')
        .select('id')
        .where('project', '=', project.id)
        .where('prompt', '=', prompt)
        .where('response', '=', response)
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirstOrThrow();
      return id;
    },

    get,

    /** The newest first. */
    async list(filter: Page & { readonly state?: Review['state'] } = {}): Promise<readonly Review[]> {
      const rows = await db
        .selectFrom('reviews')
        .selectAll()
        .where('project', '=', project.id)
        .$if(filter.state !== undefined, (query) => query.where('state', '=', filter.state!))
        .$if(filter.before !== undefined, (query) =>
          query.where('id', '<', uuidOf(scope, 'review', filter.before!)),
        )
        .orderBy('id', 'desc')
        .limit(limitOf(filter))
        .execute();
      return rows.map(own);
    },

    /**
     * @param judgement What the decision became.
     * @throws PlauditError store.unknown; store.overtaken where somebody else has decided
     */
    async decide(
      id: string,
      by: { readonly decision: 'allow' | 'block'; readonly actor: string; readonly judgement: string },
    ): Promise<Review> {
      const decided = await db
        .updateTable('reviews')
        .set({
          state: 'decided',
          decision: by.decision,
          actor: by.actor,
          judgement: digestOf(scope, 'judgement', by.judgement),
          decidedAt: now(),
        })
        .where('project', '=', project.id)
        .where('id', '=', uuidOf(scope, 'review', id))
        .where('state', '=', 'open')
        .returningAll()
        .executeTakeFirst();
      if (decided) return own(decided);
      await get(id);
      throw overtaken('review', id);
    },
  };
};
