import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { readJudgements, streamJudgements } from '../readers/read-judgements.ts';
import { checkQuality, type QualityOptions } from './check-quality.ts';
import type { GateResult, QualityReport } from './document.ts';
import type { GateName } from './gate-names.ts';
import { renderQualityReport } from './report/render.ts';

const data = fileURLToPath(new URL('../../../../../shared/data/', import.meta.url));
const absent = !existsSync(data);
if (absent) console.warn(`skipped: the quality gates on real data, because ${data} is not there`);

/** The gates that look at samples of texts take seconds and are looked at on one set only. */
const quick: QualityOptions = { gates: { language: false, 'answer-language': false, privacy: false } };
const reports = new Map<string, QualityReport>();
const gate = (set: string, name: GateName): GateResult =>
  reports.get(set)!.gates.find((one) => one.name === name)!;

describe.skipIf(absent)('the gates on real judgements', () => {
  beforeAll(async () => {
    const sets = {
      hh: ['text-pairs/hh-harmless-test.open.jsonl.gz', {}],
      pandalm: ['text-pairs/pandalm-testset-v1.open.json', quick],
      autoj: ['text-pairs/autoj_pairwise_en.open.jsonl.gz', quick],
      alpacaeval: ['text-llm-judged/alpacaeval1-gpt4', quick],
      oasst: ['text-kway/oasst-en_100_tree.jsonl.gz', quick],
      popquorn: ['annotators/popquorn-offensiveness-raw_data.csv.gz', quick],
    } as const;
    for (const [name, [path, options]] of Object.entries(sets))
      reports.set(name, await checkQuality(streamJudgements(data + path), options));
  }, 600_000);

  it.each([
    ['hh', 44.2],
    ['autoj', 70.7],
    ['pandalm', 68.3],
    ['alpacaeval', 78.4],
    ['oasst', 69.7],
  ])('find in %s the percentage of longer winners that others found, inside the interval', (set, known) => {
    const { value, interval } = gate(set, 'length-bias');
    expect(Math.abs(100 * value! - known)).toBeLessThan(1.5);
    expect(100 * interval![0]).toBeLessThan(known);
    expect(100 * interval![1]).toBeGreaterThan(known);
  });

  it('warn of length in the sets that are known for it, and not in HH', () => {
    expect(gate('hh', 'length-bias').verdict).toBe('pass');
    for (const set of ['autoj', 'pandalm', 'alpacaeval', 'oasst'])
      expect(gate(set, 'length-bias').verdict).toBe('warn');
  });

  it('find that GPT-4 likes layout, and that HH has hardly any', () => {
    expect(gate('hh', 'style-bias')).toMatchObject({ verdict: 'pass' });
    expect(gate('hh', 'style-bias').measures.pairsThatDiffer).toBeLessThan(0.05);
    // The preference of a judge model: 0.656 in the battles of Chatbot Arena, with length among the features.
    expect(gate('alpacaeval', 'style-bias').value).toBeGreaterThan(0.63);
  });

  it('know that chosen and rejected say nothing of sides, and that one judge gave all of AlpacaEval', () => {
    expect(gate('hh', 'one-sided-outcomes').verdict).toBe('not_applicable');
    expect(gate('hh', 'position-bias').verdict).toBe('not_applicable');
    expect(gate('alpacaeval', 'dominant-annotator')).toMatchObject({ verdict: 'warn', value: 1 });
  });

  it('find HH in English, with toxic prompts and fewer toxic words in what was preferred', () => {
    const language = gate('hh', 'language');
    const picture = language.pictures[0]!;
    expect(picture.kind === 'bars' && picture.items[0]!.name).toBe('en');
    const { value, measures } = gate('hh', 'toxicity');
    expect(measures.prompts).toBeGreaterThan(0.03);
    expect(value).toBeLessThan(measures.otherResponses!);
  });

  it('find the scenarios of Auto-J that have too few rows', () => {
    expect(gate('autoj', 'coverage')).toMatchObject({ n: 58, measures: { emptyCells: 0 } });
  });

  it('find in POPQUORN how far people disagree, and compare groups of them', () => {
    const agreement = gate('popquorn', 'agreement');
    expect(agreement.n).toBeGreaterThan(1000);
    expect(agreement.value).toBeGreaterThan(0.1);
    expect(agreement.value).toBeLessThan(0.5);
    const fairness = gate('popquorn', 'fairness');
    expect(fairness.measures.slices).toBeGreaterThan(15);
  });

  it('find the questions of a benchmark in the data that were made from it', async () => {
    const lines = gunzipSync(readFileSync(`${data}verifiable/gsm8k-test.jsonl.gz`))
      .toString('utf8')
      .trim()
      .split('\n');
    const texts = lines.map((line) => (JSON.parse(line) as { question: string }).question);
    const { judgements } = await readJudgements(`${data}verifiable/gsm8k-example_model_solutions.jsonl.gz`);
    const only = { gates: { ...quick.gates, 'duplicate-rows': false, toxicity: false } as const };
    const report = await checkQuality(judgements.slice(0, 1000), {
      ...only,
      benchmarks: [{ name: 'GSM8K', texts }],
    });
    const found = report.gates.find(({ name }) => name === 'contamination')!;
    expect(found).toMatchObject({ verdict: 'fail', value: 1, n: 1000 });
    expect(report.blocking).toContain('contamination');
  });

  it('find no HH prompt in GSM8K', async () => {
    const lines = gunzipSync(readFileSync(`${data}verifiable/gsm8k-test.jsonl.gz`))
      .toString('utf8')
      .trim()
      .split('\n');
    const texts = lines.map((line) => (JSON.parse(line) as { question: string }).question);
    const report = await checkQuality(streamJudgements(`${data}text-pairs/hh-harmless-test.open.jsonl.gz`), {
      gates: { ...quick.gates, 'duplicate-rows': false, toxicity: false },
      benchmarks: [{ name: 'GSM8K', texts }],
    });
    expect(report.gates.find(({ name }) => name === 'contamination')).toMatchObject({
      verdict: 'pass',
      value: 0,
    });
  });

  it('make a page of each', () => {
    for (const report of reports.values())
      expect(renderQualityReport(report)).not.toMatch(/NaN|undefined|Infinity/);
  });
});
