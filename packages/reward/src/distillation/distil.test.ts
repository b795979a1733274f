/** @file Tests: a proxy learns its teacher's order, says how faithful it is, and goes on where it was stopped. */
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Judgement, Random, sigmoid } from '@plaudit/contract';
import { type PreferenceTree, simulate, toPrompt, writeJudgements } from '@plaudit/feedback';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModelCard, trainedOn } from '../model.ts';
import { buildRewardModel } from '../run/build.ts';
import { loadRewardModel } from '../run/kinds.ts';
import { trainRewardModel } from '../run/train.ts';
import { distilRewardModel } from './distil.ts';
import { measureFidelity } from './fidelity.ts';
import { type Lesson, softTree } from './lessons.ts';

const tree = (id: string, responses: readonly string[]): PreferenceTree => ({
  ...{ id, prompt: toPrompt(id), responses, pairs: [], segments: {} },
});
const lesson = (id: string, rewards: readonly number[]): Lesson => {
  const responses = rewards.map((_, i) => `${id}${i}`);
  return { tree: tree(id, responses), responses, rewards };
};

describe('soft labels', () => {
  it('stand in both directions with the beliefs of the calibrated teacher, a prompt weighing k - 1', () => {
    const { pairs } = softTree(lesson('p', [3, 1, 1]), 2);
    const weight = (winner: number, loser: number): number =>
      pairs.find((pair) => pair.winner === winner && pair.loser === loser)!.weight;
    expect(weight(0, 1) / (weight(0, 1) + weight(1, 0))).toBeCloseTo(sigmoid(1), 12);
    expect(weight(1, 2)).toBeCloseTo(weight(2, 1), 12);
    expect(pairs.reduce((sum, pair) => sum + pair.weight, 0)).toBeCloseTo(2, 12);
  });
});

describe('fidelity', () => {
  const lessons = [lesson('p', [1, 2, 3, 4]), lesson('q', [5, 5, 1])];
  const options = { temperature: 1, seed: 1, clusters: new Map() };

  it('is whole for the teacher itself, and leaves out what it has no order for', () => {
    const rewards = lessons.map((one) => one.rewards);
    expect(measureFidelity(lessons, { rewards, temperature: 1 }, options)).toMatchObject({
      ...{ pairs: 8, prompts: 2, agreement: 1, kendallTau: 1, probabilityError: 0 },
      correlation: expect.closeTo(1, 12),
    });
  });

  it('counts orders: one exchange among four is 5 of 6 pairs and a tau of 2/3', () => {
    const found = measureFidelity([lessons[0]!], { rewards: [[1, 2, 4, 3]], temperature: 1 }, options)!;
    expect(found.agreement).toBeCloseTo(5 / 6, 12);
    expect(found.kendallTau).toBeCloseTo(2 / 3, 12);
  });

  it('is none where the teacher orders nothing', () => {
    expect(measureFidelity([lesson('p', [1, 1])], { rewards: [[1, 2]], temperature: 1 }, options)).toBeNull();
  });
});

const checkpoint = new URL('../../../models/fixtures/llama', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'plaudit-distil-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const study = (seed: number, prompts: number) =>
  simulate({
    ...{ seed, prompts, responsesPerPrompt: 4, comparisons: prompts * 3 },
    annotators: { count: 4, noise: 0.3 },
  });

describe('a distilled proxy', () => {
  const cache = process.env.PLAUDIT_CACHE;
  afterAll(() => {
    if (cache === undefined) delete process.env.PLAUDIT_CACHE;
    else process.env.PLAUDIT_CACHE = cache;
  });
  const fresh = study(2, 150).gold;
  beforeAll(async () => {
    process.env.PLAUDIT_CACHE = at('cache');
    const { comparisons, gold } = study(1, 250);
    await writeJudgements(at('votes.jsonl'), comparisons);
    await writeFile(
      at('responses.jsonl'),
      gold.map(({ prompt, responses }) => `${JSON.stringify({ prompt, responses })}\n`).join(''),
    );
    await trainRewardModel({ data: [at('votes.jsonl')], kind: 'linear', out: at('member'), seed: 3 });
    await writeFile(at('two.json'), JSON.stringify({ members: ['member', 'member'] }));
    await buildRewardModel({ kind: 'ensemble', specification: at('two.json'), out: at('teacher') });
  });

  it('agrees with its teacher on prompts of another study, far better than chance', async () => {
    const document = await distilRewardModel({
      ...{ teacher: at('member'), data: [at('votes.jsonl')], responses: [at('responses.jsonl')] },
      ...{ kind: 'linear', out: at('proxy'), seed: 1 },
    });
    const card = await readModelCard(at('proxy'));
    // Split as the teacher was: what is held out from the proxy was held out from its teacher.
    expect(card.data.split.seed).toBe(3);
    expect(document.teacher).toMatchObject({ kind: 'linear', from: 'card' });
    expect(document.data.unjudged).toBeGreaterThan(0);
    expect(document.fidelity.agreementInterval[0]).toBeGreaterThan(0.8);
    expect(document.test!.accuracy).toBeGreaterThan(0.6);
    expect(Math.abs(document.besideTeacher!.difference)).toBeLessThan(0.1);
    expect(card.distillation).toMatchObject({ teacher: { kind: 'linear' }, fidelity: document.fidelity });
    expect(trainedOn(card)).toHaveLength(1);
    expect(await readFile(at('proxy/MODEL_CARD.md'), 'utf8')).toContain('as its teacher does');

    const teacher = await loadRewardModel(at('member'));
    const proxy = await loadRewardModel(at('proxy'));
    const [taught, learned] = [await teacher.score(fresh), await proxy.score(fresh)];
    let [alike, pairs] = [0, 0];
    fresh.forEach(({ responses }, i) => {
      for (let a = 0; a < responses.length; a++)
        for (let b = 0; b < a; b++) {
          const [one, other] = [taught, learned].map((scores) =>
            Math.sign(scores[i]![a]!.reward - scores[i]![b]!.reward),
          );
          pairs++;
          if (one === other) alike++;
        }
    });
    expect(alike / pairs).toBeGreaterThan(0.8);
  });

  it('learns from an uncalibrated teacher too, whose judgements say how sure it is', async () => {
    const { teacher, fidelity } = await distilRewardModel({
      ...{ teacher: at('teacher'), data: [at('votes.jsonl')], kind: 'linear', out: at('second') },
    });
    expect(teacher).toMatchObject({ kind: 'ensemble', from: 'judgements' });
    expect(fidelity.agreement).toBeGreaterThan(0.8);
  });

  it('is a probe too, of a program that never learned anything', async () => {
    const random = new Random(1, 'letters');
    const text = (letters: string): string =>
      Array.from({ length: 6 }, () => random.pick([...letters])).join('');
    // What a tiny model's states show: letters a and b beat others.
    const judgements = Array.from(
      { length: 150 },
      (): Judgement => ({
        ...{ kind: 'comparison', prompt: toPrompt(text('bcd')), responses: [text('ab'), text('cd')] },
        ...{ outcome: 'a', provenance: { source: 'test' } },
      }),
    );
    await writeJudgements(at('letters.jsonl'), judgements);
    const rule = { name: 'letters', type: 'pattern', pattern: '[ab]', measure: 'count' };
    await writeFile(at('rules.json'), JSON.stringify({ rules: [rule] }));
    await buildRewardModel({ kind: 'program', specification: at('rules.json'), out: at('program') });
    const { data, fidelity, test } = await distilRewardModel({
      ...{ teacher: at('program'), data: [at('letters.jsonl')], kind: 'probe', out: at('probe') },
      settings: { base: checkpoint, maxLength: 48, threads: 1 },
    });
    // Two responses with as many of the letters are no pair for which it could be right.
    expect(fidelity.pairs).toBeLessThanOrEqual(data.pairs.test);
    expect(fidelity.agreementInterval[0]).toBeGreaterThan(0.7);
    expect(test!.accuracy).toBeGreaterThan(0.7);
  });

  it('finds what the teacher has scored when it is taken up again, and gives the same weights', async () => {
    const run = { teacher: at('member'), data: [at('votes.jsonl')], kind: 'linear', seed: 1 };
    await distilRewardModel({ ...run, out: at('whole') });
    const stop = new AbortController();
    const error = await distilRewardModel({
      ...{ ...run, out: at('stopped'), signal: stop.signal },
      onProgress: ({ phase, step }) => {
        if (phase === 'teach' && step >= 128) stop.abort();
      },
    }).catch((one) => one);
    expect(error).toMatchObject({ code: 'cli.interrupted' });
    const asked: number[] = [];
    const { resumed } = await distilRewardModel({
      ...{ ...run, out: at('stopped'), resume: true },
      onProgress: ({ phase, step }) => {
        if (phase === 'teach') asked.push(step);
      },
    });
    expect(resumed).toBe(true);
    expect(asked[0]).toBeGreaterThanOrEqual(128);
    const weights = (name: string): Promise<Buffer> => readFile(at(`${name}/model.safetensors`));
    expect((await weights('stopped')).equals(await weights('whole'))).toBe(true);
  });

  it('refuses a kind that is no proxy, and a teacher that is none', async () => {
    await mkdir(at('empty'), { recursive: true });
    const run = { data: [at('votes.jsonl')], out: at('none') };
    await expect(
      distilRewardModel({ ...run, teacher: at('member'), kind: 'transformer' }),
    ).rejects.toMatchObject({ code: 'reward.bad_configuration' });
    await expect(distilRewardModel({ ...run, teacher: at('empty'), kind: 'linear' })).rejects.toMatchObject({
      code: 'reward.model_missing',
    });
  });
});
