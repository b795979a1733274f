/** @file The route by which applications say what they showed and what people did about it. */
import { idsInOrder } from '@plaudit/store';
import { labellers } from '../http/roles.ts';
import { type Route, route } from '../http/route.ts';
import { servingBodyLimit } from '../serving/conversation.ts';
import { feedbackAnswer, feedbackBody } from './documents.ts';
import { idempotencyKeyOf, onceUnder } from './kept-request.ts';
import { feedbackPrivacy, type PrivacyServices } from './privacy.ts';
import { takeFeedback } from './take-feedback.ts';

export interface FeedbackServices extends PrivacyServices {
  readonly now: () => Date;
}

export const feedbackRoutes = (services: FeedbackServices): readonly Route[] => {
  const { now } = services;
  const newId = idsInOrder(now);
  return [
    route({
      method: 'POST',
      url: '/v1/feedback',
      access: labellers,
      tag: 'Serving',
      summary:
        'Takes what was shown to users and what they did about it; what they said on purpose becomes judgements at once. With an Idempotency-Key the same request is done once.',
      operation: 'giveFeedback',
      bodyLimit: servingBodyLimit,
      body: feedbackBody,
      result: feedbackAnswer,
      async handler({ body, store, request }) {
        const key = idempotencyKeyOf(request.headers['idempotency-key']);
        const privacy = await feedbackPrivacy(services, store);
        return key === undefined
          ? takeFeedback(store, privacy, body, { at: now(), newId })
          : onceUnder(store, key, body, (doing) => takeFeedback(store, privacy, body, doing));
      },
    }),
  ];
};
