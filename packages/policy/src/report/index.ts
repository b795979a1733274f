/** @file What people see of a run: the report as a page, and lines for a terminal while it goes on. */
export { type LiveOptions, liveLine, liveLines } from './live.ts';
export { renderPolicyReport } from './report.ts';
