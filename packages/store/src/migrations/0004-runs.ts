/** @file Migration 4: runs with their steps and metrics, the models they make, and the files of both. */
import type { Migration } from './migration.ts';

export const runs: Migration = {
  number: 4,
  name: 'runs',
  sql: /* sql */ `
-- An erasure's mark on what was made from the erased: when, by which erasure, and how many rows.
create table erasures (
  project uuid not null references projects,
  id uuid not null,
  -- SHA-256 of each of the person's ids: enough to answer whether one was erased, and it names nobody.
  subject_digests bytea[] not null,
  actor text not null,
  reason text not null,
  report jsonb not null,
  created_at timestamptz not null,
  primary key (project, id)
);
create trigger erasures_kept before update or delete on erasures for each row execute function keep_for_ever();

create table runs (
  project uuid not null references projects,
  id uuid not null,
  name text not null,
  -- What is run, such as reward.train.
  kind text not null,
  state text not null check (state in ('waiting', 'running', 'finished', 'failed', 'stopped')),
  parent uuid,
  config jsonb not null,
  tags jsonb not null default '{}',
  error text,
  created_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz,
  deleted_at timestamptz,
  tainted_by uuid,
  primary key (project, id),
  foreign key (project, parent) references runs,
  foreign key (project, tainted_by) references erasures,
  check ((state in ('finished', 'failed', 'stopped')) = (ended_at is not null))
);
create index runs_kind on runs (project, kind, id);

-- Parts of a run that are done once: a resumed run finds what is done and where to go on.
create table steps (
  project uuid not null,
  run uuid not null,
  name text not null,
  position integer not null,
  state text not null check (state in ('running', 'finished', 'failed')),
  attempts integer not null default 1,
  -- The digest of the artifact to go on from.
  checkpoint bytea,
  result jsonb,
  error text,
  started_at timestamptz not null,
  ended_at timestamptz,
  primary key (project, run, name),
  foreign key (project, run) references runs
);

create table metrics (
  project uuid not null,
  id bigint generated always as identity primary key,
  run uuid not null,
  name text not null,
  step bigint not null,
  value double precision not null,
  at timestamptz not null,
  foreign key (project, run) references runs
);
create index metrics_run on metrics (project, run, name, step, id);

create table artifacts (
  project uuid not null references projects,
  digest bytea not null check (octet_length(digest) = 32),
  bytes bigint not null check (bytes >= 0),
  media_type text not null,
  created_at timestamptz not null,
  primary key (project, digest)
);

create table models (
  project uuid not null references projects,
  id uuid not null,
  name text not null,
  version integer not null check (version > 0),
  role text not null check (role in ('reward', 'policy', 'reference')),
  -- The run that made it; null where it was brought in.
  run uuid,
  card jsonb not null,
  created_at timestamptz not null,
  tainted_by uuid,
  primary key (project, id),
  unique (project, name, version),
  foreign key (project, run) references runs,
  foreign key (project, tainted_by) references erasures
);
create index models_run on models (project, run) where run is not null;

-- The files of a run or of a model, by path.
create table files (
  project uuid not null,
  owner uuid not null,
  path text not null,
  digest bytea not null,
  created_at timestamptz not null,
  primary key (project, owner, path),
  foreign key (project, digest) references artifacts
);
create index files_digest on files (project, digest);

-- What a run read: snapshots, and models it started from, trained against or compared.
create table run_snapshots (
  project uuid not null,
  run uuid not null,
  snapshot bytea not null,
  purpose text not null,
  primary key (project, run, snapshot, purpose),
  foreign key (project, run) references runs,
  foreign key (project, snapshot) references snapshots
);
create index run_snapshots_snapshot on run_snapshots (project, snapshot);

create table run_models (
  project uuid not null,
  run uuid not null,
  model uuid not null,
  purpose text not null,
  primary key (project, run, model, purpose),
  foreign key (project, run) references runs,
  foreign key (project, model) references models
);
create index run_models_model on run_models (project, model);
`,
};
