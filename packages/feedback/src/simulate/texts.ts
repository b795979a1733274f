/** @file Seeded writing of the support desk's prompts and of answers of graded quality. */
import type { Random } from '@plaudit/contract';
import { brands, type Problem, policies, problems, productTypes } from './domain.ts';
import {
  closings,
  manners,
  months,
  productSentences,
  type Tone,
  tones,
  tried,
  urgencies,
} from './phrases.ts';
import { steps } from './steps.ts';

/** A generated prompt with what it was made from. */
export interface SimulatedPrompt {
  readonly text: string;
  readonly problem: Problem;
  readonly segments: Readonly<Record<'category' | 'tone' | 'urgency' | 'product', string>>;
}

const toneNames = Object.keys(tones) as Tone[];

/** One of far more than a million prompts: product, problem, tone, urgency, circumstances and their order vary. */
export const writePrompt = (random: Random): SimulatedPrompt => {
  const type = random.pick(productTypes);
  const problem = random.pick(problems);
  const tone = random.pick(toneNames);
  const urgent = random.uniform() < 0.3;
  const matter = random
    .pick(productSentences)
    .replace('{product}', `${random.pick(brands)} ${type}`)
    .replace('{problem}', random.pick(problem.phrasings));
  const circumstances = draw(random, tried, 1 + random.integer(3)).map((text) =>
    fillCircumstance(random, text),
  );
  const body = urgent ? [...circumstances, random.pick(urgencies)] : circumstances;
  const sentences = [random.pick(tones[tone]), matter, ...shuffled(random, body), random.pick(closings)];
  return {
    text: sentences.filter((sentence) => sentence !== '').join(' '),
    problem,
    segments: { category: problem.category, tone, urgency: urgent ? 'urgent' : 'normal', product: type },
  };
};

const fillCircumstance = (random: Random, text: string): string =>
  text
    .replace('{number}', String(4 + random.integer(24)))
    .replace('{order}', String(100_000 + random.integer(900_000)))
    .replace('{month}', random.pick(months));

/**
 * One answer. A hidden level of care decides how likely each good and bad part is; padding is drawn apart from it, so
 * that length says little about quality.
 */
export const writeResponse = (random: Random, prompt: SimulatedPrompt): string => {
  const care = random.uniform();
  const happens = (probability: number): boolean => random.uniform() < probability;
  const sentences: string[] = [];
  const say = (part: keyof typeof manners): void => {
    sentences.push(random.pick<string>(manners[part].sentences));
  };
  if (happens(0.5)) say('greeting');
  if (happens(0.2 + 0.5 * care)) say('acknowledgement');
  if (happens(prompt.segments.urgency === 'urgent' ? 0.1 + 0.6 * care : 0.1)) say('urgency');
  if (happens(0.2 * (1 - care))) say('rudeness');
  for (const step of chosenSteps(random, prompt.problem, care))
    sentences.push(random.pick<string>(steps[step].sentences));
  if (happens(0.12 * (1 - care))) say('unsafe');
  if (happens(0.5))
    sentences.push(random.pick<string>(policies[chosenPolicy(random, prompt.problem, care)].sentences));
  if (happens(0.2 + 0.4 * care)) say('nextStep');
  for (const filler of draw(random, manners.filler.sentences, random.integer(4)))
    sentences.splice(random.integer(sentences.length + 1), 0, filler);
  return sentences.length > 0 ? sentences.join(' ') : random.pick(manners.filler.sentences);
};

type StepName = keyof typeof steps;

const chosenSteps = (random: Random, problem: Problem, care: number): StepName[] => {
  const right = problem.steps.filter(() => random.uniform() < 0.15 + 0.75 * care);
  const others = (Object.keys(steps) as StepName[]).filter((name) => !problem.steps.includes(name));
  const wrong = draw(random, others, random.uniform() < 0.9 - 0.8 * care ? 1 + random.integer(2) : 0);
  return wrong.length > 0 || random.uniform() < 0.3 * (1 - care)
    ? shuffled(random, [...right, ...wrong])
    : right;
};

const chosenPolicy = (random: Random, problem: Problem, care: number): keyof typeof policies =>
  random.uniform() < 0.3 + 0.7 * care
    ? problem.policy
    : random.pick(Object.keys(policies) as (keyof typeof policies)[]);

const shuffled = <T>(random: Random, items: readonly T[]): T[] =>
  [...random.permutation(items.length)].map((index) => items[index]!);

/** `count` different items. */
const draw = <T>(random: Random, items: readonly T[], count: number): T[] =>
  shuffled(random, items).slice(0, count);
