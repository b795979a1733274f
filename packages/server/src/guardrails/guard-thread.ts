/** @file Judging in a thread of its own, from outside. Where it fails or takes too long, responses are held. */
import { setTimeout as wait } from 'node:timers/promises';
import { askedThread } from '../serving/asked-thread.ts';
import { type Guarded, type GuardVerdict, unjudged } from './guard.ts';
import type { GuardrailSettings } from './settings.ts';

export interface GuardTask {
  /** As JSON. */
  readonly settings: string;
  readonly given: readonly Guarded[];
}

/** Verdicts on responses, in their order; never throws. */
export type Judge = (given: readonly Guarded[]) => Promise<readonly GuardVerdict[]>;

export interface GuardThread {
  readonly judgeOf: (settings: GuardrailSettings) => Judge;
  readonly close: () => Promise<void>;
}

/** Milliseconds for one prompt with its responses, the wait for the thread included. */
const patience = 10_000;

/** @param failed Told why responses could not be judged */
export const openGuardThread = (failed: (error: unknown) => void = () => undefined): GuardThread => {
  const thread = askedThread<GuardTask, readonly GuardVerdict[]>(
    new URL('./guard-thread-main', import.meta.url),
    'of guardrails',
  );
  return {
    judgeOf(of) {
      const settings = JSON.stringify(of);
      return async (given) => {
        const late = new AbortController();
        const unknown = (): readonly GuardVerdict[] => given.map(() => unjudged);
        const asked = thread.ask({ settings, given }).catch((error: unknown) => {
          failed(error);
          return unknown();
        });
        const over = wait(patience, undefined, { signal: late.signal }).then(unknown, unknown);
        return Promise.race([asked, over]).finally(() => late.abort());
      };
    },
    close: () => thread.close(),
  };
};
