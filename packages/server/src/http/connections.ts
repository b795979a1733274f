/** @file Connections that are slow or broken on purpose: how long a request may take to arrive, and what is answered where it is none. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type PlauditError, plauditError } from '@plaudit/contract';

/** Milliseconds. Whoever needs longer keeps a connection of a server that has so many of them. */
export interface Patience {
  /** For the head of a request. */
  readonly head: number;
  /** For all of a body that is no upload. */
  readonly body: number;
  /** Between two pieces of an upload, which may take an hour in all. */
  readonly pause: number;
}

export const defaultPatience: Patience = { head: 20_000, body: 60_000, pause: 60_000 };

/** Cuts a connection whose body has not arrived in time. */
export const expectWithin = (request: IncomingMessage, milliseconds: number): void => {
  const late = setTimeout(() => {
    if (!request.complete) request.destroy();
  }, milliseconds);
  request.once('close', () => clearTimeout(late));
};

const faults: Readonly<Record<string, PlauditError>> = {
  HPE_HEADER_OVERFLOW: plauditError('request.head_too_large'),
  ERR_HTTP_REQUEST_TIMEOUT: plauditError('request.too_slow'),
};

/** Answers what is no request of HTTP, and hangs up. */
export const answerBroken = ({ code }: Error & { readonly code?: string }, socket: Socket): void => {
  if (code === 'ECONNRESET' || socket.destroyed) return;
  const error =
    faults[code ?? ''] ?? plauditError('request.invalid', { problem: 'it is not as HTTP asks for' });
  const body = JSON.stringify(error);
  const { status } = error;
  if (socket.writable)
    socket.write(
      `HTTP/1.1 ${status} ${reasons[status] ?? 'Bad Request'}\r\ncontent-type: application/json; charset=utf-8\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
  socket.destroy();
};

const reasons: Readonly<Record<number, string>> = {
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};
