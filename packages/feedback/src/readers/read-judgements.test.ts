import { existsSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Comparison } from '@plaudit/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simulate } from '../simulate/simulate.ts';
import { writeJudgements, writeRejects } from '../write-lines.ts';
import { readJudgements, streamJudgements } from './read-judgements.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plaudit-readers-'));
});
afterAll(() => rm(folder, { recursive: true }));

let count = 0;
const file = async (content: string | Uint8Array, name = `${count++}.jsonl`): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
};
const lines = (...rows: unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const good = { prompt: 'Why is the sky blue?', chosen: 'Rayleigh scattering.', rejected: 'It is painted.' };
const readComparisons = async (path: string) => {
  const { judgements, ...rest } = await readJudgements(path);
  return { ...rest, judgements: judgements.filter((one): one is Comparison => one.kind === 'comparison') };
};
const problem = (reading: Promise<unknown>): Promise<{ code: string; message: string; exit: string }> =>
  reading.then(
    () => expect.unreachable('it was read'),
    (error) => error,
  );

describe('formats', () => {
  it('reads TRL rows with text, with messages, and with the prompt left implicit', async () => {
    const user = { role: 'user', content: good.prompt };
    const answers = [good.chosen, good.rejected].map((content) => ({ role: 'assistant', content }));
    const rows = [
      good,
      { prompt: [user], chosen: [answers[0]], rejected: [answers[1]] },
      { chosen: [user, answers[0]], rejected: [user, answers[1]] },
      { prompt: good.prompt, chosen: [user, answers[0]], rejected: [user, answers[1]] },
    ];
    const { format, judgements } = await readComparisons(await file(lines(...rows)));
    expect(format).toBe('trl');
    for (const { prompt, responses, outcome } of judgements)
      expect({ prompt, responses, outcome }).toEqual({
        prompt: [user],
        responses: [good.chosen, good.rejected],
        outcome: 'a',
      });
    expect(judgements).toHaveLength(4);
  });

  it('keeps the margin, strength, annotator and segments of TRL rows', async () => {
    const row = { ...good, margin: 1.5, strength: 'much', annotator: 'ann', segments: { task: 'physics' } };
    const { judgements } = await readComparisons(await file(lines(row)));
    expect(judgements[0]).toMatchObject({
      margin: 1.5,
      strength: 'much',
      provenance: { annotator: 'ann', segments: { task: 'physics' } },
    });
  });

  it('reads HH transcripts, two assistant turns in a row being one answer', async () => {
    const start = '\n\nHuman: Hi\n\nAssistant: Hello.\n\nHuman: What is a quay?';
    const path = await file(
      lines(
        { chosen: `${start}\n\nAssistant: A wharf.`, rejected: `${start}\n\nAssistant: A lock.` },
        {
          chosen: `${start}\n\nAssistant: A\n\nAssistant: wharf.`,
          rejected: `${start}\n\nAssistant: No idea.`,
        },
        { chosen: `${start}\n\nAssistant:`, rejected: `${start}\n\nAssistant: A lock.` },
        { chosen: `${start}\n\nAssistant: A.\n\nHuman: More`, rejected: `${start}\n\nAssistant: A lock.` },
        { chosen: '\n\nHuman: One?\n\nAssistant: A.', rejected: '\n\nHuman: Two?\n\nAssistant: B.' },
      ),
    );
    const { format, judgements, rejects } = await readComparisons(path);
    expect(format).toBe('hh');
    expect(judgements[0]!.prompt.map(({ role, content }) => [role, content])).toEqual([
      ['user', 'Hi'],
      ['assistant', 'Hello.'],
      ['user', 'What is a quay?'],
    ]);
    expect(judgements.map(({ responses }) => responses[0])).toEqual(['A wharf.', 'A\n\nwharf.']);
    expect(rejects.map(({ row, field, reason }) => [row, field, reason])).toEqual([
      [3, 'chosen', 'empty_response'],
      [4, 'chosen', 'no_answer'],
      [5, 'rejected', 'prompts_differ'],
    ]);
  });

  it('reads Auto-J labels 0, 1 and 2 as first, second and tie', async () => {
    const row = { scenario: 'chat', prompt: 'p', 'response 1': 'x', 'response 2': 'y' };
    const { judgements, rejects } = await readComparisons(
      await file(lines(...[0, 1, 2, 3, null].map((label) => ({ ...row, label })))),
    );
    expect(judgements.map(({ outcome }) => outcome)).toEqual(['a', 'b', 'tie']);
    expect(judgements[0]!.provenance.segments).toEqual({ scenario: 'chat' });
    expect(rejects.map(({ reason }) => reason)).toEqual(['label_out_of_range', 'missing_label']);
  });

  it('reads the majority of PandaLM votes and sets rows without one aside', async () => {
    const row = (response1: unknown, ...votes: number[]) => ({
      instruction: 'Say it.',
      input: 'It',
      response1,
      response2: 'y',
      annotator1: votes[0],
      annotator2: votes[1],
      annotator3: votes[2],
    });
    const rows = [
      row('x', 1, 1, 0),
      row('x', 2, 2, 2),
      row('x', 0, 1, 2),
      row(true, 1, 1, 1),
      row('x', 0, 0, 1),
    ];
    const { judgements, rejects } = await readComparisons(await file(JSON.stringify(rows), 'panda.json'));
    expect(judgements.map(({ outcome }) => outcome)).toEqual(['a', 'b', 'tie']);
    expect(judgements[0]!.preference).toBeCloseTo(5 / 6, 12);
    expect(judgements[0]!.prompt[0]!.content).toBe('Say it.\n\nIt');
    expect(rejects.map(({ row, reason, field }) => [row, reason, field?.slice(0, 9)])).toEqual([
      [3, 'no_majority', 'annotator'],
      [4, 'not_text', 'response1'],
    ]);
  });

  it('reads AlpacaEval preferences from 1 to 2 as the probability of the first', async () => {
    const row = { instruction: 'i', output_1: 'x', output_2: 'y', generator_1: 'm', dataset: 'd' };
    const { judgements, rejects } = await readComparisons(
      await file(
        JSON.stringify([1, 1.25, 1.5, 2, null, 2.5, -1].map((preference) => ({ ...row, preference }))),
      ),
    );
    expect(judgements.map(({ outcome, preference }) => [outcome, preference])).toEqual([
      ['a', 1],
      ['a', 0.75],
      ['tie', 0.5],
      ['b', 0],
    ]);
    expect(judgements[0]!.provenance.segments).toEqual({ dataset: 'd', generator_1: 'm' });
    expect(rejects.map(({ reason }) => reason)).toEqual([
      'missing_label',
      'label_out_of_range',
      'label_out_of_range',
    ]);
  });

  it('reads back exactly what it writes, plain, gzipped and as Zstandard', async () => {
    const { comparisons } = simulate({
      prompts: 20,
      responsesPerPrompt: 3,
      comparisons: 600,
      seed: 1,
      annotators: { count: 3 },
    });
    for (const name of ['own.jsonl', 'own.jsonl.gz', 'own.jsonl.zst']) {
      const path = join(folder, name);
      await writeJudgements(path, comparisons);
      const { format, judgements } = await readComparisons(path);
      expect(format).toBe('plaudit');
      expect(judgements).toEqual(comparisons);
    }
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('containers', () => {
  it('reads the same rows from JSON Lines, a JSON array and CSV, whatever the name says', async () => {
    const other = { ...good, prompt: 'A "quoted",\nbroken [line]?', chosen: '{ } \\ " ]', rejected: '🙂' };
    const csv = [good, other].map((row) =>
      [row.prompt, row.chosen, row.rejected].map((cell) => `"${cell.replaceAll('"', '""')}"`).join(','),
    );
    const texts = {
      jsonl: lines(good, other),
      crlf: lines(good, other).replaceAll('\n', '\r\n'),
      bom: `\ufeff\n${lines(good, other)}`,
      array: JSON.stringify([good, other], null, 2),
      csv: `prompt,chosen,rejected\n${csv.join('\n')}\n`,
    };
    const expected = (await readComparisons(await file(texts.jsonl))).judgements.map(bare);
    expect(expected).toHaveLength(2);
    for (const [kind, text] of Object.entries(texts)) {
      for (const content of [Buffer.from(text), gzipSync(text), zstdCompressSync(text)]) {
        const { judgements } = await readComparisons(await file(content, `${kind}.data`));
        expect(judgements.map(bare), kind).toEqual(expected);
      }
    }
  });

  it('reads rows that are longer than one portion of the file', async () => {
    const long = { ...good, chosen: 'ä🙂'.repeat(100_000) };
    for (const text of [lines(long, good, long), JSON.stringify([long, good, long])]) {
      const { judgements } = await readComparisons(await file(text));
      expect(judgements.map(({ responses }) => responses[0].length)).toEqual([300_000, 20, 300_000]);
    }
  });

  it('streams without holding the file', async () => {
    const path = await file(lines(...Array.from({ length: 20_000 }, () => good)));
    let batches = 0;
    for await (const batch of streamJudgements(path)) {
      if (batch.judgements.length > 0) batches++;
      if (batches === 2) break;
    }
    expect(batches).toBe(2);
  });

  it('reads a folder and a pattern in name order, and refuses a folder of two formats', async () => {
    const inner = join(folder, 'inner');
    await mkdir(inner);
    await writeFile(join(inner, 'b.jsonl'), lines({ ...good, prompt: 'second' }));
    await writeFile(join(inner, 'a.jsonl.gz'), gzipSync(lines({ ...good, prompt: 'first' })));
    await writeFile(join(inner, 'notes.txt'), 'not data');
    for (const path of [inner, join(inner, '*.jsonl*')]) {
      const { judgements, counts } = await readComparisons(path);
      expect(judgements.map(({ prompt }) => prompt[0]!.content)).toEqual(['first', 'second']);
      expect(counts.files).toBe(2);
    }
    await writeFile(
      join(inner, 'c.json'),
      JSON.stringify([{ instruction: 'i', output_1: 'x', output_2: 'y', preference: 1 }]),
    );
    expect((await problem(readJudgements(inner))).code).toBe('data.mixed_formats');
  });
});

describe('rows that cannot be used', () => {
  it('are set aside with row, field and reason while the rest goes on', async () => {
    const path = await file(
      [
        JSON.stringify({ ...good, chosen: true }),
        '{"prompt": "cut',
        '[1, 2]',
        JSON.stringify({ ...good, prompt: undefined }),
        JSON.stringify({ ...good, prompt: '  ' }),
        JSON.stringify({ ...good, rejected: good.chosen }),
        JSON.stringify({ ...good, rejected: '' }),
        JSON.stringify({ ...good, rejected: null }),
        JSON.stringify({ ...good, margin: -1 }),
        JSON.stringify({ ...good, prompt: [{ role: 'wizard', content: 'x' }] }),
        '{"prompt": "lone \\ud800 half", "chosen": "a", "rejected": "b"}',
        '',
        JSON.stringify(good),
      ].join('\n'),
    );
    const { judgements, rejects, counts } = await readComparisons(path);
    expect(judgements).toHaveLength(1);
    expect(judgements[0]!.provenance.row).toBe(13);
    expect(rejects.map(({ row, field, reason }) => [row, field, reason])).toEqual([
      [1, 'chosen', 'not_text'],
      [2, undefined, 'not_json'],
      [3, undefined, 'not_an_object'],
      [4, 'prompt', 'missing_prompt'],
      [5, 'prompt', 'empty_prompt'],
      [6, undefined, 'equal_responses'],
      [7, 'rejected', 'empty_response'],
      [8, 'rejected', 'missing_response'],
      [9, 'margin', 'label_out_of_range'],
      [10, 'prompt', 'bad_message'],
      [11, 'prompt', 'not_text'],
    ]);
    expect(counts).toMatchObject({ rows: 12, read: 1, rejected: 11, reasons: { not_text: 2 } });

    const written = join(folder, 'rejects.jsonl');
    await writeRejects(written, rejects);
    const text = await readFile(written, 'utf8');
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(rejects);
    expect(text).not.toContain('sky');
  });
});

describe('files that cannot be used', () => {
  it.each([
    ['is missing', () => join(folder, 'nowhere.jsonl'), 'data.file_missing'],
    ['is missing behind a pattern', () => join(folder, '*.nothing'), 'data.file_missing'],
    ['is empty', () => file(''), 'data.file_empty'],
    ['holds only white space', () => file(' \n\n'), 'data.file_empty'],
    ['is an empty array', () => file('[]'), 'data.file_empty'],
    ['is gzip cut off', () => file(gzipSync(lines(good, good)).subarray(0, 60)), 'data.truncated'],
    ['is gzip damaged inside', () => file(damaged(gzipSync(lines(good)))), 'data.compression_corrupt'],
    ['is Zstandard cut off', () => file(zstdCompressSync(lines(good)).subarray(0, 40)), 'data.truncated'],
    ['is JSON Lines cut off', () => file(lines(good, good).slice(0, -20)), 'data.truncated'],
    ['is a JSON array cut off', () => file(JSON.stringify([good, good]).slice(0, -9)), 'data.truncated'],
    ['is CSV cut off', () => file('prompt,chosen,rejected\na,b,c\nd,e,"f'), 'data.truncated'],
    ['is Latin-1', () => file(Buffer.from(lines({ ...good, chosen: 'café' }), 'latin1')), 'data.not_utf8'],
    ['is UTF-16', () => file(Buffer.from(`\ufeff${lines(good)}`, 'utf16le')), 'data.not_utf8'],
    ['is Parquet cut off', () => file('PAR1....'), 'data.parquet_damaged'],
    ['is Parquet inside gzip', () => file(gzipSync('PAR1....')), 'data.unsupported_container'],
    ['is an Excel sheet', () => file(Buffer.from('504b0304', 'hex')), 'data.unsupported_container'],
    ['has other fields', () => file(lines({ question: 'q', answer: 'a' })), 'data.unknown_format'],
    ['is prose', () => file('Once upon a time\nthere was a file.\n'), 'data.unknown_format'],
    ['has other Python literals', () => file("{'prompt': 'p'}\n{'prompt': 'q'}\n"), 'data.unknown_format'],
    ['has no usable row', () => file(lines({ ...good, chosen: true })), 'data.no_usable_rows'],
  ])('a file that %s is refused', async (_, path, code) => {
    const error = await problem(readJudgements(await path()));
    expect(error.code).toBe(code);
    expect(error.exit).toBe(code === 'data.file_missing' ? 'missing' : 'input');
    expect(error.message).not.toMatch(/\{\w+\}|sky/);
  });

  it('a folder without data, an unknown format name and an aborted signal are refused', async () => {
    const empty = join(folder, 'empty');
    await mkdir(empty);
    expect((await problem(readJudgements(empty))).code).toBe('data.folder_without_data');
    const path = await file(lines(good));
    expect((await problem(readJudgements(path, { format: 'colosseum' as 'trl' }))).code).toBe(
      'data.format_name',
    );
    expect(
      await problem(readJudgements(path, { signal: AbortSignal.abort(new Error('stop')) })),
    ).toMatchObject({
      message: 'stop',
    });
  });

  it('names the row after which a file is cut off', async () => {
    const error = await problem(readJudgements(await file(`${lines(good, good)}{"prompt"`)));
    expect(error.message).toContain('row 3');
  });

  it('leaves nothing behind when a file cannot be written', async () => {
    const path = join(folder, 'no-such-folder', 'x.jsonl');
    expect((await problem(writeJudgements(path, []))).code).toBe('output.not_writable');
    const failing = function* (): Generator<Comparison> {
      yield { kind: 'comparison' } as Comparison;
      throw new Error('half way');
    };
    const target = await file('before', 'kept.jsonl');
    expect((await problem(writeJudgements(target, failing()))).message).toBe('half way');
    expect(await readFile(target, 'utf8')).toBe('before');
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('writing to a device', () => {
  // Through links, because as root a plain rename over the path would replace the device itself.
  const linkTo = async (device: string): Promise<string> => {
    const path = join(folder, `link-${count++}`);
    await symlink(device, path);
    return path;
  };

  it.skipIf(!existsSync('/dev/full'))('says that the disk is full', async () => {
    const rejects = Array.from({ length: 5000 }, (_, row) => ({
      source: 'x',
      row,
      reason: 'not_json' as const,
      message: '',
    }));
    const path = await linkTo('/dev/full');
    expect((await problem(writeRejects(path, rejects))).code).toBe('output.disk_full');
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
  });

  it.skipIf(!existsSync('/dev/null'))('writes into it and does not put a file in its place', async () => {
    const path = await linkTo('/dev/null');
    await writeRejects(path, []);
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    expect((await lstat('/dev/null')).isCharacterDevice()).toBe(true);
  });
});

const bare = ({ prompt, responses, outcome }: Comparison): unknown => ({ prompt, responses, outcome });

const damaged = (bytes: Uint8Array): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  copy.fill(0xff, 12, 30);
  return copy;
};
