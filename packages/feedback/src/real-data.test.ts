import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Comparison } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { preferenceTrees } from './preference-trees.ts';
import { readJudgements } from './readers/read-judgements.ts';
import { readPromptRows } from './readers/read-prompt-rows.ts';
import { splitByPrompt } from './split.ts';

const data = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));
const absent = !existsSync(data);
if (absent) console.warn(`skipped: the tests on real preference data, because ${data} is not there`);

/** Share of the pairs in which the longer response wins, equal lengths left out. */
const longerWins = (judgements: readonly Comparison[]): number => {
  let longer = 0;
  let unequal = 0;
  for (const { responses, outcome } of judgements) {
    const difference = responses[0].length - responses[1].length;
    if ((outcome !== 'a' && outcome !== 'b') || difference === 0) continue;
    unequal++;
    if (difference > 0 === (outcome === 'a')) longer++;
  }
  return longer / unequal;
};

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

  it('reads every HH row for scoring, those with an empty answer too', async () => {
    const rows = await readPromptRows(`${data}text-pairs/hh-harmless-test.open.jsonl.gz`);
    expect(rows).toHaveLength(1866);
  });

  it('refuses the Chinese Auto-J file of Python literals with its reason', async () => {
    const reading = readJudgements(`${data}text-pairs/autoj_pairwise_zh.open.pylit.txt.gz`);
    await expect(reading).rejects.toMatchObject({ code: 'data.no_usable_rows' });
  });
});
