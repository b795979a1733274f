/** @file Importing judgements by COPY: portions that are whole or not there, acknowledged once they are on the disk. */
import type { Judgement } from '@plaudit/contract';
import type { PoolClient } from 'pg';
import { annotatorIds } from './annotator-ids.ts';
import { toStored } from './judgement-record.ts';
import type { Scope } from './scope.ts';
import type { VaultRecords } from './vault.ts';
import { type Portion, withSubjects, writePortion } from './write-portion.ts';

/** What a reader gives, and what the privacy scrubber adds to it. */
export interface ImportBatch {
  readonly judgements: readonly Judgement[];
  /**
   * For each judgement the people whose pseudonyms stand in its texts. One that begins with `ANNOTATOR_` is who made it:
   * an erasure of that person takes the judgement and leaves the texts.
   */
  readonly subjects?: readonly (readonly string[])[];
  /** Originals that the scrubber encrypted, and keys that it made for them: stored together with the rows. */
  readonly vault?: VaultRecords;
  /** Rows of the file that the batch comes from. Default: as many as judgements. */
  readonly rows?: number;
  readonly rejects?: readonly unknown[];
}

export interface ImportOptions {
  /** Name of the data set that the judgements go into; made where it is not there. */
  readonly dataset: string;
  /** What is imported, in the user's words: file names, as a rule. An interrupted import of the same goes on. */
  readonly source: string;
  /** Called after each commit: what it counts is on the disk. */
  readonly onProgress?: (progress: ImportCounts) => void;
  readonly signal?: AbortSignal;
  /** Judgements in a transaction. Default 10,000. */
  readonly portion?: number;
}

export interface ImportCounts {
  /** Rows of the files, those that were set aside included. */
  readonly rows: number;
  readonly rejected: number;
  /** Judgements that are now in the data set through this call. */
  readonly added: number;
  /** Judgements that were in the data set before, or came twice. */
  readonly known: number;
  /** Judgements left out because they, or a text of theirs, have been erased on a person's request. */
  readonly erased: number;
}

export interface ImportResult extends ImportCounts {
  readonly id: string;
  readonly dataset: string;
}

const defaultPortion = 10_000;
/** Characters of text in a transaction, so that long texts need no more memory than many short ones. */
const textLimit = 32_000_000;

/**
 * Reads the stream to its end. What has been reported to `onProgress` stays, whatever happens after; running the same
 * import again adds what is missing and doubles nothing, since a judgement's id is the hash of what it says.
 *
 * @throws what the stream throws; PlauditError store.*
 */
export const importJudgements = async (
  scope: Scope,
  dataset: string,
  batches: AsyncIterable<ImportBatch> | Iterable<ImportBatch>,
  options: ImportOptions,
): Promise<ImportResult> => {
  const client = await scope.pool.connect();
  let healthy = false;
  try {
    const id = await openImport(client, scope, dataset, options.source);
    const target = { project: scope.project.id, dataset, import: id };
    const annotators = annotatorIds(client, scope);
    let counts: ImportCounts = { rows: 0, rejected: 0, added: 0, known: 0, erased: 0 };
    const write = async (portion: Portion): Promise<void> => {
      options.signal?.throwIfAborted();
      counts = await writePortion(client, target, portion, annotators, counts, scope.now());
      options.onProgress?.(counts);
    };
    // While the database writes one portion the next is read and hashed.
    let writing: Promise<void> = Promise.resolve();
    for await (const portion of portions(batches, options.portion ?? defaultPortion)) {
      await writing;
      writing = write(portion);
      // It is awaited at the next turn; until then its failure is not unhandled.
      writing.catch(() => undefined);
    }
    await writing;
    await client.query(
      "update imports set state = 'finished', finished_at = $3 where project = $1 and id = $2",
      [target.project, id, scope.now()],
    );
    healthy = true;
    return { id, dataset: options.dataset, ...counts };
  } finally {
    // A session that failed in the middle of COPY is not used again.
    client.release(!healthy);
  }
};

/** The record of this import: that of an interrupted one of the same source, or a new one. */
const openImport = async (
  client: PoolClient,
  { project, newId, now }: Scope,
  dataset: string,
  source: string,
): Promise<string> => {
  const { rows } = await client.query<{ id: string }>(
    `insert into imports (project, id, dataset, source, state, started_at)
     values ($1, $2, $3, $4, 'running', $5)
     on conflict (project, dataset, source) where state = 'running' do update set source = excluded.source
     returning id`,
    [project.id, newId(), dataset, source, now()],
  );
  return rows[0]!.id;
};

/** Gathers batches into portions of about the wanted size, each with the rows of the file that it accounts for. */
async function* portions(
  batches: AsyncIterable<ImportBatch> | Iterable<ImportBatch>,
  size: number,
): AsyncGenerator<Portion> {
  let judgements: Portion['judgements'][number][] = [];
  let vault: VaultRecords[] = [];
  let rows = 0;
  let rejected = 0;
  let text = 0;
  for await (const batch of batches) {
    // Before the rows whose originals they are: should only a part of the batch be stored, the rest is there already.
    if (batch.vault) vault.push(batch.vault);
    for (const [i, judgement] of batch.judgements.entries()) {
      const stored = toStored(judgement);
      judgements.push(withSubjects(stored, batch.subjects?.[i] ?? []));
      text += stored.prompt.json.length + stored.said.length;
      for (const { json } of stored.responses) text += json.length;
      if (judgements.length < size && text < textLimit) continue;
      // The rows of a batch count with its last portion: they are acknowledged when all of them are stored.
      yield { judgements, vault, rows, rejected };
      [judgements, vault] = [[], []];
      [rows, rejected, text] = [0, 0, 0];
    }
    rows += batch.rows ?? batch.judgements.length;
    rejected += batch.rejects?.length ?? 0;
  }
  if (judgements.length > 0 || rows > 0) yield { judgements, vault, rows, rejected };
}
