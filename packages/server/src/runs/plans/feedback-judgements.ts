/** @file The plan by which what users did, as serving has recorded it, becomes judgements under declared rules. */
import { signalRules } from '@plaudit/feedback';
import { z } from 'zod';
import { runName } from './shared.ts';

/** Signals that are given on purpose: they became judgements when they were given, and would count twice. */
const explicit: readonly string[] = ['thumb', 'edit'];

export const feedbackJudgements = z.strictObject({
  kind: z.literal('feedback.judgements'),
  name: runName,
  dataset: z.string().min(1).max(200).default('signals').describe('Name of the data set that they go into'),
  rules: signalRules
    .refine(
      ({ rules }) => rules.every(({ signal }) => !explicit.includes(signal)),
      'thumbs and edits become judgements when they are given: a rule for them would count them twice',
    )
    .optional()
    .describe('Default: those of `plaudit data signals --print-rules`, without thumbs and edits'),
  calibrateWith: z
    .string()
    .max(200)
    .optional()
    .describe(
      "Name of a data set with comparisons of people who were asked: they measure each rule's agreement",
    ),
  settledMinutes: z
    .number()
    .nonnegative()
    .max(100_000)
    .default(30)
    .describe('Impressions that are younger wait for the next run: their users may still act'),
});

export const implicitOf = <Rule extends { readonly signal: string }>(rules: readonly Rule[]): Rule[] =>
  rules.filter(({ signal }) => !explicit.includes(signal));
