/** @file Simulations: what is asked of whom, that nothing leaks, and that a rule wins where it has to and loses where it must. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Comparison, Random, sigmoid } from '@plaudit/contract';
import { type SelectionRule, selectionRules, simulate, toPrompt, writeJudgements } from '@plaudit/feedback';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dot, pairOf, vectorOf } from '../probe/testing.ts';
import { trainRewardModel } from '../run/train.ts';
import { annotatedByFile, annotatedByGold, annotatorAccuracy } from './annotators.ts';
import { renderSelectionReport, selectionTable } from './report.ts';
import { simulateSelection } from './simulate-selection.ts';
import { type Study, studyOf } from './study.ts';
import { type Setting, settingOf, type TrialPlan, trial, withAllLabels } from './trial.ts';

let folder: string;
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plaudit-selection-'));
  const { comparisons } = simulate({
    prompts: 70,
    responsesPerPrompt: 3,
    comparisons: 200,
    seed: 1,
    annotators: { count: 6, noise: 0.3 },
  });
  await writeJudgements(at('data.jsonl'), comparisons);
});
afterAll(() => rm(folder, { recursive: true }));

const comparison = (
  prompt: string,
  [a, b]: readonly [string, string],
  outcome: Comparison['outcome'],
  criterion?: string,
): Comparison => ({
  kind: 'comparison',
  prompt: toPrompt(prompt),
  responses: [a, b],
  outcome,
  ...(criterion !== undefined && { criterion }),
  provenance: { source: 'test' },
});

/** As many prompts as a study needs, with nothing else to them. */
const filler = Array.from({ length: 20 }, (_, i) =>
  comparison(`Filler number ${i * 7919}?`, ['x', 'y'], 'a'),
);

describe('a study', () => {
  const judgements = [
    ...filler,
    comparison('q', ['a', 'b'], 'a'),
    comparison('q', ['b', 'a'], 'b'),
    comparison('q', ['a', 'b'], 'b'),
    comparison('q', ['a', 'c'], 'a'),
    comparison('q', ['c', 'a'], 'a'),
    comparison('q', ['b', 'c'], 'tie'),
    comparison('q', ['b', 'c'], 'b', 'brevity'),
  ];

  it('has each pair once with the answer of the majority, and counts what it leaves out', () => {
    const { trees, pairs, undecided, leftOut } = studyOf({ judgements });
    const asked = pairs.filter(({ tree }) => trees[tree]!.responses.length === 3);
    expect(asked).toEqual([{ tree: 20, pair: [0, 1], firstWins: true }]);
    expect(undecided).toBe(1);
    // The tie, and the judgement of brevity.
    expect(leftOut).toBe(2);
  });

  it('of a criterion is of that alone', () => {
    const all = judgements.map((one) => ({ ...one, criterion: one.criterion ?? 'overall' }));
    expect(studyOf({ judgements: all }, 'overall').pairs).toHaveLength(21);
    expect(() => studyOf({ judgements: all }, 'brevity')).toThrow(
      expect.objectContaining({ code: 'selection.too_few_prompts' }),
    );
  });
});

/** Prompts of as many responses, whose best has the largest first number; all pairs are asked. */
const synthetic = (
  prompts: number,
  {
    responses = 2,
    weights,
    vector,
    seed = 1,
  }: {
    responses?: number;
    weights: readonly number[];
    vector: (random: Random) => Float32Array;
    seed?: number;
  },
): { study: Study; features: Float32Array[][]; rewards: number[][] } => {
  const random = new Random(seed, 'synthetic');
  const features = Array.from({ length: prompts }, () =>
    Array.from({ length: responses }, () => vector(random)),
  );
  const rewards = features.map((own) => own.map((one) => dot(weights, one)));
  const word = (): string => Math.floor(random.uniform() * 2 ** 40).toString(36);
  const pairs = rewards.flatMap((own, tree) =>
    Array.from({ length: responses - 1 }, (_, k) => {
      const firstWins = random.uniform() < sigmoid(own[0]! - own[k + 1]!);
      return { tree, pair: [0, k + 1] as const, firstWins };
    }),
  );
  const trees = features.map((own, i) => ({
    id: `${i}`,
    prompt: toPrompt(`${word()} ${word()} ${word()}`),
    responses: own.map((_, k) => `response ${k}`),
    pairs: pairs
      .filter(({ tree }) => tree === i)
      .map(({ pair: [a, b], firstWins }) => (firstWins ? pairOf(a, b) : pairOf(b, a))),
    segments: {},
  }));
  return { study: { trees, pairs, undecided: 0, leftOut: 0 }, features, rewards };
};

const plan: TrialPlan = {
  start: 10,
  batch: 10,
  growth: 0.2,
  most: Number.MAX_SAFE_INTEGER,
  control: 0.25,
  perPrompt: 1,
  temperature: 0.25,
  purpose: 'reward',
};

describe('annotators', () => {
  const { study, rewards } = synthetic(200, { weights: [2, -1, 0], vector: (random) => vectorOf(random, 3) });

  it('of the file are right as often as they are said to be', () => {
    expect(annotatorAccuracy(annotatedByFile(study, 0.8))).toBeCloseTo(0.8, 12);
  });

  it('of a gold reward are surer of larger leads, perfect without noise, and split ties from the study', () => {
    const gold = annotatedByGold(study, rewards, 0);
    expect(annotatorAccuracy(gold)).toBe(1);
    gold.pairs.forEach(({ tree, firstWins }) => {
      expect(firstWins).toBe(rewards[tree]![0]! > rewards[tree]![1]!);
    });
    const noisy = annotatedByGold(study, rewards, 1);
    noisy.pairs.forEach(({ tree }, i) => {
      expect(noisy.firstShares[i]).toBeCloseTo(sigmoid(rewards[tree]![0]! - rewards[tree]![1]!), 12);
    });
    expect(annotatorAccuracy(noisy)).toBeLessThan(0.95);
    const equal = rewards.map((own, i) => (i < 5 ? [1, 1] : own));
    expect(annotatedByGold(study, equal, 1)).toMatchObject({ undecided: 5 });
  });
});

describe('a trial', () => {
  const { study, features } = synthetic(150, {
    responses: 3,
    weights: [2, -1, 0.5, 0],
    vector: (random) => vectorOf(random, 4),
  });
  const setting = settingOf(annotatedByFile(study, 1), features, {
    seed: 3,
    heldOut: 0.3,
    start: plan.start,
  });

  it('keeps the prompts that it measures on out of the pool', () => {
    const rows = new Set(setting.heldOut.flat());
    for (const { rows: own } of setting.pool) for (const row of own) expect(rows.has(row)).toBe(false);
    expect(setting.pool.length + setting.heldOut.length).toBe(300);
    expect(setting.heldOut.length).toBeGreaterThan(70);
    expect(setting.heldOut.length).toBeLessThan(110);
  });

  it.each(selectionRules)('by %s asks until nothing is left, and ends where all labels end', (rule) => {
    const curve = [...trial(setting, rule, { ...plan, growth: 1 })];
    expect(curve[0]!.labels).toBe(plan.start);
    expect(curve.at(-1)!.labels).toBe(setting.pool.length);
    for (let i = 1; i < curve.length; i++) expect(curve[i]!.labels).toBeGreaterThan(curve[i - 1]!.labels);
    const all = withAllLabels(setting);
    expect(curve.at(-1)!.accuracy).toBeCloseTo(all.accuracy, 1);
    expect(curve.at(-1)!.logLoss).toBeCloseTo(all.logLoss, 1);
  });

  it('begins for all rules with the same labels, and runs the same way again', () => {
    const run = (rule: SelectionRule) => [...trial(setting, rule, { ...plan, most: 60 })];
    expect(run('bald')[0]).toEqual(run('random')[0]);
    expect(run('bald')).toEqual(run('bald'));
    expect(run('bald').at(-1)!.labels).toBe(60);
  });

  it('has the same splits and answers for a seed, and others for another', () => {
    const again = (seed: number): Setting =>
      settingOf(annotatedByFile(study, 0.8), features, { seed, heldOut: 0.3, start: 10 });
    expect(again(4)).toEqual(again(4));
    expect(again(4).start).not.toEqual(again(5).start);
    // The held-out side is true whatever annotators say.
    const right = (one: Setting) => one.heldOut.map(String).sort();
    const exact = settingOf(annotatedByFile(study, 1), features, { seed: 4, heldOut: 0.3, start: 10 });
    expect(right(again(4))).toEqual(right(exact));
    expect(again(4).answers).not.toEqual(exact.answers);
  });

  it('by D-optimal design needs fewer labels than random where most pairs say nothing', () => {
    // In nine of ten prompts responses hardly differ; what decides the others shows in few of them.
    const rare = synthetic(500, {
      weights: [3, 3, 3, 3, 3, 3, 3, 3],
      vector: (random) => vectorOf(random, 8, random.uniform() < 0.1 ? 1 : 0.02),
      seed: 2,
    });
    const exact = annotatedByGold(rare.study, rare.rewards, 0);
    let random = 0;
    let optimal = 0;
    for (let seed = 1; seed <= 4; seed++) {
      const own = settingOf(exact, rare.features, { seed, heldOut: 0.3, start: 10 });
      const after = (rule: SelectionRule) => [...trial(own, rule, { ...plan, most: 50 })].at(-1)!.accuracy;
      random += after('random') / 4;
      optimal += after('d-optimal') / 4;
    }
    expect(optimal).toBeGreaterThan(random + 0.03);
  });
});

describe('a simulation', () => {
  const quick = { seeds: 2, threads: 1, plan: { start: 20, batch: 30, growth: 0.5, most: 80 } } as const;

  it('reports every rule beside random, which saves nothing beside itself', async () => {
    const progress: string[] = [];
    const document = await simulateSelection({
      ...quick,
      data: [at('data.jsonl')],
      rules: ['entropy', 'd-optimal'],
      onProgress: ({ phase }) => progress.push(phase),
    });
    expect(document.rules.map(({ rule }) => rule)).toEqual(['random', 'entropy', 'd-optimal']);
    expect(document.rules[0]!.area.value).toBe(0);
    expect(document.rules[0]!.reached.map(({ saved }) => saved?.value ?? 0)).toEqual([0, 0, 0]);
    expect(document.features).toEqual({ base: null, width: 283 });
    expect(document.labels[0]).toBe(20);
    expect(document.allLabels.accuracy).toBeGreaterThan(0.6);
    expect(new Set(progress)).toEqual(new Set(['splits', 'trials']));
    const table = selectionTable(document);
    expect(
      table
        .split('\n')
        .slice(2, 5)
        .map((line) => line.split('|')[1]!.trim()),
    ).toEqual(['random', 'entropy', 'd-optimal']);
    const page = renderSelectionReport(document);
    expect(page.match(/<svg/g)).toHaveLength(2);
    expect(page).not.toContain('undefined');
    expect(page).not.toContain('NaN');
  });

  it('gives the same numbers on one thread and on two', async () => {
    const run = async (threads: number) => {
      const document = await simulateSelection({
        ...quick,
        threads,
        data: [at('data.jsonl')],
        rules: ['bald'],
      });
      return document.rules;
    };
    expect(await run(1)).toEqual(await run(2));
  });

  it('has a saved reward model as the truth where one is named', async () => {
    await trainRewardModel({
      data: [at('data.jsonl')],
      kind: 'linear',
      out: at('gold'),
      seed: 1,
      settings: { l2: [100] },
    });
    const { annotators } = await simulateSelection({
      ...quick,
      data: [at('data.jsonl')],
      rules: ['entropy'],
      gold: at('gold'),
      noise: 0.2,
    });
    expect(annotators.gold).toBe(at('gold'));
    expect(annotators.accuracy).toBeGreaterThan(0.6);
    expect(annotators.accuracy).toBeLessThan(1);
  });

  it('refuses a study whose pool has no more than the first labels', async () => {
    const running = simulateSelection({ ...quick, data: [at('data.jsonl')], plan: { start: 1000 } });
    await expect(running).rejects.toMatchObject({ code: 'selection.too_few_pairs' });
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const running = simulateSelection({
      ...quick,
      seeds: 20,
      data: [at('data.jsonl')],
      signal: stop.signal,
      onProgress: ({ phase }) => {
        if (phase === 'trials') stop.abort(new Error('stopped'));
      },
    });
    await expect(running).rejects.toThrow('stopped');
  });

  it.each([
    [{ seeds: 1 }],
    [{ noise: -1 }],
    [{ heldOut: 0 }],
    [{ annotatorAccuracy: 0.5 }],
    [{ rules: ['nonsense' as SelectionRule] }],
    [{ plan: { start: 0 } }],
    [{ plan: { growth: Number.NaN } }],
    [{ plan: { control: 2 } }],
    [{ settings: { pooling: ['mean' as const] } }],
  ])('refuses %o before any work', async (wrong) => {
    await expect(simulateSelection({ data: [at('data.jsonl')], ...wrong })).rejects.toMatchObject({
      code: 'data.bad_option',
    });
  });
});
