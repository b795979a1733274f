/** @file Snapshots: immutable versions of a dataset, as ids and as folders, with their differences, exports and cards. */
export { type CardGate, type CardOptions, datasetCard } from './card.ts';
export { type ChangedRow, changedRows, diffJudgements, diffSnapshots, type SnapshotDiff } from './diff.ts';
export { type ContainerName, type ExportReason, exportReasons } from './export/column.ts';
export { type ExportOptions, type ExportReport, exportJudgements } from './export/export.ts';
export { type ExportFormatName, exportFormatNames } from './export/formats.ts';
export { type Counts, type SnapshotFacts, snapshotFacts } from './facts.ts';
export { type FolderManifest, readManifest, type Shard } from './folder-manifest.ts';
export { lineId, ManifestDigest, manifestDigest, manifestSchema, rowId } from './manifest.ts';
export { readSnapshot, type SnapshotRow } from './read-folder.ts';
export { type WriteSnapshotOptions, type WrittenSnapshot, writeSnapshot } from './write-folder.ts';
