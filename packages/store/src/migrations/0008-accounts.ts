/** @file Migration 8: people who sign in, what they are in each project, invitations, and the keys of programs. */
import type { Migration } from './migration.ts';

export const accounts: Migration = {
  number: 8,
  name: 'accounts',
  sql: /* sql */ `
create table users (
  id uuid primary key,
  -- In lower case. Null once the account has been removed: then nothing here names anybody.
  email text unique,
  name text not null,
  -- Argon2id in the PHC form, with its salt and parameters.
  password text,
  -- May do everything in every project.
  administrator boolean not null default false,
  created_at timestamptz not null,
  removed_at timestamptz,
  check ((removed_at is null) = (email is not null and password is not null))
);

-- Of tokens only the SHA-256 is here: whoever reads this table cannot act for anybody.
create table sessions (
  digest bytea primary key check (octet_length(digest) = 32),
  user_id uuid not null references users,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  -- Moves on with use, up to a limit from the beginning.
  expires_at timestamptz not null
);
create index sessions_user on sessions (user_id);

create table members (
  project uuid not null references projects,
  user_id uuid not null references users,
  role text not null check (role in ('owner', 'engineer', 'reviewer', 'annotator', 'viewer')),
  created_at timestamptz not null,
  primary key (project, user_id)
);
create index members_user on members (user_id);

create table api_keys (
  project uuid not null references projects,
  id uuid not null,
  name text not null,
  digest bytea not null unique check (octet_length(digest) = 32),
  -- The first characters, by which a person tells keys apart.
  start text not null,
  role text not null check (role in ('owner', 'engineer', 'reviewer', 'annotator', 'viewer')),
  created_by text not null,
  created_at timestamptz not null,
  revoked_at timestamptz,
  primary key (project, id)
);

-- One-time links: into a project, to the whole installation, or back into an account whose password is lost.
create table invitations (
  id uuid primary key,
  digest bytea not null unique check (octet_length(digest) = 32),
  project uuid references projects,
  role text check (role in ('owner', 'engineer', 'reviewer', 'annotator', 'viewer')),
  administrator boolean not null default false,
  -- Whose password it sets.
  user_id uuid references users,
  created_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  check ((project is null) = (role is null)),
  check (num_nonnulls(project, user_id) + administrator::int = 1)
);
create index invitations_project on invitations (project) where project is not null;
`,
};
