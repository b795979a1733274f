import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Judgement } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { judgementsIn } from './preference-tree.ts';
import { preferenceTrees } from './preference-trees.ts';
import { readJudgements } from './readers/read-judgements.ts';
import { readPromptRows } from './readers/read-prompt-rows.ts';
import { splitByPrompt } from './split.ts';

const data = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));
const absent = !existsSync(data);
if (absent) console.warn(`skipped: the tests on real preference data, because ${data} is not there`);

/** Share of the pairs in which the longer response wins, equal lengths left out. */
const longerWins = (judgements: readonly Judgement[]): number => {
  let longer = 0;
  let unequal = 0;
  for (const judgement of judgements) {
    if (judgement.kind !== 'comparison') continue;
    const { responses, outcome } = judgement;
    const difference = responses[0].length - responses[1].length;
    if ((outcome !== 'a' && outcome !== 'b') || difference === 0) continue;
    unequal++;
    if (difference > 0 === (outcome === 'a')) longer++;
  }
  return longer / unequal;
};

const outcomeOf = (judgement: Judgement): string | undefined =>
  judgement.kind === 'comparison' ? judgement.outcome : undefined;

describe.skipIf(absent)('real preference data', () => {
  it.each([
    {
      path: 'text-pairs/hh-harmless-test.open.jsonl.gz',
      format: 'hh',
      counts: { rows: 1866, read: 1863, reasons: { empty_response: 3 } },
      longerPercent: 44.2,
      trees: { pairs: 1863, ties: 0 },
    },
    {
      path: 'text-pairs/autoj_pairwise_en.open.jsonl.gz',
      format: 'autoj',
      counts: { rows: 919, read: 914, reasons: { equal_responses: 5 } },
      longerPercent: 70.7,
      trees: { pairs: 689, ties: 225 },
    },
    {
      path: 'text-pairs/pandalm-testset-v1.open.json',
      format: 'pandalm',
      counts: { rows: 551, read: 519, reasons: { empty_response: 25, not_text: 6, empty_prompt: 1 } },
      longerPercent: 68.3,
      trees: { pairs: 447, ties: 72 },
    },
    {
      path: 'text-llm-judged/alpacaeval1-gpt4',
      format: 'alpacaeval',
      counts: {
        files: 22,
        rows: 8052,
        read: 7971,
        reasons: { equal_responses: 67, missing_label: 13, empty_response: 1 },
      },
      longerPercent: 78.4,
      trees: { pairs: 7971, ties: 0 },
    },
  ])('reads $path with the counts and the length bias that others found', async (known) => {
    const { format, judgements, counts } = await readJudgements(data + known.path);
    expect(format).toBe(known.format);
    expect(counts).toMatchObject(known.counts);
    expect(Math.abs(100 * longerWins(judgements) - known.longerPercent)).toBeLessThan(1.5);

    const { trees, ties } = preferenceTrees(judgements);
    expect({ pairs: trees.reduce((sum, tree) => sum + tree.pairs.length, 0), ties }).toEqual(known.trees);
    const { train, validation, test, cluster, clusters } = splitByPrompt(trees, { seed: 1 });
    const clustersOf = [train, validation, test].map(
      (side) => new Set(side.map(({ id }) => cluster.get(id))).size,
    );
    expect(clustersOf.reduce((sum, size) => sum + size)).toBe(clusters);
  });

  it.each([
    {
      path: 'text-kway/oasst-en_100_tree.jsonl.gz',
      format: 'oasst',
      counts: { rows: 100, read: 95, kinds: { ranking: 207 }, reasons: { synthetic: 5 } },
      said: { pairs: 732, rankings: 207 },
    },
    {
      path: 'graded/sfhot.json',
      format: 'unieval',
      counts: { rows: 875, read: 875, kinds: { rating: 3 * 875 }, reasons: {} },
      said: { pairs: 1170, ratings: 3 * 875 },
    },
    {
      path: 'graded/sfres.json',
      format: 'unieval',
      counts: { rows: 1181, read: 1181, kinds: { rating: 3 * 1181 }, reasons: {} },
      said: { pairs: 1305, ratings: 3 * 1181 },
    },
    {
      path: 'verifiable/gsm8k-example_model_solutions.jsonl.gz',
      format: 'gsm8k-solutions',
      counts: { rows: 1319, read: 1319, kinds: { label: 4 * 1319 }, reasons: {} },
      said: { pairs: 2426, labels: 4 * 1319 },
    },
    {
      path: 'process',
      format: 'big-bench-mistake',
      counts: { files: 3, rows: 900, read: 900, kinds: { steps: 900 }, reasons: {} },
      said: { pairs: 0, steps: 900 },
    },
  ])('keeps everything that $path says, from the rows to the trees', async (known) => {
    const { format, judgements, counts } = await readJudgements(data + known.path);
    expect(format).toBe(known.format);
    expect(counts).toMatchObject(known.counts);
    const { trees } = preferenceTrees(judgements);
    const inTrees = (list: 'pairs' | 'rankings' | 'ratings' | 'labels' | 'steps') =>
      trees.reduce((sum, tree) => sum + (tree[list]?.length ?? 0), 0);
    expect({ pairs: inTrees('pairs') }).toEqual({ pairs: known.said.pairs });
    for (const list of ['rankings', 'ratings', 'labels', 'steps'] as const)
      expect(inTrees(list), list).toBe(known.said[list] ?? 0);
    expect(trees.reduce((sum, tree) => sum + judgementsIn(tree), 0)).toBe(judgements.length);
    const split = splitByPrompt(trees, { seed: 1 });
    for (const side of [split.train, split.validation, split.test]) expect(side.length).toBeGreaterThan(0);
  });

  it('finds in 1,319 GSM8K problems the shares of right solutions that others found', async () => {
    const { judgements } = await readJudgements(`${data}verifiable/gsm8k-example_model_solutions.jsonl.gz`);
    const right = judgements.map((one) => one.kind === 'label' && one.desirable);
    const problems = Map.groupBy(right.keys(), (i) => Math.floor(i / 4));
    const solved = [...problems.values()].filter((four) => four.some((i) => right[i])).length;
    expect(right.filter(Boolean).length / right.length).toBeCloseTo(0.379, 3);
    expect(solved / problems.size).toBeCloseTo(0.672, 3);
  });

  it('finds no first mistake in 136 of 900 solutions in steps', async () => {
    const { judgements } = await readJudgements(`${data}process`);
    const labels = judgements.map((one) => (one.kind === 'steps' ? one.labels : []));
    expect(labels.filter((of) => of.every((right) => right === true))).toHaveLength(136);
    for (const of of labels) expect(of.filter((right) => right === false).length).toBeLessThan(2);
  });

  it('keeps the three votes of PandaLM as shares that the majority agrees with', async () => {
    const { judgements } = await readJudgements(`${data}text-pairs/pandalm-testset-v1.open.json`);
    for (const one of judgements) {
      if (one.kind !== 'comparison') throw new Error('a comparison is expected');
      const sixths = 6 * one.preference!;
      expect(sixths).toBeCloseTo(Math.round(sixths), 12);
      if (one.outcome === 'a') expect(sixths).toBeGreaterThan(3);
      if (one.outcome === 'b') expect(sixths).toBeLessThan(3);
      if (one.outcome === 'tie') expect(Math.abs(sixths - 3)).toBeLessThan(1.5);
    }
  });

  it('reads every HH row for scoring, those with an empty answer too', async () => {
    const rows = await readPromptRows(`${data}text-pairs/hh-harmless-test.open.jsonl.gz`);
    expect(rows).toHaveLength(1866);
  });

  it('finds the same labels in the Chinese Auto-J rows, Python literals, as in the English ones', async () => {
    const [english, chinese] = await Promise.all(
      ['autoj_pairwise_en.open.jsonl.gz', 'autoj_pairwise_zh.open.pylit.txt.gz'].map((name) =>
        readJudgements(`${data}text-pairs/${name}`),
      ),
    );
    const outcomes = new Map(english!.judgements.map((one) => [one.provenance.row, outcomeOf(one)]));
    const shared = chinese!.judgements.filter(({ provenance }) => outcomes.has(provenance.row));
    expect(shared).toHaveLength(914);
    for (const one of shared) expect(outcomeOf(one)).toBe(outcomes.get(one.provenance.row));
  });
});
