/**
 * @file Where the time of a PPO step goes. `npm run bench -- ppo [POLICY]`: a saved policy or a checkpoint, which adapters are
 * trained beside; without one, a small model that a few minutes of supervised fine-tuning make.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulate, writeJudgements } from '@plaudit/feedback';
import { type PolicyRecord, trainPolicy } from '@plaudit/policy';
import { median } from './engine.ts';
import type { Figure } from './main.ts';

/** A given policy is larger than the small one, most likely by far. */
const sizes = {
  small: { steps: 6, promptsPerStep: 16 },
  given: { steps: 3, promptsPerStep: 8 },
};
const samples = 4;

export const benchPpo = async (): Promise<readonly Figure[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'plaudit-bench-'));
  try {
    const feedback = join(folder, 'feedback.jsonl');
    const { comparisons } = simulate({
      prompts: 200,
      responsesPerPrompt: 4,
      comparisons: 800,
      seed: 1,
      annotators: { count: 12, noise: 0.5 },
    });
    await writeJudgements(feedback, comparisons);
    const given = process.argv[3];
    const { steps, promptsPerStep } = given === undefined ? sizes.small : sizes.given;
    const start = given ?? join(folder, 'sft');
    if (given === undefined)
      await trainPolicy({
        method: 'sft',
        policy: 'new',
        data: [feedback],
        out: start,
        settings: { maxLength: 256, epochs: 4, learningRate: 3e-3 },
      });
    const records: PolicyRecord[] = [];
    await trainPolicy({
      method: 'ppo',
      policy: start,
      prompts: [feedback],
      reward: 'gold',
      out: join(folder, 'ppo'),
      settings: {
        maxLength: 256,
        maxNewTokens: 96,
        steps,
        promptsPerStep,
        samples,
        heldOut: 8,
        evaluateEvery: steps,
      },
      onRecord: (record) => {
        if (record.step > records.length) records.push(record);
        process.stderr.write(`step ${records.length} of ${steps}\n`);
      },
    });
    const rollouts = records.slice(1).map(({ rollout }) => rollout!);
    const shareOf = (phase: 'rollout' | 'scoring' | 'learning'): number =>
      median(
        rollouts.map(({ phases }) => phases[phase] / (phases.rollout + phases.scoring + phases.learning)),
      );
    const sampled = rollouts.map(({ responses, length, phases }) => (responses * length) / phases.rollout);
    return [
      {
        what: `PPO step, share of rollout (${promptsPerStep * samples} responses)`,
        value: shareOf('rollout'),
        unit: '',
        goal: { most: 0.5 },
      },
      { what: 'PPO step, share of scoring and rewards', value: shareOf('scoring'), unit: '' },
      { what: 'PPO step, share of learning (4 passes)', value: shareOf('learning'), unit: '' },
      { what: 'tokens sampled a second', value: median(sampled), unit: '' },
      { what: 'a step', value: median(records.slice(1).map(({ seconds }) => seconds)), unit: 's' },
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
};
