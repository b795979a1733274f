/** @file What bad input gets: an error of the table that says what to do, its exit code, and nothing left behind. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { TrainingDocument } from '@plaudit/reward';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { plaudit, plauditError, plauditJson, temporaryFolder } from './testing.ts';

/** Programs of the system, which need root. */
const [mount, unmount] = ['mount', 'umount'];

const rows = (count: number): string =>
  Array.from({ length: count }, (_, i) =>
    JSON.stringify({
      prompt: `What is ${i} plus ${i}?`,
      chosen: `It is ${2 * i}.`,
      rejected: `No idea ${i}.`,
    }),
  ).join('\n');

/** Trains on a file with the given bytes; the error, and what is left in the folder beside the file. */
const trainOn = async (content: string | Uint8Array, name = 'data.jsonl') => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, name), content);
  const error = await plauditError(['reward', 'train', '--data', name, '--out', 'model'], { cwd: folder });
  expect(readdirSync(folder)).toEqual([name]);
  expect(error.cure.length).toBeGreaterThan(20);
  return error;
};

describe.concurrent('a data file', () => {
  it('that is missing', async () => {
    const error = await plauditError(['reward', 'train', '--data', 'nowhere.jsonl', '--out', 'model']);
    expect(error).toMatchObject({
      code: 'data.file_missing',
      exit: 66,
      parameters: { path: 'nowhere.jsonl' },
    });
  });

  it('that is empty', async () => {
    expect(await trainOn('')).toMatchObject({ code: 'data.file_empty', exit: 65 });
  });

  it('that was cut off while it was copied', async () => {
    const whole = gzipSync(rows(500));
    expect(await trainOn(whole.subarray(0, whole.length / 2), 'data.jsonl.gz')).toMatchObject({
      code: 'data.truncated',
      exit: 65,
    });
  });

  it('that is not UTF-8', async () => {
    const latin = Buffer.from(`${rows(20)}\n{"prompt":"Caf\u00e9?","chosen":"a","rejected":"b"}\n`, 'latin1');
    expect(await trainOn(latin)).toMatchObject({ code: 'data.not_utf8', exit: 65 });
  });

  it('of another kind', async () => {
    const error = await trainOn('{"question": "?", "answer": "!"}\n'.repeat(20));
    expect(error).toMatchObject({ code: 'data.unknown_format', exit: 65 });
    expect(error.message).toContain('question, answer');
  });

  it('with a format that is not there', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'data.jsonl'), rows(20));
    const error = await plauditError(
      ['reward', 'train', '--data', 'data.jsonl', '--format', 'parquet', '--out', 'model'],
      { cwd: folder },
    );
    expect(error).toMatchObject({ code: 'data.format_name', exit: 64 });
  });

  it('with too few rows to test anything', async () => {
    expect(await trainOn(rows(8))).toMatchObject({ code: 'reward.too_few_pairs', exit: 65 });
  });

  it.each([
    ['train', ['--limit-pairs', '4']],
    ['validation', ['--validation', '0.001']],
    ['test', ['--test', '0.001']],
  ])('with too little on the %s side is refused before training, by every kind', async (split, words) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'data.jsonl'), rows(60));
    for (const kind of [['linear'], ['transformer', '--base', 'new']])
      expect(
        await plauditError(
          ['reward', 'train', '--data', 'data.jsonl', '--out', 'model', '--kind', ...kind, ...words],
          { cwd: folder },
        ),
      ).toMatchObject({ code: 'reward.too_few_pairs', exit: 65, parameters: { split } });
    expect(readdirSync(folder)).toEqual(['data.jsonl']);
  });

  it('that is given twice, also through a link, counts once', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'data.jsonl'), rows(60));
    symlinkSync('data.jsonl', join(folder, 'link.jsonl'));
    const checked = await plauditJson<{ rows: number; sources: unknown[] }>(
      ['data', 'check', 'data.jsonl', './data.jsonl', 'link.jsonl'],
      { cwd: folder },
    );
    expect(checked.rows).toBe(60);
    expect(checked.sources).toHaveLength(1);
  });

  it('with nothing but faulty rows', async () => {
    const error = await trainOn('{"prompt": "p", "chosen": true, "rejected": "b"}\n'.repeat(3));
    expect(error).toMatchObject({ code: 'data.no_usable_rows', exit: 65 });
  });
});

describe('faulty rows among good ones', () => {
  it('are set aside with row, field and reason, and the rest is trained on', async () => {
    const folder = temporaryFolder();
    const faulty = [
      { chosen: 'a', rejected: 'b' },
      { prompt: 'Which?', chosen: 'same', rejected: 'same' },
      { prompt: 'Which?', chosen: true, rejected: 'b' },
    ];
    writeFileSync(
      join(folder, 'data.jsonl'),
      [rows(200), ...faulty.map((row) => JSON.stringify(row))].join('\n'),
    );
    const { data } = await plauditJson<TrainingDocument>(
      ['reward', 'train', '--data', 'data.jsonl', '--out', 'model'],
      { cwd: folder },
    );
    expect(data).toMatchObject({
      rows: 203,
      rejects: 3,
      reasons: { missing_prompt: 1, equal_responses: 1, not_text: 1 },
    });
    const rejects = readFileSync(join(folder, 'model/rejects.jsonl'), 'utf8').trim().split('\n');
    expect(rejects.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { row: 201, field: 'prompt', reason: 'missing_prompt' },
      { row: 202, reason: 'equal_responses' },
      { row: 203, field: 'chosen', reason: 'not_text' },
    ]);
  });

  it('stop scoring, because a skipped row would shift all others', async () => {
    const folder = temporaryFolder();
    await simulated(folder, 400);
    await plauditJson(['reward', 'train', '--data', 'data.jsonl', '--out', 'model'], { cwd: folder });
    writeFileSync(join(folder, 'rows.jsonl'), '{"prompt": "p", "responses": ["a"]}\n{"responses": ["a"]}\n');
    const error = await plauditError(['reward', 'score', '--model', 'model', '--input', 'rows.jsonl'], {
      cwd: folder,
    });
    expect(error).toMatchObject({
      code: 'data.prompt_row',
      exit: 65,
      parameters: { row: 2, field: 'prompt' },
    });
  });
});

const simulated = (folder: string, comparisons: number): Promise<unknown> =>
  plauditJson([
    ...['data', 'simulate', '--prompts', String(Math.ceil(comparisons / 8)), '--seed', '1'],
    ...['--comparisons', String(comparisons), '--out', join(folder, 'data.jsonl')],
  ]);

describe('an output folder', () => {
  it('that holds something else is never touched, not even with --overwrite', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'photos'));
    writeFileSync(join(folder, 'photos/cat.jpg'), 'meow');
    writeFileSync(join(folder, 'data.jsonl'), rows(200));
    const error = await plauditError(
      ['reward', 'train', '--data', 'data.jsonl', '--out', 'photos', '--overwrite'],
      { cwd: folder },
    );
    expect(error).toMatchObject({ code: 'output.exists', exit: 64 });
    expect(readFileSync(join(folder, 'photos/cat.jpg'), 'utf8')).toBe('meow');
  });

  it('on a full disk: says so, ends with 73 and leaves nothing half-written', async ({ skip }) => {
    const folder = temporaryFolder();
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    try {
      execFileSync(mount, ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk], { stdio: 'pipe' });
    } catch {
      skip('SKIPPED: a small file system cannot be mounted here (needs root)');
    }
    onTestFinished(() => void execFileSync(unmount, [disk]));
    await simulated(folder, 2000);
    const error = await plauditError(
      ['reward', 'train', '--data', join(folder, 'data.jsonl'), '--out', join(disk, 'model')],
      {},
    );
    expect(error).toMatchObject({ code: 'output.disk_full', exit: 73 });
    expect(readdirSync(disk)).toEqual([]);
  });
});

describe('a run that is stopped', () => {
  const folder = temporaryFolder();
  const words = ['reward', 'train', '--data', 'data.jsonl', '--out', 'model', '--json'];

  beforeAll(() => simulated(folder, 40_000));

  it('by Ctrl-C has told its progress as JSON lines, ends with 130, says how to go on and leaves nothing half-written', async () => {
    const { code, stdout, stderr } = await plaudit(words, {
      cwd: folder,
      onStderr: (child, soFar) => {
        if (soFar.includes('"progress"') && !child.killed) child.kill('SIGINT');
      },
    });
    expect(code).toBe(130);
    expect(stdout).toBe('');
    const lines = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { progress?: object; error?: { code: string; cure: string } });
    expect(lines[0]!.progress).toHaveProperty('totalSteps');
    const { error } = lines.at(-1)!;
    expect(error!.code).toBe('cli.interrupted');
    expect(error!.cure).toContain('Run the same command again');
    expect(readdirSync(folder)).toEqual(['data.jsonl']);
  });

  it('by kill -9 leaves no model, and the next run clears up after it', async () => {
    await plaudit(words, {
      cwd: folder,
      onStderr: (child, soFar) => {
        if (soFar.includes('"progress"')) child.kill('SIGKILL');
      },
    });
    expect(readdirSync(folder)).toEqual(['data.jsonl', 'model.partial']);
    writeFileSync(join(folder, 'data.jsonl'), rows(300));
    const { code } = await plaudit(words, { cwd: folder });
    expect(code).toBe(0);
    expect(readdirSync(folder)).toEqual(['data.jsonl', 'model']);
  });
});
