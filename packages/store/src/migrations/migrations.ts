/** @file All migrations, in order. A new one goes at the end, with its test; one that is released is never edited. */
import { judgements } from './0001-judgements.ts';
import { labelling } from './0002-labelling.ts';
import { snapshots } from './0003-snapshots.ts';
import { runs } from './0004-runs.ts';
import { rollOut } from './0005-roll-out.ts';
import { governance } from './0006-governance.ts';
import { labellingSessions } from './0007-labelling-sessions.ts';
import { accounts } from './0008-accounts.ts';
import { monitoring } from './0009-monitoring.ts';
import { runGroups } from './0010-run-groups.ts';
import { keptAnswers } from './0011-kept-answers.ts';
import { deletedModels } from './0012-deleted-models.ts';
import type { Migration } from './migration.ts';

export const migrations: readonly Migration[] = [
  judgements,
  labelling,
  snapshots,
  runs,
  rollOut,
  governance,
  labellingSessions,
  accounts,
  monitoring,
  runGroups,
  keptAnswers,
  deletedModels,
];
