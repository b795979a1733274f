/** @file Migration 10: groups of runs that belong together, which MLflow calls experiments. */
import type { Migration } from './migration.ts';

export const runGroups: Migration = {
  number: 10,
  name: 'run-groups',
  sql: /* sql */ `
create table run_groups (
  project uuid not null references projects,
  id uuid not null,
  name text not null,
  tags jsonb not null default '{}',
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (project, id),
  unique (project, name)
);

-- Null for runs that nobody has put into a group.
alter table runs add column run_group uuid;
alter table runs add foreign key (project, run_group) references run_groups;
create index runs_group on runs (project, run_group, id);
`,
};
