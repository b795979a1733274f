/** @file Adjudication: a reviewer sees what annotators said of an item on which they differ, and decides. */
import { type Judgement, plauditError } from '@plaudit/contract';
import type { LabellingTask, Store } from '@plaudit/store';
import { type Answer, judgementsOf, type Kind, stepsOf, votesAgree } from './answer.ts';
import { type Annotator, rubricOf } from './session.ts';
import { taskSettings } from './task.ts';

export interface DisputedItem {
  readonly item: string;
  readonly prompt: Judgement['prompt'];
  /** In the order of the record. */
  readonly responses: readonly string[];
  /** Of a task of kind steps. */
  readonly steps?: readonly string[];
  readonly language?: string;
  /** What annotators said, by letters in place of names. */
  readonly votes: readonly { readonly annotator: string; readonly judgements: readonly Judgement[] }[];
}

const letter = (at: number): string => (at < 26 ? String.fromCharCode(65 + at) : `A${at}`);

/** Items with all their votes on which annotators differ; of ratings by more than a quarter of the scale. */
export const disputes = async (
  store: Store,
  task: LabellingTask,
  limit: number,
): Promise<readonly DisputedItem[]> => {
  const rubric = await rubricOf(store, task);
  const found: DisputedItem[] = [];
  for (const item of await store.labelling.disputed(task.id, limit * 4)) {
    if (found.length === limit) break;
    const votes = await store.labelling.votes({ items: [item] });
    const first = votes[0]!.vote;
    const differ =
      first === null || votes.some((one) => !votesAgree(first, one.vote, rubric?.criteria ?? []));
    if (!differ) continue;
    const { prompt: promptId, responses: ids, facts } = await store.labelling.item(item);
    const { prompt, responses } = await store.prompts.get(promptId);
    const texts = ids.flatMap((id) => responses.find((one) => one.id === id)?.text ?? []);
    if (!prompt || texts.length < ids.length) continue;
    const given = await store.labelling.judgementsOf(item);
    const said: DisputedItem['votes'][number][] = [];
    for (const [at, one] of given.entries()) {
      const judgements: Judgement[] = [];
      for (const id of one.judgements) {
        const { judgement } = await store.judgements.get(id);
        if (judgement) judgements.push(withoutPerson(judgement));
      }
      said.push({ annotator: letter(at), judgements });
    }
    const { language } = facts as { readonly language?: string };
    found.push({
      ...{ item, prompt, responses: texts, votes: said },
      ...(task.kind === 'steps' && { steps: stepsOf(texts[0]!).steps }),
      ...(language && { language }),
    });
  }
  return found;
};

/** Reviewers judge what was said, not who said it. */
const withoutPerson = (judgement: Judgement): Judgement => {
  const { source, seconds } = judgement.provenance;
  return { ...judgement, provenance: { source, ...(seconds !== undefined && { seconds }) } };
};

/**
 * Records a reviewer's verdict as judgements in a data set of its own, `… (verdicts)`: the votes stay as they were given.
 *
 * @throws PlauditError labelling.own_work, labelling.decided, labelling.bad_answer, store.unknown
 */
export const decide = async (
  store: Store,
  itemId: string,
  reviewer: Annotator,
  given: { readonly answer: Answer; readonly reason: string },
  now: Date,
): Promise<void> => {
  const item = await store.labelling.item(itemId);
  const task = await store.labelling.task(item.task);
  const votes = await store.labelling.votes({ items: [itemId] });
  if (votes.some(({ annotator }) => annotator === reviewer.id)) throw plauditError('labelling.own_work');
  const { prompt, responses } = await store.prompts.get(item.prompt);
  const texts = item.responses.flatMap((id) => responses.find((one) => one.id === id)?.text ?? []);
  if (!prompt || texts.length < item.responses.length)
    throw plauditError('store.unknown', { what: 'text of item', name: itemId, project: store.project.name });
  const rubric = await rubricOf(store, task);
  const judgements = judgementsOf(
    given.answer,
    {
      kind: task.kind as Kind,
      asks: taskSettings.parse(task.settings).asks,
      prompt,
      responses: texts,
      order: item.responses.map((_, at) => at),
      criteria: rubric?.criteria ?? [],
    },
    {
      source: `labelling/${task.name}/verdicts`,
      annotator: reviewer.name,
      annotatorKind: 'human',
      time: now.toISOString(),
      ...(rubric && { rubric: `${rubric.name}@${rubric.version}` }),
    },
  );
  const ids: string[] = [];
  for (const judgement of judgements)
    ids.push(await store.judgements.add(`${task.dataset} (verdicts)`, judgement));
  const { reason } = given;
  if (await store.labelling.decide(itemId, { judgements: ids, actor: reviewer.name, reason })) return;
  for (const id of ids)
    await store.judgements.retract(id, { actor: reviewer.name, reason: 'decided by another' });
  throw plauditError('labelling.decided');
};
