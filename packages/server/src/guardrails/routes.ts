/** @file Guardrails over HTTP: trying a bundle's, and the queue of what waits for a person. */
import { message } from '@plaudit/contract';
import type { Review } from '@plaudit/store';
import { z } from 'zod';
import { engineers, type Role } from '../http/roles.ts';
import { type Route, route } from '../http/route.ts';
import { bundleGuard } from './bundle-guard.ts';
import { decideReview, textsOf } from './review.ts';
import { guardrailSettings } from './settings.ts';

export interface GuardrailServices {
  readonly now: () => Date;
}

const tag = 'Guardrails';
const reviewers: readonly Role[] = ['owner', 'reviewer'];
const inProject = z.object({ project: z.string() });
const ofReview = z.object({ project: z.string(), review: z.string() });
const date = z.date().transform((at) => at.toISOString());

const verdict = z.object({
  action: z.enum(['allow', 'review', 'block']),
  reasons: z.array(z.object({ reason: z.string(), action: z.enum(['mark', 'review', 'block']) })),
});

const review = z.object({
  id: z.string(),
  deployment: z.string().nullable(),
  reasons: z.array(z.string()),
  state: z.enum(['open', 'decided']),
  decision: z.enum(['allow', 'block']).nullable(),
  judgement: z.string().nullable(),
  actor: z.string().nullable(),
  openedAt: date,
  decidedAt: date.nullable(),
});
const withTexts = review.extend({
  /** Null where they have been erased. */
  texts: z.object({ prompt: z.array(message), response: z.string() }).nullable(),
});

const shown = ({ prompt, response, reasons, ...rest }: Review) => ({ ...rest, reasons: [...reasons] });

export const guardrailRoutes = ({ now }: GuardrailServices): readonly Route[] => [
  route({
    ...{ method: 'POST', url: '/v1/projects/:project/guardrails/check', access: engineers, tag },
    ...{ summary: 'Say what guardrails would do; nothing is kept.', operation: 'checkGuardrails' },
    params: inProject,
    body: z.object({
      /** Of this bundle, or the settings themselves. */
      bundle: z.string().optional(),
      settings: guardrailSettings.optional(),
      prompt: z.array(message).min(1),
      response: z.string(),
      score: z
        .object({
          perObjective: z.record(z.string(), z.number()),
          violations: z.array(z.string()).optional(),
        })
        .optional(),
    }),
    result: verdict,
    handler: async ({ store, body: { bundle, settings, prompt, response, score } }) => {
      const given = bundle === undefined ? (settings ?? {}) : (await store.bundles.get(bundle)).guardrails;
      const guard = bundleGuard(bundle ?? null, given);
      if (!guard) return { action: 'allow' as const, reasons: [] };
      const [found] = await guard.judge([
        {
          ...{ prompt, response },
          ...(score && {
            score: {
              perObjective: score.perObjective,
              ...(score.violations && { violations: score.violations }),
            },
          }),
        },
      ]);
      return { action: found!.action, reasons: [...found!.reasons] };
    },
  }),
  route({
    ...{ method: 'GET', url: '/v1/projects/:project/reviews', access: reviewers, tag },
    ...{ summary: 'What waits for a person, or was decided; the newest first.', operation: 'listReviews' },
    params: inProject,
    query: z.object({
      state: z.enum(['open', 'decided']).optional(),
      before: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
    }),
    result: z.object({ reviews: z.array(review) }),
    handler: async ({ store, query: { state, before, limit } }) => ({
      reviews: (await store.reviews.list({ limit, ...(state && { state }), ...(before && { before }) })).map(
        shown,
      ),
    }),
  }),
  route({
    ...{ method: 'GET', url: '/v1/projects/:project/reviews/:review', access: reviewers, tag },
    ...{ summary: 'A response that waits for a person, with its texts.', operation: 'getReview' },
    params: ofReview,
    result: withTexts,
    handler: async ({ store, params }) => {
      const found = await store.reviews.get(params.review);
      const texts = await textsOf(store, found);
      return {
        ...shown(found),
        texts: texts && { prompt: [...texts.prompt], response: texts.response },
      };
    },
  }),
  route({
    ...{ method: 'POST', url: '/v1/projects/:project/reviews/:review/decide', access: reviewers, tag },
    ...{ summary: 'Allow or block it; the decision becomes a judgement.', operation: 'decideReview' },
    params: ofReview,
    body: z.object({ decision: z.enum(['allow', 'block']) }),
    result: review,
    handler: async ({ store, params, body, actor }) =>
      shown(
        await decideReview(store, params.review, {
          ...{ decision: body.decision, actor: actor.id, at: now() },
        }),
      ),
  }),
];
