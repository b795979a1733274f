/** @file Settings of projects: small values by name, each change in the project's audit log. */
import { type Kysely, sql } from 'kysely';
import { appendAudit } from '../repositories/audit.ts';
import type { JsonObject, Tables } from '../tables.ts';

export const projects = (db: Kysely<Tables>, now: () => Date) => ({
  /** @param project Id */
  async settings(project: string): Promise<JsonObject> {
    const found = await db
      .selectFrom('projects')
      .select('settings')
      .where('id', '=', project)
      .executeTakeFirstOrThrow();
    return found.settings;
  },

  /** One by one; null takes one away. The audit names the settings, not their values. */
  async changeSettings(project: string, settings: JsonObject, actor: string): Promise<void> {
    const gone = Object.keys(settings).filter((name) => settings[name] === null);
    const set = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null));
    await db.transaction().execute(async (query) => {
      await sql`
        update projects set settings = (settings || ${JSON.stringify(set)}::jsonb) - ${gone}::text[]
        where id = ${project}`.execute(query);
      const details = { set: Object.keys(set), removed: gone };
      await appendAudit(
        query,
        project,
        { actor, action: 'settings.change', resource: 'project', details },
        now(),
      );
    });
  },
});
