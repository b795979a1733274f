/** @file The quality gates as text. */
import type { GateResult, QualityReport, Verdict } from '@plaudit/feedback';
import { count, plural } from './text.ts';

/** The gates that speak up, the worst first, each with what to do. */
export const qualityText = ({ gates, blocking }: QualityReport): string => {
  const of = (verdict: Verdict): readonly GateResult[] => gates.filter((gate) => gate.verdict === verdict);
  const [failed, warned, passed] = [of('fail'), of('warn'), of('pass')];
  const lines = [...failed, ...warned].map(
    ({ verdict, title, reason, fix }) =>
      `  ${verdict === 'fail' ? 'FAIL' : 'warn'}  ${title}: ${reason}\n        ${fix}\n`,
  );
  const stops =
    blocking.length === 0
      ? ''
      : `A snapshot of this is not trained on unless told, because of: ${blocking.join(', ')}.\n`;
  return `Quality: ${plural(passed.length, 'gate')} passed, ${count(warned.length)} warn, ${count(failed.length)} failed, ${count(of('not_applicable').length)} do not apply.\n${lines.join('')}${stops}`;
};
