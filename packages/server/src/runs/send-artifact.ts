/** @file An artifact as an answer: a file to keep, never a page that a browser would run. */
import { Readable } from 'node:stream';
import { plauditError } from '@plaudit/contract';
import type { Artifacts, Store } from '@plaudit/store';
import type { FastifyReply } from 'fastify';

/**
 * @param owner Id of a run or of a model
 * @throws PlauditError store.unknown, store.artifact_missing
 */
export const sendArtifact = async (
  store: Store,
  artifacts: Artifacts,
  reply: FastifyReply,
  owner: string,
  path: string,
): Promise<void> => {
  const found = (await store.files.of(owner)).find((file) => file.path === path);
  if (!found)
    throw plauditError('store.unknown', { what: 'file', name: 'of that path', project: store.project.name });
  if (!(await artifacts.has(found.digest)))
    throw plauditError('store.artifact_missing', { digest: found.digest });
  const name = (path.split('/').at(-1) ?? 'file').replace(/[^\w.-]+/g, '_');
  reply
    .header('content-type', 'application/octet-stream')
    .header('content-length', found.bytes)
    .header('content-disposition', `attachment; filename="${name}"`)
    .header('content-security-policy', "sandbox; default-src 'none'")
    .header('etag', `"${found.digest}"`);
  await reply.send(Readable.from(artifacts.get(found.digest)));
};
