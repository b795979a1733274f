/** @file What POST /v1/feedback takes and gives: what was shown, and what people did about it. */
import { z } from 'zod';
import { promptOf, promptText } from '../serving/conversation.ts';

const text = z.string().refine((value) => value.isWellFormed(), 'it holds half a character');
const name = text.min(1).max(512);
const uuid = z.uuid();
/** Impressions, or signals, of one request. */
const mostEntries = 1000;

const newImpression = z
  .strictObject({
    ids: z
      .array(uuid)
      .min(1)
      .optional()
      .describe('One for each response, so that the same can be sent twice; made by the server where absent'),
    prompt: promptText.transform(promptOf),
    responses: z.array(text.min(1)).min(1).max(16).describe('In the order in which they were shown'),
    surface: name.describe('Where it was shown: which page, which application'),
    model: name.optional().describe('The policy that answered, as NAME@VERSION'),
    probability: z
      .number()
      .gt(0)
      .max(1)
      .optional()
      .describe('With which this was shown rather than something else; absent where nothing was drawn'),
    could_answer: z.boolean().default(true).describe('Whether the user could give feedback'),
    user: name.optional().describe('Who saw it, under a pseudonym'),
  })
  .refine(
    ({ ids, responses }) => !ids || ids.length === responses.length,
    'there has to be one id for each response',
  );
export type NewShown = z.output<typeof newImpression>;

const of = { impression: uuid.describe('The id of the response that it is about') };
/** Said on purpose: they become judgements at once. */
const explicit = [
  z.strictObject({ ...of, signal: z.literal('thumb'), up: z.boolean() }),
  z.strictObject({ ...of, signal: z.literal('edit'), text: text.min(1) }),
  z.strictObject({
    ...of,
    signal: z.literal('rating'),
    value: z.number(),
    scale: z.strictObject({ least: z.number(), most: z.number() }),
    criterion: name.optional(),
  }),
  z.strictObject({
    ...of,
    signal: z.literal('preference'),
    over: uuid.describe('The id of another response to the same prompt'),
    outcome: z.enum(['better', 'tie', 'both_bad']).default('better'),
    strength: z.enum(['slightly', 'clearly', 'much']).optional(),
    criterion: name.optional(),
  }),
] as const;
/** Done for the user's own sake: they are kept, and declared rules make judgements of them. */
const implicit = [
  z.strictObject({ ...of, signal: z.literal('copy') }),
  z.strictObject({ ...of, signal: z.literal('regenerate'), next: uuid.optional() }),
  z.strictObject({ ...of, signal: z.literal('complaint') }),
  z.strictObject({ ...of, signal: z.literal('task'), completed: z.boolean() }),
  z.strictObject({ ...of, signal: z.literal('tests'), passed: z.boolean() }),
  z.strictObject({ ...of, signal: z.literal('dwell'), seconds: z.number().nonnegative() }),
] as const;
const signal = z.discriminatedUnion('signal', [...explicit, ...implicit]);
export type GivenSignal = z.output<typeof signal>;

export const feedbackBody = z
  .strictObject({
    impressions: z.array(newImpression).max(mostEntries).default([]),
    signals: z.array(signal).max(mostEntries).default([]),
    dataset: z
      .string()
      .min(1)
      .max(200)
      .default('feedback')
      .describe('Name of the data set that judgements go into'),
  })
  .refine(({ impressions, signals }) => impressions.length + signals.length > 0, 'there is nothing in it');
export type FeedbackBody = z.output<typeof feedbackBody>;

const failed = {
  status: z.enum(['ok', 'error']),
  error: z.strictObject({ code: z.string(), message: z.string(), cure: z.string() }).optional(),
  personal_data: z
    .record(z.string(), z.number().int())
    .optional()
    .describe('Findings in its texts by type, where there were any: marked or replaced, as the project says'),
};
export const feedbackAnswer = z.strictObject({
  object: z.literal('feedback'),
  impressions: z.array(
    z.strictObject({
      ...failed,
      ids: z.array(z.string()).optional().describe('One for each response, in their order'),
    }),
  ),
  signals: z.array(
    z.strictObject({
      ...failed,
      id: z.string().optional(),
      judgement: z.string().optional().describe('The id of the judgement that an explicit signal became'),
    }),
  ),
});
