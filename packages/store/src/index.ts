/** @file The public surface of `@plaudit/store`. */
export type { ApiKey } from './accounts/api-keys.ts';
export type { Invitation, InvitationTo, Invited } from './accounts/invitations.ts';
export type { Member } from './accounts/members.ts';
export { type Accounts, openAccounts } from './accounts/open-accounts.ts';
export type { Session } from './accounts/sessions.ts';
export type { Membership, User } from './accounts/users.ts';
export type { ArtifactContent, Artifacts, PutArtifact } from './artifacts/artifacts.ts';
export { attachFolder } from './artifacts/attach-folder.ts';
export { openArtifacts } from './artifacts/open-artifacts.ts';
export type { ErasureReport } from './erasure/erasure-report.ts';
export { idsInOrder, judgementId, promptId, responseId } from './ids.ts';
export { type Database, type OpenDatabaseOptions, openDatabase } from './postgres/open-database.ts';
export type { AlertRule } from './repositories/alert-rules.ts';
export { type AuditEntry, type AuditVerdict, auditHash } from './repositories/audit.ts';
export type { BundleRecord } from './repositories/bundle-records.ts';
export type { Bundle } from './repositories/bundles.ts';
export type { Deployment } from './repositories/deployments.ts';
export type { Experiment } from './repositories/experiments.ts';
export type { Exposure } from './repositories/exposures.ts';
export type {
  ImportBatch,
  ImportCounts,
  ImportOptions,
  ImportResult,
} from './repositories/import-judgements.ts';
export type { Incident } from './repositories/incidents.ts';
export type { Showing } from './repositories/labelling-access.ts';
export type { ItemDraw } from './repositories/labelling-claims.ts';
export type { ItemTexts, LabellingItem } from './repositories/labelling-items.ts';
export type { LabellingTask, NewLabellingItem } from './repositories/labelling-tasks.ts';
export type { Vote } from './repositories/labelling-votes.ts';
export type { Lineage, LineageStart } from './repositories/lineage.ts';
export type { Model } from './repositories/models.ts';
export type { ArmTotals, Bucket, NewObservation, Observation } from './repositories/observations.ts';
export type { Promotion } from './repositories/promotions.ts';
export type { Review } from './repositories/reviews.ts';
export type { RollOut } from './repositories/roll-outs.ts';
export type { Criterion, Rubric } from './repositories/rubrics.ts';
export type { RunGroup } from './repositories/run-groups.ts';
export type { Run } from './repositories/runs.ts';
export type { Snapshot, SnapshotDiff, SnapshotQuery } from './repositories/snapshots.ts';
export type { VaultRecords } from './repositories/vault.ts';
export { type CheckOptions, gatesOf, requireGates } from './snapshot-gates.ts';
export { listProjects, type OpenStoreOptions, openStore, type Project, type Store } from './store.ts';
