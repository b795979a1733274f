/** @file Models of a filled project: two reward models that are really trained, and a policy's run as such runs record it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Comparison, Random } from '@plaudit/contract';
import { fitEvaluations } from '@plaudit/policy';
import type { Server } from '@plaudit/server';
import { attachFolder, type Store } from '@plaudit/store';

/** Milliseconds between two looks at a run. */
const every = 200;

/** A reward model trained by the server's own jobs. @returns Its id */
export const trainReward = async (
  { jobs }: Pick<Server['services'], 'jobs'>,
  store: Store,
  snapshot: string,
  plan: { readonly name: string; readonly seed: number; readonly l2: readonly number[] },
): Promise<string> => {
  const { name, seed, l2 } = plan;
  const run = await store.runs.create({
    ...{ name, kind: 'reward.train', tags: { 'plaudit.job': 'yes' } },
    config: {
      ...{ snapshot, model: 'linear', seed, despiteGates: true },
      ...{ fractions: { validation: 0.1, test: 0.3 }, settings: { l2 } },
    },
    snapshots: [{ id: snapshot, purpose: 'train' }],
  });
  await jobs.enqueue(store.project.name, run.id);
  for (;;) {
    const { state, error } = await store.runs.get(run.id);
    if (state === 'failed' || state === 'stopped') throw new Error(`the run has ${state}: ${error}`);
    if (state === 'finished') break;
    await new Promise((resolve) => setTimeout(resolve, every));
  }
  return (await store.lineage.downstream({ run: run.id })).models[0]!;
};

const updates = 120;
/** Updates between two evaluations on held-out prompts. */
const evaluated = 8;

/** A policy whose gold reward has a peak, as the trainer records it. @returns Its id */
export const recordPolicy = async (
  { artifacts }: Pick<Server['services'], 'artifacts'>,
  store: Store,
  snapshot: string,
  reward: string,
  rows: readonly Comparison[],
): Promise<string> => {
  const random = new Random(13, 'policy');
  const name = 'support policy';
  const config = { method: 'ppo', policy: 'new', reward, gold: 'gold', snapshot, seed: 13, settings: {} };
  const run = await store.runs.create({
    ...{ name, kind: 'policy.train', config },
    snapshots: [{ id: snapshot, purpose: 'train' }],
    models: [{ id: reward, purpose: 'reward' }],
  });
  await store.runs.start(run.id);
  const evaluationAt = (step: number) => {
    const kl = step / 10;
    const d = Math.sqrt(kl);
    const gold = 0.2 + (d > 0 ? d * (0.62 - 0.42 * Math.log(d)) : 0) + 0.015 * random.normal();
    return { step, kl, reward: 0.2 + 0.75 * d + 0.02 * random.normal(), gold, goldError: 0.03 };
  };
  const evaluations = Array.from({ length: updates / evaluated + 1 }, (_, i) => evaluationAt(i * evaluated));
  await store.metrics.log(run.id, [
    ...Array.from({ length: updates }, (_, i) => [
      { name: 'train/loss', step: i + 1, value: 0.3 + 0.4 * Math.exp(-i / 30) + 0.01 * random.normal() },
      { name: 'rollout/reward', step: i + 1, value: 0.2 + 0.23 * Math.sqrt(i) + 0.05 * random.normal() },
      { name: 'rollout/kl', step: i + 1, value: i / 10 },
    ]).flat(),
    ...evaluations.flatMap(({ step, ...found }) =>
      Object.entries(found).map(([metric, value]) => ({ name: `heldOut/${metric}`, step, value })),
    ),
  ]);
  await store.runs.end(run.id, { state: 'finished' });
  const heldOut = ({ step: _, ...found }: (typeof evaluations)[number]) => ({
    ...{ ...found, length: 96, ended: 0.97, prompts: 40 },
  });
  const { id } = await store.models.register({
    ...{ name, role: 'policy', run: run.id },
    card: {
      ...{ kind: 'policy', method: 'ppo', snapshot, failedGates: [], policy: 'new', reward, gold: 'gold' },
      ...{ data: { train: 320, heldOut: 40 }, updates, keptStep: 56, stopped: null },
      ...{ start: heldOut(evaluations[0]!), kept: heldOut(evaluations[7]!), drift: [], warnings: [] },
      overOptimisation: fitEvaluations(
        evaluations.map(({ reward: proxy, ...found }) => ({ ...found, proxy })),
      ),
    },
  });
  const folder = await mkdtemp(join(tmpdir(), 'plaudit-policy-'));
  const samples = rows.slice(0, 8).map(({ prompt, responses: [before, after] }, i) => ({
    prompt,
    before: { text: before, reward: 0.1 * i, gold: 0.2 },
    after: { text: after, reward: 0.4 + 0.1 * i, gold: 0.5 },
  }));
  await writeFile(
    join(folder, 'samples.jsonl'),
    samples.map((sample) => `${JSON.stringify(sample)}\n`).join(''),
  );
  await attachFolder(store, artifacts, id, folder);
  await rm(folder, { recursive: true });
  return id;
};

/** A bundle that was evaluated, and made what it is now. */
export const recordBundle = async (
  store: Store,
  made: { readonly rewardModel: string; readonly policy: string; readonly snapshot: string },
  state: 'production' | 'canary',
): Promise<string> => {
  const { rewardModel, policy, snapshot } = made;
  const guardrails = {
    rules: [
      {
        name: 'card numbers',
        in: 'response',
        pattern: '\\d{4} \\d{4} \\d{4} \\d{4}',
        flags: 'u',
        action: 'block',
      },
    ],
    toxicity: 'review',
  };
  const by = 'user:ada';
  const { id } = await store.bundles.create({
    ...{ name: 'support', rewardModel, policy },
    createdBy: by,
    guardrails,
  });
  const evaluation = {
    snapshot,
    comparisons: 120,
    accuracy: 0.74,
    interval: [0.66, 0.81],
    alsoTrainedOn: 84,
  };
  const parity = {
    passed: true,
    items: 240,
    erased: 0,
    largest: 0.0004,
    tolerance: 0.02,
    sameFormatting: true,
  };
  await store.bundleRecords.add(id, { kind: 'evaluation', actor: by, document: evaluation });
  await store.bundleRecords.add(id, { kind: 'parity', actor: by, document: parity });
  await store.bundleRecords.add(id, {
    kind: 'approval',
    actor: 'user:eve',
    document: { reason: 'I read the report' },
  });
  await store.bundles.move(id, 'draft', 'evaluated');
  await store.bundles.move(id, 'evaluated', state);
  return id;
};
