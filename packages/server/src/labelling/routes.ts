/** @file Labelling over HTTP: tasks for those who run them, items and answers for annotators, disputes for reviewers. */
import { judgement, message } from '@plaudit/contract';
import type { LabellingTask, Store } from '@plaudit/store';
import { z } from 'zod';
import { engineers, labellers, type Role, readers, seesAll } from '../http/roles.ts';
import { type Route, route } from '../http/route.ts';
import { decide, disputes } from './adjudication.ts';
import { answer, asked, kinds } from './answer.ts';
import type { LiveModels } from './live/live-models.ts';
import { orderingKinds } from './live/preferences.ts';
import { liveRoutes } from './live/routes.ts';
import { progressOf } from './progress.ts';
import {
  annotatorOf,
  giveAnswer,
  isGivenTo,
  nextItems,
  rubricOf,
  type ShownItem,
  taskOf,
  undo,
  undoable,
} from './session.ts';
import { createTask, newTask, taskSettings } from './task.ts';

interface LabellingServices {
  readonly now: () => Date;
  /** A number from 0 up to 1: the seed of a task is made from it. */
  readonly random: () => number;
  readonly live: LiveModels;
}

const tag = 'Labelling';
const inProject = z.object({ project: z.string() });
const ofTask = z.object({ project: z.string(), task: z.string() });
const ofAssignment = z.object({ project: z.string(), assignment: z.string() });
const ofItem = z.object({ project: z.string(), item: z.string() });

const criterion = z.object({
  name: z.string(),
  description: z.string(),
  scale: z.object({ least: z.number(), most: z.number() }),
  weight: z.number(),
  examples: z.array(z.record(z.string(), z.unknown())),
});
const rubric = z.object({
  name: z.string(),
  version: z.number(),
  guideline: z.string(),
  criteria: z.array(criterion),
});
const progress = z.object({
  items: z.number(),
  wanted: z.number(),
  judged: z.number(),
  mine: z.number(),
  agreement: z.object({
    items: z.number(),
    share: z.number().optional(),
    interval: z.tuple([z.number(), z.number()]).optional(),
  }),
});
const task = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(kinds),
  asks: z.enum(asked),
  order: z.enum(['uniform', 'entropy']),
  state: z.enum(['open', 'closed']),
  redundancy: z.number(),
  createdAt: z.iso.datetime(),
  progress,
});
const shownItem = z.object({
  assignment: z.string(),
  prompt: z.array(message),
  /** In the order in which they are shown. */
  responses: z.array(z.string()),
  steps: z.array(z.string()).optional(),
  language: z.string().optional(),
});
const annotatorState = z.object({
  name: z.string(),
  pausedAt: z.iso.datetime().nullable(),
  pauseReason: z.string().nullable(),
});
const dispute = z.object({
  item: z.string(),
  prompt: z.array(message),
  responses: z.array(z.string()),
  steps: z.array(z.string()).optional(),
  language: z.string().optional(),
  votes: z.array(z.object({ annotator: z.string(), judgements: z.array(judgement) })),
});

const reviewers: readonly Role[] = ['owner', 'reviewer'];
const shownSettings = taskSettings.pick({ asks: true, order: true });

const described = async (store: Store, found: LabellingTask, annotator: { id: string; name: string }) => ({
  id: found.id,
  name: found.name,
  kind: found.kind,
  ...shownSettings.parse(found.settings),
  state: found.state,
  redundancy: found.redundancy,
  createdAt: found.createdAt.toISOString(),
  progress: progressBody(await progressOf(store, found, annotator)),
});

const progressBody = ({ agreement, ...counts }: Awaited<ReturnType<typeof progressOf>>) => ({
  ...counts,
  agreement: {
    items: agreement.items,
    ...(agreement.share !== undefined && { share: agreement.share }),
    ...(agreement.interval && {
      interval: [agreement.interval[0], agreement.interval[1]] as [number, number],
    }),
  },
});

const itemBody = ({ prompt, responses, steps, ...item }: ShownItem) => ({
  ...item,
  prompt: [...prompt],
  responses: [...responses],
  ...(steps && { steps: [...steps] }),
});

export const labellingRoutes = ({ now, random, live }: LabellingServices): readonly Route[] => {
  /** An answer has come, or was taken back. */
  const changed = (store: Store, { id, kind }: LabellingTask): void => {
    if (orderingKinds.includes(kind)) live.changed(store, id);
  };
  return [
    route({
      method: 'POST',
      url: '/v1/projects/:project/labelling/tasks',
      access: engineers,
      tag,
      summary: 'Makes a labelling task of prompts with responses.',
      operation: 'createLabellingTask',
      params: inProject,
      body: newTask,
      bodyLimit: 8 * 1024 * 1024,
      result: z.object({ id: z.string() }),
      status: 201,
      handler: async ({ store, body, actor }) => {
        if (body.encoder !== undefined) live.requireEncoder(body.encoder);
        const seed = Math.floor(random() * 2 ** 53);
        const id = await createTask(store, body, { actor: actor.id, seed });
        await store.audit.append({
          actor: actor.id,
          action: 'labelling.create',
          resource: `labelling-task:${id}`,
          details: { kind: body.kind, redundancy: body.redundancy },
        });
        return { id };
      },
    }),
    route({
      method: 'GET',
      url: '/v1/projects/:project/labelling/tasks',
      access: [...new Set([...labellers, ...readers])],
      tag,
      summary: 'Labelling tasks; an annotator sees those that are given to them.',
      operation: 'listLabellingTasks',
      params: inProject,
      result: z.object({ tasks: z.array(task) }),
      handler: async ({ store, actor, role }) => {
        const annotator = await annotatorOf(store, actor);
        const found = await store.labelling.tasks();
        const seen = found.filter((one) => seesAll(role) || isGivenTo(one, annotator));
        return { tasks: await Promise.all(seen.map((one) => described(store, one, annotator))) };
      },
    }),
    route({
      method: 'GET',
      url: '/v1/projects/:project/labelling/tasks/:task',
      access: labellers,
      tag,
      summary: 'A task with its rubric and how far it is.',
      operation: 'getLabellingTask',
      params: ofTask,
      result: z.object({ ...task.shape, rubric: rubric.optional(), annotator: annotatorState }),
      handler: async ({ store, params, actor, role }) => {
        const annotator = await annotatorOf(store, actor);
        const found = seesAll(role)
          ? await store.labelling.task(params.task)
          : await taskOf(store, params.task, annotator);
        const shown = await rubricOf(store, found);
        return {
          ...(await described(store, found, annotator)),
          ...(shown && {
            rubric: {
              ...shown,
              criteria: shown.criteria.map((one) => ({
                ...one,
                examples: one.examples.map((example) => ({ ...example })),
              })),
            },
          }),
          annotator: {
            name: annotator.name,
            pausedAt: annotator.pausedAt?.toISOString() ?? null,
            pauseReason: annotator.pauseReason,
          },
        };
      },
    }),
    route({
      method: 'PUT',
      url: '/v1/projects/:project/labelling/tasks/:task/state',
      access: engineers,
      tag,
      summary: 'Closes a task, or opens it again.',
      operation: 'setLabellingTaskState',
      params: ofTask,
      body: z.object({ state: z.enum(['open', 'closed']) }),
      handler: async ({ store, params, body, actor }) => {
        await store.labelling.setState(params.task, body.state);
        await store.audit.append({
          actor: actor.id,
          action: `labelling.${body.state === 'open' ? 'open' : 'close'}`,
          resource: `labelling-task:${params.task}`,
        });
      },
    }),
    route({
      method: 'POST',
      url: '/v1/projects/:project/labelling/tasks/:task/next',
      access: labellers,
      tag,
      summary: 'The items to judge now and next; asking again gives the same.',
      operation: 'nextLabellingItems',
      params: ofTask,
      body: z.object({ open: z.number().int().min(1).max(5).default(3) }),
      result: z.object({ items: z.array(shownItem) }),
      handler: async ({ store, params, body, actor }) => {
        const annotator = await annotatorOf(store, actor);
        return {
          items: (await nextItems(store, params.task, annotator, body.open, live.known)).map(itemBody),
        };
      },
    }),
    route({
      method: 'GET',
      url: '/v1/projects/:project/labelling/tasks/:task/progress',
      access: labellers,
      tag,
      summary: 'How far a task is, and how often the caller agrees with the others.',
      operation: 'getLabellingProgress',
      params: ofTask,
      result: progress,
      handler: async ({ store, params, actor }) => {
        const annotator = await annotatorOf(store, actor);
        return progressBody(await progressOf(store, await taskOf(store, params.task, annotator), annotator));
      },
    }),
    route({
      method: 'GET',
      url: '/v1/projects/:project/labelling/tasks/:task/recent',
      access: labellers,
      tag,
      summary: "The caller's last answers and skips, which can be undone; the newest first.",
      operation: 'recentLabellingItems',
      params: ofTask,
      result: z.object({
        items: z.array(z.object({ assignment: z.string(), state: z.enum(['done', 'skipped']) })),
      }),
      handler: async ({ store, params, actor }) => {
        const annotator = await annotatorOf(store, actor);
        await taskOf(store, params.task, annotator);
        const found = await store.labelling.recent(params.task, annotator.id, undoable);
        return {
          items: found.map(({ id, state }) => ({ assignment: id, state: state as 'done' | 'skipped' })),
        };
      },
    }),
    route({
      method: 'PUT',
      url: '/v1/projects/:project/labelling/assignments/:assignment/answer',
      access: labellers,
      tag,
      summary: 'Answers what was shown; the same answer sent again changes nothing.',
      operation: 'answerLabellingItem',
      params: ofAssignment,
      body: z.object({
        answer,
        /** From showing to answering. */
        seconds: z.number().min(0).max(86_400),
      }),
      handler: async ({ store, params, body, actor }) => {
        changed(store, await giveAnswer(store, params.assignment, await annotatorOf(store, actor), body));
      },
    }),
    route({
      method: 'PUT',
      url: '/v1/projects/:project/labelling/assignments/:assignment/skip',
      access: labellers,
      tag,
      summary: 'Passes an item over; others may get it.',
      operation: 'skipLabellingItem',
      params: ofAssignment,
      handler: async ({ store, params, actor }) =>
        store.labelling.pass(params.assignment, (await annotatorOf(store, actor)).id),
    }),
    route({
      method: 'PUT',
      url: '/v1/projects/:project/labelling/assignments/:assignment/undo',
      access: labellers,
      tag,
      summary: 'Takes one of the last ten answers or skips back and shows the item again.',
      operation: 'undoLabellingItem',
      params: ofAssignment,
      result: shownItem,
      handler: async ({ store, params, actor }) => {
        const { task, item } = await undo(store, params.assignment, await annotatorOf(store, actor));
        changed(store, task);
        return itemBody(item);
      },
    }),
    route({
      method: 'GET',
      url: '/v1/projects/:project/labelling/tasks/:task/disputes',
      access: reviewers,
      tag,
      summary: 'Items that have all their votes and on which annotators differ.',
      operation: 'listLabellingDisputes',
      params: ofTask,
      query: z.object({ limit: z.coerce.number().int().min(1).max(50).default(10) }),
      result: z.object({ disputes: z.array(dispute) }),
      handler: async ({ store, params, query }) => {
        const found = await disputes(store, await store.labelling.task(params.task), query.limit);
        return {
          disputes: found.map(({ votes, steps, responses, ...one }) => ({
            ...one,
            responses: [...responses],
            ...(steps && { steps: [...steps] }),
            votes: votes.map(({ annotator, judgements }) => ({ annotator, judgements: [...judgements] })),
          })),
        };
      },
    }),
    route({
      method: 'PUT',
      url: '/v1/projects/:project/labelling/items/:item/verdict',
      access: reviewers,
      tag,
      summary: 'Decides on an item on which annotators differ.',
      operation: 'decideLabellingItem',
      params: ofItem,
      body: z.object({ answer, reason: z.string().max(4000).default('') }),
      handler: async ({ store, params, body, actor }) => {
        await decide(store, params.item, await annotatorOf(store, actor), body, now());
        await store.audit.append({
          actor: actor.id,
          action: 'labelling.decide',
          resource: `labelling-item:${params.item}`,
        });
      },
    }),
    ...liveRoutes(live),
    route({
      method: 'GET',
      url: '/v1/projects/:project/labelling/annotators',
      access: reviewers,
      tag,
      summary: 'Annotators, and who is paused and why.',
      operation: 'listAnnotators',
      params: inProject,
      result: z.object({ annotators: z.array(annotatorState) }),
      handler: async ({ store }) => ({
        annotators: (await store.annotators.list()).map(({ name, pausedAt, pauseReason }) => ({
          name,
          pausedAt: pausedAt?.toISOString() ?? null,
          pauseReason,
        })),
      }),
    }),
    route({
      method: 'POST',
      url: '/v1/projects/:project/labelling/annotators/resume',
      access: reviewers,
      tag,
      summary: 'Lets a paused annotator go on.',
      operation: 'resumeAnnotator',
      params: inProject,
      body: z.object({ name: z.string().max(200) }),
      handler: async ({ store, body, actor }) => {
        await store.annotators.resume(body.name);
        await store.audit.append({
          actor: actor.id,
          action: 'labelling.resume',
          resource: `annotator:${body.name}`,
        });
      },
    }),
  ];
};
