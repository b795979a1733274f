/** @file Migration 11: answers to requests that carry a key of their own, so that the same request twice is done once. */
import type { Migration } from './migration.ts';

export const keptAnswers: Migration = {
  number: 11,
  name: 'kept-answers',
  sql: /* sql */ `
-- Deleted after a day. No text of a row: ids, states and errors.
create table kept_answers (
  project uuid not null references projects,
  key text not null,
  -- SHA-256 of the request.
  request bytea not null,
  -- Null until the request has been answered.
  answer jsonb,
  created_at timestamptz not null,
  primary key (project, key)
);
create index kept_answers_age on kept_answers (project, created_at);
`,
};
