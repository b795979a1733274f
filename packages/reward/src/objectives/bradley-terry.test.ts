/** @file The Bradley-Terry objective against its closed form. */
import { compile, EngineWorker, Graph, gradients } from '@plaudit/engine';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BradleyTerryOptions, bradleyTerry } from './bradley-terry.ts';
import type { PlacedPair } from './objective.ts';

let worker: EngineWorker;
beforeAll(async () => {
  worker = await EngineWorker.start({ threads: 1 });
});
afterAll(() => worker.stop());

const pair = (winner: number, loser: number, weight: number, margin?: number): PlacedPair => ({
  winner,
  loser,
  pair: {
    winner: 0,
    loser: 1,
    weight,
    source: 'test',
    segments: {},
    ...(margin === undefined ? {} : { margin }),
  },
});

const inGraph = async (options: BradleyTerryOptions, rewards: number[], pairs: readonly PlacedPair[]) => {
  const objective = bradleyTerry(options);
  const graph = new Graph();
  const input = graph.input('rewards', 'float32', ['scores']);
  const loss = objective.loss(graph, input);
  const session = await worker.open(compile({ loss, gradient: gradients(loss, [input])[0]! }));
  const total = pairs.reduce((sum, { pair }) => sum + pair.weight, 0);
  const result = await session.run({
    rewards: { dtype: 'float32', shape: [rewards.length], data: Float32Array.from(rewards) },
    ...objective.feeds(pairs, total),
  });
  await session.close();
  return { loss: (result.loss!.data as Float32Array)[0]!, gradient: result.gradient!.data as Float32Array };
};

/** The formula of the doc comment, and its derivative, in float64. */
const closedForm = (options: BradleyTerryOptions, rewards: number[], pairs: readonly PlacedPair[]) => {
  const { labelSmoothing: e, margin, centring } = options;
  const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
  const total = pairs.reduce((sum, { pair }) => sum + pair.weight, 0);
  const gradient = rewards.map(() => 0);
  let loss = 0;
  for (const { winner, loser, pair } of pairs) {
    const w = pair.weight / total;
    const lead = rewards[winner]! - rewards[loser]! - margin * (pair.margin ?? 0);
    const sum = rewards[winner]! + rewards[loser]!;
    loss += w * (-(1 - e) * Math.log(sigmoid(lead)) - e * Math.log(sigmoid(-lead)) + centring * sum * sum);
    const slope = -(1 - e) * sigmoid(-lead) + e * sigmoid(lead);
    gradient[winner]! += w * (slope + 2 * centring * sum);
    gradient[loser]! += w * (-slope + 2 * centring * sum);
  }
  return { loss, gradient };
};

describe('Bradley-Terry', () => {
  it('has the loss and the gradient of its formula, to 1e-5', async () => {
    const number = fc.double({ min: -4, max: 4, noNaN: true });
    const options = fc.record({
      labelSmoothing: fc.constantFrom(0, 0.1, 0.3),
      margin: fc.constantFrom(0, 1, 0.5),
      centring: fc.constantFrom(0, 0.01),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(number, { minLength: 4, maxLength: 4 }), options, async (rewards, choice) => {
        const pairs = [pair(0, 1, 1, 0.7), pair(2, 3, 2), pair(0, 3, 0.5, 1)];
        const found = await inGraph(choice, rewards, pairs);
        const expected = closedForm(choice, rewards.map(Math.fround), pairs);
        expect(Math.abs(found.loss - expected.loss)).toBeLessThan(1e-5);
        expected.gradient.forEach((value, i) => {
          expect(Math.abs(found.gradient[i]! - value)).toBeLessThan(1e-5);
        });
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  it('stays finite where the rewards are far apart', async () => {
    const { loss, gradient } = await inGraph(
      { labelSmoothing: 0, margin: 0, centring: 0 },
      [-300, 300],
      [pair(0, 1, 1)],
    );
    expect(loss).toBeCloseTo(600, 3);
    expect([...gradient]).toEqual([-1, 1]);
  });
});
