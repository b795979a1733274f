/** @file Findings that overlap: the one with the most evidence stays. */
import type { Finding } from './recogniser.ts';

/**
 * Findings without overlaps, in the order of the text. Of findings that overlap the highest score stays, among equals
 * the longest, then the first in the text, then the first by name.
 *
 * @param length Of the text, in UTF-16 code units
 */
export const withoutOverlaps = (findings: readonly Finding[], length: number): Finding[] => {
  if (findings.length < 2) return [...findings];
  const taken = new Uint8Array(length);
  const kept: Finding[] = [];
  for (const finding of [...findings].sort(byEvidence)) {
    const { start, end } = finding;
    const clash = taken.subarray(start, end).includes(1);
    if (clash) continue;
    taken.fill(1, start, end);
    kept.push(finding);
  }
  return kept.sort((a, b) => a.start - b.start);
};

const byEvidence = (a: Finding, b: Finding): number =>
  b.score - a.score ||
  b.end - b.start - (a.end - a.start) ||
  a.start - b.start ||
  (a.recogniser < b.recogniser ? -1 : a.recogniser > b.recogniser ? 1 : 0);
