/** @file Opening the place of artifacts by its address: a folder, or `s3://bucket/prefix`. */
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { plauditError } from '@plaudit/contract';
import type { Artifacts } from './artifacts.ts';
import { folderArtifacts } from './folder-artifacts.ts';

/**
 * @param location A folder, by default `.plaudit/artifacts`, or `s3://bucket/prefix`, whose region, endpoint and
 * credentials come from the environment as the tools of AWS read it, or from `client`.
 * @example const { digest } = await (await openArtifacts()).put(content)
 * @throws PlauditError store.artifacts_unreachable
 */
export const openArtifacts = async (
  location = '.plaudit/artifacts',
  client?: S3ClientConfig,
): Promise<Artifacts> => {
  if (!location.startsWith('s3://')) return folderArtifacts(location);
  const [, bucket, prefix = ''] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(location) ?? [];
  if (bucket === undefined)
    throw plauditError('store.artifacts_unreachable', { problem: 's3://bucket/prefix is expected' });
  // The client is large: it is loaded where a bucket is used.
  const { bucketArtifacts } = await import('./bucket-artifacts.ts');
  return bucketArtifacts({
    bucket,
    prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`,
    ...(client && { client }),
  });
};
