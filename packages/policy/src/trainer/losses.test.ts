/** @file The losses of all methods through a network, against closed forms on what the scorer says of the same responses. */
import { Random } from '@plaudit/contract';
import type { TensorValues } from '@plaudit/engine';
import { type Base, planBatches, type TreeBatchPlan } from '@plaudit/reward';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  labelObjective,
  labelObjectiveNames,
  pairObjective,
  pairObjectiveNames,
  surrogate,
  surrogateNames,
  valueLoss,
} from '../objectives/index.ts';
import { type LearningTree, learningTrees } from './learning-trees.ts';
import {
  labelFeeds,
  labelLoss,
  pairFeeds,
  pairLoss,
  supervisedFeeds,
  supervisedLoss,
  tokenFeeds,
  tokenLoss,
} from './losses.ts';
import type { PolicyLoss, PolicyNetwork, PolicyScorer, ResponseScores } from './network.ts';
import { type LaidBatch, layBatch } from './rows.ts';
import { openTiny, pairTrees, temporaryFolder, tinyBase, tinyCheckpoint } from './testing.ts';

const folder = temporaryFolder();
let base: Base;
let network: PolicyNetwork;
/** The same with a value function. */
let valued: PolicyNetwork;
let scorer: PolicyScorer;
let trees: readonly LearningTree[];
let batch: TreeBatchPlan;
let laid: LaidBatch;
/** By the places of the responses in the batch. */
let scores: ResponseScores[];
beforeAll(async () => {
  base = await tinyBase(await tinyCheckpoint(folder));
  network = await openTiny(base);
  valued = await openTiny(base, { value: true });
  scorer = await valued.openScorer({ reference: true });
  batch = planBatches(learningTrees(pairTrees(5, 4), 'pairs', base.formatter), 10_000)[0]!;
  trees = batch.trees as readonly LearningTree[];
  laid = layBatch(batch);
  scores = (await scorer.score(batch, { step: 1, batch: 1 })).flat();
});
afterAll(() => Promise.all([network.close(), valued.close()]));

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);
const dot = (a: readonly number[], b: readonly number[]): number => sum(a.map((x, i) => x * b[i]!));
/** What the closed forms are given. */
const sums = (): number[] => scores.map(({ logProbabilities }) => sum(logProbabilities));
const tokens = (): number[] => scores.map(({ logProbabilities }) => logProbabilities.length);
/** A reference that is elsewhere, response by response. */
const references = (): number[] => sums().map((own, i) => own + 3 * Math.sin(i));
const responses = () => references().map((reference, i) => ({ reference, tokens: tokens()[i]! }));
const pairs = () =>
  trees.map((_, i) => ({ chosen: 2 * i, rejected: 2 * i + 1, weight: [0.1, 0.3, 0.05, 0.4, 0.15][i]! }));
/** Chosen responses are imitated. */
const imitated = () =>
  supervisedFeeds(
    laid,
    trees.map(() => [1 / sum(tokens().filter((_, i) => i % 2 === 0)), 0]),
  );
const likelihood = (): number => {
  const own = scores.filter((_, i) => i % 2 === 0).map(({ logProbabilities }) => logProbabilities);
  return -sum(own.map(sum)) / sum(own.map(({ length }) => length));
};

const accumulate = async (loss: PolicyLoss, feeds: TensorValues, of = network) => {
  const trainer = await of.openTrainer(loss);
  try {
    return await trainer.accumulate(layBatch(batch), feeds, { step: 1, batch: 1 });
  } finally {
    await trainer.close();
    await of.parameters.clearGradients();
  }
};

describe.each(pairObjectiveNames)('the objective of pairs %s', (name) => {
  it('has the loss of its closed form, and gives back what the scorer says', async () => {
    const objective = pairObjective(name);
    const of = (values: readonly number[], side: 'chosen' | 'rejected'): number[] =>
      pairs().map((pair) => values[pair[side]]!);
    const { losses } = objective.evaluate({
      chosen: of(sums(), 'chosen'),
      rejected: of(sums(), 'rejected'),
      referenceChosen: of(references(), 'chosen'),
      referenceRejected: of(references(), 'rejected'),
      chosenTokens: of(tokens(), 'chosen'),
      rejectedTokens: of(tokens(), 'rejected'),
    });
    const weights = pairs().map(({ weight }) => weight);
    const wanted = dot(weights, losses as number[]) + objective.supervised * likelihood();
    const found = await accumulate(pairLoss(objective), {
      ...pairFeeds(laid, responses(), pairs()),
      ...imitated(),
    });
    expect(Math.abs(found.loss![0]! - wanted)).toBeLessThan(1e-4 * Math.max(1, Math.abs(wanted)));
    expect(Math.max(...sums().map((own, i) => Math.abs(own - found.responses![i]!)))).toBeLessThan(1e-4);
  });
});

describe.each(labelObjectiveNames)('the objective of labels %s', (name) => {
  it('has the loss of its closed form, also where a response has two labels', async () => {
    const objective = labelObjective(name, { supervised: 0.5 });
    const labels = [
      ...scores.map((_, response) => ({
        response,
        desirable: response % 2 === 0,
        weight: 0.02 * (1 + response),
      })),
      { response: 2, desirable: false, weight: 0.11 },
      { response: 2, desirable: true, weight: 0.07 },
    ];
    const baseline = 0.3;
    const { losses } = objective.evaluate({
      policy: labels.map(({ response }) => sums()[response]!),
      reference: labels.map(({ response }) => references()[response]!),
      tokens: labels.map(({ response }) => tokens()[response]!),
      desirable: labels.map(({ desirable }) => Number(desirable)),
      baseline: labels.map(() => baseline),
    });
    const wanted =
      dot(
        labels.map(({ weight }) => weight),
        losses as number[],
      ) +
      0.5 * likelihood();
    const found = await accumulate(labelLoss(objective), {
      ...labelFeeds(laid, responses(), labels, baseline),
      ...imitated(),
    });
    expect(Math.abs(found.loss![0]! - wanted)).toBeLessThan(1e-5 * Math.max(1, Math.abs(wanted)));
  });
});

describe('supervised fine-tuning', () => {
  it('has the mean negative log-likelihood of a token', async () => {
    const { loss } = await accumulate(supervisedLoss, imitated());
    expect(Math.abs(loss![0]! - likelihood())).toBeLessThan(1e-5);
  });
});

describe.each(surrogateNames)('the surrogate %s with a value function', (name) => {
  const random = new Random(2);
  const objective = surrogate(name, { klCoefficient: 0.2, entropyCoefficient: 0.05 });
  const value = { loss: valueLoss({ clip: 0.2 }), coefficient: 0.1 };
  const flat = (read: (scores: ResponseScores) => ArrayLike<number>): number[] =>
    scores.flatMap((own) => Array.from(read(own)));
  const responseOf = (): number[] => scores.flatMap(({ entropies }, i) => Array.from(entropies, () => i));
  const normal = (size: number): number[] => responseOf().map(() => size * random.normal());

  /** The loss as it is, and as the closed forms have it, for log-probabilities that were once others by `moved`. */
  const both = async (moved: number) => {
    const logProbability = flat(({ logProbabilities }) => logProbabilities);
    const shifts = normal(moved);
    const fed = {
      old: logProbability.map((own, i) => Math.fround(own - shifts[i]!)),
      reference: flat(({ reference }) => reference!).map((own, i) => own + shifts[i]!),
      advantage: normal(1),
      weight: responseOf().map((_, i) => (1 + (i % 3)) / 100),
      oldValue: normal(0.3),
      return: normal(1),
    };
    const wanted = objective.evaluate({
      ...fed,
      logProbability,
      entropy: flat(({ entropies }) => entropies),
      membership: responseOf(),
    });
    const ofValue = value.loss.evaluate({
      value: flat(({ values }) => values!),
      oldValue: fed.oldValue,
      return: fed.return,
      weight: fed.weight,
    });
    const feeds = Object.fromEntries(
      Object.entries(fed).map(([key, values]) => [key, Float32Array.from(values)]),
    ) as Record<keyof typeof fed, Float32Array>;
    const found = await accumulate(tokenLoss(objective, value), tokenFeeds(laid, feeds), valued);
    return { found, wanted, ofValue };
  };

  it('has the loss of the closed forms', async () => {
    const { found, wanted, ofValue } = await both(0.3);
    expect(Math.abs(found.loss![0]! - (wanted.loss + 0.1 * ofValue.loss))).toBeLessThan(1e-4);
    expect(Math.abs(found.valueLoss![0]! - ofValue.loss)).toBeLessThan(1e-5);
    expect(Math.abs(found.clipped![0]! - wanted.clipped)).toBeLessThan(1e-6);
    expect(Math.abs(found.moved![0]! - wanted.moved)).toBeLessThan(1e-5);
    if (name === 'ppo' || name === 'gspo') expect(found.clipped![0]!).toBeGreaterThan(0);
  });

  it('clips nothing and has not moved where the policy is the one that sampled', async () => {
    const { found } = await both(0);
    expect(found.clipped![0]).toBe(0);
    expect(found.moved![0]!).toBeLessThan(1e-10);
  });
});

describe('what a rollout starts from', () => {
  it('is exactly the reference, whether that is the frozen weights or a copy', async () => {
    for (const { reference, logProbabilities, divergences } of scores) {
      expect(reference).toEqual(logProbabilities);
      expect(divergences!.every((divergence) => divergence === 0)).toBe(true);
    }
    const fresh = await openTiny(base, { start: { seed: 3, values: null }, value: true });
    const fromZero = await fresh.openScorer({ reference: true });
    for (const own of (await fromZero.score(batch, { step: 1, batch: 1 })).flat()) {
      expect(own.reference).toEqual(own.logProbabilities);
      expect(own.divergences!.every((divergence) => divergence === 0)).toBe(true);
      expect(own.values!.every((value) => value === 0)).toBe(true);
    }
    await fresh.close();
  });
});
