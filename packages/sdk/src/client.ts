/** @file The client: one call for every operation of the HTTP API, with what it takes and gives as types. */
import { type Operations, operations } from './operations.ts';

export interface ClientOptions {
  /** Such as `http://localhost:7788`. In a browser: the page's own origin. */
  readonly baseUrl?: string;
  /** A key of one project. Without one a browser's session is used. */
  readonly apiKey?: string;
  /** Default the global one. */
  readonly fetch?: typeof globalThis.fetch;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Of operations that take one: the same request under the same key is done once. */
  readonly idempotencyKey?: string;
}

/** What the server says of a call that did not work: the error table's row, or that nobody answered. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** Of the error table, such as `store.unknown`; `network` where no answer came. */
  readonly code: string;
  /** What to do about it. */
  readonly cure: string;
  /** HTTP status; 0 where no answer came. */
  readonly status: number;

  constructor(
    said: { readonly code: string; readonly message: string; readonly cure: string; readonly status: number },
    cause?: unknown,
  ) {
    super(said.message, { cause });
    this.code = said.code;
    this.cure = said.cure;
    this.status = said.status;
  }

  /** Whether the same call may work later: nobody answered, or the server could not just then. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

type Name = keyof Operations;

/** Parts that have nothing in them need not be given. */
type Given<Part> = { readonly [Key in keyof Part as Part[Key] extends undefined ? never : Key]: Part[Key] };
export type Input<Operation extends Name> = Given<Omit<Operations[Operation], 'result'>>;
export type Result<Operation extends Name> = Operations[Operation]['result'];

export interface Client {
  /**
   * @throws ApiError with the code, message and cure of the server's error
   * @example const { tasks } = await client.call('listLabellingTasks', { params: { project: 'support' } });
   */
  call<Operation extends Name>(
    operation: Operation,
    input: Input<Operation>,
    options?: CallOptions,
  ): Promise<Result<Operation>>;
}

interface AnyInput {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** @example const client = createClient({ baseUrl: 'http://localhost:7788', apiKey: process.env.PLAUDIT_KEY }); */
export const createClient = (options: ClientOptions = {}): Client => {
  const { baseUrl = '', apiKey, fetch = globalThis.fetch.bind(globalThis) } = options;
  return {
    async call(operation, input, { signal, idempotencyKey } = {}) {
      const { method, path, upload } = operations[operation] as {
        readonly method: string;
        readonly path: string;
        readonly upload?: boolean;
      };
      const { params = {}, query = {}, body } = input as AnyInput;
      const headers: Record<string, string> = { accept: 'application/json' };
      if (apiKey !== undefined) headers.authorization = `Bearer ${apiKey}`;
      if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
      if (body !== undefined)
        headers['content-type'] = upload ? 'application/octet-stream' : 'application/json';
      let answer: Response;
      try {
        answer = await fetch(`${baseUrl}${addressOf(path, params, query)}`, {
          method,
          headers,
          ...(body !== undefined && { body: upload ? (body as BodyInit) : JSON.stringify(body) }),
          ...(signal && { signal }),
        });
      } catch (cause) {
        if (signal?.aborted) throw cause;
        throw unreachable(cause);
      }
      const text = await answer.text();
      const isJson = /\bjson\b/.test(answer.headers.get('content-type') ?? '');
      const said: unknown = isJson && text !== '' ? JSON.parse(text) : undefined;
      if (!answer.ok) throw errorOf(answer.status, said);
      return said as never;
    },
  };
};

const addressOf = (path: string, params: object, query: object): string => {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String((params as Record<string, unknown>)[name])),
  );
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    for (const one of [value].flat()) if (one !== undefined && one !== null) asked.append(name, String(one));
  return asked.size === 0 ? filled : `${filled}?${asked}`;
};

const unreachable = (cause: unknown): ApiError =>
  new ApiError(
    {
      code: 'network',
      message: 'The server does not answer.',
      cure: 'Check the connection; what could not be sent is sent again.',
      status: 0,
    },
    cause,
  );

const errorOf = (status: number, said: unknown): ApiError => {
  const { code, message, cure } = (said as { error?: Record<string, string> } | undefined)?.error ?? {};
  return new ApiError({
    code: code ?? 'http',
    message: message ?? `The server answered with status ${status}.`,
    cure: cure ?? 'Try again; if it stays so, look into the log of the server.',
    status,
  });
};
