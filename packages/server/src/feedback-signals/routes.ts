/** @file The route by which applications say what they showed and what people did about it. */
import { labellers } from '../http/roles.ts';
import { type Route, route } from '../http/route.ts';
import { servingBodyLimit } from '../serving/conversation.ts';
import { feedbackAnswer, feedbackBody } from './documents.ts';
import { takeFeedback } from './take-feedback.ts';

export const feedbackRoutes = ({
  now = () => new Date(),
}: {
  readonly now?: () => Date;
} = {}): readonly Route[] => [
  route({
    method: 'POST',
    url: '/v1/feedback',
    access: labellers,
    tag: 'Serving',
    summary:
      'Takes what was shown to users and what they did about it; what they said on purpose becomes judgements at once.',
    operation: 'giveFeedback',
    bodyLimit: servingBodyLimit,
    body: feedbackBody,
    result: feedbackAnswer,
    handler: ({ body, store }) => takeFeedback(store, body, now()),
  }),
];
