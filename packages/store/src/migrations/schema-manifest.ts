/** @file The schema as the database has it, in a form that can be kept in a file and compared. */
import type { Pool } from 'pg';

/** Everything by name; what the definitions say is PostgreSQL's own wording, without the name of the schema. */
export interface SchemaManifest {
  /** Number of the last migration. */
  readonly schema: number;
  readonly tables: Readonly<Record<string, TableManifest>>;
  /** The bodies of functions. */
  readonly functions: Readonly<Record<string, string>>;
}

interface TableManifest {
  /** Type, with `null` where that is allowed, and the default. */
  readonly columns: Readonly<Record<string, string>>;
  readonly constraints: Readonly<Record<string, string>>;
  /** Those that are not made by a constraint. */
  readonly indices: Readonly<Record<string, string>>;
  readonly triggers: Readonly<Record<string, string>>;
}

interface Part {
  readonly table: string;
  readonly name: string;
  readonly says: string;
}

const columns = `
  select c.relname as table, a.attname as name,
    format_type(a.atttypid, a.atttypmod)
      || case when a.attnotnull then '' else ' null' end
      || case when a.attidentity <> '' then ' identity' else '' end
      || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') as says
  from pg_class as c
    join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef as d on d.adrelid = c.oid and d.adnum = a.attnum
  where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'
  order by c.relname, a.attnum`;

/** NOT NULL is said with the columns; only newer versions list it here. */
const constraints = `
  select conrelid::regclass::text as table, conname as name, pg_get_constraintdef(oid) as says
  from pg_constraint where connamespace = current_schema()::regnamespace and conrelid <> 0 and contype <> 'n'
  order by 1, 2`;

const indices = `
  select tablename as table, indexname as name, indexdef as says from pg_indexes
  where schemaname = current_schema() and not exists (
    select from pg_constraint where conindid = (quote_ident(schemaname) || '.' || quote_ident(indexname))::regclass)
  order by 1, 2`;

const triggers = `
  select tgrelid::regclass::text as table, tgname as name, pg_get_triggerdef(t.oid) as says
  from pg_trigger as t join pg_class as c on c.oid = tgrelid
  where c.relnamespace = current_schema()::regnamespace and not tgisinternal order by 1, 2`;

const functions = `
  select '' as table, proname as name, prosrc as says from pg_proc
  where pronamespace = current_schema()::regnamespace order by 1, 2`;

export const schemaManifest = async (pool: Pool): Promise<SchemaManifest> => {
  const schema = await pool.query<{ name: string; last: number }>(
    'select current_schema() as name, (select max(number) from schema_migrations) as last',
  );
  const { name, last } = schema.rows[0]!;
  const parts = async (query: string): Promise<readonly Part[]> => {
    const { rows } = await pool.query<Part>(query);
    return rows.map((part) => ({ ...part, says: part.says.replaceAll(`${name}.`, '') }));
  };
  const [ofColumns, ofConstraints, ofIndices, ofTriggers] = [
    await parts(columns),
    await parts(constraints),
    await parts(indices),
    await parts(triggers),
  ];
  const of = (list: readonly Part[], table: string): Record<string, string> =>
    Object.fromEntries(list.filter((part) => part.table === table).map(({ name, says }) => [name, says]));
  const tables = [...new Set(ofColumns.map(({ table }) => table))].map((table) => [
    table,
    {
      columns: of(ofColumns, table),
      constraints: of(ofConstraints, table),
      indices: of(ofIndices, table),
      triggers: of(ofTriggers, table),
    },
  ]);
  return { schema: last, tables: Object.fromEntries(tables), functions: of(await parts(functions), '') };
};
