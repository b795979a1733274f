/** @file A whole simulated study: prompts, answers, and annotators with noise, side bias and spam, all from one seed. */
import { type Comparison, type Prompt, plauditError, Random, type Strength } from '@plaudit/contract';
import { toPrompt } from '../prompt.ts';
import { goldRewardOf, situationOf } from './gold-reward.ts';
import { type SimulatedPrompt, writePrompt, writeResponse } from './texts.ts';

export interface SimulatedAnnotators {
  readonly count: number;
  /** Scale of the logistic noise, in units of the gold reward; 0 is a perfect judge. Default 1. */
  readonly noise?: number;
  /** What being shown first adds to a response, in units of the gold reward. Default 0. */
  readonly sideBias?: number;
  /** Share of annotators that answer at random, 0 to 1. Default 0. */
  readonly spamShare?: number;
}

export interface SimulateOptions {
  readonly prompts: number;
  /** At least 2. */
  readonly responsesPerPrompt: number;
  readonly comparisons: number;
  readonly annotators: SimulatedAnnotators;
  readonly seed: number;
}

export interface SimulatedAnnotator {
  readonly id: string;
  readonly spammer: boolean;
}

export interface Simulation {
  readonly comparisons: readonly Comparison[];
  readonly annotators: readonly SimulatedAnnotator[];
  /** Every prompt with its answers and their gold rewards. */
  readonly gold: readonly {
    readonly prompt: Prompt;
    readonly responses: readonly string[];
    readonly rewards: readonly number[];
  }[];
  /** Share of the comparisons whose winner has the larger gold reward: what a perfect reward model can reach. */
  readonly goldAgreement: number;
}

/** A prompt with its answers and their rewards, ready to be judged. */
interface Item {
  readonly prompt: Prompt;
  readonly segments: SimulatedPrompt['segments'];
  readonly responses: readonly string[];
  readonly rewards: readonly number[];
}

/**
 * Simulated judgements of a support desk. Prompts are judged in turn, each time two of their answers in random
 * positions. An annotator prefers the first with probability logistic((gold difference + side bias) / noise).
 *
 * @example
 * simulate({ prompts: 500, responsesPerPrompt: 4, comparisons: 2000, seed: 1,
 *            annotators: { count: 12, noise: 1, sideBias: 0.2, spamShare: 0.1 } })
 * @throws data.bad_option for counts and shares that make no study
 */
export const simulate = (options: SimulateOptions): Simulation => {
  const { prompts, responsesPerPrompt, comparisons, annotators, seed } = options;
  const refuse = (option: string, problem: string): never => {
    throw plauditError('data.bad_option', { option, problem });
  };
  const least = { prompts: 1, responsesPerPrompt: 2, comparisons: 0, 'annotators.count': 1 };
  const counts = { prompts, responsesPerPrompt, comparisons, 'annotators.count': annotators.count };
  for (const [option, count] of Object.entries(counts)) {
    const needed = least[option as keyof typeof least];
    if (!(Number.isSafeInteger(count) && count >= needed))
      refuse(option, `it is a whole number of at least ${needed}`);
  }
  const { noise = 1, sideBias = 0, spamShare = 0 } = annotators;
  if (!(noise >= 0 && noise < Number.POSITIVE_INFINITY))
    refuse('annotators.noise', 'it is a number of at least 0');
  if (!Number.isFinite(sideBias)) refuse('annotators.sideBias', 'it is a finite number');
  if (!(spamShare >= 0 && spamShare <= 1)) refuse('annotators.spamShare', 'it lies between 0 and 1');

  const items = writeItems(prompts, responsesPerPrompt, new Random(seed, 'simulate texts'));
  const random = new Random(seed, 'simulate judgements');
  const people = peopleOf(annotators, random);
  const judged: Comparison[] = [];
  let agreeing = 0;
  let order = random.permutation(items.length);
  for (let row = 0; row < comparisons; row++) {
    if (row % items.length === 0) order = random.permutation(items.length);
    const item = items[order[row % items.length]!]!;
    const first = random.integer(item.responses.length);
    const second = (first + 1 + random.integer(item.responses.length - 1)) % item.responses.length;
    const difference = item.rewards[first]! - item.rewards[second]!;
    const felt = feltDifference(difference, random.pick(people), annotators, random);
    if (felt.lead > 0 === difference > 0) agreeing++;
    judged.push(comparisonOf(item, [first, second], felt, row + 1, random));
  }
  return {
    comparisons: judged,
    annotators: people,
    gold: items.map(({ prompt, responses, rewards }) => ({ prompt, responses, rewards })),
    goldAgreement: comparisons > 0 ? agreeing / comparisons : 0,
  };
};

const writeItems = (prompts: number, responsesPerPrompt: number, random: Random): Item[] => {
  const items: Item[] = [];
  const written = new Set<string>();
  while (items.length < prompts) {
    const prompt = writePrompt(random);
    if (written.has(prompt.text)) continue;
    written.add(prompt.text);
    const responses = new Set<string>();
    while (responses.size < responsesPerPrompt) responses.add(writeResponse(random, prompt));
    const situation = situationOf(prompt.text);
    items.push({
      prompt: toPrompt(prompt.text),
      segments: prompt.segments,
      responses: [...responses],
      rewards: [...responses].map((response) => goldRewardOf(situation, response)),
    });
  }
  return items;
};

const peopleOf = ({ count, spamShare = 0 }: SimulatedAnnotators, random: Random): SimulatedAnnotator[] => {
  const spammers = new Set(random.permutation(count).slice(0, Math.round(spamShare * count)));
  return Array.from({ length: count }, (_, i) => ({ id: `simulated-${i + 1}`, spammer: spammers.has(i) }));
};

/** How far the annotator thinks the response shown first leads. */
const feltDifference = (
  difference: number,
  annotator: SimulatedAnnotator,
  { noise = 1, sideBias = 0 }: SimulatedAnnotators,
  random: Random,
): { lead: number; annotator: SimulatedAnnotator } => {
  // Drawn for spammers too, so that one person's kind does not shift everyone else's numbers.
  const u = Math.max(random.uniform(), Number.MIN_VALUE);
  const logistic = Math.log(u / (1 - u));
  const lead = annotator.spammer ? logistic : difference + sideBias + noise * logistic;
  return { lead: lead === 0 ? Number.MIN_VALUE : lead, annotator };
};

/** Which of the two is written as the first response is random too, so that position in the file says nothing. */
const comparisonOf = (
  item: Item,
  shown: readonly [number, number],
  felt: { lead: number; annotator: SimulatedAnnotator },
  row: number,
  random: Random,
): Comparison => {
  const swapped = random.uniform() < 0.5;
  const [a, b] = swapped ? [shown[1], shown[0]] : shown;
  const firstShownWins = felt.lead > 0;
  return {
    kind: 'comparison',
    prompt: item.prompt,
    responses: [item.responses[a]!, item.responses[b]!],
    outcome: firstShownWins !== swapped ? 'a' : 'b',
    strength: strengthOf(Math.abs(felt.lead)),
    provenance: {
      source: 'simulated',
      row,
      annotator: felt.annotator.id,
      annotatorKind: 'simulated',
      language: 'en',
      shownFirst: swapped ? 1 : 0,
      segments: { ...item.segments },
    },
  };
};

const strengthOf = (lead: number): Strength => (lead < 0.75 ? 'slightly' : lead < 2 ? 'clearly' : 'much');
