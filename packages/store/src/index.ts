/** @file The public surface of `@plaudit/store`. */
export type { ArtifactContent, Artifacts, PutArtifact } from './artifacts/artifacts.ts';
export { openArtifacts } from './artifacts/open-artifacts.ts';
export type { ErasureReport } from './erasure/erasure-report.ts';
export { judgementId, promptId, responseId } from './ids.ts';
export { type Database, type OpenDatabaseOptions, openDatabase } from './postgres/open-database.ts';
export { type AuditEntry, type AuditVerdict, auditHash } from './repositories/audit.ts';
export type {
  ImportBatch,
  ImportCounts,
  ImportOptions,
  ImportResult,
} from './repositories/import-judgements.ts';
export type { Lineage, LineageStart } from './repositories/lineage.ts';
export type { Snapshot, SnapshotDiff, SnapshotQuery } from './repositories/snapshots.ts';
export type { VaultRecords } from './repositories/vault.ts';
export { listProjects, type OpenStoreOptions, openStore, type Project, type Store } from './store.ts';
