/** @file What the guardrails of a bundle say: patterns, sensitive domains, coarse language, thresholds of objectives. */
import { z } from 'zod';

/** `mark` only says so; `review` holds the response for a person; `block` keeps it back. */
const action = z.enum(['mark', 'review', 'block']);
export type Action = z.output<typeof action>;

const flags = z.string().regex(/^[imsu]*$/, 'it may hold i, m, s and u');

const compiles = ({ pattern, flags: given }: { pattern: string; flags: string }): boolean => {
  try {
    new RegExp(pattern, given);
    return true;
  } catch {
    return false;
  }
};

const patternRule = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    in: z.enum(['prompt', 'response', 'either']).default('response'),
    pattern: z.string().min(1).max(2000),
    flags: flags.default('iu'),
    action: action.default('block'),
  })
  .refine(compiles, { path: ['pattern'], message: 'it is no regular expression' });
export type PatternRule = z.output<typeof patternRule>;

const objectiveRule = z.strictObject({
  objective: z.string().min(1).max(100),
  /** The raw score of the objective below which the rule holds. It is of one version: move it with the quantile map. */
  least: z.number(),
  action: action.default('block'),
});

const sentence = z.string().trim().min(1).max(1000);

/** In a bundle's `guardrails`. Nothing is asked where nothing is written. */
export const guardrailSettings = z.strictObject({
  rules: z.array(patternRule).max(200).default([]),
  /** By the name of a sensitive domain of the prompt, as in the quality gate of that name. */
  domains: z.record(z.string().max(100), action).default({}),
  /** Obscenities, insults and threats in the response, by word lists of four languages. */
  toxicity: action.optional(),
  /** For texts in scripts that the word lists do not cover, where domains or toxicity are asked for. */
  uncovered: action.optional(),
  objectives: z.array(objectiveRule).max(50).default([]),
  /** What the reward model itself says that the response must not do. */
  violations: action.default('block'),
  /** For a response that could not be scored though an objective is asked for. */
  unscored: action.default('review'),
  /** What a caller of a policy gets in place of a response that is blocked. */
  blockedMessage: sentence.default('This answer was withheld because it breaks the rules of this service.'),
  /** And in place of one that waits for a person. */
  heldMessage: sentence.default('This answer is held until a person has looked at it.'),
});
export type GuardrailSettings = z.output<typeof guardrailSettings>;

/** What stands in the place of a response that does not leave. */
export type Messages = Pick<GuardrailSettings, 'blockedMessage' | 'heldMessage'>;
