/** @file Step: a labelling task of each kind, with answers of three annotators, a dispute that is decided, and work that is left. */

import { Random } from '@plaudit/contract';
import { goldReward } from '@plaudit/feedback';
import { ApiError, type Client, type Input, type Result } from '@plaudit/sdk';
import { plural } from '../output/text.ts';
import { answeredQuestions } from './customers.ts';
import { annotators } from './people.ts';
import type { Quickstart, Step } from './step.ts';

type Answer = Input<'answerLabellingItem'>['body']['answer'];
type NewTask = Input<'createLabellingTask'>['body'];
type Kind = NewTask['kind'];
type Item = Result<'nextLabellingItems'>['items'][number];

const scale = { least: 0, most: 4 };
const criteria = ['helpful', 'polite'];
const rubric: NewTask['rubric'] = {
  name: 'support answers',
  guideline: 'Read the question **twice**. Prefer what *helps* over what is long.',
  criteria: [
    {
      ...{
        name: 'helpful',
        description: 'Does it say what to do, in an order that works?',
        scale,
        weight: 2,
      },
      examples: [
        { response: 'Read the manual.', value: 0, because: 'Nothing in it can be done.' },
        {
          response: 'Hold the power button for ten seconds, then try another socket.',
          ...{ value: 4, because: 'Two steps that anybody can take, the quicker one first.' },
        },
      ],
    },
    { name: 'polite', description: 'Would you be content to be spoken to like this?', scale, weight: 1 },
  ],
};

/** Responses of an item, and how the task is called. */
const tasks: Readonly<Record<Kind, { readonly name: string; readonly responses: number }>> = {
  pairwise: { name: 'Which answer helps more', responses: 2 },
  ranking: { name: 'Order four answers', responses: 4 },
  rating: { name: 'How good is the answer', responses: 1 },
  edit: { name: 'Make the answer better', responses: 1 },
  steps: { name: 'Which steps are right', responses: 1 },
};
const kinds = Object.keys(tasks) as Kind[];

interface Labelled {
  readonly tasks: readonly { readonly id: string; readonly kind: Kind; readonly answers: number }[];
  readonly decided: number;
  readonly disputes: number;
}

export const labellingStep: Step<Labelled> = {
  name: 'labelling',
  title: 'Three people label tasks of every kind, and a reviewer decides where they differ.',
  async work(quick) {
    const done: Labelled['tasks'][number][] = [];
    for (const [at, kind] of kinds.entries()) {
      const task = await quick.once(`task ${kind}`, () => created(quick, kind, at));
      const answers = await quick.once(`answers ${kind}`, async () => {
        let given = 0;
        for (const [who, person] of annotators.entries())
          given += await answered(quick, quick.as(person), task, new Random(quick.seed, `${kind} ${who}`));
        return given;
      });
      done.push({ id: task, kind, answers });
      quick.onProgress({ phase: 'labelling', step: at + 1, totalSteps: kinds.length });
    }
    const { decided, disputes } = await quick.once('disputes', () => decidedDisputes(quick, done[0]!.id));
    const answers = done.reduce((sum, one) => sum + one.answers, 0);
    return {
      found: { tasks: done, decided, disputes },
      text: `${plural(answers, 'answer')} in ${plural(done.length, 'task')}. On ${plural(disputes, 'pair')} people differ; the reviewer has decided ${decided} of them.
What is left, and the rest of the items, is for you.`,
    };
  },
};

const created = async (quick: Quickstart, kind: Kind, at: number): Promise<string> => {
  const { project, sizes } = quick;
  const engineer = quick.as('engineer');
  const { name, responses } = tasks[kind];
  const { tasks: there } = await engineer.call('listLabellingTasks', { params: { project } });
  const known = there.find((one) => one.name === name);
  if (known) return known.id;
  const questions = answeredQuestions(quick, sizes.items, 30 + at);
  const { id } = await engineer.call('createLabellingTask', {
    params: { project },
    body: {
      ...{ name, kind, dataset: `labels ${kind}`, redundancy: 2, control: 0.25 },
      ...(kind === 'rating' ? { rubric } : {}),
      items: questions.map(({ text, answers, segments }) => ({
        ...{ prompt: text, segments: { ...segments } },
        responses: kind === 'steps' ? [linesOf(answers[0]!)] : answers.slice(0, responses),
      })),
    },
  });
  return id;
};

/** A response as one step a line: sentences are what a support answer consists of. */
const linesOf = (answer: string): string => answer.split(/(?<=[.!?])\s+/).join('\n');

/** Share of the items that an annotator does: some are left. */
const diligence = 1 / 2;

const answered = async (
  quick: Quickstart,
  annotator: Client,
  task: string,
  random: Random,
): Promise<number> => {
  const params = { project: quick.project, task };
  const most = Math.ceil(diligence * quick.sizes.items);
  let given = 0;
  while (given < most) {
    quick.signal.throwIfAborted();
    const { items } = await annotator.call('nextLabellingItems', { params, body: { open: 1 } });
    const [item] = items;
    if (!item) break;
    const { kind } = await annotator.call('getLabellingTask', { params });
    await annotator.call('answerLabellingItem', {
      params: { project: quick.project, assignment: item.assignment },
      body: { answer: answerTo(kind, item, random), seconds: 8 + Math.round(20 * random.uniform()) },
    });
    given++;
  }
  return given;
};

/** What an annotator with eyes for true quality and some noise says of what is shown. */
const answerTo = (kind: Kind, item: Item, random: Random): Answer => {
  const question = item.prompt.map(({ content }) => content).join('\n');
  const felt = item.responses.map((answer) => goldReward(question, answer) + 1.2 * random.normal());
  const [first = 0, second = 0] = felt;
  switch (kind) {
    case 'pairwise': {
      const lead = Math.abs(first - second);
      if (lead < 0.1) return { kind, outcome: 'tie' };
      const strength = lead < 0.75 ? 'slightly' : lead < 2 ? 'clearly' : 'much';
      return { kind, outcome: first > second ? 'first' : 'second', strength };
    }
    case 'ranking':
      return {
        kind,
        groups: felt
          .map((value, place) => ({ value, place }))
          .sort((a, b) => b.value - a.value)
          .map(({ place }) => [place]),
      };
    case 'rating': {
      const value = Math.min(scale.most, Math.max(scale.least, Math.round(2 + first)));
      return { kind, values: Object.fromEntries(criteria.map((name) => [name, value])) };
    }
    case 'edit':
      return {
        kind,
        rewrite: `${item.responses[0]} If that does not help, write to me again and I will see to it.`,
      };
    case 'steps':
      return { kind, labels: (item.steps ?? []).map(() => first + random.normal() > -1) };
  }
};

/** Disputes that are left for whoever opens the studio. */
const leftOpen = 2;

const decidedDisputes = async (quick: Quickstart, task: string) => {
  const { project } = quick;
  const reviewer = quick.as('reviewer');
  const { disputes } = await reviewer.call('listLabellingDisputes', {
    params: { project, task },
    query: { limit: 50 },
  });
  let decided = 0;
  for (const { item, prompt, responses } of disputes.slice(0, Math.max(0, disputes.length - leftOpen))) {
    const question = prompt.map(({ content }) => content).join('\n');
    const [a, b] = responses.map((answer) => goldReward(question, answer)) as [number, number];
    const answer: Answer = { kind: 'pairwise', outcome: a > b ? 'first' : 'second' };
    try {
      await reviewer.call('decideLabellingItem', {
        params: { project, item },
        body: { answer, reason: 'It says what to do, and the other one does not.' },
      });
    } catch (error) {
      // Decided before the quickstart was stopped.
      if (!(error instanceof ApiError) || error.code !== 'labelling.decided') throw error;
    }
    decided++;
  }
  return { decided, disputes: disputes.length };
};
