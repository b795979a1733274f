/** @file Tests: requests that take too long to arrive are ended, and those that take long to be answered are not. */
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { testApp } from '../testing.ts';
import { route } from './route.ts';

const base = { access: 'public', tag: 'Test', summary: 'Is tested.', method: 'POST' } as const;
let uploadFailed: unknown;
const { app } = testApp(
  () => [
    route({
      ...{ ...base, url: '/slow', operation: 'slow', body: z.unknown(), result: z.string() },
      async handler() {
        await wait(800);
        return 'late, but there';
      },
    }),
    route({
      ...{ ...base, url: '/file', operation: 'file', upload: true, result: z.number() },
      async handler({ upload }) {
        let bytes = 0;
        try {
          for await (const piece of upload) bytes += (piece as Buffer).length;
        } catch (error) {
          uploadFailed = error;
          throw error;
        }
        return bytes;
      },
    }),
  ],
  { patience: { head: 400, body: 400, pause: 400 } },
);
let port: number;
beforeAll(async () => {
  port = Number(new URL(await app().listen({ port: 0, host: '127.0.0.1' })).port);
});

/** What comes back when pieces are sent with pauses between them. */
const sent = async (pieces: readonly string[], pause: number): Promise<string> => {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (piece) => {
    answer += piece;
  });
  socket.on('error', () => undefined);
  const closed = new Promise<unknown>((resolve) => socket.once('close', resolve));
  for (const piece of pieces) {
    if (socket.destroyed) break;
    socket.write(piece);
    await wait(pause);
  }
  await closed;
  return answer;
};
const head = (url: string, length: number): string =>
  `POST ${url} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;

it('ends a request whose head does not arrive in time, and says so', async () => {
  const answer = await sent(['POST /slow HTTP/1.1\r\n', 'host: x\r\n'], 1500);
  expect(answer).toContain('HTTP/1.1 408');
  expect(answer).toContain('request.too_slow');
});

it('ends a connection whose body does not arrive in time, however steadily it comes', async () => {
  const began = performance.now();
  expect(await sent([head('/slow', 100), ...'"123456789012345678901234567890'], 100)).not.toContain('200 OK');
  expect(performance.now() - began).toBeLessThan(3000);
});

it('does not end a request that is answered late', async () => {
  expect(await sent([head('/slow', 2), '{}'], 0)).toContain('late, but there');
});

it('ends an upload that pauses for too long, and none that only takes long', async () => {
  expect(await sent([head('/file', 8), ...'12345678'], 150)).toMatch(/200 OK[\s\S]*8$/);
  expect(await sent([head('/file', 8), '1'], 0)).toContain('request.too_slow');
  expect(uploadFailed).toMatchObject({ code: 'request.too_slow' });
});
