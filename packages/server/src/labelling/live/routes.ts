/** @file The live model of a task over HTTP: its accuracy for all who label, and what it asks for next for those who see all. */
import { message } from '@plaudit/contract';
import type { Store } from '@plaudit/store';
import { z } from 'zod';
import { labellers, readers, seesAll } from '../../http/roles.ts';
import { type Route, route } from '../../http/route.ts';
import { annotatorOf, taskOf, textsOf } from '../session.ts';
import type { LiveModels } from './live-models.ts';
import { orderingKinds } from './preferences.ts';
import type { WantedItem } from './task-model.ts';

/** What a page shows of what the model asks for. */
const shownNext = 5;
/** Milliseconds until a model that is being made is answered for as such. */
const patience = 800;
/** Held-out items at least before their share is told: of fewer one could read what others said of a certain item. */
const fewestHeldOut = 5;

const share = z.number().min(0).max(1);
const liveModel = z.object({
  state: z
    .enum(['none', 'preparing', 'ready'])
    .describe('none: the kind of the task puts nothing in order; preparing: ask again in a moment'),
  answers: z.number().describe('From which it has learned'),
  withoutOrder: z.number().describe('Answers that say of no two responses which is better'),
  heldOut: z.number().describe('Items whose answers measure the model and teach it nothing'),
  alike: z.boolean().describe('Held-out prompts are near-duplicates of others, since all of the task are'),
  measuredOn: z.number().describe('Held-out items that have answers'),
  accuracy: z
    .object({ share, interval: z.tuple([share, share]) })
    .nullable()
    .describe('Null below five held-out items with answers'),
  curve: z.array(z.object({ answers: z.number(), accuracy: share })),
  next: z
    .array(
      z.object({
        item: z.string(),
        prompt: z.array(message),
        responses: z.tuple([z.string(), z.string()]),
        probability: share.describe('That the first of the two is preferred'),
      }),
    )
    .describe('Of which it is least certain; empty for annotators'),
});

const nothing = {
  ...{ answers: 0, withoutOrder: 0, heldOut: 0, measuredOn: 0 },
  ...{ alike: false, accuracy: null, curve: [], next: [] },
};

/** With its texts, where none of them has been erased. */
const shownItem = async (store: Store, { item, pair, probability }: WantedItem) => {
  const texts = await textsOf(store, await store.labelling.item(item));
  if (!texts) return [];
  const { prompt, responses } = texts;
  const two: [string, string] = [responses[pair[0]]!, responses[pair[1]]!];
  return [{ item, prompt: [...prompt], responses: two, probability }];
};

export const liveRoutes = (live: LiveModels): readonly Route[] => [
  route({
    method: 'GET',
    url: '/v1/projects/:project/labelling/tasks/:task/live',
    access: [...new Set([...labellers, ...readers])],
    tag: 'Labelling',
    summary: 'The model that learns while people label: how good it is, and what it would have judged next.',
    operation: 'getLiveModel',
    params: z.object({ project: z.string(), task: z.string() }),
    result: liveModel,
    handler: async ({ store, params, actor, role }) => {
      const task = seesAll(role)
        ? await store.labelling.task(params.task)
        : await taskOf(store, params.task, await annotatorOf(store, actor));
      if (!orderingKinds.includes(task.kind)) return { ...nothing, state: 'none' as const };
      const found = await live.state(store, task.id, patience);
      if (!found) return { ...nothing, state: 'preparing' as const };
      const { answers, withoutOrder, heldOut, alike, accuracy, curve, wanted } = found;
      const isTold = accuracy !== null && accuracy.items >= fewestHeldOut;
      const next = seesAll(role)
        ? await Promise.all(wanted.slice(0, shownNext).map((one) => shownItem(store, one)))
        : [];
      return {
        state: 'ready' as const,
        ...{ answers, withoutOrder, heldOut, alike },
        measuredOn: accuracy?.items ?? 0,
        accuracy: isTold
          ? {
              share: accuracy.share,
              interval: [accuracy.interval[0], accuracy.interval[1]] as [number, number],
            }
          : null,
        curve: isTold ? curve.map((point) => ({ ...point })) : [],
        next: next.flat(),
      };
    },
  }),
];
