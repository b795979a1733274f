/** @file Migration 6: the audit chain, the vault of originals, and what users were shown and did. */
import type { Migration } from './migration.ts';

export const governance: Migration = {
  number: 6,
  name: 'governance',
  sql: /* sql */ `
create table audit (
  project uuid not null references projects,
  seq bigint not null check (seq > 0),
  at timestamptz(3) not null,
  actor text not null,
  action text not null,
  resource text not null,
  -- Digests and ids, never content: an erasure must not break the chain.
  details jsonb not null,
  previous bytea not null check (octet_length(previous) = 32),
  hash bytea not null check (octet_length(hash) = 32),
  primary key (project, seq)
);
create trigger audit_kept before update or delete on audit for each row execute function keep_for_ever();
create trigger audit_whole before truncate on audit execute function keep_for_ever();

-- Data keys of people, each wrapped by a master key that is not here. Without it the ciphertexts are noise. A person may
-- have several, where two imports made one each at the same time. Bytes are in Base64, as they come.
create table vault_keys (
  project uuid not null references projects,
  key_id text not null,
  subject text not null,
  master_key_id text not null,
  iv text not null,
  tag text not null,
  ciphertext text not null,
  created_at timestamptz not null,
  primary key (project, key_id)
);
create index vault_keys_subject on vault_keys (project, subject);

create table vault (
  project uuid not null,
  token text not null,
  type text not null,
  subject text not null,
  key_id text not null,
  iv text not null,
  tag text not null,
  ciphertext text not null,
  created_at timestamptz not null,
  primary key (project, token),
  foreign key (project, key_id) references vault_keys on delete cascade
);
create index vault_key on vault (project, key_id);
create index vault_subject on vault (project, subject);

create table impressions (
  project uuid not null references projects,
  id uuid not null,
  prompt bytea not null,
  response bytea not null,
  -- 0 is shown first.
  position smallint not null check (position >= 0),
  -- With which the serving policy chose this response, 0 to 1.
  probability double precision check (probability > 0 and probability <= 1),
  model uuid,
  surface text not null,
  -- Whether the user could give feedback: silence means something only then.
  could_answer boolean not null,
  subject text,
  created_at timestamptz not null,
  primary key (project, id),
  foreign key (project, prompt, response) references responses,
  foreign key (project, model) references models
);
create index impressions_prompt on impressions (project, prompt);
create index impressions_subject on impressions (project, subject) where subject is not null;

create table signals (
  project uuid not null,
  id uuid not null,
  impression uuid not null,
  kind text not null,
  value jsonb not null,
  created_at timestamptz not null,
  primary key (project, id),
  foreign key (project, impression) references impressions on delete cascade
);
create index signals_impression on signals (project, impression);
`,
};
