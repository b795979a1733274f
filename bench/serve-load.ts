/**
 * @file The thread that sends load: requests leave at their time, whether the ones before have been answered or not, so that a
 * slow server cannot slow down what is asked of it.
 */
import { Agent, request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

export interface Load {
  readonly port: number;
  readonly path: string;
  readonly bodies: readonly string[];
  /** Requests a second; or as many as are answered, with so many on their way at once. */
  readonly rate?: number;
  readonly atOnce?: number;
  readonly seconds: number;
}

export interface Sent {
  readonly status: number;
  /** From when the request was due, in open loop, to the end of its answer. */
  readonly milliseconds: number;
  /** Items with a score. */
  readonly scored: number;
}

export interface LoadResult {
  readonly sent: readonly Sent[];
  readonly seconds: number;
}

const run = async ({ port, path, bodies, rate, atOnce = 16, seconds }: Load): Promise<LoadResult> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 512 });
  const sent: Sent[] = [];
  let next = 0;
  const send = (due: number): Promise<void> =>
    new Promise((done) => {
      const body = bodies[next++ % bodies.length]!;
      const end = (status: number, text: string): void => {
        const scored = text.match(/"status":"ok"/g)?.length ?? 0;
        sent.push({ status, milliseconds: performance.now() - due, scored });
        done();
      };
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        authorization: 'Bearer bench',
      };
      const asked = request({ port, path, method: 'POST', agent, host: '127.0.0.1', headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
        });
        answer.on('end', () => end(answer.statusCode!, text));
      });
      asked.on('error', () => end(0, ''));
      asked.end(body);
    });
  const began = performance.now();
  const over = began + 1000 * seconds;
  if (rate === undefined)
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        while (performance.now() < over) await send(performance.now());
      }),
    );
  else {
    const waiting: Promise<void>[] = [];
    for (let i = 0; ; i++) {
      const due = began + (1000 * i) / rate;
      if (due >= over) break;
      const early = due - performance.now();
      if (early > 1) await new Promise((done) => setTimeout(done, early));
      waiting.push(send(due));
    }
    await Promise.all(waiting);
  }
  const took = (performance.now() - began) / 1000;
  agent.destroy();
  return { sent, seconds: took };
};

parentPort!.postMessage(await run(workerData as Load));
