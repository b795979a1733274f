/** @file An annotator's session with a task: what is shown next, answers, skips and undoing, nothing of it lost or doubled. */
import { createHash } from 'node:crypto';
import { canonicalJson, type Message, type Provenance, plauditError, Random } from '@plaudit/contract';
import { checkVotes } from '@plaudit/feedback';
import type { LabellingItem, LabellingTask, Rubric, Showing, Store } from '@plaudit/store';
import type { Actor } from '../http/route.ts';
import { type Answer, judgementsOf, type Kind, type Shown, stepsOf, voteOf, votesAgree } from './answer.ts';
import { drawByDoubt } from './live/draw.ts';
import type { LiveState } from './live/task-model.ts';
import { taskSettings } from './task.ts';

/** Answers that can be undone. */
export const undoable = 10;
/** Seconds after which what an annotator left open goes to others too. */
const lease = 2 * 60 * 60;

export interface Annotator {
  readonly id: string;
  /** The actor's person, such as `user:ID`: judgements name it, and no person's name. */
  readonly name: string;
}

/** The annotator who calls: the person, through whatever key. */
export const annotatorOf = async (
  store: Store,
  { person }: Pick<Actor, 'person'>,
): Promise<Annotator & { readonly pausedAt: Date | null; readonly pauseReason: string | null }> =>
  store.annotators.ensure(person, kindOf(person));

/** Whom no person answers for is a program. */
const kindOf = (name: string): 'human' | 'program' => (name.startsWith('user:') ? 'human' : 'program');

/** Whether a task is given to an annotator. What is not is as if it were not there. */
export const isGivenTo = (task: LabellingTask, annotator: Annotator): boolean =>
  task.annotators.length === 0 || task.annotators.includes(annotator.id);

/** @throws PlauditError store.unknown for a task that is not there, or given to others only */
export const taskOf = async (store: Store, id: string, annotator: Annotator): Promise<LabellingTask> => {
  const task = await store.labelling.task(id);
  if (!isGivenTo(task, annotator))
    throw plauditError('store.unknown', { what: 'labelling task', name: id, project: store.project.name });
  return task;
};

export interface ShownItem {
  readonly assignment: string;
  readonly prompt: readonly Message[];
  /** In the order in which they are shown. */
  readonly responses: readonly string[];
  /** Of a task of kind steps. */
  readonly steps?: readonly string[];
  readonly language?: string;
}

interface Texts {
  readonly prompt: readonly Message[];
  /** In the order of the record. */
  readonly responses: readonly string[];
}

/** Undefined where one of them has been erased. */
export const textsOf = async (
  store: Store,
  item: Pick<LabellingItem, 'prompt' | 'responses'>,
): Promise<Texts | undefined> => {
  const { prompt, responses } = await store.prompts.get(item.prompt);
  const texts = item.responses.map((id) => responses.find((one) => one.id === id)?.text);
  return prompt && texts.every((text) => text !== undefined) ? { prompt, responses: texts } : undefined;
};

export const rubricOf = async (store: Store, task: LabellingTask): Promise<Rubric | undefined> => {
  if (task.rubric === null) return undefined;
  const { name, version } = await store.labelling.rubricName(task.rubric);
  return store.rubrics.get(name, version);
};

/** What an annotator sees of an item: not why it was chosen, whether it is a check, or what others said. */
const shownItem = async (
  store: Store,
  task: LabellingTask,
  showing: Showing,
): Promise<ShownItem | undefined> => {
  const texts = await textsOf(store, showing);
  if (!texts) return undefined;
  const { facts } = await store.labelling.item(showing.item);
  const { language } = facts as { readonly language?: string };
  return {
    assignment: showing.id,
    ...texts,
    ...(task.kind === 'steps' && { steps: stepsOf(texts.responses[0]!).steps }),
    ...(language && { language }),
  };
};

/**
 * The items that an annotator has open, filled up to so many: the first is to be shown now, the others are at hand for then.
 *
 * @param known What the live model of a task knows
 * @throws PlauditError labelling.paused, store.unknown
 */
export const nextItems = async (
  store: Store,
  taskId: string,
  annotator: Awaited<ReturnType<typeof annotatorOf>>,
  open: number,
  known: (task: string) => LiveState | null,
): Promise<readonly ShownItem[]> => {
  const task = await taskOf(store, taskId, annotator);
  await settleAll(store, annotator);
  if (annotator.pausedAt)
    throw plauditError('labelling.paused', {
      since: annotator.pausedAt.toISOString().slice(0, 16).replace('T', ' '),
      reason: annotator.pauseReason ?? '',
    });
  const { seed, goldShare, attentionShare, order, uniformShare } = taskSettings.parse(task.settings);
  const randomOf = (showing: number, use: string): Random =>
    new Random(seed, `${use} ${annotator.id} ${showing}`);
  const items: ShownItem[] = [];
  for (let tries = 0; tries < 10 && items.length < open; tries++) {
    items.length = 0;
    const showings = await store.labelling.claim({
      task: task.id,
      annotator: annotator.id,
      open,
      lease,
      purposeOf(showing) {
        const chance = randomOf(showing, 'purpose').uniform();
        if (chance < goldShare) return 'gold';
        return chance < goldShare + attentionShare ? 'attention' : 'label';
      },
      orderOf: (showing, responses) => randomOf(showing, 'order').permutation(responses),
      ...(order === 'entropy' && {
        drawOf: (showing: number) => drawByDoubt(known(task.id), uniformShare, randomOf(showing, 'draw')),
      }),
    });
    let erased = 0;
    for (const showing of showings) {
      const item = await shownItem(store, task, showing);
      if (item) items.push(item);
      else {
        // A text of it has been erased since the task was made.
        erased++;
        await store.labelling.pass(showing.id, annotator.id);
      }
    }
    if (erased === 0) break;
  }
  return items;
};

/** An answer's digest is that of what it says; when or how often it is sent makes no difference. */
const digestOf = (given: Answer): string => createHash('sha256').update(canonicalJson(given)).digest('hex');

/**
 * Takes an answer. It is on record before anything is made of it, and acknowledged when its judgements are stored; the same
 * answer sent again is the same answer, and one whose judgements a crash prevented gets them when it is sent again, or when
 * its annotator comes back.
 *
 * @returns The task
 * @throws PlauditError labelling.bad_answer, labelling.answered_otherwise, store.unknown, store.overtaken
 */
export const giveAnswer = async (
  store: Store,
  assignment: string,
  annotator: Annotator,
  given: { readonly answer: Answer; readonly seconds: number },
): Promise<LabellingTask> => {
  const showing = await store.labelling.showing(assignment, annotator.id);
  const task = await store.labelling.task(showing.task);
  const shown = await shownOf(store, task, showing);
  voteOf(given.answer, shown.shown);
  const recorded = await store.labelling.record(assignment, annotator.id, {
    ...given,
    digest: digestOf(given.answer),
  });
  if (recorded.digest !== digestOf(given.answer)) throw plauditError('labelling.answered_otherwise');
  if (recorded.judgements === null)
    await settle(store, task, showing, annotator, { ...recorded, answer: given.answer }, shown);
  return task;
};

const settleAll = async (store: Store, annotator: Annotator): Promise<void> => {
  for (const recorded of await store.labelling.unsettled(annotator.id)) {
    const showing = await store.labelling.showing(recorded.assignment, annotator.id);
    const task = await store.labelling.task(showing.task);
    const shown = await shownOf(store, task, showing);
    await settle(store, task, showing, annotator, { ...recorded, answer: recorded.answer as Answer }, shown);
  }
};

interface ShownWithItem {
  readonly shown: Shown;
  readonly item: LabellingItem;
  readonly rubric: string | undefined;
}

const shownOf = async (store: Store, task: LabellingTask, showing: Showing): Promise<ShownWithItem> => {
  const item = await store.labelling.item(showing.item);
  const texts = await textsOf(store, item);
  if (!texts)
    throw plauditError('store.unknown', {
      what: 'text of assignment',
      name: showing.id,
      project: store.project.name,
    });
  const rubric = await rubricOf(store, task);
  return {
    item,
    rubric: rubric && `${rubric.name}@${rubric.version}`,
    shown: {
      kind: task.kind as Kind,
      asks: taskSettings.parse(task.settings).asks,
      prompt: [...texts.prompt],
      responses: texts.responses,
      order: showing.responses.map((id) => item.responses.indexOf(id)),
      criteria: rubric?.criteria ?? [],
    },
  };
};

const isCheck = ({ purpose }: Pick<LabellingItem, 'purpose'>): boolean =>
  purpose === 'gold' || purpose === 'attention';

const settle = async (
  store: Store,
  task: LabellingTask,
  showing: Showing,
  annotator: Annotator,
  recorded: { readonly answer: Answer; readonly seconds: number; readonly answeredAt: Date },
  { shown, item, rubric }: ShownWithItem,
): Promise<void> => {
  const { language, segments } = item.facts as Pick<Provenance, 'language' | 'segments'>;
  const judgements = judgementsOf(recorded.answer, shown, {
    source: `labelling/${task.name}`,
    annotator: annotator.name,
    annotatorKind: kindOf(annotator.name),
    time: recorded.answeredAt.toISOString(),
    seconds: recorded.seconds,
    ...(rubric && { rubric }),
    ...(item.probability !== null && { selectionProbability: item.probability }),
    ...(language && { language }),
    ...(segments && { segments }),
  });
  const ids: string[] = [];
  for (const judgement of judgements)
    ids.push(await store.judgements.add(isCheck(item) ? checksOf(task) : task.dataset, judgement));
  const vote = voteOf(recorded.answer, shown);
  const isRight = isCheck(item) ? votesAgree(vote, item.known, shown.criteria) : null;
  await store.labelling.settle(showing.id, { judgements: ids, vote, isRight });
  if (isRight === false) await pauseIfFailing(store, task, annotator);
};

/** Where the judgements of gold and attention items go: nothing is trained on them. */
const checksOf = (task: LabellingTask): string => `${task.dataset} (checks)`;

/** @see checkVotes of @plaudit/feedback for the rule: an e-process, which may be looked at after each answer */
const pauseIfFailing = async (store: Store, task: LabellingTask, annotator: Annotator): Promise<void> => {
  const votes = await store.labelling.votes({ annotator: annotator.id, checks: true });
  const { goldBar } = taskSettings.parse(task.settings);
  const bars = { gold: goldBar, attention: 0.9 };
  for (const purpose of ['gold', 'attention'] as const) {
    const checked = votes
      .filter((vote) => vote.purpose === purpose)
      .map(({ isRight }) => ({ annotator: annotator.name, right: isRight === true }));
    const [result] = checkVotes(checked, { bar: bars[purpose] });
    if (result?.pause)
      return store.annotators.pause(
        annotator.name,
        `${result.right} of ${result.checked} ${purpose === 'gold' ? 'reference items' : 'attention checks'} were answered as expected`,
      );
  }
};

/** @throws PlauditError labelling.too_late_to_undo, store.unknown, store.overtaken */
export const undo = async (
  store: Store,
  assignment: string,
  annotator: Annotator,
): Promise<{ readonly task: LabellingTask; readonly item: ShownItem }> => {
  const again = await store.labelling.undo(assignment, annotator.id, annotator.name, undoable);
  if (!again) throw plauditError('labelling.too_late_to_undo', { last: undoable });
  const task = await store.labelling.task(again.task);
  const item = await shownItem(store, task, again);
  if (!item)
    throw plauditError('store.unknown', {
      what: 'text of assignment',
      name: again.id,
      project: store.project.name,
    });
  return { task, item };
};
