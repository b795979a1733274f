/** @file Migration 1: projects, and what is said about responses, kept as given. */
import type { Migration } from './migration.ts';

export const judgements: Migration = {
  number: 1,
  name: 'judgements',
  sql: /* sql */ `
-- Refuses every change: for records that are only ever added.
create function keep_for_ever() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are never changed', tg_table_name using errcode = '23001';
end $$;

-- Refuses every change but one: that the content goes and the id stays. What an erased row may hold, its table's checks say.
create function keep_until_erased() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.erased_at is null and new.erased_at is not null
    and new.project = old.project and new.id = old.id and new.created_at = old.created_at then
    return new;
  end if;
  raise exception 'rows of % are never changed, only erased', tg_table_name using errcode = '23001';
end $$;

create table projects (
  id uuid primary key,
  name text not null unique,
  settings jsonb not null default '{}',
  created_at timestamptz not null
);

create table annotators (
  project uuid not null references projects,
  id uuid not null,
  name text not null,
  kind text check (kind in ('human', 'model', 'program', 'implicit', 'simulated')),
  -- Whom an erasure of this annotator is for; null for what is not a person.
  subject text,
  paused_at timestamptz,
  pause_reason text,
  created_at timestamptz not null,
  erased_at timestamptz,
  primary key (project, id),
  unique (project, name)
);
create index annotators_subject on annotators (project, subject) where subject is not null;

create function keep_row() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are never deleted', tg_table_name using errcode = '23001';
end $$;
create trigger annotators_kept before delete on annotators for each row execute function keep_row();
create trigger annotators_whole before truncate on annotators execute function keep_row();

-- Texts are kept as JSON, not as text: that holds every string a file can hold, zero characters and lone surrogates too.
-- No foreign keys between prompts, responses, judgements, annotators and rows of data sets: with them an import takes twice as
-- long. What refers is written in one transaction with what it refers to, and triggers keep all of it from going.
create table prompts (
  project uuid not null,
  id bytea not null check (octet_length(id) = 32),
  messages json,
  created_at timestamptz not null,
  erased_at timestamptz,
  primary key (project, id),
  check ((messages is null) = (erased_at is not null))
);

-- Keyed by their prompt first: the responses to one prompt lie together, and no second index is needed.
create table responses (
  project uuid not null,
  prompt bytea not null,
  id bytea not null check (octet_length(id) = 32),
  content json,
  created_at timestamptz not null,
  erased_at timestamptz,
  primary key (project, prompt, id),
  check ((content is null) = (erased_at is not null))
);

create table judgements (
  project uuid not null,
  id bytea not null check (octet_length(id) = 32),
  kind text not null check (kind in ('comparison', 'ranking', 'rating', 'label', 'edit', 'steps')),
  prompt bytea,
  -- In the order of the record; of an edit the response and then its rewrite.
  responses bytea[],
  annotator uuid,
  source text,
  criterion text,
  language text,
  -- The record without its texts.
  said json,
  created_at timestamptz not null,
  erased_at timestamptz,
  primary key (project, id),
  check (case when erased_at is null
    then prompt is not null and responses is not null and source is not null and said is not null
    else num_nonnulls(prompt, responses, annotator, source, criterion, language, said) = 0 end)
);
create index judgements_prompt on judgements (project, prompt) where prompt is not null;
create index judgements_annotator on judgements (project, annotator, created_at) where annotator is not null;

create trigger prompts_kept before update or delete on prompts for each row execute function keep_until_erased();
create trigger responses_kept before update or delete on responses for each row execute function keep_until_erased();
create trigger judgements_kept before update or delete on judgements for each row execute function keep_until_erased();
create trigger prompts_whole before truncate on prompts execute function keep_for_ever();
create trigger responses_whole before truncate on responses execute function keep_for_ever();
create trigger judgements_whole before truncate on judgements execute function keep_for_ever();

-- Judgements taken back by those who made them: they stay on record and are left out of snapshots.
create table retractions (
  project uuid not null,
  judgement bytea not null,
  actor text not null,
  reason text,
  created_at timestamptz not null,
  primary key (project, judgement),
  foreign key (project, judgement) references judgements
);

-- Which people the texts of a row are about, as the privacy scrubber found them.
create table subject_rows (
  project uuid not null references projects,
  subject text not null,
  kind text not null check (kind in ('judgement', 'prompt', 'response')),
  id bytea not null,
  -- Of a response, which is found by it.
  prompt bytea,
  primary key (project, subject, kind, id),
  check ((kind = 'response') = (prompt is not null))
);

create table datasets (
  project uuid not null references projects,
  id uuid not null,
  name text not null,
  description text not null default '',
  created_at timestamptz not null,
  primary key (project, id),
  unique (project, name)
);

create table imports (
  project uuid not null,
  id uuid not null,
  dataset uuid not null,
  source text not null,
  state text not null check (state in ('running', 'finished')),
  -- Rows of the files up to which everything is stored.
  rows bigint not null default 0,
  rejected bigint not null default 0,
  added bigint not null default 0,
  known bigint not null default 0,
  started_at timestamptz not null,
  committed_at timestamptz,
  finished_at timestamptz,
  primary key (project, id),
  foreign key (project, dataset) references datasets
);
create unique index imports_running on imports (project, dataset, source) where state = 'running';

-- What is in a data set now. Snapshots hold what was in it then.
create table dataset_rows (
  project uuid not null,
  dataset uuid not null,
  "row" bytea not null,
  import uuid,
  primary key (project, dataset, "row")
);
`,
};
