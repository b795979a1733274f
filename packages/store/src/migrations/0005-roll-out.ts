/** @file Migration 5: bundles, which of them serves and served where, experiments and incidents. */
import type { Migration } from './migration.ts';

export const rollOut: Migration = {
  number: 5,
  name: 'roll-out',
  sql: /* sql */ `
create table bundles (
  project uuid not null references projects,
  id uuid not null,
  name text not null,
  version integer not null check (version > 0),
  policy uuid,
  reward_model uuid not null,
  reference uuid,
  normaliser jsonb not null default '{}',
  guardrails jsonb not null default '{}',
  state text not null
    check (state in ('draft', 'evaluated', 'shadow', 'canary', 'production', 'retired', 'rolled_back')),
  created_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  tainted_by uuid,
  primary key (project, id),
  unique (project, name, version),
  foreign key (project, policy) references models,
  foreign key (project, reward_model) references models,
  foreign key (project, reference) references models,
  foreign key (project, tainted_by) references erasures
);

-- One row a change. The highest revision is what serves; who adds the next one has seen the one before, or is refused.
create table deployments (
  project uuid not null references projects,
  name text not null,
  revision integer not null check (revision > 0),
  bundle uuid,
  shadow uuid,
  canary uuid,
  -- Share of the traffic that the canary takes, 0 to 1.
  canary_share double precision not null default 0 check (canary_share >= 0 and canary_share <= 1),
  actor text not null,
  reason text not null,
  evidence jsonb not null default '{}',
  created_at timestamptz not null,
  primary key (project, name, revision),
  foreign key (project, bundle) references bundles,
  foreign key (project, shadow) references bundles,
  foreign key (project, canary) references bundles,
  check (canary is not null or canary_share = 0)
);
create trigger deployments_kept before update or delete on deployments for each row execute function keep_for_ever();

create table experiments (
  project uuid not null references projects,
  id uuid not null,
  name text not null,
  state text not null check (state in ('draft', 'running', 'stopped')),
  -- Arms, unit, metrics, error rates: fixed before it runs.
  plan jsonb not null,
  conclusion jsonb,
  created_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz,
  primary key (project, id),
  unique (project, name)
);

create table incidents (
  project uuid not null references projects,
  id uuid not null,
  kind text not null,
  -- 1 is the gravest.
  severity smallint not null check (severity between 1 and 4),
  title text not null,
  deployment text,
  details jsonb not null default '{}',
  state text not null check (state in ('open', 'acknowledged', 'resolved')),
  opened_at timestamptz not null,
  acknowledged_at timestamptz,
  acknowledged_by text,
  resolved_at timestamptz,
  resolution text,
  primary key (project, id)
);
create index incidents_open on incidents (project, severity, id) where state <> 'resolved';
`,
};
