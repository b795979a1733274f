/** @file The settings that every gate has: when it warns and when it fails. */
import { type Bounds, bounds } from './document.ts';

/** Fields of a gate's settings, with what holds unless told; null never warns or never fails. */
export const thresholds = (warn: Bounds | null, fail: Bounds | null) => ({
  warn: bounds.nullable().default(warn),
  fail: bounds.nullable().default(fail),
});
