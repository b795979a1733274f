/** @file Guardrails: what a response may not be, and who decides where that is not clear. */
export { type Guard, guardOf } from './guard.ts';
export { holdForReview } from './review.ts';
export { guardrailRoutes } from './routes.ts';
export { guardrailSettings } from './settings.ts';
