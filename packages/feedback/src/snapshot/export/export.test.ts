import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Judgement } from '@plaudit/contract';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readJudgements } from '../../readers/read-judgements.ts';
import { readPromptRows } from '../../readers/read-prompt-rows.ts';
import { someJudgement } from '../testing.ts';
import { type ExportReport, exportJudgements } from './export.ts';
import type { ExportFormat } from './format.ts';
import { type ExportFormatName, exportFormats } from './formats.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plaudit-export-'));
});
afterAll(() => rm(folder, { recursive: true }));

const prompt = [{ role: 'user' as const, content: 'p' }];
const provenance = { source: 's' };
const comparison: Judgement = { kind: 'comparison', prompt, responses: ['x', 'y'], outcome: 'a', provenance };

/** A judgement as a format of pairs says it: the winner first, an edit a comparison. */
const asPair = (judgement: Judgement): Judgement => {
  if (judgement.kind === 'edit') {
    const { response, rewrite, kind: _, ...rest } = judgement;
    return { ...rest, kind: 'comparison', responses: [rewrite, response], outcome: 'a' };
  }
  if (judgement.kind !== 'comparison' || judgement.outcome !== 'b') return judgement;
  const [a, b] = judgement.responses;
  return { ...judgement, responses: [b, a], outcome: 'a' };
};

/** What the format keeps of a judgement; the source and the row become those of the file. */
const kept = (judgement: Judgement, { keeps, kinds }: ExportFormat): unknown => {
  if (keeps.includes('*')) return judgement;
  const { provenance: given, ...rest } = kinds.includes('edit') ? asPair(judgement) : judgement;
  const optional = ['strength', 'margin', 'preference', 'criterion', 'restUnordered'];
  const fields = Object.entries(rest).filter(([name]) => !optional.includes(name) || keeps.includes(name));
  const { segments = {}, ...others } = given;
  const part = (prefix: string, of: object) =>
    Object.entries(of).filter(([name]) => keeps.includes(`${prefix}.${name}`));
  return {
    ...Object.fromEntries(fields),
    provenance: {
      ...Object.fromEntries(part('provenance', others)),
      segments: Object.fromEntries(part('provenance.segments', segments)),
    },
  };
};

const exported = async (
  judgements: readonly Judgement[],
  format: ExportFormat<ExportFormatName>,
  ending: string,
): Promise<{ path: string; report: ExportReport | undefined; places: number[] }> => {
  const path = join(folder, `${format.name}${ending}`);
  const left = new Set<number>();
  try {
    const report = await exportJudgements(path, judgements, {
      format: format.name,
      onLeftOut: (place) => left.add(place),
    });
    return { path, report, places: judgements.flatMap((_, i) => (left.has(i) ? [] : [i])) };
  } catch (error) {
    expect(error).toMatchObject({ code: 'snapshot.nothing_to_export' });
    return { path, report: undefined, places: [] };
  }
};

const endings = ['.jsonl', '.jsonl.zst', '.json.gz', '.csv', '.parquet'];
const combinations = exportFormats
  .filter(({ name }) => name !== 'trl-prompt-only')
  .flatMap((format: ExportFormat<ExportFormatName>) =>
    endings
      .filter((ending) => format.containers?.includes(ending.split('.')[1] as 'json') ?? true)
      .map((ending) => [format.name, ending, format] as const),
  );

describe('judgements of any kind', () => {
  it.each(combinations)(
    'come back from %s in %s as they were, up to what the format holds',
    async (_, ending, format) => {
      await fc.assert(
        fc.asyncProperty(fc.array(someJudgement, { minLength: 8, maxLength: 20 }), async (judgements) => {
          const { path, report, places } = await exported(judgements, format, ending);
          if (!report) return;
          const leftOut = Object.values(report.leftOut).reduce((sum, count) => sum + count, 0);
          expect(report.written + leftOut).toBe(judgements.length);
          expect(places).toHaveLength(report.written);
          const found = await readJudgements(path);
          expect(found.rejects).toEqual([]);
          const withSoftLabel = (one: Judgement): Judgement =>
            format.name === 'alpacaeval' && one.kind === 'comparison'
              ? { preference: { a: 1, b: 0, tie: 0.5, both_bad: 0 }[one.outcome], ...one }
              : one;
          const expected = places.map((place) => kept(withSoftLabel(judgements[place]!), format));
          const got = found.judgements.map((one) => kept(one, format));
          const close = (value: unknown): unknown => JSON.parse(JSON.stringify(value, rounded));
          expect(close(got)).toEqual(close(expected));
        }),
        { numRuns: 4 },
      );
    },
  );

  it('come back from our own files in every container bit for bit, soft labels and provenance with them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(someJudgement, { minLength: 1, maxLength: 10 }), async (judgements) => {
        for (const ending of endings) {
          const path = join(folder, `own${ending}`);
          const report = await exportJudgements(path, judgements, { format: 'plaudit' });
          expect(report).toMatchObject({ written: judgements.length, leftOut: {}, fieldsLost: {} });
          expect((await readJudgements(path)).judgements).toEqual(judgements);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('leave each prompt once in a file of prompts', async () => {
    const path = join(folder, 'prompts.jsonl');
    const other = [{ role: 'user' as const, content: 'q' }];
    const report = await exportJudgements(path, [comparison, comparison, { ...comparison, prompt: other }], {
      format: 'trl-prompt-only',
    });
    expect(report).toMatchObject({ written: 2, leftOut: { repeated_prompt: 1 } });
    const rows = await readPromptRows(path, { promptsAlone: true });
    expect(rows.map((row) => row.prompt)).toEqual([prompt, other]);
  });
});

/** AlpacaEval's preference is 2 minus ours, and Arena's time is in seconds: the last digits go. */
const rounded = (_: string, value: unknown): unknown =>
  typeof value === 'number' ? Math.round(1e9 * value) / 1e9 : value;

describe('an export', () => {
  it('counts what a format cannot hold, by reason, and which fields it does not keep', async () => {
    const judgements: Judgement[] = [
      { ...comparison, preference: 0.7, criterion: 'tone', provenance: { ...provenance, annotator: 'ann' } },
      { ...comparison, outcome: 'tie' },
      { ...comparison, outcome: 'both_bad' },
      { ...comparison, responses: ['x\n\nAssistant: y', 'z'] },
      { ...comparison, responses: [' x', 'z'] },
      { ...comparison, prompt: [{ role: 'system', content: 's' }, ...prompt] },
      { kind: 'label', prompt, response: 'x', desirable: true, provenance },
    ];
    const left: unknown[] = [];
    const report = await exportJudgements(join(folder, 'counted.jsonl'), judgements, {
      format: 'hh',
      onLeftOut: (place, reason) => left.push([place, reason]),
    });
    expect(report).toEqual({
      format: 'hh',
      container: 'jsonl',
      judgements: 7,
      written: 1,
      leftOut: { no_winner: 1, both_bad: 1, marks_in_text: 1, text_trimmed: 1, roles: 1, other_kind: 1 },
      fieldsLost: {
        preference: 1,
        criterion: 1,
        'provenance.source': 1,
        'provenance.annotator': 1,
      },
    });
    expect(left).toEqual([
      [1, 'no_winner'],
      [2, 'both_bad'],
      [3, 'marks_in_text'],
      [4, 'text_trimmed'],
      [5, 'roles'],
      [6, 'other_kind'],
    ]);
  });

  it.each([
    ['steps joined by a space', { separator: ' ' }, 'separator'],
    ['a step nobody judged', { labels: [true, null] }, 'step_without_label'],
    ['a prompt of two turns', { prompt: [...prompt, ...prompt] }, 'several_turns'],
  ])('to TRL stepwise leaves out %s', async (_, change, reason) => {
    const steps = {
      kind: 'steps',
      prompt,
      steps: ['a', 'b'],
      separator: '\n',
      labels: [true, false],
      provenance,
    };
    const report = await exportJudgements(
      join(folder, 'steps.jsonl'),
      [steps, { ...steps, ...change }] as Judgement[],
      { format: 'trl-stepwise' },
    );
    expect(report).toMatchObject({ written: 1, leftOut: { [reason]: 1 } });
  });

  it('that nothing can be written of leaves the file that was there', async () => {
    for (const ending of ['.jsonl', '.csv', '.parquet']) {
      const path = join(folder, `before${ending}`);
      await writeFile(path, 'before');
      const writing = exportJudgements(path, [{ ...comparison, outcome: 'tie' }], {
        format: 'trl-preference',
      });
      await expect(writing).rejects.toMatchObject({ code: 'snapshot.nothing_to_export' });
      expect(await readFile(path, 'utf8')).toBe('before');
    }
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('refuses a format or a container that there is not', async () => {
    const code = (path: string, format: string) =>
      exportJudgements(join(folder, path), [comparison], { format: format as 'hh' }).then(
        () => expect.unreachable('it was written'),
        (error) => error.code,
      );
    expect(await code('x.jsonl', 'xml')).toBe('snapshot.export_format');
    expect(await code('x.parquet.gz', 'hh')).toBe('snapshot.bad_container');
    expect(await code('no-such-folder/x.csv', 'hh')).toBe('output.not_writable');
  });
});
