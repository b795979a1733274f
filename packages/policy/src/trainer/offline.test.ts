/** @file Updates of the offline methods: what they add up to, whatever the batches, and what they remember. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PreferenceTree } from '@plaudit/feedback';
import { type Base, planBatches, planUpdates } from '@plaudit/reward';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { preferenceObjective } from '../objectives/index.ts';
import { type LearningTree, learningSize, learningTrees } from './learning-trees.ts';
import type { IterationRecord } from './loop.ts';
import type { PolicyNetwork } from './network.ts';
import { OfflineMethod, type OfflineObjective } from './offline.ts';
import type { PolicyMethod, PolicySettings } from './settings.ts';
import {
  openTiny,
  pairTrees,
  randomAdapter,
  temporaryFolder,
  tinyBase,
  tinyCheckpoint,
  tinyConfiguration,
} from './testing.ts';

const folder = temporaryFolder();
let checkpoint: string;
let base: Base;
beforeAll(async () => {
  checkpoint = await tinyCheckpoint(folder);
  base = await tinyBase(checkpoint);
});

const learnedFrom = { sft: 'demonstrations', kto: 'labels', bco: 'labels' } as const;

interface Opened {
  readonly network: PolicyNetwork;
  readonly method: OfflineMethod;
  readonly objective: OfflineObjective;
  readonly train: readonly LearningTree[];
  readonly validation: readonly LearningTree[];
  readonly checkpoints: string;
  /** The conversations of each update, in its order. */
  readonly updates: readonly (readonly LearningTree[])[];
  iterate(step: number, signal?: AbortSignal): Promise<IterationRecord>;
}

/** A method over a tiny network whose every update has all conversations. */
const open = async (
  name: PolicyMethod,
  {
    settings = {},
    tokensPerBatch = 10_000,
    trees = pairTrees(6, 4),
    on = base,
    checkpoints,
  }: {
    readonly settings?: PolicySettings;
    readonly tokensPerBatch?: number;
    readonly trees?: readonly PreferenceTree[];
    readonly on?: Base;
    readonly checkpoints?: string;
  } = {},
): Promise<Opened> => {
  const network = await openTiny(on);
  onTestFinished(() => network.close());
  const configuration = {
    ...tinyConfiguration(on, name, { epochs: 2, batchSize: 1000, ...settings }),
    tokensPerBatch,
  };
  const from = name in learnedFrom ? learnedFrom[name as keyof typeof learnedFrom] : 'pairs';
  const train = learningTrees(trees, from, on.formatter);
  const validation = learningTrees(pairTrees(3, 5), from, on.formatter);
  const { objective: named } = configuration;
  const objective = named && preferenceObjective(named.name, named.settings);
  const place = checkpoints ?? (await mkdtemp(join(folder, 'checkpoints-')));
  const method = await OfflineMethod.open(network, objective, { train, validation }, configuration, {
    seed: 3,
    checkpoints: place,
    fingerprint: 'this run',
  });
  const sizes = train.map(learningSize);
  return {
    network,
    method,
    objective,
    train,
    validation,
    checkpoints: place,
    updates: planUpdates(sizes, { ...configuration, seed: 3 }).map((update) => update.map((i) => train[i]!)),
    iterate: (step, signal) =>
      method.iterate({
        step,
        signal,
        apply: async () => (await network.parameters.apply({ learningRate: 0.01 })).gradientNorm,
      }),
  };
};

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);

/** Of each response the log-probability by the policy as it is, and by the reference, tree by tree. */
const scoresOf = async (network: PolicyNetwork, trees: readonly LearningTree[]) => {
  const scorer = await network.openScorer({ reference: true });
  const found: { readonly own: number; readonly reference: number; readonly tokens: number }[][] = [];
  for (const batch of planBatches(
    trees.map((tree, index) => ({ ...tree, index })),
    10_000,
  )) {
    const scores = await scorer.score(batch, { step: 0, batch: 1 });
    batch.trees.forEach(({ index }, i) => {
      found[index] = scores[i]!.map(({ logProbabilities, reference }) => ({
        own: sum(logProbabilities),
        reference: sum(reference!),
        tokens: logProbabilities.length,
      }));
    });
  }
  await scorer.close();
  return found;
};

/** Loss, accuracy and margin in closed form. @param baseline Of objectives of labels */
const closedForm = async (
  { objective, network }: Opened,
  trees: readonly LearningTree[],
  baseline: number,
) => {
  const scores = await scoresOf(network, trees);
  const imitated = trees.flatMap((tree, i) => tree.imitated.map((k) => scores[i]![k]!));
  const likelihood = -sum(imitated.map(({ own }) => own)) / sum(imitated.map(({ tokens }) => tokens));
  if (!objective) return { loss: likelihood };
  const rewardOf = ({ own, reference, tokens }: (typeof imitated)[number]): number =>
    objective.impliedReward(
      own,
      objective.kind === 'pairs' && !objective.needsReference ? 0 : reference,
      tokens,
    );
  const rows =
    objective.kind === 'pairs'
      ? trees.flatMap(({ pairs }, i) =>
          pairs.map(({ chosen, rejected, weight }) => {
            const [good, bad] = [scores[i]![chosen]!, scores[i]![rejected]!];
            return { weight, good, bad, margin: rewardOf(good) - rewardOf(bad), desirable: true };
          }),
        )
      : trees.flatMap(({ labels }, i) =>
          labels.map(({ response, desirable, weight }) => {
            const good = scores[i]![response]!;
            return { weight, good, bad: good, margin: (desirable ? 1 : -1) * rewardOf(good), desirable };
          }),
        );
  const goods = rows.map(({ good }) => good);
  const bads = rows.map(({ bad }) => bad);
  const { losses } =
    objective.kind === 'pairs'
      ? objective.evaluate({
          chosen: goods.map(({ own }) => own),
          rejected: bads.map(({ own }) => own),
          referenceChosen: goods.map(({ reference }) => (objective.needsReference ? reference : 0)),
          referenceRejected: bads.map(({ reference }) => (objective.needsReference ? reference : 0)),
          chosenTokens: goods.map(({ tokens }) => tokens),
          rejectedTokens: bads.map(({ tokens }) => tokens),
        })
      : objective.evaluate({
          policy: goods.map(({ own }) => own),
          reference: goods.map(({ reference }) => reference),
          tokens: goods.map(({ tokens }) => tokens),
          desirable: rows.map(({ desirable }) => Number(desirable)),
          baseline: rows.map(() => baseline),
        });
  const weights = rows.map(({ weight }) => weight);
  return {
    loss: sum(losses.map((loss, i) => loss * weights[i]!)) / sum(weights) + objective.supervised * likelihood,
    accuracy: sum(rows.map(({ margin }) => Number(margin > 0))) / rows.length,
    margin: sum(rows.map(({ margin }) => margin)) / rows.length,
  };
};

/** KTO's estimate: prompts with the responses of the next prompt of the update. */
const mismatched = async ({ network }: Opened, trees: readonly LearningTree[]): Promise<number> => {
  const shifted = trees.map((tree, i) => ({
    ...tree,
    tokens: { prompt: tree.tokens.prompt, responses: trees[(i + 1) % trees.length]!.tokens.responses },
  }));
  const all = (await scoresOf(network, shifted)).flat();
  return Math.max(0, sum(all.map(({ own, reference }) => own - reference)) / all.length);
};

const labelledTrees = (): PreferenceTree[] =>
  pairTrees(6, 4).map((tree) => ({
    ...tree,
    labels: [
      { response: 0, desirable: true, weight: 3, source: 'test' },
      { response: 1, desirable: false, weight: 0.1, source: 'test' },
    ],
  }));

describe.each(['sft', 'dpo', 'simpo', 'cpo', 'orpo', 'kto', 'bco'] as const)('an update of %s', (name) => {
  it('has the loss, accuracy and margin of the closed forms on what the scorer says, in training and validation', async () => {
    // Desirable answers count more, so that KTO's estimate of the divergence is above 0.
    const opened = await open(name, name === 'kto' ? { trees: labelledTrees() } : {});
    const { method, network, updates } = opened;
    await opened.iterate(1);
    const rewards = method.state() as { count: number; mean: number };
    const { objective } = opened;
    let baseline = 0;
    if (name === 'kto') baseline = await mismatched(opened, updates[1]!);
    if (name === 'bco') {
      const scores = await scoresOf(network, updates[1]!);
      const own = updates[1]!.flatMap(({ labels }, i) =>
        labels.map(({ response }) => {
          const { own, reference, tokens } = scores[i]![response]!;
          return objective!.impliedReward(own, reference, tokens);
        }),
      );
      baseline = (rewards.count * rewards.mean + sum(own)) / (rewards.count + own.length);
    }
    const wanted = await closedForm(opened, updates[1]!, baseline);
    const found = await opened.iterate(2);
    expect(Math.abs(found.loss - wanted.loss)).toBeLessThan(1e-4);
    expect(found.accuracy).toBe(wanted.accuracy);
    if (wanted.margin !== undefined) expect(Math.abs(found.margin! - wanted.margin)).toBeLessThan(1e-4);
    if (name === 'kto') expect(baseline).toBeGreaterThan(0);
    if (name === 'bco') expect((method.state() as { mean: number }).mean).toBeCloseTo(baseline, 5);
    const after = (method.state() as { mean: number }).mean;
    const { record, score } = await method.evaluate(2, undefined);
    const validated = await closedForm(opened, opened.validation, name === 'bco' ? after : 0);
    expect(Math.abs(record.validationLoss! - validated.loss)).toBeLessThan(1e-4);
    expect(record.validationAccuracy).toBe(validated.accuracy);
    expect(score).toBe(-record.validationLoss!);
  });
});

describe.each(['sft', 'dpo', 'orpo', 'kto'] as const)('an update of %s', (name) => {
  it('moves the weights as much in small batches as in one', async () => {
    const trained = async (tokensPerBatch: number) => {
      const opened = await open(name, { tokensPerBatch });
      const records = [await opened.iterate(1), await opened.iterate(2)];
      return { records, values: await opened.network.values() };
    };
    const [small, large] = [await trained(40), await trained(10_000)];
    for (const [i, { loss }] of small.records.entries())
      expect(Math.abs(loss - large.records[i]!.loss)).toBeLessThan(1e-4);
    let [worst, moved] = [0, 0];
    const start = randomAdapter(base, 2, 3);
    for (const [key, { data }] of small.values)
      data.forEach((value, i) => {
        worst = Math.max(worst, Math.abs(value - large.values.get(key)!.data[i]!));
        moved = Math.max(moved, Math.abs(value - start.get(key)!.data[i]!));
      });
    expect(moved).toBeGreaterThan(0.01);
    expect(worst).toBeLessThan(1e-4);
  });
});

describe('an update that is stopped before it is applied', () => {
  it('leaves the running mean of rewards where it was', async () => {
    const opened = await open('bco', { tokensPerBatch: 40 });
    await opened.iterate(1);
    const before = opened.method.state();
    let looks = 0;
    const stopping = {
      throwIfAborted() {
        if (++looks > 8) throw new Error('stopped');
      },
    } as AbortSignal;
    await expect(opened.iterate(2, stopping)).rejects.toThrow('stopped');
    expect(opened.method.state()).toEqual(before);
  });
});

describe('answers to other questions', () => {
  const tree = (i: number, question: string, answers: [string, string]): PreferenceTree => ({
    id: `${i}`,
    prompt: [{ role: 'user', content: question }],
    responses: answers,
    pairs: [{ winner: 0, loser: 1, weight: 1, source: 'test', segments: {} }],
    segments: {},
  });

  it('are cut where they would not fit behind a long question', async () => {
    const short = await tinyBase(await tinyCheckpoint(await mkdtemp(join(folder, 'short-')), 64));
    const trees = [tree(0, 'b'.repeat(60), ['a', 'c']), tree(1, 'b', ['ab'.repeat(15), 'cd'.repeat(15)])];
    const opened = await open('kto', { on: short, trees });
    expect((await opened.iterate(1)).loss).toBeGreaterThan(0);
  });

  it('are those of another conversation of the run where an update has one', async () => {
    const trees = [tree(0, 'bcd', ['a', 'c']), tree(1, 'fgh', ['ab', 'cd'])];
    const opened = await open('kto', { trees, settings: { batchSize: 1 } });
    await opened.iterate(1);
    const [only] = opened.updates[1]!;
    const [other] = opened.train.filter(({ index }) => index !== only!.index);
    const shifted = { ...only!, tokens: { ...only!.tokens, responses: other!.tokens.responses } };
    const all = (await scoresOf(opened.network, [shifted])).flat();
    const baseline = Math.max(0, sum(all.map(({ own, reference }) => own - reference)) / all.length);
    const wanted = await closedForm(opened, [only!], baseline);
    expect(Math.abs((await opened.iterate(2)).loss - wanted.loss)).toBeLessThan(1e-5);
  });
});

describe("the reference's log-probabilities", () => {
  it('are computed once for a run, and anew for another', async () => {
    const first = await open('dpo');
    const path = join(first.checkpoints, 'reference.json');
    const stored = JSON.parse(await readFile(path, 'utf8')) as {
      fingerprint: string;
      train: number[][];
      validation: number[][];
    };
    const scores = await scoresOf(first.network, first.train);
    for (const [i, sums] of stored.train.entries())
      for (const [k, value] of sums.entries())
        expect(Math.abs(value - scores[i]![k]!.reference)).toBeLessThan(1e-4);
    const write = (change: object): Promise<void> =>
      writeFile(
        path,
        JSON.stringify({ ...stored, train: stored.train.map((row) => row.map(() => -50)), ...change }),
      );
    await write({});
    const { checkpoints } = first;
    const resumed = await (await open('dpo', { checkpoints })).iterate(1);
    const whole = await first.iterate(1);
    expect(Math.abs(resumed.margin! - whole.margin!)).toBeGreaterThan(1e-3);
    await write({ fingerprint: 'another run' });
    const again = await (await open('dpo', { checkpoints })).iterate(1);
    expect(again.margin).toBe(whole.margin);
  });
});
