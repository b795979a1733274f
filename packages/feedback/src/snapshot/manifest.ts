/** @file What a snapshot is: a set of rows by content, and the rule by which its id follows from theirs. */
import { createHash } from 'node:crypto';
import type { Judgement } from '@plaudit/contract';
import { canonicalJson } from '../canonical-json.ts';

/** Version of the rule below. A change of a row's canonical form or of the digest needs a new one. */
export const manifestSchema = 1;

/**
 * A row's id: the SHA-256 of the judgement's canonical JSON (RFC 8785), 64 hexadecimal digits. `contentId` of the same
 * judgement is its first 16 digits; a snapshot promises more than a tree's name does and keeps all of them.
 */
export const rowId = (row: Judgement): string => lineId(canonicalJson(row));

/** The id of a row that is canonical JSON already. */
export const lineId = (line: string): string => createHash('sha256').update(line).digest('hex');

const idForm = /^[0-9a-f]{64}$/;

/** Takes row ids one by one, for callers that stream them from elsewhere; `digest` ends it. */
export class ManifestDigest {
  private readonly hash = createHash('sha256').update(`plaudit-manifest ${manifestSchema}\n`);
  private last = '';
  /** Ids taken so far. */
  rows = 0;

  /** @throws RangeError for an id that is not one, or that does not come after the one before it */
  add(id: string): void {
    if (!idForm.test(id)) throw new RangeError('a row id is 64 hexadecimal digits in lower case');
    if (id <= this.last) throw new RangeError('the ids of a manifest are in ascending order, each once');
    this.hash.update(`${id}\n`);
    this.last = id;
    this.rows++;
  }

  /** The snapshot's id, 64 hexadecimal digits. */
  digest(): string {
    return this.hash.digest('hex');
  }
}

/**
 * The id of the snapshot that holds these rows: the SHA-256 of the line `plaudit-manifest 1` and then of each row id on a
 * line of its own. Same rows, same id, on any machine and in whatever order they came.
 *
 * @param sortedIds Row ids in ascending order, each once; read one by one, never held
 * @example manifestDigest([...new Set(judgements.map(rowId))].sort())
 */
export const manifestDigest = (sortedIds: Iterable<string>): string => {
  const manifest = new ManifestDigest();
  for (const id of sortedIds) manifest.add(id);
  return manifest.digest();
};
