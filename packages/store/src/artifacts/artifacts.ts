/** @file Artifacts: files under the SHA-256 of their content, on disk or in a bucket, checked whenever they are read. */
import { createHash } from 'node:crypto';
import { plauditError } from '@plaudit/contract';
import { isDigest } from '../ids.ts';

export type ArtifactContent = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

export interface PutArtifact {
  /** SHA-256, 64 hexadecimal digits. */
  readonly digest: string;
  readonly bytes: number;
}

export interface Artifacts {
  /**
   * Keeps content: it is there as a whole and on the disk when this returns. What is there already is written again,
   * which repairs it where it was damaged.
   *
   * @throws what the content throws; PlauditError store.artifacts_unreachable
   */
  readonly put: (content: ArtifactContent) => Promise<PutArtifact>;
  /**
   * The content in pieces. The last piece comes only after all of it has been compared with the digest, so that nobody
   * ends up with the whole of a damaged artifact.
   *
   * @throws PlauditError store.artifact_missing, store.artifact_corrupt, store.artifacts_unreachable
   */
  readonly get: (digest: string) => AsyncGenerator<Uint8Array>;
  readonly has: (digest: string) => Promise<boolean>;
  /** Deleting what is not there is no error. */
  readonly delete: (digest: string) => Promise<void>;
}

/** Pieces of any content. */
export const piecesOf = (content: ArtifactContent): Iterable<Uint8Array> | AsyncIterable<Uint8Array> =>
  content instanceof Uint8Array ? [content] : content;

/** @throws PlauditError store.artifact_missing for what cannot be a digest, before it becomes part of a path */
export const checkDigest = (digest: string): string => {
  if (!isDigest(digest)) throw plauditError('store.artifact_missing', { digest: digest.slice(0, 64) });
  return digest;
};

/** Passes pieces on and holds the last one back until their digest is the one that it should be. */
export async function* verified(
  digest: string,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let held: Uint8Array | undefined;
  for await (const piece of pieces) {
    hash.update(piece);
    if (held) yield held;
    held = piece;
  }
  if (hash.digest('hex') !== digest) throw plauditError('store.artifact_corrupt', { digest });
  if (held) yield held;
}
