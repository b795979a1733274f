/** @file What a quickstart has done so far, in a file of its folder: whoever is stopped goes on from there. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { plauditError } from '@plaudit/contract';
import { z } from 'zod';
import { writing } from '../output/errors.ts';

/** Says that a folder is a quickstart's own, so that it may be made again. */
const marker = 'quickstart.json';
const version = 2;

const kept = z.object({
  version: z.literal(version),
  seed: z.number(),
  small: z.boolean(),
  /** Seconds of work, over all times that it was called. */
  seconds: z.number(),
  facts: z.record(z.string(), z.unknown()),
});

interface RecordOptions {
  readonly seed: number;
  readonly small: boolean;
  /** Empties a folder of an earlier quickstart. */
  readonly fresh: boolean;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
}

export interface QuickstartRecord {
  /** Undefined for what has not been done. */
  read(name: string): unknown;
  /** Written to the disk before it resolves. @param value As JSON */
  keep(name: string, value: unknown): Promise<void>;
  seconds(): number;
}

/**
 * @throws output.exists for a folder that is not a quickstart's own; cli.usage for one of another seed or size; output.*
 */
export const openRecord = async (
  out: string,
  { seed, small, fresh, now = () => performance.now() }: RecordOptions,
): Promise<QuickstartRecord> => {
  const names = await readdir(out).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [] as string[];
    throw error.code === 'ENOTDIR' ? plauditError('output.exists', { path: out }, error) : error;
  });
  if (names.length > 0 && !names.includes(marker)) throw plauditError('output.exists', { path: out });
  const path = join(out, marker);
  const before = fresh || names.length === 0 ? undefined : await readKept(path);
  if (before && (before.seed !== seed || before.small !== small))
    throw plauditError('cli.usage', {
      problem: `${out} is a quickstart with --seed ${before.seed}${before.small ? ' --small' : ''}: give the same to go on, --fresh to begin anew, or another --out.`,
    });
  const facts: Record<string, unknown> = { ...before?.facts };
  const earlier = before?.seconds ?? 0;
  const began = now();
  const seconds = (): number => earlier + (now() - began) / 1000;
  const write = (): Promise<void> =>
    writing(out, async () => {
      const text = JSON.stringify({ version, seed, small, seconds: seconds(), facts }, null, 2);
      await writeFile(`${path}.partial`, `${text}\n`);
      await rename(`${path}.partial`, path);
    });
  if (!before) {
    // The marker goes last: a folder that is half empty is still a quickstart's own.
    for (const name of names)
      if (name !== marker) await rm(join(out, name), { recursive: true, force: true });
    await writing(out, () => mkdir(out, { recursive: true }));
    await write();
  }
  return {
    read: (name) => facts[name],
    async keep(name, value) {
      facts[name] = JSON.parse(JSON.stringify(value));
      await write();
    },
    seconds,
  };
};

/** @returns Undefined for what another version wrote: that is begun anew */
const readKept = async (path: string): Promise<z.output<typeof kept> | undefined> => {
  try {
    return kept.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};
