/** @file Rubrics: what annotators are asked to judge by. A changed rubric is a new version; the old ones stay. */
import { checkName } from '../names.ts';
import type { JsonObject, Row } from '../tables.ts';
import { nextVersion } from './next-version.ts';
import { own, type Scope, unknown } from './scope.ts';

export interface Criterion {
  readonly name: string;
  readonly description: string;
  readonly scale: { readonly least: number; readonly most: number };
  readonly weight: number;
  /** Worked examples, shown beside the item. */
  readonly examples?: readonly JsonObject[];
}

export interface Rubric extends Row<'rubrics'> {
  /** In the order in which they are shown. */
  readonly criteria: readonly Required<Criterion>[];
}

export const rubrics = (scope: Scope) => {
  const { db, project, now, newId } = scope;
  return {
    /**
     * Publishes the next version of a rubric: 1 for a new name.
     *
     * @throws PlauditError store.bad_name; RangeError for a scale without room or a criterion that comes twice
     */
    async publish(name: string, guideline: string, criteria: readonly Criterion[]): Promise<Row<'rubrics'>> {
      checkName('rubric', name);
      for (const { name: criterion, scale } of criteria) {
        checkName('criterion', criterion);
        if (!(scale.least < scale.most)) throw new RangeError('a scale begins below its end');
      }
      if (new Set(criteria.map((criterion) => criterion.name)).size < criteria.length)
        throw new RangeError('the criteria of a rubric have different names');
      return db.transaction().execute(async (query) => {
        const rubric = {
          project: project.id,
          id: newId(),
          name,
          version: await nextVersion(query, 'rubrics', project.id, name),
          guideline,
          createdAt: now(),
        };
        await query.insertInto('rubrics').values(rubric).execute();
        if (criteria.length > 0)
          await query
            .insertInto('criteria')
            .values(
              criteria.map(({ scale, examples = [], ...criterion }, position) => ({
                project: project.id,
                rubric: rubric.id,
                position,
                ...criterion,
                ...scale,
                examples: JSON.stringify(examples),
              })),
            )
            .execute();
        return own(rubric);
      });
    },

    /** @param version Default the newest. @throws PlauditError store.unknown */
    async get(name: string, version?: number): Promise<Rubric> {
      const found = await db
        .selectFrom('rubrics')
        .selectAll()
        .where('project', '=', project.id)
        .where('name', '=', name)
        .$if(version !== undefined, (query) => query.where('version', '=', version!))
        .orderBy('version', 'desc')
        .limit(1)
        .executeTakeFirst();
      if (!found) throw unknown(scope, 'rubric', checkName('rubric', name));
      const criteria = await db
        .selectFrom('criteria')
        .selectAll()
        .where('project', '=', project.id)
        .where('rubric', '=', found.id)
        .orderBy('position')
        .execute();
      return {
        ...own(found),
        criteria: criteria.map(({ name, description, least, most, weight, examples }) => ({
          name,
          description,
          scale: { least, most },
          weight,
          examples,
        })),
      };
    },

    /** Every version, by name and the newest first. */
    async list(): Promise<readonly Row<'rubrics'>[]> {
      const rows = await db
        .selectFrom('rubrics')
        .selectAll()
        .where('project', '=', project.id)
        .orderBy('name')
        .orderBy('version', 'desc')
        .execute();
      return rows.map(own);
    },
  };
};
