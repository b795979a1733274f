/** @file A thread that does one piece of work on data and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { PlauditError } from '@plaudit/contract';
import { openDatabase, openStore, type Store } from '@plaudit/store';
import type { ThreadAnswer, ThreadTask } from './data-thread.ts';
import { dataWorks } from './data-work.ts';

const { url, project, kind, takes, masterKey } = workerData as ThreadTask;
const answer = (message: ThreadAnswer): void => parentPort!.postMessage(message);

const work = dataWorks[kind] as (store: Store, given: unknown, key: unknown) => Promise<unknown>;
const database = await openDatabase({ url, migrate: false, sessions: 2 });
try {
  const store = await openStore(database, { project, create: false });
  answer({ gives: await work(store, takes, masterKey) });
} catch (error) {
  if (error instanceof PlauditError) answer({ error: { code: error.code, parameters: error.parameters } });
  else throw error;
} finally {
  await database.close();
}
