/** @file One text without what is personal in it: findings become what the policy says, until nothing is found any more. */
import { countUpTo } from './count-up-to.ts';
import { entityType } from './entity-types.ts';
import { maskValue, saltedHash } from './operators.ts';
import { withoutOverlaps } from './overlaps.ts';
import type { PrivacyPolicy } from './policy.ts';
import type { Finding } from './recogniser.ts';
import { type SubjectId, subjectId, tokenOf } from './tokens.ts';
import type { SubjectKey, VaultEntry } from './vault.ts';

/** What a scrubbed text leaves behind besides itself. */
export interface ScrubRecords {
  /** With offsets in the text as it came. */
  readonly findings: Finding[];
  readonly subjects: Set<SubjectId>;
  readonly entries: Map<string, VaultEntry>;
  readonly keys: SubjectKey[];
}

/** Stands for a text that could not be made free of findings. */
const withheld = 'WITHHELD';

/**
 * What is taken out of a text can leave something that is found in turn: digits that come together, a word of the context
 * that comes nearer. Ordinary text takes one or two passes; one that takes more than these was made to slow the scan down.
 */
const mostPasses = 8;

/**
 * The text after the policy; the same text again where it finds nothing. Scrubbing the result changes nothing.
 *
 * @param before What was said before, scrubbed
 * @param fromModel Findings of a model in `text`
 */
export const scrubText = (
  text: string,
  before: string,
  fromModel: readonly Finding[],
  policy: PrivacyPolicy,
  records: ScrubRecords,
): string => {
  const scrubbed = passes(text, before, fromModel, policy, records, false);
  if (scrubbed.trim() !== '' || text.trim() === '') return scrubbed;
  // Nothing is left, and an empty response is no response: say at least what was there. The findings are the same.
  return passes(text, before, fromModel, policy, { ...records, findings: [] }, true);
};

const passes = (
  text: string,
  before: string,
  fromModel: readonly Finding[],
  policy: PrivacyPolicy,
  records: ScrubRecords,
  redactedIsNamed: boolean,
): string => {
  let current = text;
  let origin: Origin = (offset) => offset;
  for (let pass = 0; pass < mostPasses; pass++) {
    const scanned = policy.detector.scan(current, before);
    const found =
      pass === 0 && fromModel.length > 0 ? withoutOverlaps([...scanned, ...fromModel], text.length) : scanned;
    const edits = found.map((finding) => {
      const value = current.slice(finding.start, finding.end);
      const put = replacement(finding.type, value, policy, records, redactedIsNamed);
      if (pass === 0 || put !== value)
        records.findings.push({
          ...finding,
          start: origin(finding.start, 'start'),
          end: origin(finding.end, 'end'),
        });
      return { start: finding.start, end: finding.end, put };
    });
    const next = withEdits(current, edits);
    if (next === current) return current;
    origin = composed(origin, edits);
    current = next;
  }
  records.findings.push({
    start: 0,
    end: text.length,
    type: withheld,
    score: 1,
    recogniser: 'passes',
    version: '1',
  });
  return `<${withheld}>`;
};

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly put: string;
}

const withEdits = (text: string, edits: readonly Edit[]): string => {
  let out = '';
  let at = 0;
  for (const { start, end, put } of edits) {
    out += text.slice(at, start) + put;
    at = end;
  }
  return out + text.slice(at);
};

/** Where an offset of the current text was at first; within what was put, where the entity began or ended. */
type Origin = (offset: number, side: 'start' | 'end') => number;

const composed = (earlier: Origin, edits: readonly Edit[]): Origin => {
  let shift = 0;
  const shifts: number[] = [];
  const starts = edits.map(({ start, end, put }) => {
    const newStart = start + shift;
    shift += put.length - (end - start);
    shifts.push(shift);
    return newStart;
  });
  return (offset, side) => {
    // An end belongs to the edit before it, a start to the one that begins there.
    const index = countUpTo(starts, side === 'start' ? offset : offset - 1) - 1;
    const edit = edits[index];
    if (edit === undefined) return earlier(offset, side);
    if (offset < starts[index]! + edit.put.length) return earlier(edit[side], side);
    return earlier(offset - shifts[index]!, side);
  };
};

const replacement = (
  type: string,
  value: string,
  policy: PrivacyPolicy,
  records: ScrubRecords,
  redactedIsNamed: boolean,
): string => {
  const operator = policy.operatorOf(type);
  const normal = policy.detector.normalise(type, value);
  const subject = subjectId(policy.projectKey, type, normal);
  if (entityType(type).nature === 'identifier') records.subjects.add(subject);
  if (typeof operator === 'object') return maskValue(value, operator.mask);
  switch (operator) {
    case 'keep':
      return value;
    case 'redact':
      return redactedIsNamed ? `<${type}>` : '';
    case 'replace':
      return `<${type}>`;
    case 'hash':
      return `<${type}_${saltedHash(policy.hashSalt!, normal)}>`;
    case 'pseudonym':
      return tokenOf(subject);
    case 'encrypt': {
      if (!records.entries.has(tokenOf(subject))) {
        const { entry, made } = policy.keyring!.seal(subject, type, value);
        records.entries.set(entry.token, entry);
        if (made) records.keys.push(made);
      }
      return tokenOf(subject);
    }
  }
};
