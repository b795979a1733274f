/** @file Migration 2: rubrics with their criteria, and who is asked to judge what. */
import type { Migration } from './migration.ts';

export const labelling: Migration = {
  number: 2,
  name: 'labelling',
  sql: /* sql */ `
create table rubrics (
  project uuid not null references projects,
  id uuid not null,
  name text not null,
  version integer not null check (version > 0),
  guideline text not null,
  created_at timestamptz not null,
  primary key (project, id),
  unique (project, name, version)
);

create table criteria (
  project uuid not null,
  rubric uuid not null,
  name text not null,
  position integer not null,
  description text not null,
  least double precision not null,
  most double precision not null check (most > least),
  weight double precision not null,
  examples jsonb not null default '[]',
  primary key (project, rubric, name),
  unique (project, rubric, position),
  foreign key (project, rubric) references rubrics
);

create trigger rubrics_kept before update or delete on rubrics for each row execute function keep_for_ever();
create trigger criteria_kept before update or delete on criteria for each row execute function keep_for_ever();

create table assignments (
  project uuid not null,
  id uuid not null,
  annotator uuid not null,
  prompt bytea not null,
  -- In the order shown.
  responses bytea[] not null,
  rubric uuid,
  purpose text not null check (purpose in ('label', 'control', 'gold', 'attention')),
  -- The rule that chose the item, and with which probability it did, 0 to 1.
  selected_by text not null,
  probability double precision check (probability > 0 and probability <= 1),
  state text not null check (state in ('open', 'done', 'skipped', 'cancelled')),
  judgement bytea,
  seconds double precision check (seconds >= 0),
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (project, id),
  foreign key (project, annotator) references annotators,
  foreign key (project, prompt) references prompts,
  foreign key (project, rubric) references rubrics,
  foreign key (project, judgement) references judgements,
  check ((state = 'open') = (ended_at is null)),
  check (judgement is null or state = 'done')
);
create index assignments_open on assignments (project, annotator, id) where state = 'open';
create index assignments_prompt on assignments (project, prompt);
`,
};
