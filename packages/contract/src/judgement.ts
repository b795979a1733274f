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
  /** Response index that was shown first, where known. */
  shownFirst: z.union([z.literal(0), z.literal(1)]).optional(),
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

/** Every kind of judgement. Comparisons only so far; rankings, ratings, labels, edits and steps join here. */
export const judgement = z.discriminatedUnion('kind', [comparison]);
export type Judgement = z.infer<typeof judgement>;
