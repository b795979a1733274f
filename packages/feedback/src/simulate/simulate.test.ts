import type { Prompt } from '@plaudit/contract';
import { Random } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { preferenceTrees } from '../preference-trees.ts';
import { splitByPrompt } from '../split.ts';
import { policies, problems } from './domain.ts';
import { goldFeatures, goldReward, situationOf } from './gold-reward.ts';
import { manners } from './phrases.ts';
import { simulate } from './simulate.ts';
import { steps } from './steps.ts';
import { writePrompt } from './texts.ts';

const study = { prompts: 300, responsesPerPrompt: 4, comparisons: 3000, seed: 7, annotators: { count: 20 } };

describe('the support desk', () => {
  it('knows every step, policy and manner by the phrases of its own sentences and by no others', () => {
    const phrases = [
      ...Object.values({ ...steps, ...policies }).map(({ key, sentences }) => ({ signs: [key], sentences })),
      ...Object.values(manners),
    ] as { signs: readonly string[]; sentences: readonly string[] }[];
    for (const own of phrases) {
      for (const sentence of own.sentences) {
        const text = sentence.toLowerCase();
        const seen = phrases.filter((one) => one.signs.some((sign) => text.includes(sign.toLowerCase())));
        expect(seen, sentence).toEqual([own]);
      }
    }
  });

  it('recognises the problem of every prompt that it writes', () => {
    const random = new Random(1, 'test');
    for (let i = 0; i < 2000; i++) {
      const prompt = writePrompt(random);
      expect(situationOf(prompt.text).problem?.category, prompt.text).toBe(prompt.problem.category);
    }
  });

  it('writes hardly any prompt twice and hardly any near-duplicate', () => {
    const { gold, comparisons } = simulate({ ...study, prompts: 2000, comparisons: 2000 });
    expect(new Set(gold.map(({ prompt }) => prompt[0]!.content)).size).toBe(2000);
    const split = splitByPrompt(preferenceTrees(comparisons).trees, { seed: 1 });
    expect(split.clusters).toBeGreaterThan(1800);
  });
});

describe('options that make no study', () => {
  it('are refused by name and never run for ever', () => {
    const refused = (change: Partial<typeof study>, option: string): void =>
      expect(() => simulate({ ...study, ...change }), option).toThrow(
        expect.objectContaining({ code: 'data.bad_option', message: expect.stringContaining(option) }),
      );
    for (const prompts of [0, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) refused({ prompts }, 'prompts');
    refused({ responsesPerPrompt: 1 }, 'responsesPerPrompt');
    refused({ comparisons: -1 }, 'comparisons');
    refused({ annotators: { count: 0 } }, 'annotators.count');
    const noise = { count: 1, noise: Number.NaN };
    refused({ annotators: noise }, 'annotators.noise');
    const spamShare = { count: 1, spamShare: 1.1 };
    refused({ annotators: spamShare }, 'annotators.spamShare');
  });
});

describe('goldReward', () => {
  const prompt: Prompt = [{ role: 'user', content: 'My watch will not turn on. It is urgent.' }];
  const [socket, restart, leave] = problems[0]!.steps.map((step) => steps[step].sentences[0]);

  it('scores text that nobody generated', () => {
    expect(goldReward('What is the capital of France?', 'Paris.')).toBe(0);
    expect(goldReward(prompt, '  ')).toBe(-2);
  });

  it('values the right steps, in the right order, once each', () => {
    const one = goldReward(prompt, `${socket}`);
    const three = goldReward(prompt, `${socket} ${restart} ${leave}`);
    expect(one).toBeCloseTo(0.8, 10);
    expect(three).toBeCloseTo(2.8, 10);
    expect(goldReward(prompt, `${leave} ${restart} ${socket}`)).toBeCloseTo(2.4, 10);
    expect(goldReward(prompt, `${socket} ${socket} ${socket}`)).toBeLessThan(one);
  });

  it('does not count a step that the answer takes back', () => {
    expect(goldFeatures(situationOf(prompt), 'Do not try another wall socket.').correctSteps).toBe(0);
  });

  it('cannot be raised by piling up every good phrase', () => {
    const everything = [...Object.values(steps), ...Object.values(policies)].flatMap(
      (part) => part.sentences,
    );
    expect(goldReward(prompt, everything.join(' '))).toBeLessThan(-5);
  });

  it('puts asking for a password below rudeness and rudeness below padding', () => {
    const with_ = (kind: 'unsafe' | 'rudeness' | 'filler'): number =>
      goldReward(prompt, `${socket} ${manners[kind].sentences[0]}`);
    expect(with_('unsafe')).toBeLessThan(with_('rudeness'));
    expect(with_('rudeness')).toBeLessThan(with_('filler'));
  });
});

describe('simulate', () => {
  it('repeats itself from the same seed and differs from another', () => {
    expect(simulate(study)).toEqual(simulate(study));
    expect(simulate({ ...study, seed: 8 }).comparisons).not.toEqual(simulate(study).comparisons);
  });

  it('agrees with the gold reward always without noise and at chance with spammers alone', () => {
    const perfect = simulate({ ...study, annotators: { count: 5, noise: 0 } });
    expect(perfect.goldAgreement).toBeGreaterThan(0.97);
    const spam = simulate({ ...study, annotators: { count: 5, spamShare: 1 } });
    expect(Math.abs(spam.goldAgreement - 0.5)).toBeLessThan(0.03);
  });

  it('gives the response that was shown first the share that its side bias asks for', () => {
    const shownFirstWins = (sideBias: number): number => {
      const { comparisons } = simulate({ ...study, annotators: { count: 20, noise: 1, sideBias } });
      const wins = comparisons.filter(
        ({ outcome, provenance }) => (outcome === 'a' ? 0 : 1) === provenance.shownFirst,
      );
      return wins.length / comparisons.length;
    };
    expect(Math.abs(shownFirstWins(0) - 0.5)).toBeLessThan(0.03);
    expect(shownFirstWins(2)).toBeGreaterThan(0.6);
  });

  it('keeps length only loosely related to quality', () => {
    const { gold } = simulate(study);
    const pairs = gold.flatMap(({ responses, rewards }) =>
      responses.map((response, i) => ({ length: response.length, reward: rewards[i]! })),
    );
    expect(Math.abs(correlation(pairs))).toBeLessThan(0.4);
  });

  it('makes 100,000 comparisons within seconds', () => {
    const started = performance.now();
    const { comparisons } = simulate({ ...study, prompts: 10_000, comparisons: 100_000 });
    expect(comparisons).toHaveLength(100_000);
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

const correlation = (pairs: readonly { length: number; reward: number }[]): number => {
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const x = pairs.map(({ length }) => length);
  const y = pairs.map(({ reward }) => reward);
  const [mx, my] = [mean(x), mean(y)];
  const covariance = mean(x.map((value, i) => (value - mx) * (y[i]! - my)));
  return (
    covariance /
    Math.sqrt(mean(x.map((value) => (value - mx) ** 2)) * mean(y.map((value) => (value - my) ** 2)))
  );
};
