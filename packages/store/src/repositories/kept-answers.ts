/** @file Kept answers: what was answered to a request with a key of its own, for a day. */
import type { Row } from '../tables.ts';
import { bytes, own, type Scope } from './scope.ts';

export type KeptAnswer = Row<'keptAnswers'>;

const day = 86_400_000;

export const keptAnswers = ({ db, project, now }: Scope) => ({
  /**
   * What is kept under a key. Where nothing is, or what is there is older than a day, the request is written down, without an
   * answer: who asks works it out, with the time of `createdAt`, which stays the same when the request comes again.
   *
   * @param request SHA-256 of the request, 64 hexadecimal digits
   */
  async open(key: string, request: string): Promise<KeptAnswer> {
    const at = now();
    await db
      .deleteFrom('keptAnswers')
      .where('project', '=', project.id)
      .where('createdAt', '<', new Date(at.getTime() - day))
      .execute();
    await db
      .insertInto('keptAnswers')
      .values({ project: project.id, key, request: bytes(request), createdAt: at })
      .onConflict((conflict) => conflict.columns(['project', 'key']).doNothing())
      .execute();
    return own(
      await db
        .selectFrom('keptAnswers')
        .selectAll()
        .where('project', '=', project.id)
        .where('key', '=', key)
        .executeTakeFirstOrThrow(),
    );
  },

  /** Keeps the answer. The first one stays. */
  async keep(key: string, answer: unknown): Promise<void> {
    await db
      .updateTable('keptAnswers')
      .set({ answer: JSON.stringify(answer) })
      .where('project', '=', project.id)
      .where('key', '=', key)
      .where('answer', 'is', null)
      .execute();
  },
});
