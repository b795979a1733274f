/** @file Guardrails: what a response may not be, and who decides where that is not clear. */
export { type BundleGuard, bundleGuard } from './bundle-guard.ts';
export type { GuardVerdict } from './guard.ts';
export { type GuardThread, openGuardThread } from './guard-thread.ts';
export { holdForReview } from './review.ts';
export { guardrailRoutes } from './routes.ts';
export { guardrailSettings } from './settings.ts';
