/** @file Migration 9: what is known of bundles, roll-outs under way, what was served, exposures, alert rules and reviews. */
import type { Migration } from './migration.ts';

export const monitoring: Migration = {
  number: 9,
  name: 'monitoring',
  sql: /* sql */ `
-- Golden scores, parity checks, evaluations and approvals of a bundle: added, never changed.
create table bundle_records (
  project uuid not null,
  id uuid not null,
  bundle uuid not null,
  kind text not null check (kind in ('golden', 'parity', 'evaluation', 'approval')),
  actor text not null,
  -- Ids, digests, numbers and reasons that people give; no text of a prompt or a response.
  document jsonb not null,
  created_at timestamptz not null,
  primary key (project, id),
  foreign key (project, bundle) references bundles
);
create index bundle_records_of on bundle_records (project, bundle, kind, id);
create trigger bundle_records_kept before update or delete on bundle_records for each row execute function keep_for_ever();

create table roll_outs (
  project uuid not null references projects,
  id uuid not null,
  deployment text not null,
  canary uuid not null,
  -- Steps and guardrails: fixed before the first user sees the canary.
  plan jsonb not null,
  -- What the controller remembers between two looks.
  state jsonb not null,
  status text not null check (status in ('running', 'paused', 'promoted', 'rolled_back', 'cancelled')),
  revision integer not null default 1,
  actor text not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  primary key (project, id),
  foreign key (project, canary) references bundles
);
create unique index roll_outs_one on roll_outs (project, deployment) where status in ('running', 'paused');

-- One row a response that was served or shadowed; no text. Deleted when the project's retention says so.
create table observations (
  project uuid not null references projects,
  id uuid not null,
  at timestamptz not null,
  deployment text not null,
  arm text not null check (arm in ('production', 'canary', 'shadow')),
  bundle uuid,
  -- Digest of the user, or of whatever stays in one arm.
  unit text,
  prompt bytea,
  response bytea,
  -- Null where it could not be scored: never 0.
  reward double precision,
  -- In standard deviations of the reward model's own normaliser.
  z double precision,
  uncertainty double precision,
  -- What the production arm's reward model says of the same response, where this arm has another one.
  production_reward double precision,
  length integer,
  milliseconds double precision,
  failed boolean not null default false,
  incident boolean not null default false,
  refused boolean not null default false,
  truncated boolean not null default false,
  -- Share of repeated four-grams.
  repetition double precision,
  segments jsonb not null default '{}',
  primary key (project, id)
);
create index observations_at on observations (project, deployment, at);

create table exposures (
  project uuid not null,
  experiment uuid not null,
  unit text not null,
  arm text not null,
  -- Whether the unit was shown another arm too: it then counts for none.
  conflicting boolean not null default false,
  -- A number known before the experiment.
  covariate double precision,
  segments jsonb not null default '{}',
  created_at timestamptz not null,
  primary key (project, experiment, unit),
  foreign key (project, experiment) references experiments
);

create table outcomes (
  project uuid not null,
  experiment uuid not null,
  unit text not null,
  metric text not null,
  value double precision not null,
  at timestamptz not null,
  primary key (project, experiment, unit, metric),
  foreign key (project, experiment, unit) references exposures on delete cascade
);

create table alert_rules (
  project uuid not null references projects,
  id uuid not null,
  name text not null,
  rule jsonb not null,
  -- What the last evaluation found.
  state jsonb not null default '{}',
  silenced_until timestamptz,
  created_by text not null,
  created_at timestamptz not null,
  removed_at timestamptz,
  primary key (project, id)
);
create unique index alert_rules_name on alert_rules (project, name) where removed_at is null;

create table reviews (
  project uuid not null,
  id uuid not null,
  prompt bytea not null,
  response bytea not null,
  deployment text,
  -- Why a person has to look: domains and rules by name, never a text.
  reasons jsonb not null,
  state text not null check (state in ('open', 'decided')),
  decision text check (decision in ('allow', 'block')),
  judgement bytea,
  actor text,
  opened_at timestamptz not null,
  decided_at timestamptz,
  primary key (project, id),
  foreign key (project, prompt, response) references responses,
  check ((state = 'decided') = (decision is not null and actor is not null and decided_at is not null))
);
create unique index reviews_open on reviews (project, prompt, response) where state = 'open';
`,
};
