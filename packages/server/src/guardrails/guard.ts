/** @file A guard: a response against the guardrails of its bundle, with names of what held and never the text that did. */
import { createContext, Script } from 'node:vm';
import type { Prompt } from '@plaudit/contract';
import { type Action, guardrailSettings, type PatternRule } from './settings.ts';
import { wordMarks } from './word-marks.ts';

/** What the reward model said; absent where it could say nothing. */
interface GuardedScore {
  readonly perObjective: Readonly<Record<string, number>>;
  readonly violations?: readonly string[];
}

interface Guarded {
  readonly prompt: Prompt;
  readonly response: string;
  readonly score?: GuardedScore;
}

export interface GuardVerdict {
  readonly action: 'allow' | 'review' | 'block';
  /** What held: names of rules, domains and objectives. */
  readonly reasons: readonly { readonly reason: string; readonly action: Action }[];
}

export type Guard = (given: Guarded) => Promise<GuardVerdict>;

/** Milliseconds for all patterns of a response together: others wait meanwhile. */
const patternTime = 50;

/** What a script of another context is for here: only such a one can be stopped by the clock, patterns that it runs included. */
const script = new Script('run()');
const sandbox = { run: (): boolean => false };
const context = createContext(sandbox);

/**
 * Runs a pattern, stopped by the clock: a pattern that is slow on some text must not stop the server.
 *
 * @returns null where it was stopped
 */
const matches = (pattern: RegExp, texts: readonly string[], milliseconds: number): boolean | null => {
  sandbox.run = () => texts.some((text) => pattern.test(text));
  try {
    return script.runInContext(context, { timeout: milliseconds }) as boolean;
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return null;
    throw error;
  } finally {
    // Nothing of a text stays.
    sandbox.run = () => false;
  }
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
 * @param clock Milliseconds, never backwards.
 * @throws ZodError for settings that are none
 * @example const { action } = await guardOf(bundle.guardrails)({ prompt, response, score })
 */
export const guardOf = (settings: unknown, clock: () => number = () => performance.now()): Guard => {
  const rules = guardrailSettings.parse(settings);
  const patterns = rules.rules.map((rule) => ({ rule, pattern: new RegExp(rule.pattern, rule.flags) }));
  const readsWords = Object.keys(rules.domains).length > 0 || rules.toxicity !== undefined;
  return async (given) => {
    const reasons: { reason: string; action: Action }[] = [];
    const end = clock() + patternTime;
    for (const { rule, pattern } of patterns) {
      const left = Math.ceil(end - clock());
      const found = left > 0 ? matches(pattern, textsFor(rule, given), left) : null;
      if (found === null)
        reasons.push({
          reason: `rule ${rule.name} (not finished)`,
          action: rule.action === 'mark' ? 'mark' : 'review',
        });
      else if (found) reasons.push({ reason: `rule ${rule.name}`, action: rule.action });
    }
    if (readsWords) {
      const { domains, toxic, covered } = await wordMarks(given.prompt, given.response);
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
    for (const violation of given.score?.violations ?? [])
      reasons.push({ reason: `reward model: ${violation}`, action: rules.violations });
    const asks = (action: Action): boolean => reasons.some((one) => one.action === action);
    return { action: asks('block') ? 'block' : asks('review') ? 'review' : 'allow', reasons };
  };
};
