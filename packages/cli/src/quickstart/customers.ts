/** @file Simulated customers: what they ask, what is drafted for them, and whether they are content. */
import { type Prompt, Random } from '@plaudit/contract';
import { goldReward, simulate, writeJudgements } from '@plaudit/feedback';
import type { Quickstart } from './step.ts';

export interface Question {
  readonly text: string;
  readonly answers: readonly string[];
  readonly segments: Readonly<Record<string, string>>;
}

const textOf = (prompt: Prompt): string => prompt.map(({ content }) => content).join('\n');

/** Questions of the support desk with answers of every quality, none of which is in the judgements. */
export const answeredQuestions = (quick: Quickstart, count: number, salt: number): readonly Question[] => {
  const { gold, comparisons } = simulate({
    ...{ prompts: count, responsesPerPrompt: 4, comparisons: count },
    annotators: { count: 1 },
    seed: quick.seed + 1000 * salt,
  });
  const segments = new Map(comparisons.map((row) => [textOf(row.prompt), row.provenance.segments ?? {}]));
  return gold.map(({ prompt, responses }) => {
    const text = textOf(prompt);
    return { text, answers: responses, segments: { topic: 'devices', ...segments.get(text) } };
  });
};

/** Drafts that the people of the desk write for a question; they know their trade, mostly. */
const drafts = 2;

/** The same with the drafts of the desk as answers. */
export const questionsOf = (quick: Quickstart, count: number, salt: number): readonly Question[] => {
  const random = new Random(quick.seed, `drafts ${salt}`);
  return answeredQuestions(quick, count, salt).map(({ text, answers, segments }) => ({
    ...{ text, segments },
    answers: answers
      .map((answer) => ({ answer, value: goldReward(text, answer) + 0.3 * random.normal() }))
      .sort((a, b) => b.value - a.value)
      .map(({ answer }) => answer)
      .slice(0, drafts),
  }));
};

const cities = ['Lisbon', 'Oslo', 'Naples', 'Tbilisi', 'Quito', 'Hanoi', 'Tunis', 'Riga', 'Bergen', 'Porto'];
const trips = [
  'My flight to CITY was cancelled on the evening before. Who pays for the night at the airport?',
  'I booked a room in CITY for the wrong week. Can the dates be moved without a fee?',
  'The ferry to CITY left without us because the bus was late. Do our tickets hold for tomorrow?',
  'My suitcase did not come out in CITY. It holds my medicine. What do I do first?',
  'Do I need a visa for CITY if I only change planes there and stay nine hours?',
  'The landlord in CITY keeps our deposit for a stain that was there before us. How do we get it back?',
  'My passport runs out four months after our return from CITY. May I travel?',
  'Our guide in CITY never showed up, and the agency does not answer. Is that insured?',
];

/** Questions of another business, which the desk's models never saw; the drafts are those that the desk always has. */
export const travelQuestions = (quick: Quickstart, count: number): readonly Question[] => {
  const random = new Random(quick.seed, 'travel');
  const usual = questionsOf(quick, 40, 7);
  return Array.from({ length: count }, (_, i) => ({
    text: `${random.pick(trips).replace('CITY', random.pick(cities))} (Booking ${1000 + i})`,
    answers: usual[i % usual.length]!.answers,
    segments: { topic: 'travel' },
  }));
};

/** In units of the true quality: that of an ordinary answer. */
const contentAbove = 1;

/** Whether a customer is content with an answer: by its true quality, and by moods. */
export const isContent = (question: string, answer: string, random: Random): boolean => {
  const u = Math.max(random.uniform(), Number.MIN_VALUE);
  return goldReward(question, answer) + 0.5 * Math.log(u / (1 - u)) > contentAbove;
};

/** A file of prompts that nobody has judged; its path. */
export const freshPromptsFile = async (quick: Quickstart): Promise<string> => {
  const path = quick.at('fresh.jsonl');
  await writeJudgements(path, freshStudy(quick).comparisons);
  return path;
};

/** In the order of the file's rows. */
export const freshQuestions = (quick: Quickstart): readonly string[] =>
  freshStudy(quick).comparisons.map(({ prompt }) => textOf(prompt));

const freshStudy = ({ seed, sizes: { freshPrompts } }: Quickstart) =>
  simulate({
    ...{ prompts: freshPrompts, responsesPerPrompt: 2, comparisons: freshPrompts },
    annotators: { count: 1 },
    seed: seed + 1,
  });
