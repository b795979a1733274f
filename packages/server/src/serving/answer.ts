/** @file An answer of the scoring service as the document that goes out. */
import type { PlauditError } from '@plaudit/contract';
import type { z } from 'zod';
import type { GuardVerdict } from '../guardrails/index.ts';
import type { ItemAnswer, ScoringAnswer } from './ask-arm.ts';
import type { Conversation } from './conversation.ts';
import type { Truncation, WorkItem } from './protocol.ts';
import type { answerFields, guardDocument, itemError, responseScore, scoredItem } from './score-documents.ts';

/** What the model is asked of a conversation. */
export const workItem = (
  { prompt, responses, steps, segments }: Conversation,
  truncation: Truncation,
): WorkItem => ({ prompt, responses, truncation, ...(steps && { steps }), ...(segments && { segments }) });

const errorDocument = ({ code, message, cure }: PlauditError): z.input<typeof itemError> => ({
  code,
  message,
  cure,
});

const guardOf = ({ action, reasons }: GuardVerdict): z.input<typeof guardDocument> => ({
  action,
  reasons: [...reasons],
});

/** Scores of an item's responses, in their order. */
export const scoresDocument = (
  answer: ItemAnswer & { readonly error?: undefined },
): z.input<typeof responseScore>[] => {
  const { mean, std } = answer.version.card.normaliser;
  return answer.scores.map((score, index) => ({
    index,
    score: score.reward,
    normalised: (score.reward - mean) / std,
    probability: score.calibrated,
    uncertainty: score.uncertainty,
    objectives: { ...score.perObjective },
    ...(score.steps && { steps: [...score.steps] }),
    ...(score.parts && { parts: [...score.parts] }),
    ...(score.violations && { violations: [...score.violations] }),
    tokens: score.tokens,
    truncated: score.truncated,
    ...(answer.verdicts && { guard: guardOf(answer.verdicts[index]!) }),
  }));
};

export const itemDocument = (
  answer: ItemAnswer,
  index: number,
  id: string | undefined,
): z.input<typeof scoredItem> => ({
  index,
  ...(id !== undefined && { id }),
  object: 'reward',
  status: answer.error ? 'error' : 'ok',
  model_version: answer.version.served.version,
  kind: answer.version.card.kind,
  formatting_digest: answer.version.card.formattingDigest,
  mode: answer.mode,
  ...(answer.escalation && { escalation: answer.escalation }),
  cached: answer.error ? false : answer.cached,
  scores: answer.error ? null : scoresDocument(answer),
  ...(answer.error && { error: errorDocument(answer.error) }),
});

/** The one item of an answer. @throws its error */
export const onlyItem = ({ items }: ScoringAnswer): ItemAnswer & { readonly error?: undefined } => {
  const [item] = items;
  if (item!.error) throw item!.error;
  return item!;
};

/** What an item's document says of the model, without the item. */
export const scorerOf = (item: ItemAnswer) => {
  const { model_version, kind, formatting_digest, mode, escalation, cached } = itemDocument(
    item,
    0,
    undefined,
  );
  return { model_version, kind, formatting_digest, mode, ...(escalation && { escalation }), cached };
};

type AnswerFields = { readonly [Name in keyof typeof answerFields]: z.input<(typeof answerFields)[Name]> };

/** Tokens of all that was scored; null where a model does not count in them. */
const tokensOf = (items: readonly ItemAnswer[]): number | null => {
  const tokens = items.flatMap(({ scores = [] }) => scores.map((score) => score.tokens));
  return tokens.length === 0 || tokens.includes(null)
    ? null
    : tokens.reduce<number>((sum, own) => sum + own!, 0);
};

/** @param id Of the answer @param at When it was asked for */
export const answerDocument = (answer: ScoringAnswer, id: string, at: Date): AnswerFields => {
  const scored = answer.items.flatMap((one) => (one.error ? [] : [one]));
  const largest = (values: readonly number[]): number => Math.max(0, ...values);
  const rounded = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000;
  const responses = (items: typeof scored): number =>
    items.reduce((sum, { scores }) => sum + scores.length, 0);
  const tokens = tokensOf(answer.items);
  return {
    id,
    created: Math.floor(at.getTime() / 1000),
    model: answer.deployment,
    revision: answer.revision,
    arm: answer.arm,
    bundle: answer.bundle,
    activation: 'none',
    score_space: 'within_prompt',
    usage: {
      prompt_tokens: tokens,
      total_tokens: tokens,
      responses: responses(scored),
      cached_responses: responses(scored.filter(({ cached }) => cached)),
    },
    timing: {
      total_ms: rounded(answer.milliseconds),
      queue_ms: rounded(largest(scored.map((one) => one.queueMilliseconds))),
      inference_ms: rounded(largest(scored.map((one) => one.milliseconds))),
      batch_size: largest(scored.map((one) => one.batchSize)),
    },
  };
};
