/** @file The thread of a policy: loads it and writes, so that the thread of HTTP never computes. */
import { parentPort, workerData } from 'node:worker_threads';
import type { FromPolicy, PolicyThreadData, ToPolicy } from './policy-protocol.ts';
import { openPolicyWriter, type PolicyWriter } from './policy-writer.ts';
import { failureOf } from './protocol.ts';
import { servingError } from './score-batch.ts';

const data = workerData as PolicyThreadData;
const port = parentPort!;
const say = (message: FromPolicy): void => port.postMessage(message);

const serve = (writer: PolicyWriter): void => {
  const running = new Map<number, AbortController>();

  const generate = async ({ job, asked, stream }: Extract<ToPolicy, { type: 'generate' }>): Promise<void> => {
    const controller = new AbortController();
    running.set(job, controller);
    const onText = stream
      ? (sample: number, text: string): void => say({ type: 'text', job, sample, text })
      : undefined;
    try {
      say({ type: 'written', job, written: await writer.write(asked, controller.signal, onText) });
    } catch (error) {
      say({ type: 'failed', job, error: failureOf(servingError(data.version, error)) });
    } finally {
      running.delete(job);
    }
  };

  port.on('message', (message: ToPolicy) => {
    if (message.type === 'generate') void generate(message);
    else if (message.type === 'cancel') running.get(message.job)?.abort();
    else void writer.close().finally(() => port.close());
  });
};

try {
  const writer = await openPolicyWriter(data);
  const { digest, formatter } = writer;
  serve(writer);
  say({ type: 'ready', digest, formattingDigest: formatter.digest, maxLength: formatter.maxLength });
} catch (error) {
  say({ type: 'refused', error: failureOf(servingError(data.version, error)) });
}
