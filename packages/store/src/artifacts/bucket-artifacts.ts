/** @file Artifacts in a bucket of S3 or of anything that speaks its language. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { PlauditError, plauditError } from '@plaudit/contract';
import { type Artifacts, checkDigest, piecesOf, verified } from './artifacts.ts';

export interface BucketOptions {
  readonly bucket: string;
  /** Put before each digest, with a slash at its end. Default nothing. */
  readonly prefix?: string;
  /** What the client takes beyond the environment (AWS_REGION, AWS_ENDPOINT_URL_S3, credentials). */
  readonly client?: S3ClientConfig;
  /**
   * Bytes from which an artifact is sent in parts, and of each part, which is held in memory to be sent again where that
   * fails. S3 takes parts of 5 MiB to 5 GiB, and 10,000 of them. Default 32 MiB.
   */
  readonly partSize?: number;
}

/** The name is the digest of the content, so that the content goes through a temporary file before it is sent. */
export const bucketArtifacts = (options: BucketOptions): Artifacts => {
  const { bucket, prefix = '', partSize = 32 * 2 ** 20 } = options;
  const client = new S3Client({
    // Servers other than Amazon's stumble over checksums that they did not ask for; the digest is ours to check.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...options.client,
  });
  const objectOf = (digest: string): { Bucket: string; Key: string } => ({
    Bucket: bucket,
    Key: `${prefix}${checkDigest(digest)}`,
  });

  const send = async (digest: string, path: string, bytes: number): Promise<void> => {
    if (bytes <= partSize) {
      await client.send(new PutObjectCommand({ ...objectOf(digest), Body: await readFile(path) }));
      return;
    }
    const object = objectOf(digest);
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(object));
    try {
      const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
      for (let start = 0; start < bytes; start += partSize) {
        const PartNumber = Parts.length + 1;
        const Body = await readPart(path, start, Math.min(partSize, bytes - start));
        const { ETag } = await client.send(new UploadPartCommand({ ...object, UploadId, PartNumber, Body }));
        Parts.push({ PartNumber, ETag });
      }
      await client.send(
        new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts } }),
      );
    } catch (cause) {
      // Parts of an upload that is not completed are kept, and paid for, until somebody says so.
      await client.send(new AbortMultipartUploadCommand({ ...object, UploadId })).catch(() => undefined);
      throw cause;
    }
  };

  return {
    async put(content) {
      const folder = await mkdtemp(join(tmpdir(), 'plaudit-artifact-'));
      const path = join(folder, randomUUID());
      try {
        const hash = createHash('sha256');
        let bytes = 0;
        const handle = await open(path, 'wx', 0o600);
        try {
          for await (const piece of piecesOf(content)) {
            hash.update(piece);
            bytes += piece.byteLength;
            await handle.writeFile(piece);
          }
        } finally {
          await handle.close();
        }
        const digest = hash.digest('hex');
        await inBucket(digest, () => send(digest, path, bytes));
        return { digest, bytes };
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },

    get: (digest) =>
      verified(
        digest,
        (async function* () {
          const { Body } = await inBucket(digest, () => client.send(new GetObjectCommand(objectOf(digest))));
          try {
            yield* Body as AsyncIterable<Uint8Array>;
          } catch (cause) {
            throw bucketError(digest, cause);
          }
        })(),
      ),

    async has(digest) {
      try {
        await inBucket(digest, () => client.send(new HeadObjectCommand(objectOf(digest))));
        return true;
      } catch (cause) {
        if (cause instanceof PlauditError && cause.code === 'store.artifact_missing') return false;
        throw cause;
      }
    },

    async delete(digest) {
      await inBucket(digest, () => client.send(new DeleteObjectCommand(objectOf(digest))));
    },
  };
};

const readPart = async (path: string, start: number, length: number): Promise<Buffer> => {
  const handle = await open(path, 'r');
  try {
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, start);
    return buffer;
  } finally {
    await handle.close();
  }
};

const inBucket = async <T>(digest: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (cause) {
    throw bucketError(digest, cause);
  }
};

const bucketError = (digest: string, cause: unknown): unknown => {
  if (cause instanceof PlauditError || !(cause instanceof Error)) return cause;
  if (cause.name === 'NoSuchKey' || cause.name === 'NotFound')
    return plauditError('store.artifact_missing', { digest }, cause);
  const { code } = cause as NodeJS.ErrnoException;
  return plauditError('store.artifacts_unreachable', { problem: code ?? cause.name }, cause);
};
