/** @file Migration 7: labelling tasks, their items, and what each annotator was shown and answered. */
import type { Migration } from './migration.ts';

export const labellingSessions: Migration = {
  number: 7,
  name: 'labelling-sessions',
  sql: /* sql */ `
-- What an annotator did on checks before being resumed no longer counts against them.
alter table annotators add column resumed_at timestamptz;

create table labelling_tasks (
  project uuid not null references projects,
  id uuid not null,
  name text not null,
  kind text not null check (kind in ('pairwise', 'ranking', 'rating', 'edit', 'steps')),
  rubric uuid,
  -- Where the judgements go; those of gold and attention items go to one of their own.
  dataset text not null,
  -- How many annotators judge each item.
  redundancy integer not null check (redundancy between 1 and 100),
  settings jsonb not null default '{}',
  state text not null check (state in ('open', 'closed')),
  created_by text not null,
  created_at timestamptz not null,
  primary key (project, id),
  unique (project, name),
  foreign key (project, rubric) references rubrics
);

-- Whom a task is given to. A task that is given to nobody is open to all who label in the project.
create table labelling_annotators (
  project uuid not null,
  task uuid not null,
  annotator uuid not null,
  primary key (project, task, annotator),
  foreign key (project, task) references labelling_tasks,
  foreign key (project, annotator) references annotators
);

create table labelling_items (
  project uuid not null,
  id uuid not null,
  task uuid not null,
  position integer not null,
  prompt bytea not null,
  -- In the order of the record, which is not that in which anybody is shown them.
  responses bytea[] not null,
  purpose text not null check (purpose in ('label', 'control', 'gold', 'attention')),
  selected_by text not null,
  probability double precision check (probability > 0 and probability <= 1),
  -- The right vote of a gold or attention item.
  known jsonb,
  -- Language and segments, as they go into the judgements.
  facts jsonb not null default '{}',
  -- Annotators who have it open or have judged it.
  claims integer not null default 0 check (claims >= 0),
  primary key (project, id),
  unique (project, task, position),
  foreign key (project, task) references labelling_tasks,
  foreign key (project, prompt) references prompts,
  check ((purpose in ('gold', 'attention')) = (known is not null))
);
create index labelling_items_next on labelling_items (project, task, purpose, claims desc, position);

-- An assignment of a task's item. Undoing one makes another in its place; both stay on record.
create table labelling_showings (
  project uuid not null,
  assignment uuid not null,
  task uuid not null,
  item uuid not null,
  annotator uuid not null,
  replaced_by uuid,
  primary key (project, assignment),
  foreign key (project, assignment) references assignments,
  foreign key (project, item) references labelling_items,
  foreign key (project, replaced_by) references assignments
);
create unique index labelling_showings_once on labelling_showings (project, item, annotator) where replaced_by is null;
create index labelling_showings_of on labelling_showings (project, task, annotator, assignment);

-- The first answer to an assignment is the answer: the same sent again is found here, another one is refused.
create table labelling_answers (
  project uuid not null,
  assignment uuid not null,
  -- Of the answer as it was sent.
  digest bytea not null check (octet_length(digest) = 32),
  -- Until its judgements are stored, so that they can be stored after a crash; then no text is kept here.
  answer json,
  -- What was chosen, in the order of the item's record, without any text; null for an edit.
  vote jsonb,
  -- Of gold and attention items.
  is_right boolean,
  judgements bytea[],
  seconds double precision not null check (seconds >= 0),
  answered_at timestamptz not null,
  primary key (project, assignment),
  foreign key (project, assignment) references labelling_showings,
  check ((answer is null) = (judgements is not null))
);

-- What a reviewer made of an item on which annotators disagree.
create table labelling_verdicts (
  project uuid not null,
  item uuid not null,
  judgements bytea[] not null,
  actor text not null,
  reason text not null,
  created_at timestamptz not null,
  primary key (project, item),
  foreign key (project, item) references labelling_items
);
`,
};
