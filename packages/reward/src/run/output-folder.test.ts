/** @file What may become of an output folder, and what never may. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openStaging, type RunIdentity, requireFree } from './output-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'plaudit-output-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let made = 0;
const freshOut = (): string => join(root, `out-${made++}`);
const run: RunIdentity = { kind: 'linear', seed: 1, data: ['abc'], settings: { rank: 4 } };
const plain = { overwrite: false, resume: false };

/** An unfinished run with a checkpoint, left by a process that is gone. */
const unfinished = (out: string, by: Readonly<Record<string, unknown>> = {}): void => {
  mkdirSync(`${out}.partial/checkpoints`, { recursive: true });
  writeFileSync(`${out}.partial/checkpoints/last.safetensors`, 'weights');
  writeFileSync(
    `${out}.partial/run.json`,
    JSON.stringify({ host: hostname(), process: 2 ** 30, started: null, ...by, ...run }),
  );
};

describe('an output folder', () => {
  it('appears whole, without what it was made of', async () => {
    const out = freshOut();
    const staging = await openStaging(out, run, plain);
    mkdirSync(staging.checkpoints);
    writeFileSync(join(staging.path, 'plaudit.json'), '{}');
    expect(existsSync(out)).toBe(false);
    await staging.publish();
    expect(readdirSync(out)).toEqual(['plaudit.json']);
    expect(existsSync(`${out}.partial`)).toBe(false);
  });

  it('takes the place of an empty folder and, when asked, of an older model', async () => {
    const out = freshOut();
    mkdirSync(out);
    await requireFree(out, false);
    for (const content of ['first', 'second']) {
      const staging = await openStaging(out, run, { overwrite: true, resume: false });
      writeFileSync(join(staging.path, 'plaudit.json'), content);
      await staging.publish();
    }
    expect(readFileSync(join(out, 'plaudit.json'), 'utf8')).toBe('second');
    await expect(requireFree(out, false)).rejects.toMatchObject({ code: 'output.would_replace' });
    await requireFree(out, true);
    expect(readdirSync(root).filter((name) => name.includes('replaced'))).toEqual([]);
  });

  it('that holds anything else is refused even when asked, and so is a file', async () => {
    const out = freshOut();
    mkdirSync(out);
    writeFileSync(join(out, 'thesis.txt'), 'years of work');
    await expect(requireFree(out, true)).rejects.toMatchObject({ code: 'output.exists' });
    await expect(requireFree(join(out, 'thesis.txt'), true)).rejects.toMatchObject({ code: 'output.exists' });
  });

  it('is not taken over where OUT.partial is something that no run left', async () => {
    const out = freshOut();
    mkdirSync(`${out}.partial`);
    writeFileSync(`${out}.partial/notes.txt`, 'mine');
    await expect(openStaging(out, run, plain)).rejects.toMatchObject({ code: 'output.exists' });
    expect(readdirSync(`${out}.partial`)).toEqual(['notes.txt']);
  });

  it('is not taken over even with --overwrite where OUT.partial is something that no run left', async () => {
    const out = freshOut();
    mkdirSync(`${out}.partial`);
    writeFileSync(`${out}.partial/notes.txt`, 'mine');
    const asked = openStaging(out, run, { overwrite: true, resume: false });
    await expect(asked).rejects.toMatchObject({ code: 'output.exists' });
    expect(readdirSync(`${out}.partial`)).toEqual(['notes.txt']);
  });

  it('keeps a finished model that cannot be moved to its place, and says where it is', async () => {
    const out = freshOut();
    const staging = await openStaging(out, run, plain);
    writeFileSync(join(staging.path, 'plaudit.json'), 'finished');
    // Something else took the place while the run was training.
    mkdirSync(out);
    writeFileSync(join(out, 'thesis.txt'), 'years of work');
    await expect(staging.publish()).rejects.toMatchObject({
      code: 'output.not_moved',
      parameters: {
        path: out,
        finished: `${out}.partial`,
        problem: 'something else was put there meanwhile',
      },
    });
    expect(await staging.abandon()).toBe(true);
    expect(readFileSync(`${out}.partial/plaudit.json`, 'utf8')).toBe('finished');
    expect(readdirSync(out)).toEqual(['thesis.txt']);

    // Neither is it lost to the next run, unless that is asked to.
    await expect(openStaging(out, run, plain)).rejects.toMatchObject({ code: 'output.would_replace' });
    expect(readFileSync(`${out}.partial/plaudit.json`, 'utf8')).toBe('finished');
  });

  it('keeps a finished model and its checkpoints when the rename itself fails', async () => {
    const out = freshOut();
    const staging = await openStaging(out, run, plain);
    mkdirSync(staging.checkpoints);
    writeFileSync(join(staging.checkpoints, 'last.safetensors'), 'weights');
    writeFileSync(join(staging.path, 'plaudit.json'), 'finished');
    // A folder cannot be renamed over a link, whoever asks.
    symlinkSync(join(root, 'nowhere'), out);
    await expect(staging.publish()).rejects.toMatchObject({
      code: 'output.not_moved',
      parameters: { finished: `${out}.partial` },
    });
    expect(await staging.abandon()).toBe(true);
    expect(readdirSync(staging.path).sort()).toEqual(['checkpoints', 'plaudit.json', 'run.json']);
  });

  it('is made by one run of a process at a time', async () => {
    const out = freshOut();
    const staging = await openStaging(out, run, plain);
    await expect(openStaging(out, run, { overwrite: true, resume: false })).rejects.toMatchObject({
      code: 'output.busy',
    });
    await staging.abandon();
    await (await openStaging(out, run, plain)).abandon();
  });

  it.runIf(process.platform === 'linux')(
    'is not left to a process that only has the number of the one that wrote it',
    async () => {
      const out = freshOut();
      for (const other of [{ started: 'another boot 1' }, { host: 'another.example' }]) {
        unfinished(out, { process: process.ppid, ...other });
        const staging = await openStaging(out, run, { overwrite: false, resume: true });
        expect(staging.resumed).toBe(true);
        await staging.abandon();
      }
    },
  );

  it('is left to another process that is writing it', async () => {
    const out = freshOut();
    unfinished(out, { process: process.ppid });
    await expect(openStaging(out, run, { overwrite: true, resume: false })).rejects.toMatchObject({
      code: 'output.busy',
    });
  });
});

describe('an unfinished run', () => {
  it('with checkpoints is neither lost nor resumed unasked', async () => {
    const out = freshOut();
    unfinished(out);
    await expect(openStaging(out, run, plain)).rejects.toMatchObject({ code: 'output.unfinished' });
    expect(existsSync(`${out}.partial/checkpoints/last.safetensors`)).toBe(true);
  });

  it('is resumed by the same run only', async () => {
    const out = freshOut();
    unfinished(out);
    for (const [what, other] of Object.entries({
      seed: { ...run, seed: 2 },
      data: { ...run, data: ['abd'] },
      rank: { ...run, settings: { rank: 8 } },
    }))
      await expect(openStaging(out, other, { overwrite: false, resume: true })).rejects.toMatchObject({
        code: 'output.other_run',
        parameters: { what },
      });
    const staging = await openStaging(out, run, { overwrite: false, resume: true });
    expect(staging.resumed).toBe(true);
    expect(readdirSync(staging.checkpoints)).toEqual(['last.safetensors']);
  });

  it('of a run that replaces a model goes on when it is resumed', async () => {
    const out = freshOut();
    unfinished(out);
    const staging = await openStaging(out, run, { overwrite: true, resume: true });
    expect(staging.resumed).toBe(true);
    expect(readdirSync(staging.checkpoints)).toEqual(['last.safetensors']);
  });

  it('that stops again keeps its checkpoints, and one without any leaves nothing', async () => {
    const out = freshOut();
    unfinished(out);
    expect(await (await openStaging(out, run, { overwrite: false, resume: true })).abandon()).toBe(true);
    expect(await (await openStaging(out, run, { overwrite: true, resume: true })).abandon()).toBe(true);
    expect(await (await openStaging(out, run, { overwrite: true, resume: false })).abandon()).toBe(false);
    expect(existsSync(`${out}.partial`)).toBe(false);
  });

  it('is resumed where possible only when it is the same', async () => {
    const out = freshOut();
    unfinished(out);
    const same = await openStaging(out, run, { overwrite: true, resume: 'where-possible' });
    expect(same.resumed).toBe(true);
    await same.abandon();
    const other = { ...run, seed: 2 };
    const anew = await openStaging(out, other, { overwrite: true, resume: 'where-possible' });
    expect(anew.resumed).toBe(false);
    expect(existsSync(anew.checkpoints)).toBe(false);
  });
});
