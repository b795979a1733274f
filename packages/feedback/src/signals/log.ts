/** @file The log of an application: what was shown to whom, and what people then did with it. */
import { prompt } from '@plaudit/contract';
import { z } from 'zod';
import { toPrompt } from '../prompt.ts';

/** What people do with a response. Doing nothing is none of these, and says nothing. */
export const signalNames = [
  'thumb',
  'copy',
  'edit',
  'regenerate',
  'complaint',
  'task',
  'tests',
  'dwell',
] as const;
export type SignalName = (typeof signalNames)[number];

const text = z.string().refine((value) => value.isWellFormed());
const name = text.min(1).max(512);
const time = z.iso.datetime({ offset: true });

/** A prompt with the response, or the responses side by side, that the application showed for it. */
export const impression = z.object({
  type: z.literal('impression'),
  id: name,
  time,
  /** Who saw it, under a pseudonym. */
  user: name.optional(),
  /** Where it was shown: which page, which application. */
  surface: name,
  /** The policy that answered, with its version. */
  policy: name,
  prompt: z.union([text.min(1).transform((content) => toPrompt(content)), prompt]),
  responses: z.array(text.min(1)).min(1).max(16),
  /** The probability with which this was shown rather than something else, above 0; absent where nothing was drawn. */
  probability: z.number().gt(0).max(1).optional(),
  /** Whether the user was picked at random and asked for feedback. */
  asked: z.boolean().optional(),
  /** The signals that could be given here; absent for all of them. */
  controls: z.array(z.enum(signalNames)).optional(),
  /** On what basis the user's behaviour may be used. */
  consent: name.optional(),
  language: name.optional(),
  segments: z.record(name, text).optional(),
});
export type Impression = z.infer<typeof impression>;

const of = {
  type: z.literal('event'),
  /** The id of the impression. */
  impression: name,
  time,
  /** Which of the responses, from 0. */
  response: z.number().int().nonnegative().default(0),
};

export const signalEvent = z.discriminatedUnion('signal', [
  z.object({ ...of, signal: z.literal('thumb'), up: z.boolean() }),
  z.object({ ...of, signal: z.literal('copy') }),
  /** The response as the user left it. */
  z.object({ ...of, signal: z.literal('edit'), text: text.min(1) }),
  /** The impression that was asked for in place of this one. */
  z.object({ ...of, signal: z.literal('regenerate'), next: name }),
  /** The user's next turn says that the response was wrong; how that is told is the application's matter. */
  z.object({ ...of, signal: z.literal('complaint') }),
  z.object({ ...of, signal: z.literal('task'), completed: z.boolean() }),
  z.object({ ...of, signal: z.literal('tests'), passed: z.boolean() }),
  /** How long the response was in view. */
  z.object({ ...of, signal: z.literal('dwell'), seconds: z.number().nonnegative() }),
]);
export type SignalEvent = z.infer<typeof signalEvent>;

export interface SignalLog {
  readonly impressions: readonly Impression[];
  readonly events: readonly SignalEvent[];
}
