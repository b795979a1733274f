/** @file Records of simulated runs for the tests of drift and of the report. */
import { Random } from '@plaudit/contract';
import { driftWarnings } from '../drift/index.ts';
import type { PolicyRecord } from '../trainer/record.ts';
import type { ReportedRun } from './report.ts';
import type { HeldOut, Rollout } from './series.ts';

/** A healthy update of reinforcement learning: rewards rise, the rest stays within its noise. */
const healthyRollout = (step: number, random: Random): Rollout => {
  const noisy = (value: number, share: number): number => value * (1 + share * random.normal());
  return {
    responses: 64,
    reward: 2 * (1 - Math.exp(-step / 60)) + 0.1 * random.normal(),
    rewardDeviation: noisy(1.1, 0.05),
    rewardDeviationWithinPrompts: noisy(0.8, 0.08),
    parts: {},
    kl: noisy(0.0008 * step ** 2, 0.1),
    klSampled: 0.0008 * step ** 2 + 0.1 * random.normal(),
    klCoefficient: 0.05,
    entropy: noisy(1.4, 0.05),
    length: noisy(120, 0.06),
    ended: Math.min(1, noisy(0.93, 0.03)),
    repetition: Math.abs(noisy(0.02, 0.5)),
    lengthCorrelation: 0.2 + 0.1 * random.normal(),
    clipped: Math.abs(noisy(0.08, 0.3)),
    explainedVariance: 0.5 * (1 - Math.exp(-step / 10)) + 0.1 * random.normal(),
    valueLoss: noisy(0.3, 0.1),
    dropped: 0,
    phases: { rollout: noisy(3, 0.05), scoring: noisy(0.5, 0.05), learning: noisy(2, 0.05) },
    samples: [],
  };
};

/**
 * Records of an online run.
 *
 * @param change What is otherwise in an update's rollout.
 */
export const onlineRecords = (
  updates: number,
  change: (step: number, rollout: Rollout) => Partial<Rollout> = () => ({}),
  seed = 1,
): PolicyRecord[] => {
  const random = new Random(seed, 'records');
  return Array.from({ length: updates }, (_, i) => {
    const step = i + 1;
    const rollout = healthyRollout(step, random);
    return {
      step,
      loss: 0.1 * random.normal(),
      learningRate: 1e-5 * (1 - i / updates),
      gradientNorm: 1 + 0.1 * random.normal() ** 2,
      tokens: 64 * 150,
      seconds: 5.5,
      rollout: { ...rollout, ...change(step, rollout) },
    };
  });
};

/** A run whose gold reward passes its peak: what the report gets of it. */
export const overOptimisedRun = (
  updates = 120,
): { readonly document: ReportedRun; readonly records: PolicyRecord[] } => {
  const random = new Random(5, 'over-optimised');
  const gain = (kl: number): number => (kl > 0 ? Math.sqrt(kl) * (1.1 - 0.5 * Math.log(Math.sqrt(kl))) : 0);
  const heldOut = (kl: number): HeldOut => ({
    reward: 0.2 + 1.4 * Math.sqrt(kl) + 0.03 * random.normal(),
    gold: 0.1 + gain(kl) + 0.04 * random.normal(),
    goldError: 0.05,
    kl,
    length: 120 + 3 * kl,
    ended: 0.93,
    prompts: 64,
  });
  const plain = onlineRecords(updates, (step, { length, kl: usual }) => {
    const kl = 2.5 * usual;
    return {
      kl,
      klSampled: kl + 0.1 * random.normal(),
      length: length * (1 + step / 150),
      gold: 0.1 + gain(kl) + 0.1 * random.normal(),
      reward: 0.2 + 1.4 * Math.sqrt(kl) + 0.1 * random.normal(),
      parts: { helpful: 0.5 + step / 100, concise: -step / 200 },
      cost: 0.3 - step / 500,
      multiplier: 1 + step / 100,
      samples:
        step % 5 === 0
          ? [
              {
                ...{ prompt: 'Name a river in France.', response: 'The Loire. '.repeat(1 + step / 10) },
                ...{ reward: step / 40, gold: 0.5 },
              },
            ]
          : [],
    };
  });
  const records = plain.map((record) =>
    record.step % 10 === 0 ? { ...record, heldOut: heldOut(record.rollout!.kl) } : record,
  );
  const start = heldOut(0);
  const evaluated = records.flatMap(({ step, heldOut }) => (heldOut ? [{ step, heldOut }] : []));
  const best = evaluated.reduce((most, one) => (one.heldOut.gold! > most.heldOut.gold! ? one : most));
  return {
    records,
    document: {
      method: 'ppo',
      policy: 'sft',
      seed: 1,
      data: {
        sources: [{ name: 'prompts.jsonl', sha256: 'ab'.repeat(32) }],
        ...{ rows: 1064, rejects: 0, train: 1000, heldOut: 64 },
      },
      reward: { name: 'reward-model', digest: 'cd'.repeat(32) },
      configuration: {
        method: 'ppo',
        learningRate: 3e-5,
        lora: { rank: 16, targets: ['q', 'v'] },
        online: { kl: { coefficient: 0.05, target: 6, limit: null }, costLimit: 0.2, topK: null },
      },
      updates,
      keptStep: best.step,
      stopped: 'The gold reward has passed its peak: it fell from 1.5 at step 60 to 1.2 ± 0.05.',
      start,
      kept: best.heldOut,
      drift: driftWarnings(records),
      warnings: ['3 of 1064 prompts are longer than 512 tokens and lost their beginning or their end.'],
      seconds: 754,
      createdBy: '0.1.0',
    },
  };
};
