/** @file Migration 12: models whose files were deleted; what they were stays on record. */
import type { Migration } from './migration.ts';

export const deletedModels: Migration = {
  number: 12,
  name: 'deleted-models',
  sql: /* sql */ `
alter table models add column deleted_at timestamptz;
`,
};
