/** @file The linear reward model: training on 100,000 simulated comparisons, and scores a second on one thread. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulate, writeJudgements } from '@plaudit/feedback';
import { loadRewardModel, trainRewardModel } from '@plaudit/reward';
import type { Figure } from './main.ts';

export const benchLinear = async (): Promise<readonly Figure[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'plaudit-bench-'));
  try {
    const { comparisons } = simulate({
      prompts: 20_000,
      responsesPerPrompt: 4,
      comparisons: 100_000,
      annotators: { count: 20, noise: 1, sideBias: 0.2, spamShare: 0.1 },
      seed: 1,
    });
    const file = join(folder, 'simulated.jsonl');
    await writeJudgements(file, comparisons);
    const out = join(folder, 'model');
    const document = await trainRewardModel({ data: [file], kind: 'linear', out, seed: 1 });
    const model = await loadRewardModel(out);
    const items = comparisons.slice(0, 10_000);
    await model.score(items.slice(0, 1000));
    const began = performance.now();
    const scored = (await model.score(items)).flat().length;
    const seconds = (performance.now() - began) / 1000;
    return [
      {
        what: '100,000 comparisons: training',
        value: document.cost.trainingSeconds,
        unit: 's',
        goal: { most: 30 },
      },
      {
        what: '100,000 comparisons: reading, splitting, training, validating',
        value: document.seconds,
        unit: 's',
      },
      { what: 'test accuracy', value: document.test.accuracy, unit: '' },
      { what: 'scores a second, one thread', value: scored / seconds, unit: '', goal: { least: 20_000 } },
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
};
