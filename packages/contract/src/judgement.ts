/** @file Judgements: the one record shape for what anyone says about responses. */
import { z } from 'zod';

/** One turn of a conversation. */
export const message = z.object({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.string(),
});
export type Message = z.infer<typeof message>;

/** A prompt is a conversation that waits for an answer; a plain string prompt is one user turn. */
export const prompt = z.array(message).min(1);
export type Prompt = z.infer<typeof prompt>;

export const strength = z.enum(['slightly', 'clearly', 'much']);
export type Strength = z.infer<typeof strength>;

/** Where a judgement came from. What a file does not say stays absent; nothing is invented. */
export const provenance = z.object({
  source: z.string(),
  /** 1-based line of a line format, 1-based index of an array format. */
  row: z.number().int().positive().optional(),
  annotator: z.string().optional(),
  annotatorKind: z.enum(['human', 'model', 'program', 'implicit', 'simulated']).optional(),
  language: z.string().optional(),
  /** When the judgement was given: ISO 8601 with a zone, as `2026-03-01T09:30:00Z`. */
  time: z.iso.datetime({ offset: true }).optional(),
  /** Seconds that the annotator took. */
  seconds: z.number().nonnegative().optional(),
  /** Version of the rubric that the annotator was shown. */
  rubric: z.string().optional(),
  /** Probability with which this was chosen to be judged, above 0: what inverse-propensity weights are made from. */
  selectionProbability: z.number().gt(0).max(1).optional(),
  /** Response index that was shown first, where known. */
  shownFirst: z.union([z.literal(0), z.literal(1)]).optional(),
  /** Of more than two responses: their indices in the order in which they were shown, where known. */
  shown: z.array(z.number().int().nonnegative()).optional(),
  /** Segment name to value: task category, language, user group. */
  segments: z.record(z.string(), z.string()).optional(),
});
export type Provenance = z.infer<typeof provenance>;

/** Two responses to one prompt and which is better. */
export const comparison = z.object({
  kind: z.literal('comparison'),
  prompt,
  responses: z.tuple([z.string(), z.string()]),
  outcome: z.enum(['a', 'b', 'tie', 'both_bad']),
  strength: strength.optional(),
  /** By how much the winner leads, in the source's own units; at least 0. */
  margin: z.number().nonnegative().optional(),
  /** Share of the votes or probability for the first response, 0 to 1, where the source keeps it. */
  preference: z.number().min(0).max(1).optional(),
  criterion: z.string().optional(),
  provenance,
});
export type Comparison = z.infer<typeof comparison>;

/** Responses to one prompt in order. */
export const ranking = z.object({
  kind: z.literal('ranking'),
  prompt,
  responses: z.array(z.string()).min(2),
  /** Indices of responses, best group first; a group's members were judged equal. A response in no group was not ranked. */
  groups: z.array(z.array(z.number().int().nonnegative()).min(1)).min(1),
  /** The last group is all that was left: worse than the groups before it, and not said to be equal. */
  restUnordered: z.boolean().optional(),
  criterion: z.string().optional(),
  provenance,
});
export type Ranking = z.infer<typeof ranking>;

/** One response's value on a declared scale. */
export const rating = z.object({
  kind: z.literal('rating'),
  prompt,
  response: z.string(),
  criterion: z.string().optional(),
  value: z.number(),
  scale: z.object({ least: z.number(), most: z.number() }),
  provenance,
});
export type Rating = z.infer<typeof rating>;

/** Whether one response is desirable: a thumb, a passed test, a finished task. */
export const label = z.object({
  kind: z.literal('label'),
  prompt,
  response: z.string(),
  desirable: z.boolean(),
  criterion: z.string().optional(),
  provenance,
});
export type Label = z.infer<typeof label>;

/** A response and its human rewrite, which is preferred. */
export const edit = z.object({
  kind: z.literal('edit'),
  prompt,
  response: z.string(),
  rewrite: z.string(),
  criterion: z.string().optional(),
  provenance,
});
export type Edit = z.infer<typeof edit>;

/** Which steps of one response are right. */
export const steps = z.object({
  kind: z.literal('steps'),
  prompt,
  /** The response in pieces, in order; joined with `separator` they are the response. */
  steps: z.array(z.string()).min(1),
  separator: z.string(),
  /** One for each step; null where nobody judged it, as after the first mistake. */
  labels: z.array(z.boolean().nullable()).min(1),
  criterion: z.string().optional(),
  provenance,
});
export type Steps = z.infer<typeof steps>;

/** Every kind of judgement. */
export const judgement = z.discriminatedUnion('kind', [comparison, ranking, rating, label, edit, steps]);
export type Judgement = z.infer<typeof judgement>;
