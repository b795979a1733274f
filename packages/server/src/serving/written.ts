/** @file What a policy wrote, on its way out: the arm that writes, and what the guardrails of its bundle keep back. */
import { PlauditError, type Prompt, plauditError } from '@plaudit/contract';
import type { Store } from '@plaudit/store';
import { type GuardVerdict, holdForReview } from '../guardrails/index.ts';
import type { ScoringRequest } from './ask-arm.ts';
import type { GenerationJob, Written } from './policy-protocol.ts';
import type { ServingPolicy } from './policy-service.ts';
import type { OnText } from './policy-thread.ts';
import type { TakenArm } from './scoring-service.ts';
import type { ServingServices } from './services.ts';

/** The policy that answers one caller, and the arm that it belongs to. */
export interface Writer {
  readonly policy: ServingPolicy;
  readonly taken: TakenArm;
}

/**
 * Chooses the policy that answers a unit. The arm stays as it is until `taken.end` is called.
 *
 * @throws PlauditError serving.no_policy, serving.unknown_model, serving.closing
 */
export const writerFor = (
  { scoring, policies }: ServingServices,
  project: string,
  name: string,
  unit: string,
): Writer => {
  policies.find(project, name);
  const taken = scoring.take(project, name, () => unit, policies.has(project, name, 'canary'));
  return {
    policy: policies.find(project, name, taken.arm.name === 'canary' ? 'canary' : 'production'),
    taken,
  };
};

/** What stays in one arm where no user is named: a conversation, from its first to its last turn. */
export const unitOfConversation = (prompt: Prompt): string => {
  const first = prompt.findIndex(({ role }) => role === 'user');
  return prompt
    .slice(0, first < 0 ? undefined : first + 1)
    .map(({ role, content }) => `${role}: ${content}`)
    .join('\n');
};

/** Lets it write; what fails by the arm's own fault is told to those who watch the arm. @throws PlauditError of writing */
export const writeWith = async (
  { policies }: ServingServices,
  project: string,
  { policy, taken }: Writer,
  job: GenerationJob,
  request: Pick<ScoringRequest, 'unit' | 'began'> & { readonly signal: AbortSignal },
  onText?: OnText,
): Promise<Written> => {
  const { name, arm } = policy;
  try {
    return await policies.write(project, name, job, {
      ...{ arm, signal: request.signal },
      ...(onText && { onText }),
    });
  } catch (error) {
    if (error instanceof PlauditError && error.status >= 500)
      taken.failed(
        { ...request, items: [{ prompt: job.prompt, responses: [''], truncation: 'left' }] },
        error,
      );
    throw error;
  }
};

/** Why a response does not leave. */
export interface Withheld {
  readonly verdict: GuardVerdict;
  /** What stands in its place. */
  readonly message: string;
  /** Of a held one: where a person decides. */
  readonly review?: string;
}

/**
 * What the verdicts keep back, by response: null where it may leave. What a person is to look at waits for one from now on.
 *
 * @throws PlauditError of the database: what cannot be held does not leave either
 */
export const keptBack = async (
  store: Store,
  { arm, deployment }: TakenArm,
  { prompt, responses }: { readonly prompt: Prompt; readonly responses: readonly string[] },
  verdicts: readonly GuardVerdict[] | undefined,
): Promise<readonly (Withheld | null)[]> => {
  const { guard } = arm;
  if (!guard) return responses.map(() => null);
  if (verdicts?.length !== responses.length) throw new RangeError('a guarded response has no verdict');
  const withheld: (Withheld | null)[] = [];
  for (const [i, response] of responses.entries()) {
    const verdict = verdicts[i]!;
    if (verdict.action === 'allow') withheld.push(null);
    else if (verdict.action === 'block') withheld.push({ verdict, message: guard.messages.blockedMessage });
    else {
      const review = await holdForReview(store, { prompt, response, deployment: deployment.name, verdict });
      withheld.push({ verdict, message: guard.messages.heldMessage, review });
    }
  }
  return withheld;
};

/**
 * Judges what a policy wrote before it leaves. Without guardrails nothing is kept back, and the scores, which those who watch
 * the arm see, come afterwards.
 *
 * @throws PlauditError serving.overloaded where there are guardrails and no room to judge; of the database
 */
export const letOut = async (
  store: Store,
  { taken }: Writer,
  { prompt, responses }: { readonly prompt: Prompt; readonly responses: readonly string[] },
  request: Pick<ScoringRequest, 'unit' | 'began' | 'signal'>,
): Promise<readonly (Withheld | null)[]> => {
  const { signal, ...rest } = request;
  // A conversation that is longer than the reward model reads loses the beginning of its prompt, as in training.
  const asked: ScoringRequest = {
    ...rest,
    keepsBack: true,
    items: [{ prompt, responses, truncation: 'left' }],
  };
  if (!taken.arm.guard) {
    void taken.score(asked).catch(() => undefined);
    return responses.map(() => null);
  }
  const { items } = await taken.score({ ...asked, ...(signal && { signal }) });
  if (signal?.aborted) throw plauditError('serving.cancelled');
  return keptBack(store, taken, { prompt, responses }, items[0]!.verdicts);
};
