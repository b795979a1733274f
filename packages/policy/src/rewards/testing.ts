/** @file For tests: a reward service on the loopback interface that fails as it is told to, and items to ask about. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll } from 'vitest';
import type { RewardItem } from './source.ts';

/** A request as it arrived. */
export interface Asked {
  readonly headers: IncomingHttpHeaders;
  readonly query: readonly string[];
  readonly prompts: readonly string[];
  readonly labels: readonly string[];
}

/** What the service answers: a document, or something else than that. */
export type Reply =
  | object
  | { readonly status: number }
  | { readonly text: string }
  | { readonly delay: number; readonly answer: object }
  | 'cut'
  | 'endless';

export interface Service {
  readonly url: string;
  readonly asked: Asked[];
  /** How many requests were open at once, at most. */
  readonly mostOpen: () => number;
  /** The number counts the requests from 0. */
  reply: (asked: Asked, number: number) => Reply;
}

/** The length of each query, which an honest service gives. */
export const lengths = ({ query }: Asked): object => ({ rewards: query.map((text) => text.length) });

/** A service that ends with the tests of the file. */
export const startService = async (reply: Service['reply'] = lengths): Promise<Service> => {
  let open = 0;
  let most = 0;
  const server = createServer(async (request, response) => {
    open++;
    most = Math.max(most, open);
    response.on('close', () => open--);
    const pieces: Uint8Array[] = [];
    for await (const piece of request) pieces.push(piece as Uint8Array);
    const body = JSON.parse(Buffer.concat(pieces).toString('utf8')) as Omit<Asked, 'headers'>;
    const asked = { headers: request.headers, ...body };
    service.asked.push(asked);
    let said = service.reply(asked, service.asked.length - 1);
    if (said === 'cut') return void response.destroy();
    if (said === 'endless') {
      response.writeHead(200);
      const piece = `"${'x'.repeat(2 ** 20)}`;
      while (!response.destroyed) {
        response.write(piece);
        await sleep(1);
      }
      return;
    }
    if ('delay' in said) {
      await sleep(said.delay);
      said = said.answer;
    }
    const status = 'status' in said ? said.status : 200;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end('text' in said ? said.text : JSON.stringify(said));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const service: Service = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/get_reward`,
    asked: [],
    mostOpen: () => most,
    reply,
  };
  return service;
};

export const item = (prompt: string, ...responses: string[]): RewardItem => ({
  prompt: [{ role: 'user', content: prompt }],
  responses,
});
