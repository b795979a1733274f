/** @file The guard of a bundle that serves, with what stands in the place of what it keeps back. */
import { plauditError } from '@plaudit/contract';
import { guardOf, judgeAll } from './guard.ts';
import type { Judge } from './guard-thread.ts';
import { type GuardrailSettings, guardrailSettings, type Messages } from './settings.ts';

export interface BundleGuard {
  readonly judge: Judge;
  readonly messages: Messages;
}

/** Judges here, in the thread that asks. */
const judgeHere = (settings: GuardrailSettings): Judge => {
  const guard = guardOf(settings);
  return (given) => judgeAll(guard, given);
};

/**
 * @param guardrails Of the bundle
 * @param judgeOf Where responses are judged; default in the thread that asks
 * @returns null for a bundle that says nothing of guardrails
 * @throws PlauditError guardrail.bad_pattern: a bundle whose guardrails cannot be read does not serve
 */
export const bundleGuard = (
  bundle: string | null,
  guardrails: Readonly<Record<string, unknown>> = {},
  judgeOf: (settings: GuardrailSettings) => Judge = judgeHere,
): BundleGuard | null => {
  if (Object.keys(guardrails).length === 0) return null;
  const { success, data } = guardrailSettings.safeParse(guardrails);
  if (!success)
    throw plauditError('guardrail.bad_pattern', {
      rule: bundle ?? 'given',
      problem: 'the guardrails of the bundle are not of the form that is asked for',
    });
  const { blockedMessage, heldMessage } = data;
  return { judge: judgeOf(data), messages: { blockedMessage, heldMessage } };
};
