/** @file The first half of an erasure: a person's rows are found and lose their content; their ids stay. */
import { type RawBuilder, sql } from 'kysely';
import type { Query } from '../repositories/scope.ts';
import type { ErasureReport } from './erasure-report.ts';

export type ErasedRows = Pick<
  ErasureReport,
  | 'judgements'
  | 'prompts'
  | 'responses'
  | 'annotators'
  | 'impressions'
  | 'vaultEntries'
  | 'vaultKeys'
  | 'assignments'
  | 'datasets'
>;

interface Erasing {
  readonly query: Query;
  readonly project: string;
  /** The ids of one person. */
  readonly subjects: readonly string[];
  readonly at: Date;
}

/**
 * Leaves the ids of the erased judgements in the transaction's table `erased_rows`.
 *
 * What is a person's: the judgements that they made, the judgements whose texts name them, these texts, the rewrites
 * that they wrote, what was shown to them, and their key. A text that another person's judgement needs stays, unless it
 * names this person: then that judgement is one that names them too.
 */
export const eraseRows = async (erasing: Erasing): Promise<ErasedRows> => {
  await findRows(erasing);
  await findTexts(erasing);
  const { query, project, subjects, at } = erasing;
  const judgements = await count(
    sql`update judgements as j set prompt = null, responses = null, annotator = null, source = null, criterion = null,
        language = null, said = null, erased_at = ${at}
      from erased_rows as e where j.project = ${project} and j.id = e."row"`,
    query,
  );
  // Texts that a judgement still needs do not name the person.
  const prompts = await count(
    sql`update prompts as p set messages = null, erased_at = ${at}
      from erased_texts as e where p.project = ${project} and p.id = e.id and e.kind = 'prompt' and p.erased_at is null
        and not exists (select from judgements as j where j.project = p.project and j.prompt = p.id)`,
    query,
  );
  const responses = await count(
    sql`update responses as r set content = null, erased_at = ${at}
      from (
        select prompt, id from erased_texts where kind = 'response'
        union
        select of.prompt, of.id from erased_texts as e
          join prompts as p on p.project = ${project} and p.id = e.id and p.erased_at is not null
          join responses as of on of.project = ${project} and of.prompt = p.id
        where e.kind = 'prompt') as e
      where r.project = ${project} and r.prompt = e.prompt and r.id = e.id and r.erased_at is null
        and not exists (
          select from judgements as j where j.project = r.project and j.prompt = r.prompt and r.id = any(j.responses))`,
    query,
  );
  const { rows: datasets } = await sql<{ name: string; rows: number }>`
    with gone as (
      delete from dataset_rows as d using erased_rows as e
      where d.project = ${project} and d."row" = e."row" returning d.dataset)
    select s.name, count(*) as rows from gone join datasets as s on s.project = ${project} and s.id = gone.dataset
    group by s.name order by s.name`.execute(query);
  const assignments = await count(
    sql`update assignments as a set state = 'cancelled', ended_at = ${at}
      where a.project = ${project} and a.state = 'open' and (
        a.annotator in (select id from annotators where project = ${project} and ${isTheirs(subjects)})
        or exists (select from prompts as p
          where p.project = a.project and p.id = a.prompt and p.erased_at is not null)
        or exists (select from responses as r
          where r.project = a.project and r.prompt = a.prompt and r.id = any(a.responses) and r.erased_at is not null))`,
    query,
  );
  const annotators = await count(
    sql`update annotators set name = 'erased ' || id, subject = null, erased_at = ${at}, paused_at = ${at},
        pause_reason = null
      where project = ${project} and ${isTheirs(subjects)}`,
    query,
  );
  const impressions = await count(
    sql`delete from impressions where project = ${project} and subject = any(${subjects})`,
    query,
  );
  const vaultEntries = await count(
    sql`delete from vault where project = ${project} and (subject = any(${subjects})
      or key_id in (select key_id from vault_keys where project = ${project} and subject = any(${subjects})))`,
    query,
  );
  const vaultKeys = await count(
    sql`delete from vault_keys where project = ${project} and subject = any(${subjects})`,
    query,
  );
  await sql`update retractions set actor = 'erased' where project = ${project} and actor = any(${subjects})`.execute(
    query,
  );
  await sql`delete from subject_rows where project = ${project} and subject = any(${subjects})`.execute(
    query,
  );
  return {
    judgements,
    prompts,
    responses,
    annotators,
    impressions,
    vaultEntries,
    vaultKeys,
    assignments,
    datasets,
  };
};

/** The judgements: those made by the person, and those about them. */
const findRows = async ({ query, project, subjects }: Erasing): Promise<void> => {
  await sql`create temporary table erased_rows ("row" bytea primary key, names_them boolean not null) on commit drop`.execute(
    query,
  );
  await sql`
    insert into erased_rows
    select j.id, true from subject_rows as s
      join judgements as j on j.project = s.project and j.erased_at is null and (
        (s.kind = 'judgement' and j.id = s.id) or (s.kind = 'prompt' and j.prompt = s.id))
      where s.project = ${project} and s.subject = any(${subjects})
    union
    select j.id, true from subject_rows as s
      join judgements as j on j.project = s.project and j.prompt = s.prompt and s.id = any(j.responses)
      where s.project = ${project} and s.subject = any(${subjects}) and s.kind = 'response'
    on conflict do nothing`.execute(query);
  await sql`
    insert into erased_rows
    select j.id, false from annotators as a
      join judgements as j on j.project = a.project and j.annotator = a.id
      where a.project = ${project} and ${isTheirs(subjects)}
    on conflict do nothing`.execute(query);
};

/** The texts that may name the person: of rows that do, the rewrites they wrote, and those that are linked themselves. */
const findTexts = async ({ query, project, subjects }: Erasing): Promise<void> => {
  await sql`
    create temporary table erased_texts (kind text, prompt bytea, id bytea, primary key (kind, prompt, id)) on commit drop`.execute(
    query,
  );
  await sql`
    insert into erased_texts
    select 'prompt', j.prompt, j.prompt from erased_rows as e
      join judgements as j on j.project = ${project} and j.id = e."row" where e.names_them
    union
    select 'response', j.prompt, unnest(j.responses) from erased_rows as e
      join judgements as j on j.project = ${project} and j.id = e."row" where e.names_them
    union
    select 'response', j.prompt, j.responses[2] from erased_rows as e
      join judgements as j on j.project = ${project} and j.id = e."row" where j.kind = 'edit'
    union
    select kind, coalesce(prompt, id), id from subject_rows
      where project = ${project} and subject = any(${subjects}) and kind in ('prompt', 'response')`.execute(
    query,
  );
};

/** An annotator who is a person goes by the id of the scrubber, and by the name that judgements give. */
const isTheirs = (subjects: readonly string[]): RawBuilder<unknown> =>
  sql`(subject = any(${subjects}) or (subject is not null and name = any(${subjects})))`;

const count = async (statement: ReturnType<typeof sql>, query: Query): Promise<number> =>
  Number((await statement.execute(query)).numAffectedRows ?? 0n);
