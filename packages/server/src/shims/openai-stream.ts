/** @file A chat completion as a stream of events, in the shape of OpenAI's API. */
import type { FastifyReply } from 'fastify';
import { type Chosen, type CompletionBody, chunk, type Head, usageChunk } from './openai-documents.ts';

/** Events of one answer. Nothing goes out before `begin`. */
export interface EventStream {
  readonly begun: () => boolean;
  /** Sends the head and the beginning of every choice; the second time it does nothing. */
  readonly begin: () => void;
  readonly text: (sample: number, text: string) => void;
  /** Sends how each choice ended, and the usage where that was asked for. */
  readonly finish: (answer: Chosen) => void;
  readonly fail: (error: unknown) => void;
}

export const eventStream = (reply: FastifyReply, head: Head, body: CompletionBody): EventStream => {
  const { raw } = reply;
  const samples = body.n ?? 1;
  const send = (event: unknown): void => {
    raw.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`);
  };
  let begun = false;
  const begin = (): void => {
    if (begun) return;
    begun = true;
    reply.hijack();
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      // A proxy that gathers the stream would defeat it.
      'x-accel-buffering': 'no',
    });
    for (let i = 0; i < samples; i++) send(chunk(head, i, { role: 'assistant', content: '' }));
  };
  return {
    begun: () => begun,
    begin,
    text(sample, text) {
      begin();
      send(chunk(head, sample, { content: text }));
    },
    finish({ choices, usage }) {
      begin();
      for (const { index, message, finish_reason, guard } of choices) {
        if (message.refusal !== null) send(chunk(head, index, { refusal: message.refusal }));
        send(chunk(head, index, {}, finish_reason, guard));
      }
      if (body.stream_options?.include_usage) send(usageChunk(head, usage));
      send('[DONE]');
      raw.end();
    },
    fail(error) {
      send(error);
      raw.end();
    },
  };
};
