/** @file What is on record of a bundle: golden scores, parity checks, evaluations, approvals. */
import type { BundleRecordKind, JsonObject, Row } from '../tables.ts';
import { own, referring, type Scope, uuidOf } from './scope.ts';

export type BundleRecord = Row<'bundleRecords'>;

export const bundleRecords = (scope: Scope) => {
  const { db, project, now, newId } = scope;
  return {
    /** @param document Ids, digests and numbers only. @throws PlauditError store.unknown */
    async add(
      bundle: string,
      record: { readonly kind: BundleRecordKind; readonly actor: string; readonly document: JsonObject },
    ): Promise<BundleRecord> {
      const added = await referring(scope, () =>
        db
          .insertInto('bundleRecords')
          .values({
            project: project.id,
            id: newId(),
            bundle: uuidOf(scope, 'bundle', bundle),
            kind: record.kind,
            actor: record.actor,
            document: JSON.stringify(record.document),
            createdAt: now(),
          })
          .returningAll()
          .executeTakeFirstOrThrow(),
      );
      return own(added);
    },

    /** The newest first. */
    async of(bundle: string, kind?: BundleRecordKind): Promise<readonly BundleRecord[]> {
      const rows = await db
        .selectFrom('bundleRecords')
        .selectAll()
        .where('project', '=', project.id)
        .where('bundle', '=', uuidOf(scope, 'bundle', bundle))
        .$if(kind !== undefined, (query) => query.where('kind', '=', kind!))
        .orderBy('id', 'desc')
        .execute();
      return rows.map(own);
    },
  };
};
