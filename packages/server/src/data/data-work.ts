/** @file Work on data that takes long: it runs in a thread of its own, over a store of its own. */
import type { Judgement } from '@plaudit/contract';
import {
  changedRows,
  type ExportFormatName,
  type ExportReport,
  exportJudgements,
  type JudgementBatch,
  type MasterKey,
  type PrivacyPolicy,
  privacyPolicy,
  projectKey,
  type QualityReport,
  type Reject,
  scrubJudgement,
  streamJudgements,
} from '@plaudit/feedback';
import { gatesOf, type ImportBatch, type ImportResult, type Store } from '@plaudit/store';

/** Rejects that an answer names; the counts are of all. */
const mostRejects = 1000;

/** What the scrubber found, over all rows. */
interface Scrubbed {
  /** Findings by entity type. */
  readonly found: Record<string, number>;
  /** Rows in which something was found. */
  rows: number;
  /** Rows whose responses differed only in what was taken out. */
  equal: number;
}

interface ImportWork {
  readonly path: string;
  readonly dataset: string;
  /** What people know the file by. */
  readonly source: string;
  readonly format: string;
  readonly personalData: 'scrub' | 'keep';
}

interface ImportReport extends ImportResult {
  readonly rejects: readonly Reject[];
  readonly scrubbed: Scrubbed | null;
}

/** What changed between two snapshots, row by row. */
interface DiffReport {
  readonly from: string;
  readonly to: string;
  readonly unchanged: number;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** The same annotator says something else of the same responses. */
  readonly relabelled: readonly { readonly before: string; readonly after: string }[];
  /** The same outcome, said of another file, time or segment. */
  readonly restated: readonly { readonly before: string; readonly after: string }[];
}

/** Every kind of work: what it takes, and what it gives. */
export interface DataWork {
  import: { takes: ImportWork; gives: ImportReport };
  gates: { takes: { readonly snapshot: string }; gives: QualityReport };
  export: {
    takes: { readonly snapshot: string; readonly path: string; readonly format: string };
    gives: ExportReport;
  };
  diff: { takes: { readonly from: string; readonly to: string }; gives: DiffReport };
}

export type DataWorkKind = keyof DataWork;

type Works = {
  readonly [Kind in DataWorkKind]: (
    store: Store,
    takes: DataWork[Kind]['takes'],
    masterKey: MasterKey | null,
  ) => Promise<DataWork[Kind]['gives']>;
};

export const dataWorks: Works = {
  async import(store, { path, dataset, source, format, personalData }, masterKey) {
    const policy =
      personalData === 'scrub' && masterKey
        ? privacyPolicy({ projectKey: projectKey(masterKey.key, store.project.name) })
        : null;
    const scrubbed: Scrubbed = { found: {}, rows: 0, equal: 0 };
    const rejects: Reject[] = [];
    const read = streamJudgements([path], { format: format as 'auto' });
    const result = await store.judgements.import(batches(read, policy, scrubbed, rejects), {
      dataset,
      source,
    });
    return {
      ...result,
      rejects: rejects.map((reject) => ({ ...reject, source })),
      scrubbed: policy && scrubbed,
    };
  },

  gates: async (store, { snapshot }) => gatesOf(store, await store.snapshots.get(snapshot)),

  export: (store, { snapshot, path, format }) =>
    exportJudgements(path, store.snapshots.rows(snapshot), { format: format as ExportFormatName }),

  async diff(store, { from, to }) {
    const { kept, addedRows, removedRows } = await store.snapshots.diff(from, to);
    const read = async (ids: AsyncIterable<string>) => {
      const rows: { id: string; judgement: Judgement }[] = [];
      for await (const id of ids) {
        const { judgement } = await store.judgements.get(id);
        if (judgement) rows.push({ id, judgement });
      }
      return rows;
    };
    const changes = changedRows(await read(removedRows()), await read(addedRows()));
    const pairs = (rows: typeof changes.relabelled) =>
      rows.map((row) => ({ before: row.before.id, after: row.after.id }));
    return {
      from,
      to,
      unchanged: kept,
      added: changes.added.map(({ id }) => id),
      removed: changes.removed.map(({ id }) => id),
      relabelled: pairs(changes.relabelled),
      restated: pairs(changes.restated),
    };
  },
};

/** What a reader gives, as the store takes it. */
async function* batches(
  read: AsyncIterable<JudgementBatch>,
  policy: PrivacyPolicy | null,
  scrubbed: Scrubbed,
  rejects: Reject[],
): AsyncGenerator<ImportBatch> {
  for await (const { judgements, rejects: setAside, rows } of read) {
    rejects.push(...setAside.slice(0, mostRejects - rejects.length));
    if (!policy) {
      yield { judgements, rows, rejects: setAside };
      continue;
    }
    const clean = judgements.map((judgement) => scrubJudgement(judgement, policy));
    for (const { findings, equalResponses } of clean) {
      if (findings.length > 0) scrubbed.rows++;
      if (equalResponses) scrubbed.equal++;
      for (const { type } of findings) scrubbed.found[type] = (scrubbed.found[type] ?? 0) + 1;
    }
    yield {
      judgements: clean.map(({ judgement }) => judgement),
      subjects: clean.map(({ subjects }) => subjects),
      rows,
      rejects: setAside,
    };
  }
}
