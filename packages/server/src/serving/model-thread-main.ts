/** @file The thread of a reward model: loads it and scores batches, so that the thread of HTTP never computes. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadRewardModel, type RewardModel } from '@plaudit/reward';
import { decodedBy, formatterOf } from './fit.ts';
import { type FromThread, failureOf, type ThreadData, type ToThread } from './protocol.ts';
import { scoreBatch, servingError } from './score-batch.ts';

const { version, directory, load } = workerData as ThreadData;
const port = parentPort!;
const say = (message: FromThread): void => port.postMessage(message);

/** Kinds that may be asked again before they have answered: one batch is tokenised while another one computes. */
const overlapping = new Set(['transformer']);

const serve = (model: RewardModel): void => {
  const running = new Map<number, AbortController>();
  let last: Promise<unknown> = Promise.resolve();

  const score = async ({ batch, items }: Extract<ToThread, { type: 'score' }>): Promise<void> => {
    const controller = new AbortController();
    running.set(batch, controller);
    if (!overlapping.has(model.kind)) await last;
    const began = performance.now();
    try {
      controller.signal.throwIfAborted();
      const outcomes = await scoreBatch(model, items, version, controller.signal);
      say({ type: 'scored', batch, outcomes, milliseconds: performance.now() - began });
    } catch {
      // Nobody waits for a batch that was cancelled; an answer frees its place.
      say({ type: 'scored', batch, outcomes: [], milliseconds: performance.now() - began });
    } finally {
      running.delete(batch);
    }
  };

  const decode = ({ batch, ids }: Extract<ToThread, { type: 'decode' }>): void => {
    try {
      say({ type: 'decoded', batch, texts: ids.map((own) => decodedBy(model, own)) });
    } catch (error) {
      say({ type: 'undecoded', batch, error: failureOf(servingError(version, error)) });
    }
  };

  port.on('message', (message: ToThread) => {
    if (message.type === 'score') last = score(message);
    else if (message.type === 'decode') decode(message);
    else if (message.type === 'cancel') running.get(message.batch)?.abort();
    else void model.close().finally(() => port.close());
  });
};

try {
  const model = await loadRewardModel(directory, load);
  serve(model);
  say({ type: 'ready', card: model.card, maxLength: formatterOf(model)?.maxLength ?? null });
} catch (error) {
  say({ type: 'refused', error: failureOf(servingError(version, error)) });
}
