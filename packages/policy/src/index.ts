/** @file The public surface of `@plaudit/policy`. */
export { type PolicyRecord, policyRecord } from './trainer/record.ts';
