/** @file A guard: a response against the guardrails of its bundle, with names of what held and never the text that did. */

import { createContext, Script } from 'node:vm';
import type { Prompt } from '@plaudit/contract';
import { wordMarks } from '@plaudit/feedback';
import { turns } from '../turns.ts';
import { type Action, guardrailSettings, type PatternRule } from './settings.ts';

/** What the reward model said; absent where it could say nothing. */
interface GuardedScore {
  readonly perObjective: Readonly<Record<string, number>>;
  readonly violations?: readonly string[];
}

export interface Guarded {
  readonly prompt: Prompt;
  readonly response: string;
  readonly score?: GuardedScore;
  /** Whether the reward model has constraints: without a score it is not known whether the response breaks one. */
  readonly constrained?: boolean;
}

export interface GuardVerdict {
  readonly action: 'allow' | 'review' | 'block';
  /** What held: names of rules, domains and objectives. */
  readonly reasons: readonly { readonly reason: string; readonly action: Action }[];
}

export type Guard = (given: Guarded) => Promise<GuardVerdict>;

/** Milliseconds for all patterns of a response together: others wait meanwhile. */
const patternTime = 20;

/** Characters of a prompt and a response that are read: word lists take 10 ms for so many, in which nobody else is answered. */
const mostCharacters = 200_000;

/** What a script of another context is for here: only such a one can be stopped by the clock, patterns that it runs included. */
const script = new Script('run()');
const sandbox = { run: (): void => undefined };
const context = createContext(sandbox);

/**
 * Which tests hold, stopped by the clock: a pattern that is slow on some text must not stop the server. All of them are in one
 * run, because beginning one takes longer than most patterns.
 *
 * @returns For each test whether it holds; null from the one that was stopped on
 */
const heldInTime = (tests: readonly (() => boolean)[], milliseconds: number): readonly (boolean | null)[] => {
  const held: (boolean | null)[] = tests.map(() => null);
  let at = 0;
  sandbox.run = () => {
    for (; at < tests.length; at++) held[at] = tests[at]!();
  };
  try {
    script.runInContext(context, { timeout: milliseconds });
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
  } finally {
    // Nothing of a text stays.
    sandbox.run = () => undefined;
  }
  return held;
};

const tooLong: GuardVerdict = {
  action: 'review',
  reasons: [{ reason: 'longer than is read', action: 'review' }],
};

const textsFor = ({ in: where }: PatternRule, { prompt, response }: Guarded): string[] => [
  ...(where === 'response' ? [] : prompt.map(({ content }) => content)),
  ...(where === 'prompt' ? [] : [response]),
];

/**
 * A guard of a bundle's settings. A rule that could not be finished holds the response for a person: it is not known whether
 * it may go.
 *
 * @param settings `guardrails` of a bundle.
 * @throws ZodError for settings that are none
 * @example const { action } = await guardOf(bundle.guardrails)({ prompt, response, score })
 */
export const guardOf = (settings: unknown): Guard => {
  const rules = guardrailSettings.parse(settings);
  const patterns = rules.rules.map((rule) => ({ rule, pattern: new RegExp(rule.pattern, rule.flags) }));
  const readsWords = Object.keys(rules.domains).length > 0 || rules.toxicity !== undefined;
  return async (given) => {
    const characters = given.prompt.reduce((sum, { content }) => sum + content.length, given.response.length);
    if (characters > mostCharacters) return tooLong;
    const reasons: { reason: string; action: Action }[] = [];
    const found =
      patterns.length === 0
        ? []
        : heldInTime(
            patterns.map(({ rule, pattern }) => {
              const texts = textsFor(rule, given);
              return () => texts.some((text) => pattern.test(text));
            }),
            patternTime,
          );
    for (const [i, { rule }] of patterns.entries())
      if (found[i] === null)
        reasons.push({
          reason: `rule ${rule.name} (not finished)`,
          action: rule.action === 'mark' ? 'mark' : 'review',
        });
      else if (found[i]) reasons.push({ reason: `rule ${rule.name}`, action: rule.action });
    if (readsWords) {
      const { domains, toxic, covered } = wordMarks(given.prompt, given.response);
      for (const domain of domains) {
        const action = Object.hasOwn(rules.domains, domain) ? rules.domains[domain] : undefined;
        if (action) reasons.push({ reason: `domain ${domain}`, action });
      }
      if (toxic && rules.toxicity) reasons.push({ reason: 'coarse language', action: rules.toxicity });
      if (!covered && rules.uncovered)
        reasons.push({ reason: 'a script that the word lists do not cover', action: rules.uncovered });
    }
    for (const { objective, least, action } of rules.objectives) {
      const { perObjective = {} } = given.score ?? {};
      const value = Object.hasOwn(perObjective, objective) ? perObjective[objective]! : Number.NaN;
      if (Number.isNaN(value))
        reasons.push({ reason: `objective ${objective} (not scored)`, action: rules.unscored });
      else if (value < least) reasons.push({ reason: `objective ${objective}`, action });
    }
    if (!given.score && given.constrained && rules.objectives.length === 0)
      reasons.push({
        reason: 'reward model (not scored)',
        action: rules.violations === 'mark' ? 'mark' : rules.unscored,
      });
    for (const violation of given.score?.violations ?? [])
      reasons.push({ reason: `reward model: ${violation}`, action: rules.violations });
    const asks = (action: Action): boolean => reasons.some((one) => one.action === action);
    return { action: asks('block') ? 'block' : asks('review') ? 'review' : 'allow', reasons };
  };
};

/** The verdict where a guard itself failed: it is not known whether the response may go. */
export const unjudged: GuardVerdict = {
  action: 'review',
  reasons: [{ reason: 'the guardrails failed', action: 'review' }],
};

/** Verdicts on responses, in their order. A guard that throws holds the response. */
export const judgeAll = async (guard: Guard, given: readonly Guarded[]): Promise<readonly GuardVerdict[]> => {
  const verdicts: GuardVerdict[] = [];
  const others = turns();
  for (const one of given) {
    verdicts.push(await guard(one).catch(() => unjudged));
    await others();
  }
  return verdicts;
};
