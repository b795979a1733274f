/**
 * @file The whole way from nothing on simulated data: supervised fine-tuning of a small model, a reward model of noisy
 * annotators, and each method that steers with it; one table by the gold reward of prompts that nothing was trained on.
 * `npm run bench -- steer [OUT [RUN...]]`; runs are named in `runs`.
 */
import { appendFile, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { simulate, writeJudgements } from '@plaudit/feedback';
import {
  type EvaluatePolicyDocument,
  evaluatePolicy,
  type PolicyDocument,
  type PolicySettings,
  trainPolicy,
} from '@plaudit/policy';
import { trainRewardModel } from '@plaudit/reward';

/** Of the annotators: their noise is that of the quickstart. */
const study = {
  prompts: 1000,
  responsesPerPrompt: 4,
  comparisons: 8000,
  annotators: { count: 12, noise: 0.5, sideBias: 0.2, spamShare: 0.05 },
};
const fresh = { prompts: 300, seed: 1001 };
const length = { maxLength: 224, maxNewTokens: 112 };

const sft: PolicySettings = {
  maxLength: length.maxLength,
  epochs: 6,
  batchSize: 24,
  learningRate: 3e-3,
  evaluateEvery: 1000,
};

const online: PolicySettings = {
  maxNewTokens: length.maxNewTokens,
  promptsPerStep: 16,
  samples: 4,
  steps: 30,
  evaluateEvery: 3,
  learningRate: 3e-4,
  missingEndPenalty: 1,
  heldOut: 200,
};

interface Run {
  readonly method: string;
  readonly seed: number;
  readonly settings: PolicySettings;
}

const klTarget = 8;
const steered: PolicySettings = { ...online, innerEpochs: 2, kl: 0.05, klTarget, klHorizon: 500 };
const ppo: PolicySettings = { ...steered, klLimit: 2 * klTarget };
/** Nothing holds the policy back. */
const unpriced: PolicySettings = { ...online, innerEpochs: 2, kl: 0, steps: 60 };
const runs: Readonly<Record<string, Run>> = {
  ...Object.fromEntries(
    [1, 2, 3, 4, 5].map((seed) => [`ppo-${seed}`, { method: 'ppo', seed, settings: ppo }]),
  ),
  rloo: { method: 'rloo', seed: 1, settings: steered },
  grpo: { method: 'grpo', seed: 1, settings: { ...online, innerEpochs: 2, kl: 0.1 } },
  dpo: {
    method: 'dpo',
    seed: 1,
    settings: { learningRate: 1e-4, batchSize: 64, loss: 'sigmoid_norm', beta: 5, evaluateEvery: 20 },
  },
  'online-dpo': { method: 'online-dpo', seed: 1, settings: { ...online, temperature: 1 } },
  'best-of-n': { method: 'best-of-n', seed: 1, settings: { ...online, samples: 8, promptsPerStep: 8 } },
  /** Without a price of leaving the reference, on past the peak, to see the curve; and the same with the rule that ends it. */
  'past-peak': { method: 'ppo', seed: 1, settings: { ...unpriced, pastPeak: true } },
  stopped: { method: 'ppo', seed: 1, settings: unpriced },
};

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** What is there already is not made again, so that runs can be added to a folder. */
export const benchSteer = async ([out = 'steer-bench', ...names]: readonly string[]): Promise<void> => {
  await mkdir(out, { recursive: true });
  const at = (name: string): string => join(out, name);
  const [feedback, prompts, model, start] = [
    at('feedback.jsonl'),
    at('fresh.jsonl'),
    at('reward'),
    at('sft'),
  ];
  const print = async (line: string): Promise<void> => {
    process.stdout.write(`${line}\n`);
    await appendFile(at('table.md'), `${line}\n`);
  };
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const result = await work();
    await print(`<!-- ${what}: ${Math.round((performance.now() - began) / 1000)} s -->`);
    return result;
  };
  if (!(await exists(feedback)))
    await timed('simulated', async () => {
      await writeJudgements(feedback, simulate({ ...study, seed: 1 }).comparisons);
      const other = simulate({ ...study, ...fresh, comparisons: fresh.prompts });
      await writeJudgements(prompts, other.comparisons);
    });
  if (!(await exists(start)))
    await timed('supervised fine-tuning', () =>
      trainPolicy({ method: 'sft', policy: 'new', data: [feedback], out: start, seed: 1, settings: sft }),
    );
  if (!(await exists(model)))
    await timed('reward model', () =>
      trainRewardModel({ data: [feedback], kind: 'linear', out: model, seed: 1 }),
    );
  const measure = (policy: string): Promise<EvaluatePolicyDocument> =>
    evaluatePolicy({
      policy,
      ...(policy !== start && { against: start }),
      prompts: [prompts],
      reward: model,
      gold: 'gold',
      maxNewTokens: length.maxNewTokens,
      seed: 7,
    });
  await print(
    '| run | gold, fresh prompts | over SFT (standard errors) | reward | KL | length | updates kept | time |',
  );
  await print('| --- | --- | --- | --- | --- | --- | --- | --- |');
  const base = await measure(start);
  const number = (value: number): string => value.toFixed(2);
  const { gold, reward, length: words } = base.statistics;
  await print(
    `| SFT | ${number(gold!.mean)} ± ${number(gold!.standardError!)} | | ${number(reward.mean)} | 0 | ${words.mean.toFixed(0)} | | |`,
  );
  for (const [name, { method, seed, settings }] of Object.entries(runs)) {
    if (names.length > 0 && !names.includes(name)) continue;
    process.stderr.write(`${name}\n`);
    const offline = method === 'dpo';
    const document: PolicyDocument = await trainPolicy({
      method,
      policy: start,
      ...(offline ? { data: [feedback] } : { prompts: [feedback], reward: model, gold: 'gold' }),
      out: at(name),
      seed,
      settings,
      overwrite: true,
    });
    const { statistics, goldComparison } = await measure(at(name));
    const { difference, interval } = goldComparison!.rewards;
    // The interval is of a paired difference over prompts: 3.92 standard errors wide.
    const errors = difference / ((interval![1] - interval![0]) / 3.92);
    await print(
      `| ${name} | ${number(statistics.gold!.mean)} ± ${number(statistics.gold!.standardError!)} | ${number(difference)} (${errors.toFixed(1)}) | ${number(statistics.reward.mean)} | ${document.kept ? number(document.kept.kl) : ''} | ${statistics.length.mean.toFixed(0)} | ${document.keptStep} of ${document.updates} | ${Math.round(document.seconds)} s |`,
    );
    if (document.stopped) await print(`<!-- ${name}: ${document.stopped} -->`);
  }
};
