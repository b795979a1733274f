/**
 * @file A typed request/response channel between two threads: transfer, back-pressure, cancellation, clean shutdown.
 *
 * The caller's side posts at most `limit` requests; the rest wait on the caller's side, where they can be withdrawn.
 * The serving side answers one request after the other, in the order of arrival.
 *
 *     caller: call() -> waiting -> posted (<= limit) ---message---> server: handler -> answer
 *                                     ^------------------message----------------------'
 */

import type { MessagePort, Transferable, Worker } from 'node:worker_threads';
import { type ErrorCode, type ErrorParameters, PlauditError, plauditError } from '@plaudit/contract';

/** One end of a connection: a worker as its parent sees it, a worker's `parentPort`, or any message port. */
export type Endpoint = Worker | MessagePort;

/** What can be asked for: each kind of request with its request and its response. */
export type Calls = Record<string, { request: unknown; response: unknown }>;

/** A response, and the buffers of it that move instead of being copied. */
export interface Answer<T> {
  readonly value: T;
  readonly transfer?: readonly Transferable[];
}

/**
 * Claims the point of no return of a request. Throws `engine.cancelled` when the caller has given up; after it
 * returned the caller can no longer give up, so the answer it gets is what happened.
 */
type Commit = () => void;

export type Handlers<C extends Calls> = {
  readonly [K in keyof C]: (
    request: C[K]['request'],
    commit: Commit,
  ) => Answer<C[K]['response']> | Promise<Answer<C[K]['response']>>;
};

interface Request {
  readonly id: number;
  readonly kind: string;
  readonly request: unknown;
  /** Shared word: open, cancelled by the caller, or committed by the server. Only where a signal was given. */
  readonly state: Int32Array | undefined;
}

type Response =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly fault: Fault };

/** An error as it crosses the channel. */
interface Fault {
  /** Undefined for an error that is not from the table. */
  readonly code: ErrorCode | undefined;
  readonly parameters: ErrorParameters;
  readonly message: string;
  readonly stack: string | undefined;
}

const open = 0;
const cancelled = 1;
const committed = 2;

interface Pending {
  readonly request: Request;
  readonly transfer: readonly Transferable[];
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Stops listening to the signal. */
  readonly settle: () => void;
}

/** The calling side. */
export class Channel<C extends Calls> {
  private readonly endpoint: Endpoint;
  private readonly limit: number;
  private readonly waiting = new Set<Pending>();
  private readonly posted = new Map<number, Pending>();
  private readonly idle: (() => void)[] = [];
  private ended: PlauditError | undefined;
  private count = 0;

  /** @param limit The most requests that are posted and not yet answered; two keep the server busy. */
  constructor(endpoint: Endpoint, limit = 2) {
    this.endpoint = endpoint;
    this.limit = limit;
    endpoint.on('message', (response: Response) => this.receive(response));
    endpoint.unref();
  }

  /** How many requests are posted, and how many wait for their turn. */
  get load(): { readonly posted: number; readonly waiting: number } {
    return { posted: this.posted.size, waiting: this.waiting.size };
  }

  /**
   * Sends a request and waits for its answer.
   *
   * @param options.transfer Buffers that move to the server; the caller's views of them become empty when the request
   *   is posted.
   * @param options.signal Withdraws the request while it waits. Once it runs, it ends first, then the call is
   *   rejected and its result is dropped, unless the handler had committed to it.
   * @throws `engine.cancelled`, the error with which the channel ended, or whatever the handler threw.
   */
  call<K extends keyof C & string>(
    kind: K,
    request: C[K]['request'],
    options: { readonly transfer?: readonly Transferable[]; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<C[K]['response']> {
    const { transfer = [], signal } = options;
    return new Promise<unknown>((resolve, reject) => {
      if (this.ended) return reject(this.ended);
      if (signal?.aborted) return reject(plauditError('engine.cancelled', {}, signal.reason));
      const state = signal && new Int32Array(new SharedArrayBuffer(4));
      const abort = (): void => {
        if (this.waiting.delete(pending)) {
          pending.settle();
          reject(plauditError('engine.cancelled', {}, signal?.reason));
          this.rest();
        } else if (state) Atomics.compareExchange(state, 0, open, cancelled);
      };
      const settle = (): void => signal?.removeEventListener('abort', abort);
      const pending: Pending = {
        request: { id: this.count++, kind, request, state },
        transfer,
        resolve,
        reject,
        settle,
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.waiting.add(pending);
      // The process lives as long as an answer is outstanding, no longer.
      this.endpoint.ref();
      this.post();
    }) as Promise<C[K]['response']>;
  }

  /** Refuses further calls; those that were made before are still answered. */
  close(error: PlauditError): void {
    this.ended ??= error;
  }

  /** Rejects every call that has no answer yet, and every further one. The server may still be busy with some. */
  abandon(error: PlauditError): void {
    this.close(error);
    for (const { settle, reject } of [...this.posted.values(), ...this.waiting]) {
      settle();
      reject(error);
    }
    this.waiting.clear();
    this.rest();
  }

  /** Rejects like `abandon`, and expects nothing from the server any more: it is gone. */
  fail(error: PlauditError): void {
    this.abandon(error);
    this.posted.clear();
    this.rest();
  }

  /** Resolves when the server has answered all that was posted, and nothing waits. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.idle.push(resolve);
      this.rest();
    });
  }

  private post(): void {
    for (const pending of this.waiting) {
      if (this.posted.size >= this.limit) return;
      this.waiting.delete(pending);
      this.posted.set(pending.request.id, pending);
      try {
        this.endpoint.postMessage(pending.request, pending.transfer);
      } catch (error) {
        // Something in the request cannot be sent: a buffer that was transferred before, a function.
        this.posted.delete(pending.request.id);
        pending.settle();
        pending.reject(error);
        this.rest();
      }
    }
  }

  private receive(response: Response): void {
    const pending = this.posted.get(response.id);
    if (!pending) return;
    this.posted.delete(response.id);
    pending.settle();
    if (response.ok) pending.resolve(response.value);
    else pending.reject(errorOf(response.fault));
    this.post();
    this.rest();
  }

  private rest(): void {
    if (this.posted.size + this.waiting.size > 0) return;
    this.endpoint.unref();
    for (const resolve of this.idle.splice(0)) resolve();
  }
}

/** The serving side: answers requests one at a time. */
export const serve = <C extends Calls>(endpoint: Endpoint, handlers: Handlers<C>): void => {
  let last = Promise.resolve();
  const answer = async ({ id, kind, request, state }: Request): Promise<void> => {
    const commit: Commit = () => {
      if (state && Atomics.compareExchange(state, 0, open, committed) === cancelled) {
        throw plauditError('engine.cancelled');
      }
    };
    try {
      if (state && Atomics.load(state, 0) === cancelled) throw plauditError('engine.cancelled');
      const { value, transfer = [] } = await handlers[kind]!(request, commit);
      commit();
      endpoint.postMessage({ id, ok: true, value } satisfies Response, transfer);
    } catch (error) {
      endpoint.postMessage({ id, ok: false, fault: faultOf(error) } satisfies Response);
    }
  };
  endpoint.on('message', (request: Request) => {
    last = last.then(() => answer(request));
  });
};

const faultOf = (error: unknown): Fault => {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return error instanceof PlauditError
    ? { code: error.code as ErrorCode, parameters: error.parameters, message, stack }
    : { code: undefined, parameters: {}, message, stack };
};

const errorOf = ({ code, parameters, message, stack }: Fault): PlauditError => {
  const cause = Object.assign(new Error(message), { stack });
  return code
    ? plauditError(code, parameters, cause)
    : plauditError('engine.worker_fault', { problem: message }, cause);
};
