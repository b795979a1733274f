/**
 * @file What all shims of reward servers share: they ask the scoring service, and answer in another server's shape.
 *
 * Those shapes have no place for the status of an item. A request of theirs fails as a whole where one of its items does, with
 * the error that the format has for it, so that a failure is never taken for a reward.
 */
import { PlauditError, type Prompt, sigmoid } from '@plaudit/contract';
import { z } from 'zod';
import { readers } from '../http/roles.ts';
import type { Call } from '../http/route.ts';
import { servingBodyLimit } from '../serving/conversation.ts';
import type { ServedScore, Truncation } from '../serving/protocol.ts';
import { answering, type ServingServices } from '../serving/services.ts';

export const shimRoute = {
  method: 'POST',
  access: readers,
  bodyLimit: servingBodyLimit,
  perMinute: Number.POSITIVE_INFINITY,
} as const;

export interface ShimItem {
  readonly prompt: Prompt;
  readonly responses: readonly string[];
  /** Of one response: what the caller sent in the place of a text. */
  readonly tokenIds?: readonly number[];
}

export interface ShimAnswer {
  /** Name of the deployment. */
  readonly model: string;
  readonly version: string;
  /** Of each item, one score for each response. */
  readonly scores: readonly (readonly ServedScore[])[];
  /** 0 for a model that does not count in tokens. */
  readonly tokens: number;
  readonly queueMilliseconds: number;
  readonly milliseconds: number;
  readonly totalMilliseconds: number;
}

type Where = Pick<Call<unknown, unknown, unknown>, 'store' | 'signal' | 'reply'>;

/** Statuses that a format has for an error in place of ours, by code. */
type Statuses = Readonly<Record<string, number>>;

/** @throws PlauditError of the request or of its first item that failed, with the format's status */
export const scored = (
  { scoring }: ServingServices,
  { store, signal, reply }: Where,
  model: string | undefined,
  items: readonly ShimItem[],
  {
    truncation = 'error',
    statuses = {},
  }: { readonly truncation?: Truncation; readonly statuses?: Statuses } = {},
): Promise<ShimAnswer> =>
  restated(statuses, () =>
    answering(reply, async () => {
      const {
        deployment,
        items: answers,
        milliseconds,
      } = await scoring.score(store.project.id, {
        model,
        items: items.map((item) => ({ ...item, truncation })),
        signal,
      });
      const done = answers.map((answer) => {
        if (answer.error) throw answer.error;
        return answer;
      });
      const largest = (values: readonly number[]): number => Math.max(0, ...values);
      return {
        model: deployment,
        version: done[0]?.version.served.version ?? '',
        scores: done.map(({ scores }) => scores),
        tokens: done.flatMap(({ scores }) => scores).reduce((sum, { tokens }) => sum + (tokens ?? 0), 0),
        queueMilliseconds: largest(done.map((one) => one.queueMilliseconds)),
        milliseconds: largest(done.map((one) => one.milliseconds)),
        totalMilliseconds: milliseconds,
      };
    }),
  );

/**
 * The texts of token ids, by the tokenizer of the model that answers.
 *
 * @throws PlauditError serving.unsupported for a model without one, request.invalid for ids that it does not have
 */
export const decoded = async (
  { scoring }: ServingServices,
  { store }: Pick<Where, 'store'>,
  model: string | undefined,
  ids: readonly (readonly number[])[],
  statuses: Statuses,
): Promise<readonly string[]> =>
  restated(statuses, async () => {
    const taken = scoring.take(store.project.id, model, () => '', false);
    try {
      return await taken.arm.model.decode(ids);
    } finally {
      taken.end();
    }
  });

/** Runs what may fail, and gives its errors the statuses that the format has for them. */
export const restated = async <T>(statuses: Statuses, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PlauditError)) throw error;
    const status = statuses[error.code] ?? error.status;
    if (status === error.status) throw error;
    const { code, message, cure, exit, parameters } = error;
    throw new PlauditError(code, { status, exit, message, cure }, parameters, error);
  }
};

/** A model with one output: other servers apply the logistic function to it unless they are told not to. */
export const activated = ({ reward }: Pick<ServedScore, 'reward'>, use: boolean): number =>
  use ? sigmoid(reward) : reward;

/** Which deployment is asked, where the format has no field for that. */
export const modelQuery = z.looseObject({ model: z.string().min(1).max(200).optional() });

/** Content of a chat message: a text, or parts that are texts. */
const content = z.union([
  z.string(),
  z
    .array(z.looseObject({ type: z.literal('text'), text: z.string() }))
    .transform((parts) => parts.map(({ text }) => text).join('')),
]);

/** Chat messages as other servers take them. */
export const chatMessages = z
  .array(z.looseObject({ role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']), content }))
  .min(1)
  .transform((messages) =>
    messages.map(({ role, content: text }) => ({
      role: role === 'developer' ? ('system' as const) : role,
      content: text,
    })),
  );

/** The error document of OpenAI's API, which vLLM's has become as well. */
export const openAiError = (
  { status, message }: { readonly status: number; readonly message: string },
  code: string | number,
) => ({
  error: { message, type: openAiErrorType(status), param: null, code },
});

const openAiErrorType = (status: number): string =>
  status === 401
    ? 'authentication_error'
    : status === 403
      ? 'permission_error'
      : status === 404
        ? 'not_found_error'
        : status === 429
          ? 'rate_limit_error'
          : status >= 500
            ? 'server_error'
            : 'invalid_request_error';
