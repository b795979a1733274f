/** @file What judgements say of those who gave them and of what was judged, through the commands. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Comparison } from '@plaudit/contract';
import { type AnnotatorStudy, annotatorModels, type BradleyTerry } from '@plaudit/feedback';
import { beforeAll, describe, expect, it } from 'vitest';
import { annotatorModelsText } from './commands/data-annotators.ts';
import { plaudit, plauditError, plauditJson, temporaryFolder } from './testing.ts';

const data = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));
const absent = !existsSync(data);
if (absent) console.warn(`skipped: abilities of real teams, because ${data} is not there`);

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const write = (name: string, rows: readonly unknown[]): void =>
  writeFileSync(at(name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
const lines = <T>(name: string): T[] =>
  readFileSync(at(name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

/** Sixty pairs, the first response of each the better one; one of five annotators takes what is shown first. */
const judged = Array.from({ length: 60 }, (_, i) =>
  ['ann', 'bob', 'cy', 'dee', 'clicks'].map((annotator, who): Comparison => {
    const shownFirst = (7 * i + 3 * who) % 5 < 2 ? 1 : 0;
    const first = annotator === 'clicks' ? shownFirst === 0 : (i + 11 * who) % 8 !== 0;
    return {
      kind: 'comparison',
      prompt: [{ role: 'user', content: `Question ${(i * 7919) % 1000}?` }],
      responses: [`Yes, ${i}.`, `No, ${(i * 31) % 17}, and that is long.`],
      outcome: first ? 'a' : 'b',
      provenance: {
        source: 'test',
        annotator,
        shownFirst,
        seconds: annotator === 'clicks' ? 1 : 20 + ((i + who) % 7),
        segments: { topic: i % 2 === 0 ? 'even' : 'odd', models: i % 3 === 0 ? 'big_small' : 'big_tiny' },
      },
    };
  }),
).flat();

beforeAll(() => {
  write('votes.jsonl', judged);
  write(
    'gold.jsonl',
    judged
      .filter(({ provenance }) => provenance.annotator === 'ann')
      .map((one) => ({ ...one, outcome: 'a', provenance: { source: 'experts' } })),
  );
});

describe('plaudit data annotators', () => {
  it('says how far people agree and who clicks, and writes soft labels that a model is trained on', async () => {
    const study = await plauditJson<AnnotatorStudy & { softLabels: object }>([
      ...[
        'data',
        'annotators',
        at('votes.jsonl'),
        '--gold',
        at('gold.jsonl'),
        '--model',
        'crowd-bradley-terry',
      ],
      ...['--soft-labels', at('soft.jsonl'), '--report', at('annotators.html'), '--resamples', '50'],
    ]);
    expect(study).toMatchObject({
      judgements: 300,
      gold: { items: 60, contradictory: 0 },
      agreement: { criteria: [{ kind: 'comparison', units: 60, unitsJudgedTwice: 60, annotators: 5 }] },
      softLabels: { comparisons: 60, untouched: 0 },
    });
    const [first, ...rest] = study.annotators;
    expect(first).toMatchObject({ annotator: 'clicks', sides: { first: 1 }, speed: { hasty: true } });
    expect(rest.map(({ concerns }) => concerns)).toEqual([[], [], [], []]);
    expect(study.models[0]!.annotators[0]).toMatchObject({ annotator: 'clicks' });
    expect(readFileSync(at('annotators.html'), 'utf8')).toMatch(/^<!doctype html>[\s\S]*clicks/);

    const soft = lines<Comparison>('soft.jsonl');
    expect(soft).toHaveLength(60);
    for (const { preference } of soft) expect(preference).toBeGreaterThan(0.5);
    const trained = await plauditJson<{ data: { rows: number } }>([
      ...['reward', 'train', '--data', at('soft.jsonl'), '--kind', 'linear', '--out', at('model')],
    ]);
    expect(trained.data.rows).toBe(60);
  });

  it('tells people the same in words', async () => {
    const { stdout } = await plaudit(['data', 'annotators', at('votes.jsonl'), '--resamples', '50']);
    expect(stdout).toMatch(/alpha -?0\.\d{3} \(.*Cohen's kappa.*median of 10 pairs.*two agree in/);
    expect(stdout).toMatch(/no model agrees with single judgements more often/);
    expect(stdout).toMatch(/Least agreement:\n {2}topic/);
    expect(stdout).toMatch(/clicks .*hasty, side bias.*chose the first in 100\.0 % of 60.*60 of 60 too fast/);
  });

  it('says so where nobody is named, and refuses models it does not have and files that are there', async () => {
    write(
      'nameless.jsonl',
      judged.slice(0, 5).map((one) => ({ ...one, provenance: { source: 'x' } })),
    );
    const { stdout } = await plaudit(['data', 'annotators', at('nameless.jsonl')]);
    expect(stdout).toMatch(/No judgement says who gave it/);
    const refused = (...words: string[]) => plauditError(['data', 'annotators', at('votes.jsonl'), ...words]);
    expect(await refused('--model', 'average')).toMatchObject({ code: 'cli.usage', exit: 64 });
    expect(await refused('--soft-labels', at('gold.jsonl'))).toMatchObject({ code: 'output.would_replace' });
    expect(annotatorModelsText.split(/, | or /)).toEqual([...annotatorModels]);
  });
});

type Systems = BradleyTerry & {
  readonly format: string;
  readonly unknownSystems: number;
  readonly idle: readonly string[];
};

describe('plaudit data systems', () => {
  it('ranks the rows of a table of contests, and says what playing at home is worth', async () => {
    const games = [
      'north,south,5,3',
      'south,north,4,4',
      'south,east,6,2',
      'east,south,4,3',
      'east,north,3,4',
    ];
    writeFileSync(at('games.csv'), `home,away,win1,win2\n${games.join('\n')}\n`);
    const found = await plauditJson<Systems>([
      ...[
        'data',
        'systems',
        at('games.csv'),
        '--reference',
        'east',
        '--home',
        '--report',
        at('systems.html'),
      ],
    ]);
    expect(found).toMatchObject({ format: 'contests', comparisons: 38, rejected: 0, ties: 'half' });
    expect(found.systems.map(({ system }) => system)).toEqual(['north', 'south', 'east']);
    expect(found.systems[2]).toMatchObject({ ability: 0, wins: 9, losses: 13 });
    expect(found.home!.value).toBeGreaterThan(0);
    expect(readFileSync(at('systems.html'), 'utf8').match(/<circle/g)).toHaveLength(3);
  });

  it.skipIf(absent)("finds what R's BradleyTerry2 finds in a season of baseball", async () => {
    const words = ['data', 'systems', `${data}bradley-terry/baseball.csv`, '--reference', 'Baltimore'];
    expect((await plauditJson<Systems>(words)).logLikelihood).toBeCloseTo(-64.2593, 4);
    const { logLikelihood, home } = await plauditJson<Systems>([...words, '--home']);
    expect(logLikelihood).toBeCloseTo(-61.554, 3);
    expect(home!.value).toBeCloseTo(0.30226, 4);
  });

  it('finds the systems in segments, and takes style and the side out', async () => {
    const words = ['data', 'systems', at('votes.jsonl'), '--ridge', '0.1'];
    const found = await plauditJson<Systems>([...words, '--home', '--covariates', 'style']);
    expect(found).toMatchObject({ format: 'plaudit', by: ['models'], unknownSystems: 0 });
    expect(found.clusters).toBe(60);
    expect(Object.keys(found.covariates)).toEqual(['length']);
    expect(found.idle).toEqual(['headings', 'lists', 'bold']);
    expect(found.systems[0]!.system).toBe('big');
    const { stdout } = await plaudit([...words, '--intervals', 'bootstrap', '--resamples', '20']);
    expect(stdout).toMatch(/big +\d\.\d{3} {2}\(.*rank 1/);
  });

  it('says what a wrong call lacks', async () => {
    const wrong = async (...words: string[]) =>
      plauditError(['data', 'systems', at('votes.jsonl'), '--ridge', '0.1', ...words]);
    expect((await wrong('--ties', 'thirds')).message).toMatch(/half, davidson, rao-kupper/);
    expect((await wrong('--covariates', 'charm')).message).toMatch(/length, headings/);
    expect((await wrong('--by', 'topic')).message).toMatch(/in topic which two systems met/);
    expect((await wrong('--criterion', 'tone')).message).toMatch(/no comparison by tone among 300 other/);
    write(
      'silent.jsonl',
      judged.slice(0, 9).map((one) => ({ ...one, provenance: { source: 'x' } })),
    );
    expect((await plauditError(['data', 'systems', at('silent.jsonl')])).message).toMatch(/segment/);
  });
});
