/** @file One arm of a deployment asked for scores: its quick model or its thorough one, and what its guard says of each response. */
import type { PlauditError } from '@plaudit/contract';
import type { ModelCard } from '@plaudit/reward';
import type { GuardVerdict } from '../guardrails/index.ts';
import type { Arm, ArmName, Deployment } from './deployment.ts';
import { defaultEscalation, isUnsure, type Mode } from './escalation.ts';
import type { WorkItem } from './protocol.ts';
import type { ServedVersion, VersionAnswer } from './served-version.ts';

export interface ScoringRequest {
  readonly items: readonly WorkItem[];
  readonly mode?: Mode;
  /** Milliseconds from now in which the answer has to be there. */
  readonly latencyBudget?: number | undefined;
  /** Who asks, for the choice of the arm; the first prompt where nobody is named. */
  readonly unit?: string | undefined;
  readonly signal?: AbortSignal;
  /** When the caller's request began, as `performance.now()` said then, where that was before it came here. */
  readonly began?: number;
  /** Whether who asks keeps back by itself what the guard does not let pass. */
  readonly keepsBack?: boolean;
}

/** Why an item of mode `auto` has the score that it has. */
type Escalation = 'sure' | 'unsure' | 'no_time' | 'no_room' | 'failed' | 'no_proxy';

interface AnswerBase {
  /** The version that scored it, or that could not. */
  readonly version: ServedVersion;
  readonly mode: 'fast' | 'thorough';
  /** In mode `auto` only. */
  readonly escalation?: Escalation;
  /** Of each response, where the bundle has guardrails. */
  readonly verdicts?: readonly GuardVerdict[];
}
export type ItemAnswer = AnswerBase &
  (
    | (VersionAnswer & { readonly error?: undefined })
    | { readonly scores?: undefined; readonly error: PlauditError }
  );

export interface ScoringAnswer {
  readonly deployment: string;
  readonly revision: number | null;
  readonly arm: ArmName;
  readonly bundle: string | null;
  /** In the order of the request. */
  readonly items: readonly ItemAnswer[];
  readonly milliseconds: number;
}

interface Bounds {
  readonly signal: AbortSignal | undefined;
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
}

/** Kinds of reward models that can say that a response breaks a constraint. */
const constrainedKinds = new Set(['composite', 'program']);
const isConstrained = ({ kind, lineage }: ModelCard): boolean =>
  [kind, ...(lineage.parts ?? []).map((part) => part.kind)].some((one) => constrainedKinds.has(one));

/**
 * @param patience Milliseconds for a request without a latency budget
 * @throws PlauditError serving.overloaded before anything is computed
 */
export const askArm = async (
  { name, plan }: Pick<Deployment, 'name' | 'plan'>,
  arm: Arm,
  { items, mode = 'thorough', latencyBudget, signal, began }: ScoringRequest,
  patience: number,
): Promise<ScoringAnswer> => {
  const start = performance.now();
  const bounds = { signal, deadline: start + (latencyBudget ?? patience) };
  const first = mode === 'thorough' ? arm.model : (arm.proxy ?? arm.model);
  // All of a request is taken or none of it; nothing happens between this and the taking.
  const unknown = items.filter((item) => !first.cached(item));
  first.batcher.requireRoom(unknown.reduce((sum, { responses }) => sum + responses.length, 0));
  const answers = await Promise.all(
    items.map(async (item): Promise<ItemAnswer> => {
      const quick = await answerOf(first, first === arm.proxy ? 'fast' : 'thorough', item, bounds);
      const answer = mode === 'auto' ? await escalated(plan.escalation, arm, item, quick, bounds) : quick;
      return guarded(arm, item, answer);
    }),
  );
  return {
    deployment: name,
    revision: plan.revision ?? null,
    arm: arm.name,
    bundle: arm.bundle,
    items: answers,
    milliseconds: performance.now() - (began ?? start),
  };
};

const guarded = async ({ guard }: Arm, item: WorkItem, answer: ItemAnswer): Promise<ItemAnswer> => {
  if (!guard) return answer;
  const constrained = isConstrained(answer.version.card);
  const verdicts = await guard.judge(
    item.responses.map((response, i) => {
      const score = answer.scores?.[i];
      return { prompt: item.prompt, response, constrained, ...(score && { score }) };
    }),
  );
  return { ...answer, verdicts };
};

/** The thorough model's answer where the quick one is unsure and there is time; else the quick one, and why. */
const escalated = async (
  escalation: Deployment['plan']['escalation'],
  { model, proxy }: Arm,
  item: WorkItem,
  quick: ItemAnswer,
  bounds: Bounds,
): Promise<ItemAnswer> => {
  if (!proxy) return { ...quick, escalation: 'no_proxy' };
  const rule = { ...defaultEscalation, ...escalation };
  if (quick.scores && !isUnsure(quick.scores, proxy.card, rule)) return { ...quick, escalation: 'sure' };
  const isKnown = model.cached(item) !== undefined;
  const left = bounds.deadline - performance.now();
  if (!isKnown && model.batcher.expected(item.responses.length) > left)
    return { ...quick, escalation: 'no_time' };
  const thorough = await answerOf(model, 'thorough', item, bounds);
  if (thorough.scores) return { ...thorough, escalation: 'unsure' };
  if (!quick.scores) return { ...thorough, escalation: 'failed' };
  const { code } = thorough.error;
  if (code === 'serving.deadline') return { ...quick, escalation: 'no_time' };
  return { ...quick, escalation: code === 'serving.overloaded' ? 'no_room' : 'failed' };
};

const answerOf = async (
  version: ServedVersion,
  mode: 'fast' | 'thorough',
  item: WorkItem,
  bounds: Bounds,
): Promise<ItemAnswer> => {
  try {
    return { version, mode, ...(version.cached(item) ?? (await version.score(item, bounds))) };
  } catch (error) {
    return { version, mode, error: error as PlauditError };
  }
};
