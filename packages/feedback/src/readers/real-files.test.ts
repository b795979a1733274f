import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PlauditError } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { readContests } from './contests.ts';
import { streamJudgements } from './read-judgements.ts';
import type { RejectReason } from './reject.ts';
import { streamRows } from './rows.ts';
import { readWorkerLabels } from './worker-labels.ts';

const data = fileURLToPath(new URL('../../../../../shared/data/', import.meta.url));
const absent = !existsSync(data);
if (absent) console.warn(`skipped: the table of real files, because ${data} is not there`);

type Reasons = Partial<Record<RejectReason, number>>;
/** File or folder, format, rows, rows read, judgements, and what was set aside (rows, and parts of rows) by reason. */
type Known = readonly [
  path: string,
  format: string,
  rows: number,
  read: number,
  judgements: number,
  aside: Reasons,
];

/** Every file with judgements. The rows are those of the data's own description, or of its source where that names none. */
const files: readonly Known[] = [
  ['text-pairs/hh-harmless-test.open.jsonl.gz', 'hh', 1866, 1863, 1863, { empty_response: 3 }],
  ['text-pairs/autoj_pairwise_en.open.jsonl.gz', 'autoj', 919, 914, 914, { equal_responses: 5 }],
  ['text-pairs/autoj_pairwise_zh.open.pylit.txt.gz', 'autoj', 919, 917, 917, { equal_responses: 2 }],
  [
    'text-pairs/pandalm-testset-v1.open.json',
    'pandalm',
    551,
    519,
    519,
    { empty_response: 25, not_text: 6, empty_prompt: 1 },
  ],
  ['text-pairs/tldr-oai1b_judged.csv.gz', 'tldr-judged', 1945, 1000, 1000, { missing_label: 945 }],
  ['text-kway/oasst-en_100_tree.jsonl.gz', 'oasst', 100, 95, 207, { synthetic: 5 }],
  [
    'text-llm-judged/alpacaeval1-gpt4',
    'alpacaeval',
    8052,
    7971,
    7971,
    { equal_responses: 67, missing_label: 13, empty_response: 1 },
  ],
  ['text-llm-judged/alpacaeval2-length', 'alpacaeval', 1098, 1090, 1090, { equal_responses: 8 }],
  ['graded/prometheus-vicuna_eval.json.gz', 'prometheus', 320, 320, 960, {}],
  ['graded/sfhot.json', 'unieval', 875, 875, 2625, {}],
  ['graded/sfres.json', 'unieval', 1181, 1181, 3543, {}],
  ['verifiable/gsm8k-example_model_solutions.jsonl.gz', 'gsm8k-solutions', 1319, 1319, 5276, {}],
  ['process', 'big-bench-mistake', 900, 900, 900, {}],
  [
    'multilingual/sxs_mqm_generalMT2023_zhen.3ratingsPerSegment.tsv.tar.gz',
    'mqm',
    25060,
    24599,
    // 377 segments of 10 systems, each by 3 raters.
    377 * 10 * 3,
    { attention_check: 461 },
  ],
  // 14 systems of 529 segments.
  ['multilingual/mqm_ted_ende.tsv.gz', 'mqm', 8435, 8435, 14 * 529, {}],
  // 714 sentences, each by 3 workers.
  ['annotators/qags-mturk_cnndm.jsonl', 'qags', 235, 235, 714 * 3, {}],
  ['annotators/popquorn-offensiveness-raw_data.csv.gz', 'popquorn', 13036, 13036, 13036, {}],
  ['annotators/lewidi/ArMIS_dev.json', 'le-wi-di', 141, 141, 423, {}],
  ['annotators/lewidi/ArMIS_train.json.gz', 'le-wi-di', 657, 657, 1971, {}],
  ['annotators/lewidi/CSC_dev.json.gz', 'le-wi-di', 704, 704, 3186, {}],
  ['annotators/lewidi/ConvAbuse_dev.json.gz', 'le-wi-di', 812, 812, 13 * 2414, {}],
  ['annotators/lewidi/ConvAbuse_train.json.gz', 'le-wi-di', 2398, 2398, 13 * 7144, {}],
  ['annotators/lewidi/HS-Brexit_dev.json', 'le-wi-di', 168, 168, 3 * 1008, {}],
  // Two votes of two further tasks are no numbers.
  ['annotators/lewidi/HS-Brexit_train.json', 'le-wi-di', 784, 784, 3 * 4704 - 2, { label_out_of_range: 2 }],
  ['annotators/lewidi/MD-Agreement_dev.json', 'le-wi-di', 1104, 1104, 5 * 1104, {}],
  ['annotators/lewidi/MD-Agreement_train.json.gz', 'le-wi-di', 6592, 6592, 5 * 6592, {}],
  ['annotators/lewidi/MP_dev.json.gz', 'le-wi-di', 3005, 3005, 15178, {}],
  ['annotators/lewidi/Paraphrase_dev.json', 'le-wi-di', 50, 50, 4 * 50, {}],
  ['annotators/lewidi/Paraphrase_train.json', 'le-wi-di', 400, 400, 4 * 400, {}],
  // A rating for each of three categories.
  ['annotators/lewidi/VariErrNLI_dev.json', 'le-wi-di', 50, 50, 3 * 181, {}],
  ['annotators/lewidi/VariErrNLI_train.json', 'le-wi-di', 388, 388, 3 * 1443, {}],
  ['speech/yourtts-mos-EN-PT-Sim-MOS.csv', 'listening-scores', 2998, 2998, 2998, {}],
  ['speech/yourtts-mos-EN-Sim-MOS.csv.gz', 'listening-scores', 14132, 14132, 14132, {}],
  ['speech/yourtts-mos-EN-naturalness-MOS.csv.gz', 'listening-scores', 22380, 22380, 22380, {}],
  ['image/imagereward-test.json', 'image-reward', 466, 466, 466, {}],
];

/** Files that hold no judgements of responses, and the error that says so. */
const others: readonly (readonly [path: string, code: string])[] = [
  // Invalid JSON as published: a comma before each closing brace.
  ['annotators/lewidi/Paraphrase_annotators_meta.json', 'data.no_usable_rows'],
  ['annotators/lewidi/VariErrNLI_annotators_meta.json', 'data.no_usable_rows'],
  // Who the annotators are.
  ['annotators/lewidi/CSC_annotators_meta.json', 'data.unknown_format'],
  ['annotators/lewidi/MP_annotators_meta.json', 'data.unknown_format'],
  // Rubrics, with scores that are dummies.
  ['graded/biggen-bench-rubrics-DUMMY-scores.json.gz', 'data.unknown_format'],
  ['prompts/alpaca_5000.json.gz', 'data.unknown_format'],
  ['prompts/arena-hard-v2.0-question.jsonl.gz', 'data.unknown_format'],
  ['prompts/selfinstruct-seed_tasks.jsonl', 'data.unknown_format'],
  ['verifiable/HumanEval.jsonl.gz', 'data.unknown_format'],
  ['verifiable/gsm8k-test.jsonl.gz', 'data.unknown_format'],
  ['verifiable/gsm8k-train.jsonl.gz', 'data.unknown_format'],
  ['verifiable/humanevalpack-js.jsonl', 'data.unknown_format'],
  ['verifiable/humanevalpack-python.jsonl', 'data.unknown_format'],
  ['verifiable/mbpp.jsonl', 'data.unknown_format'],
  ['verifiable/quixbugs_python.jsonl', 'data.unknown_format'],
];

/** Rows, those set aside, and the meetings that they count. */
const contests: readonly (readonly [path: string, rows: number, aside: number, meetings: number])[] = [
  // 303 students of 15 pairs each; 91 answers are NA.
  ['CEMS-preferences.csv', 303 * 15, 91, 303 * 15 - 91],
  ['baseball.csv', 42, 0, 273],
  ['citations-pairs.csv', 6, 0, 3727],
  ['football.csv', 1900, 0, 1900],
  ['icehockey.csv', 1083, 0, 1083],
  ['sound.fields-comparisons.csv', 84, 0, 560],
  ['springall-contests.csv', 36, 0, 885],
];
/** Covariates of those contests, and the citations as a matrix. */
const covariates = [
  'CEMS-schools.csv',
  'CEMS-students.csv',
  'citations-matrix.csv',
  'sound.fields-design.csv',
  'springall-predictors.csv',
];

const crowds: readonly (readonly [folder: string, labels: string, gold: string, counts: object])[] = [
  ['d_Duck_Identification', 'answer.csv', 'truth.csv', { labels: 4212, workers: 39, items: 108, known: 108 }],
  ['s4_Dog_data', 'answer.csv', 'truth.csv', { labels: 8070, workers: 109, items: 807, known: 807 }],
  [
    's4_Face_Sentiment_Identification',
    'answer.csv',
    'truth.csv',
    { labels: 5242, workers: 27, items: 584, known: 584 },
  ],
  [
    'gal-AdultContent2',
    'labels.txt.gz',
    'gold.txt',
    { labels: 92721, workers: 825, items: 11040, known: 333 },
  ],
];
/** What goes with those labels and is none. */
const besideLabels = ['README.txt', 'categories.txt', 'costs.txt'];

const codeOf = (error: unknown): string => (error instanceof PlauditError ? error.code : String(error));

describe.skipIf(absent)('every file of real data', () => {
  it.each(files)(
    '%s is read as %s with the rows that it has',
    async (path, format, rows, read, judgements, aside) => {
      const counts = { rows: 0, read: 0, judgements: 0 };
      const reasons: Reasons = {};
      const formats = new Set<string>();
      for await (const batch of streamJudgements(data + path)) {
        formats.add(batch.format);
        counts.rows += batch.rows;
        counts.read += batch.rowsRead;
        counts.judgements += batch.judgements.length;
        for (const { reason } of batch.rejects) reasons[reason] = (reasons[reason] ?? 0) + 1;
      }
      expect({ formats: [...formats], ...counts, reasons }).toEqual({
        formats: [format],
        rows,
        read,
        judgements,
        reasons: aside,
      });
    },
  );

  it.each(others)('%s is refused with %s', async (path, code) => {
    const reading = streamJudgements(data + path).next();
    expect(await reading.then(() => undefined, codeOf)).toBe(
      // A file without a usable row is known only at its end.
      code === 'data.no_usable_rows' ? undefined : code,
    );
    const whole = async (): Promise<void> => {
      for await (const _ of streamJudgements(data + path));
    };
    expect(await whole().then(() => undefined, codeOf)).toBe(code);
  });

  it.each(contests)('bradley-terry/%s is read as contests', async (path, rows, aside, meetings) => {
    const found = await readContests(`${data}bradley-terry/${path}`);
    const met = found.contests.reduce((sum, one) => sum + one.firstWins + one.secondWins + one.ties, 0);
    expect([found.rows, found.rejects.length, met]).toEqual([rows, aside, meetings]);
    for (const { reason } of found.rejects) expect(reason).toBe('missing_label');
  });

  it.each(crowds)('crowd-gold/%s is read as labels of workers', async (folder, labels, gold, counts) => {
    const path = (name: string): string => join(data, 'crowd-gold', folder, name);
    const found = await readWorkerLabels({ labels: path(labels), gold: path(gold) });
    expect(found.rejects).toEqual([]);
    const known = new Set(found.labels.filter((one) => one.gold !== undefined).map(({ unit }) => unit));
    expect({
      labels: found.labels.length,
      workers: new Set(found.labels.map(({ annotator }) => annotator)).size,
      items: new Set(found.labels.map(({ unit }) => unit)).size,
      known: known.size,
    }).toEqual(counts);
  });

  it('is in one of these tables', async () => {
    const named = [
      ...files.map(([path]) => path),
      ...others.map(([path]) => path),
      ...[...contests.map(([path]) => path), ...covariates].map((name) => `bradley-terry/${name}`),
      ...crowds.flatMap(([folder, labels, gold]) =>
        [labels, gold, ...besideLabels].map((name) => `crowd-gold/${folder}/${name}`),
      ),
      'README.md',
      'MANIFEST.sha256',
    ];
    const entries = await readdir(data, { recursive: true, withFileTypes: true });
    const paths = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(data.length));
    const left = paths.filter((path) => !named.some((name) => path === name || path.startsWith(`${name}/`)));
    expect(left).toEqual([]);
    const covered = covariates.map((name) =>
      readContests(`${data}bradley-terry/${name}`).then(() => 'read', codeOf),
    );
    expect(new Set(await Promise.all(covered))).toEqual(new Set(['data.unknown_format']));
  });

  it('gives 3,770 translations the mean MQM scores that were published with them', async () => {
    const path = `${data}multilingual/sxs_mqm_generalMT2023_zhen.3ratingsPerSegment.tsv.tar.gz`;
    const translations: string[] = [];
    const published = new Map<string, number>();
    for await (const batch of streamRows(path))
      for (const { value } of batch) {
        const { system, globalSegId, metadata } = value as Record<string, string>;
        const key = `${system} ${globalSegId}`;
        translations.push(key);
        const mean = metadata!.includes('"metrics"') && JSON.parse(metadata!).segment?.metrics?.MQM;
        if (typeof mean === 'number') published.set(key, mean);
      }
    const scores = new Map<string, number[]>();
    for await (const { judgements } of streamJudgements(path))
      for (const one of judgements) {
        const key = translations[one.provenance.row! - 1]!;
        if (one.kind === 'rating') scores.set(key, [...(scores.get(key) ?? []), -one.value]);
      }
    expect(published.size).toBe(3770);
    for (const [key, mean] of published) {
      const three = scores.get(key)!;
      expect(Math.abs((three[0]! + three[1]! + three[2]!) / 3 - mean), key).toBeLessThan(1e-6);
    }
  });
});
