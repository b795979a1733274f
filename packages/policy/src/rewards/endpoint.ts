/**
 * @file A reward behind an address, asked as OpenRLHF's client asks: POST {"query": [...], "prompts": [...],
 * "labels": [...]}, answered by {"rewards": [...]}.
 *
 * A query is one text, as a model reads it: the prompt rendered up to where the assistant begins, and the response behind
 * it. `prompts` holds the rendered prompts alone, and `labels` an empty text for each, as OpenRLHF sends where its data
 * have none. Prompts are rendered with the policy's chat template where the caller gives it, as an OpenRLHF run with
 * `apply_chat_template` does, or else in Plaudit's plain format.
 *
 * @see https://github.com/OpenRLHF/OpenRLHF/blob/main/openrlhf/utils/remote_rm_utils.py
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Prompt, plauditError } from '@plaudit/contract';
import { ChatTemplate, defaultChatTemplate } from '@plaudit/models';
import { z } from 'zod';
import {
  countable,
  digestOf,
  inPieces,
  type RewardOutcome,
  type RewardScore,
  type RewardSource,
} from './source.ts';

/** The defaults are those of OpenRLHF's client. */
const endpointSettings = z.strictObject({
  /** Responses of one request, 1 by default. */
  batchSize: z.number().int().min(1).max(4096).default(1),
  /** Requests at once, 16 by default. */
  concurrency: z.number().int().min(1).max(1024).default(16),
  /** Seconds for one request, 180 by default. */
  timeout: z.number().positive().max(300).default(180),
  /** How often a request is made before it has failed, 5 by default. */
  attempts: z.number().int().min(1).max(100).default(5),
  /** Seconds between attempts, 1 by default. */
  wait: z.number().nonnegative().max(3600).default(1),
});

export interface EndpointOptions extends Readonly<z.input<typeof endpointSettings>> {
  /** Sent with each request, such as an authorization. Never written anywhere. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The prompt as text, up to where the assistant's turn begins. */
  readonly render?: (prompt: Prompt) => string;
}

type Settings = z.output<typeof endpointSettings>;

/** A number takes some twenty bytes; a service that logs beside its rewards takes more. */
const mostBytes = 8 * 2 ** 20;

/** The rewards by either of their names, and numbers to log beside them. Nothing else of the answer is read. */
const answerSchema = z.object({
  rewards: z.array(z.number()).optional(),
  scores: z.array(z.number()).optional(),
  extra_logs: z.unknown().optional(),
});

/** Statuses after which the same request can succeed. */
const passes = (status: number): boolean =>
  status === 408 || status === 409 || status === 425 || status === 429 || status >= 500;

/** What failed; `final` where asking again would change nothing. */
class Fault extends Error {
  readonly final: boolean;
  constructor(problem: string, final = false, cause?: unknown) {
    super(problem, { cause });
    this.final = final;
  }
}

/** Reads a body up to the limit. */
const textOf = async (response: Response): Promise<string> => {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.body ?? []) {
    size += piece.length;
    if (size > mostBytes) throw new Fault(`its answer is larger than ${mostBytes / 2 ** 20} MiB`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
};

const connectionProblem = (error: unknown): string => {
  let code = '';
  for (let at: unknown = error; at instanceof Error && code === ''; at = at.cause)
    code = String((at as NodeJS.ErrnoException).code ?? '');
  return code === '' ? 'the connection failed' : `the connection failed (${code.slice(0, 40)})`;
};

/** Columns of `extra_logs` that hold a number for each response; others are no parts of a reward. */
const partsOf = (logs: unknown, count: number): readonly Record<string, number>[] => {
  const parts: Record<string, number>[] = Array.from({ length: count }, () => ({}));
  const columns = z.record(z.string(), z.unknown()).safeParse(logs);
  for (const [name, column] of Object.entries(columns.data ?? {})) {
    const values = z.array(z.number()).length(count).safeParse(column);
    for (const [i, value] of (values.data ?? []).entries()) parts[i]![name.slice(0, 200)] = value;
  }
  return parts;
};

/** @throws Fault for an answer without a finite number for each query */
const readAnswer = (text: string, count: number): RewardScore[] => {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    // Python writes NaN and Infinity, which are not JSON.
    const named = /\b(NaN|Infinity)\b/.exec(text)?.[1];
    throw new Fault(named ? `its answer holds ${named}` : 'its answer is not JSON', false, error);
  }
  const parsed = answerSchema.safeParse(document);
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.') || 'the whole answer';
    throw new Fault(`its answer holds no finite number at ${field.slice(0, 60)}`, false, parsed.error);
  }
  const { rewards = parsed.data.scores, extra_logs: logs } = parsed.data;
  if (!rewards) throw new Fault('its answer holds neither rewards nor scores');
  if (rewards.length !== count) throw new Fault(`it gave ${rewards.length} rewards for ${count} queries`);
  const parts = partsOf(logs, count);
  return rewards.map((reward, i) => ({ reward, parts: parts[i]!, uncertainty: null }));
};

/** The address as messages and digests have it: without a query, which may hold a key. */
const publicAddress = (url: URL): string => `${url.origin}${url.pathname}`;

class Endpoint {
  readonly address: string;
  private readonly url: URL;
  private readonly settings: Settings;
  private readonly headers: Readonly<Record<string, string>>;

  constructor(url: URL, settings: Settings, headers: Readonly<Record<string, string>>) {
    this.url = url;
    this.address = publicAddress(url);
    this.settings = settings;
    this.headers = headers;
  }

  /** @throws reward.endpoint_failed, or the signal's reason */
  async ask(
    query: readonly string[],
    prompts: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<RewardScore[]> {
    const { attempts, wait } = this.settings;
    const body = JSON.stringify({ query, prompts, labels: query.map(() => '') });
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted();
      try {
        return readAnswer(await this.request(body, signal), query.length);
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof Fault)) throw error;
        if (error.final || attempt >= attempts)
          throw plauditError(
            'reward.endpoint_failed',
            { url: this.address, attempts: attempt, problem: error.message },
            error,
          );
        await sleep(wait * 1000, undefined, signal ? { signal } : {}).catch((cause: unknown) => {
          signal?.throwIfAborted();
          throw cause;
        });
      }
    }
  }

  private async request(body: string, signal: AbortSignal | undefined): Promise<string> {
    const { timeout } = this.settings;
    const late = AbortSignal.timeout(timeout * 1000);
    try {
      const response = await fetch(this.url, {
        method: 'POST',
        headers: { ...this.headers, 'content-type': 'application/json', accept: 'application/json' },
        body,
        // Prompts and what the headers hold are for this address only.
        redirect: 'error',
        signal: signal ? AbortSignal.any([signal, late]) : late,
      });
      const { ok, status } = response;
      if (ok) return await textOf(response);
      await response.body?.cancel();
      throw new Fault(`status ${status}`, !passes(status));
    } catch (error) {
      if (error instanceof Fault) throw error;
      throw new Fault(late.aborted ? `no answer in ${timeout} s` : connectionProblem(error), false, error);
    }
  }
}

/**
 * Opens a reward behind an address. Nothing is sent yet.
 *
 * @throws reward.reference_unknown for an address with a name and a password in it
 * @throws RangeError for a setting outside of its range
 */
export const openEndpoint = (address: string, options: EndpointOptions = {}): RewardSource => {
  const url = new URL(address);
  if (url.username !== '' || url.password !== '')
    throw plauditError('reward.reference_unknown', {
      reference: publicAddress(url),
      problem: 'the address of an endpoint may hold no password; send it in a header',
    });
  const { headers = {}, render = plainly, ...given } = options;
  const parsed = endpointSettings.safeParse(given);
  if (!parsed.success) throw new RangeError(`endpoint settings: ${z.prettifyError(parsed.error)}`);
  const { batchSize: size, concurrency: most } = parsed.data;
  const endpoint = new Endpoint(url, parsed.data, headers);
  // A service that is away would take hours to fail for every response of an update.
  const inARow = Math.max(8, 2 * most);
  return {
    name: endpoint.address,
    digest: digestOf('endpoint', endpoint.address),
    normaliser: null,
    score(items, scoring = {}) {
      const prompts = items.map(({ prompt }) => render(prompt));
      return inPieces(items, { most, size, inARow }, scoring, async (places) => {
        const queries = places.map((at) => prompts[at.item]! + items[at.item]!.responses[at.response]!);
        const ofPrompts = places.map(({ item }) => prompts[item]!);
        try {
          return await endpoint.ask(queries, ofPrompts, scoring.signal);
        } catch (error) {
          const failed = countable(error, scoring.signal);
          return places.map((): RewardOutcome => ({ failed }));
        }
      });
    },
    close: async () => undefined,
  };
};

const plainTemplate = new ChatTemplate(defaultChatTemplate);

const plainly = (prompt: Prompt): string => plainTemplate.render(prompt, true);
