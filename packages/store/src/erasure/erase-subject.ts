/** @file Erasing a person from a project: in one transaction, with a record of what was done and what remains to be done. */
import { canonicalJson } from '@plaudit/contract';
import { sha256 } from '../ids.ts';
import { storableName } from '../names.ts';
import { appendAudit } from '../repositories/audit.ts';
import { lockForErasure } from '../repositories/erasure-lock.ts';
import { downstreamOf } from '../repositories/lineage.ts';
import { bytes, own, type Scope } from '../repositories/scope.ts';
import { eraseRows } from './erase-rows.ts';
import type { ErasureReport } from './erasure-report.ts';
import { moveTags, taint, writeSuccessors } from './follow-up.ts';

export interface EraseOptions {
  /** Who carries it out, and on what ground; kept with the record. */
  readonly actor: string;
  readonly reason: string;
}

export const erasures = (scope: Scope) => {
  const { db, pool, project, now, newId } = scope;
  return {
    /**
     * Erases a person: shreds their vault key, takes the content out of every row of theirs, writes successors of the
     * snapshots that held these rows, and marks the runs, models and bundles that were made with them. Whether those are
     * trained anew, retired or kept is for people to decide.
     *
     * @param ids The person's ids: an annotator's name, the ids by which the privacy scrubber may name them.
     * @example await store.erase.subject(subjectsNamed('alice@example.org', policy), { actor, reason })
     */
    async subject(ids: string | readonly string[], { actor, reason }: EraseOptions): Promise<ErasureReport> {
      const subjects = [ids].flat().map(storableName).sort();
      const at = now();
      const report = await db.transaction().execute(async (query) => {
        await lockForErasure(query, project.id);
        const rows = await eraseRows({ query, project: project.id, subjects, at });
        const snapshots = await writeSuccessors(query, project.id, at);
        const tags = await moveTags(query, project.id, snapshots, at);
        const made = await downstreamOf(query, project.id, { snapshots: snapshots.map(({ id }) => id) });
        const report: ErasureReport = {
          id: newId(),
          subjectDigests: subjects.map(sha256),
          actor,
          reason,
          at: at.toISOString(),
          ...rows,
          snapshots,
          tags,
          ...made,
        };
        await query
          .insertInto('erasures')
          .values({
            project: project.id,
            id: report.id,
            subjectDigests: report.subjectDigests.map(bytes),
            actor,
            reason,
            report: JSON.stringify(report),
            createdAt: at,
          })
          .execute();
        await taint(query, project.id, report.id, made);
        await appendAudit(
          query,
          project.id,
          {
            actor,
            action: 'subject.erase',
            resource: `erasure ${report.id}`,
            details: { judgements: rows.judgements, report: sha256(canonicalJson(report)) },
          },
          at,
        );
        return report;
      });
      // The old versions of the rows lie in their pages until these are cleaned; the server would do so some time later.
      await pool
        .query(
          'vacuum judgements, prompts, responses, annotators, subject_rows, impressions, vault, vault_keys',
        )
        .catch(() => undefined);
      return report;
    },

    /** What was erased before of the person with that id, the oldest first. */
    async of(id: string): Promise<readonly ErasureReport[]> {
      const rows = await db
        .selectFrom('erasures')
        .selectAll()
        .where('project', '=', project.id)
        .where(({ eb, val, fn }) => eb(val(bytes(sha256(storableName(id)))), '=', fn.any('subjectDigests')))
        .orderBy('id')
        .execute();
      return rows.map((row) => own(row).report as unknown as ErasureReport);
    },
  };
};
