/** @file What features are made from: the database, artifacts, accounts, and the folder of the store. */
import type { MasterKey } from '@plaudit/feedback';
import type { Artifacts, Database } from '@plaudit/store';
import type { AccountsFeature } from './accounts/account-routes.ts';
import type { Features } from './features.ts';
import type { Jobs } from './runs/jobs.ts';

export interface Services {
  readonly jobs: Pick<Jobs, 'enqueue'>;
  readonly features: Omit<Features, 'close'>;
  readonly database: Database;
  readonly artifacts: Artifacts;
  readonly accounts: AccountsFeature;
  /** Of the store: holds the key of pseudonyms and what runs write. */
  readonly folder: string;
  /** Made at the first need. */
  readonly masterKey: () => MasterKey;
  readonly now: () => Date;
}
