/** @file Tests: simulated customers ask the same each time, and those of another topic ask something else. */
import { Random } from '@plaudit/contract';
import { goldReward } from '@plaudit/feedback';
import { expect, it } from 'vitest';
import { isContent, questionsOf, travelQuestions } from './customers.ts';
import { steps } from './run.ts';
import { sizesOf } from './sizes.ts';
import type { Quickstart } from './step.ts';

const quick = { seed: 1, sizes: sizesOf(true) } as Quickstart;

it('ask the same questions each time, others in another wave, with two drafts each', () => {
  const questions = questionsOf(quick, 20, 3);
  expect(questionsOf(quick, 20, 3)).toEqual(questions);
  expect(questionsOf(quick, 20, 4)[0]).not.toEqual(questions[0]);
  for (const { answers, segments } of questions) {
    expect(new Set(answers).size).toBe(2);
    expect(segments).toMatchObject({ topic: 'devices' });
  }
});

it('who travel ask about no device, never twice the same', () => {
  const questions = travelQuestions(quick, 300);
  expect(new Set(questions.map(({ text }) => text)).size).toBe(300);
  expect(questions.every(({ segments }) => segments.topic === 'travel')).toBe(true);
});

it('are content more often with better answers', () => {
  const share = (best: boolean): number => {
    const random = new Random(1, 'test');
    const questions = questionsOf(quick, 200, 3);
    const content = questions.filter(({ text, answers }) => {
      const sorted = [...answers].sort((a, b) => goldReward(text, a) - goldReward(text, b));
      return isContent(text, best ? sorted[1]! : sorted[0]!, random);
    });
    return content.length / questions.length;
  };
  expect(share(true)).toBeGreaterThan(share(false) + 0.1);
});

it('come after everything that serves them: steps have names of their own', () => {
  const names = steps.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const inOrder = [
    'import',
    'linear reward model',
    'steered policy',
    'deployment',
    'canary',
    'bad canary',
    'drift',
  ];
  expect(names.filter((name) => inOrder.includes(name))).toEqual(inOrder);
});
