/** @file Incidents: what went wrong in production, who looks after it and how it ended. */
import type { IncidentState, JsonObject, Row } from '../tables.ts';
import { limitOf, overtaken, own, type Page, type Scope, unknown, uuidOf } from './scope.ts';

export type Incident = Row<'incidents'>;

export interface NewIncident {
  readonly kind: string;
  /** 1 is the gravest, 4 the least. */
  readonly severity: 1 | 2 | 3 | 4;
  readonly title: string;
  /** Name of the deployment. */
  readonly deployment?: string;
  /** Ids and numbers; no text of a prompt or a response. */
  readonly details?: JsonObject;
}

export const incidents = (scope: Scope) => {
  const { db, project, now, newId } = scope;

  const get = async (id: string): Promise<Incident> => {
    const found = await db
      .selectFrom('incidents')
      .selectAll()
      .where('project', '=', project.id)
      .where('id', '=', uuidOf(scope, 'incident', id))
      .executeTakeFirst();
    if (!found) throw unknown(scope, 'incident', id);
    return own(found);
  };

  const change = async (
    id: string,
    from: readonly IncidentState[],
    set: Partial<Pick<Incident, 'state' | 'acknowledgedAt' | 'acknowledgedBy' | 'resolvedAt' | 'resolution'>>,
  ): Promise<void> => {
    const { numUpdatedRows } = await db
      .updateTable('incidents')
      .set(set)
      .where('project', '=', project.id)
      .where('id', '=', uuidOf(scope, 'incident', id))
      .where('state', 'in', from)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 1n) return;
    await get(id);
    throw overtaken('incident', id);
  };

  return {
    async open(incident: NewIncident): Promise<Incident> {
      const added = await db
        .insertInto('incidents')
        .values({
          project: project.id,
          id: newId(),
          kind: incident.kind,
          severity: incident.severity,
          title: incident.title,
          deployment: incident.deployment ?? null,
          details: JSON.stringify(incident.details ?? {}),
          state: 'open',
          openedAt: now(),
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      return own(added);
    },

    get,

    /** The newest first. */
    async list(filter: Page & { readonly state?: IncidentState } = {}): Promise<readonly Incident[]> {
      const rows = await db
        .selectFrom('incidents')
        .selectAll()
        .where('project', '=', project.id)
        .$if(filter.state !== undefined, (query) => query.where('state', '=', filter.state!))
        .$if(filter.before !== undefined, (query) =>
          query.where('id', '<', uuidOf(scope, 'incident', filter.before!)),
        )
        .orderBy('id', 'desc')
        .limit(limitOf(filter))
        .execute();
      return rows.map(own);
    },

    /** @throws PlauditError store.overtaken, store.unknown */
    acknowledge: (id: string, by: string): Promise<void> =>
      change(id, ['open'], { state: 'acknowledged', acknowledgedAt: now(), acknowledgedBy: by }),
    /** @throws as `acknowledge` */
    resolve: (id: string, resolution: string): Promise<void> =>
      change(id, ['open', 'acknowledged'], { state: 'resolved', resolvedAt: now(), resolution }),
  };
};
