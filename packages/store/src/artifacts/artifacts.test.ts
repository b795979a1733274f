/** @file Tests: an artifact is there as a whole or not at all, and a damaged one is never read as if it were whole. */
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../ids.ts';
import { all } from '../testing-records.ts';
import type { Artifacts } from './artifacts.ts';
import { bucketArtifacts } from './bucket-artifacts.ts';
import { folderArtifacts } from './folder-artifacts.ts';
import { openArtifacts } from './open-artifacts.ts';

/** A server of S3's language; its package has no types. */
interface S3rver {
  readonly run: () => Promise<{ readonly port: number }>;
  readonly close: () => Promise<void>;
}
type S3rverClass = new (options: object) => S3rver;

let root = '';
let server: S3rver | undefined;
let endpoint = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'plaudit-artifacts-'));
  const name = 's3rver';
  const { default: Server } = (await import(name)) as { default: S3rverClass };
  server = new Server({
    port: 0,
    silent: true,
    directory: join(root, 's3'),
    configureBuckets: [{ name: 'plaudit-test', configs: [] }],
  });
  endpoint = `http://127.0.0.1:${(await server.run()).port}`;
});
afterAll(async () => {
  await server?.close();
  await rm(root, { recursive: true, force: true });
});

const clientOf = (url: string) => ({
  endpoint: url,
  region: 'us-east-1',
  forcePathStyle: true,
  credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
  maxAttempts: 1,
});

const read = async (artifacts: Artifacts, digest: string): Promise<Buffer> =>
  Buffer.concat(await all(artifacts.get(digest)));

const places: readonly [string, () => Promise<Artifacts>][] = [
  ['in a folder', () => folderArtifacts(join(root, 'folder'))],
  ['in a bucket', () => openArtifacts('s3://plaudit-test/some/prefix', clientOf(endpoint))],
];

describe.each(places)('artifacts %s', (_, open) => {
  it('come back as they were put, under the digest of their content', async () => {
    const artifacts = await open();
    const { digest, bytes } = await artifacts.put(Buffer.from('abc'));
    // FIPS 180-2, appendix B.1.
    expect(digest).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(bytes).toBe(3);
    expect((await read(artifacts, digest)).toString()).toBe('abc');
    expect(await artifacts.put([Buffer.from('a'), Buffer.from('bc')])).toEqual({ digest, bytes });
    expect(await artifacts.has(digest)).toBe(true);
    await artifacts.delete(digest);
    await artifacts.delete(digest);
    expect(await artifacts.has(digest)).toBe(false);
    await expect(read(artifacts, digest)).rejects.toMatchObject({ code: 'store.artifact_missing' });
  });

  it('may hold any bytes, none at all too, in pieces of any size', async () => {
    const artifacts = await open();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), async (pieces) => {
        const { digest, bytes } = await artifacts.put(pieces);
        const content = await read(artifacts, digest);
        expect(content.equals(Buffer.concat(pieces))).toBe(true);
        expect(bytes).toBe(content.length);
      }),
      { numRuns: 15 },
    );
    const large = Buffer.alloc(3_000_000, 'large');
    expect((await read(artifacts, (await artifacts.put(large)).digest)).equals(large)).toBe(true);
  });

  it('are not there at all when their source breaks', async () => {
    const artifacts = await open();
    const breaking = async function* () {
      yield Buffer.from('first half');
      throw new Error('the source broke');
    };
    await expect(artifacts.put(breaking())).rejects.toThrow('the source broke');
    expect(await artifacts.has(sha256('first half'))).toBe(false);
  });

  it('are not looked for under what is no digest', async () => {
    const artifacts = await open();
    for (const digest of ['', '../../etc/passwd', 'A'.repeat(64), `${'a'.repeat(63)}/`]) {
      await expect(read(artifacts, digest)).rejects.toMatchObject({ code: 'store.artifact_missing' });
      await expect((async () => artifacts.delete(digest))()).rejects.toMatchObject({
        code: 'store.artifact_missing',
      });
    }
  });
});

describe('a folder of artifacts', () => {
  it.each([
    ['changed', (path: string) => writeFile(path, Buffer.alloc(200_000, 'y'))],
    ['cut off', (path: string) => truncate(path, 150_000)],
    ['longer', (path: string) => appendFile(path, 'more')],
    ['empty', (path: string) => truncate(path, 0)],
  ])('does not give out the end of a file that is %s, and takes it anew', async (_, damage) => {
    const folder = join(root, 'damaged');
    const artifacts = await folderArtifacts(folder);
    const content = Buffer.alloc(200_000, 'x');
    const { digest } = await artifacts.put(content);
    const path = join(folder, digest.slice(0, 2), digest.slice(2));
    await damage(path);
    let given = 0;
    const reading = (async () => {
      for await (const piece of artifacts.get(digest)) given += piece.length;
    })();
    await expect(reading).rejects.toMatchObject({ code: 'store.artifact_corrupt', parameters: { digest } });
    expect(given).toBeLessThan(content.length);
    await artifacts.put(content);
    expect((await read(artifacts, digest)).equals(content)).toBe(true);
  });

  it('sweeps out what a killed process left unfinished, a day later', async () => {
    const folder = join(root, 'swept');
    await folderArtifacts(folder);
    for (const [name, hours] of [
      ['old', 25],
      ['new', 1],
    ] as const) {
      await writeFile(join(folder, 'unfinished', name), 'half');
      const at = new Date(Date.now() - hours * 3_600_000);
      await utimes(join(folder, 'unfinished', name), at, at);
    }
    await folderArtifacts(folder);
    expect(await readdir(join(folder, 'unfinished'))).toEqual(['new']);
  });

  it('says that it cannot be written', async () => {
    const path = join(root, 'a file');
    await writeFile(path, '');
    await expect(folderArtifacts(join(path, 'artifacts'))).rejects.toMatchObject({
      code: 'store.artifacts_unreachable',
      parameters: { problem: 'ENOTDIR' },
    });
  });
});

describe('a bucket of artifacts', () => {
  it('takes large ones in parts', async () => {
    const artifacts = bucketArtifacts({
      bucket: 'plaudit-test',
      client: clientOf(endpoint),
      partSize: 5 * 2 ** 20,
    });
    const content = Buffer.alloc(12 * 2 ** 20, 'parts');
    const { digest } = await artifacts.put(content);
    expect((await read(artifacts, digest)).equals(content)).toBe(true);
  });

  it('does not give out the end of an object that is damaged', async () => {
    const damaged = createServer((_, response) => response.end(Buffer.alloc(100_000, 'y')));
    damaged.listen(0, '127.0.0.1');
    await once(damaged, 'listening');
    const { port } = damaged.address() as { port: number };
    const artifacts = bucketArtifacts({ bucket: 'any', client: clientOf(`http://127.0.0.1:${port}`) });
    await expect(read(artifacts, sha256('x'))).rejects.toMatchObject({ code: 'store.artifact_corrupt' });
    damaged.close();
    damaged.closeAllConnections();
  });

  it('says what is wrong with a bucket that is not there, or a server that is not', async () => {
    const missing = bucketArtifacts({ bucket: 'no-such-bucket', client: clientOf(endpoint) });
    await expect(missing.put(Buffer.from('x'))).rejects.toMatchObject({
      code: 'store.artifacts_unreachable',
      parameters: { problem: 'NoSuchBucket' },
    });
    const silent = bucketArtifacts({ bucket: 'any', client: clientOf('http://127.0.0.1:1') });
    await expect(silent.has(sha256('x'))).rejects.toMatchObject({ code: 'store.artifacts_unreachable' });
    await expect(openArtifacts('s3:///x')).rejects.toMatchObject({ code: 'store.artifacts_unreachable' });
  });
});
