/** @file Annotators by the names that judgements give them; who is new is added. */
import type { PoolClient } from 'pg';
import type { AnnotatorKind } from '../tables.ts';
import type { Scope } from './scope.ts';

export interface NamedAnnotator {
  readonly name: string;
  readonly kind?: AnnotatorKind | undefined;
  /** The person's id by the privacy scrubber; without one the name is it. */
  readonly subject?: string | undefined;
}

export type AnnotatorIds = (named: readonly NamedAnnotator[]) => Promise<ReadonlyMap<string, string>>;

/** Programs and models are nobody whose data could be erased. Where a file does not say, it may be a person. */
export const subjectOf = ({ name, kind, subject }: NamedAnnotator): string | null =>
  kind === 'model' || kind === 'program' || kind === 'simulated' ? null : (subject ?? name);

/**
 * Looks names up in the transaction of the client. Ids are not remembered beyond the call: another process may erase
 * an annotator between two transactions.
 */
export const annotatorIds =
  (client: PoolClient, { project, newId, now }: Scope): AnnotatorIds =>
  async (named) => {
    const wanted = new Map<string, NamedAnnotator>();
    for (const one of named) {
      const { kind, subject } = wanted.get(one.name) ?? {};
      wanted.set(one.name, { name: one.name, kind: kind ?? one.kind, subject: subject ?? one.subject });
    }
    if (wanted.size === 0) return new Map();
    // In one order everywhere, so that two imports do not wait for each other.
    const ordered = [...wanted.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    const names = ordered.map(({ name }) => name);
    await client.query(
      `insert into annotators (project, id, name, kind, subject, created_at)
       select $1, id, name, kind, subject, $6
       from unnest($2::uuid[], $3::text[], $4::text[], $5::text[]) as new (id, name, kind, subject)
       on conflict do nothing`,
      [
        project.id,
        names.map(() => newId()),
        names,
        ordered.map(({ kind }) => kind ?? null),
        ordered.map(subjectOf),
        now(),
      ],
    );
    const { rows } = await client.query<{ id: string; name: string; subject: string | null }>(
      'select id, name, subject from annotators where project = $1 and name = any($2)',
      [project.id, names],
    );
    // Judgements that came before there was a scrubber had only the name to go by.
    for (const { id, name, subject } of rows) {
      const found = wanted.get(name)?.subject;
      if (subject === name && found !== undefined && found !== name)
        await client.query('update annotators set subject = $3 where project = $1 and id = $2', [
          project.id,
          id,
          found,
        ]);
    }
    return new Map(rows.map(({ id, name }) => [name, id]));
  };
