/** @file The thread of live models: one model for each task that people label, brought up to date when it is asked for. */
import { parentPort, workerData } from 'node:worker_threads';
import { PlauditError } from '@plaudit/contract';
import { openDatabase, openStore, type Store } from '@plaudit/store';
import type { LiveAnswer, LiveRequest, LiveThreadData } from './live-models.ts';
import { TaskModel } from './task-model.ts';

/** Models at a time; that of the task that nobody has asked for the longest goes first. */
const mostModels = 8;

const { url, folder } = workerData as LiveThreadData;
const database = await openDatabase({ url, migrate: false, sessions: 2 });
const stores = new Map<string, Promise<Store>>();
const models = new Map<string, TaskModel>();

const storeOf = (project: string): Promise<Store> => {
  const found = stores.get(project) ?? openStore(database, { project, create: false });
  stores.set(project, found);
  found.catch(() => stores.delete(project));
  return found;
};

const answerTo = async ({ project, task }: LiveRequest): Promise<LiveAnswer> => {
  try {
    const store = await storeOf(project);
    const model = models.get(task) ?? (await TaskModel.open(store, task, folder));
    models.delete(task);
    models.set(task, model);
    if (models.size > mostModels) models.delete(models.keys().next().value!);
    return { task, state: await model.refresh(store) };
  } catch (error) {
    models.delete(task);
    return { task, fault: error instanceof PlauditError ? error.code : 'unknown' };
  }
};

/** Requests that are under way. One task's are never two at a time, since each waits for the answer to the last. */
const working = new Set<Promise<void>>();
parentPort!.on('message', async (message: LiveRequest | 'close') => {
  if (message !== 'close') {
    const work: Promise<void> = answerTo(message).then((answer) => {
      parentPort!.postMessage(answer);
      working.delete(work);
    });
    working.add(work);
    return;
  }
  await Promise.all(working);
  await database.close();
  parentPort!.close();
});
