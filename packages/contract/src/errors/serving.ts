/** @file Errors of serving: reward models and policies that answer over HTTP. */
import type { ErrorRow } from './error.ts';

export const servingErrors = {
  'serving.unknown_model': {
    status: 404,
    exit: 'missing',
    message: 'No deployment {model} serves in this project.',
    cure: 'GET /v1/deployed says what serves. Promote a bundle to a deployment of that name, or name one that is there.',
  },
  'serving.model_unnamed': {
    status: 422,
    exit: 'input',
    message: 'The request names no model, and {deployments} deployments serve in this project.',
    cure: 'Name one of those that GET /v1/deployed lists, in the field model or, where the format has none, in the query as ?model=NAME.',
  },
  'serving.no_policy': {
    status: 404,
    exit: 'missing',
    message: 'The deployment {model} has no policy that could write.',
    cure: 'Promote a bundle with a policy, or send the responses that are to be scored.',
  },
  'serving.overloaded': {
    status: 429,
    exit: 'unavailable',
    message: 'The queue of {model} is full: nothing of the request was computed.',
    cure: 'Send it again after {retryAfter} seconds (header Retry-After), or serve the model on more machines.',
  },
  'serving.too_many': {
    status: 413,
    exit: 'input',
    message: 'The request has {count} {what}; at most {limit} are taken at once.',
    cure: 'Send several requests.',
  },
  'serving.too_long': {
    status: 422,
    exit: 'input',
    message: 'A prompt with its response is too long for the model: {problem}.',
    cure: 'Shorten it, or say which side may be cut: "truncation": "left" or "right". What is cut is not judged.',
  },
  'serving.cut_unknown': {
    status: 422,
    exit: 'input',
    message: 'A model of kind {kind} cannot be cut on the right.',
    cure: 'Use "truncation": "left" or "error".',
  },
  'serving.deadline': {
    status: 504,
    exit: 'unavailable',
    message: 'The time for the answer was over before it was computed.',
    cure: 'Send it again, with a larger latency_budget_ms or mode fast.',
  },
  'serving.cancelled': {
    status: 499,
    exit: 'interrupted',
    message: 'The caller hung up before the answer was computed.',
    cure: 'Nothing needs to be done.',
  },
  'serving.worker_lost': {
    status: 503,
    exit: 'run',
    message: 'The process that computes {model} ended while it worked on this: {problem}.',
    cure: 'It is started again by itself; send the request again. If it happens with the same request each time, look into the log of the server.',
  },
  'serving.failed': {
    status: 500,
    exit: 'run',
    message: 'The model {model} gave no answer: {problem}.',
    cure: 'Look into the log of the server. A failure is never a reward of 0.',
  },
  'serving.closing': {
    status: 503,
    exit: 'unavailable',
    message: 'The server is about to stop and takes no new work.',
    cure: 'Send the request again in a few seconds.',
  },
  'serving.empty': {
    status: 400,
    exit: 'input',
    message: 'The field {field} is empty.',
    cure: 'Send at least one text.',
  },
  'serving.key_reused': {
    status: 422,
    exit: 'input',
    message:
      'The Idempotency-Key was used for another request in the last 24 hours: nothing of this one was taken.',
    cure: 'Give every request a key of its own, and the same key only to the same request.',
  },
  'serving.unsupported': {
    status: 422,
    exit: 'input',
    message: 'The field {field} cannot be served: {problem}.',
    cure: 'Leave it out, or use POST /v1/score, which says all that a model knows.',
  },
} as const satisfies Record<string, ErrorRow>;
