/** @file Scrubbing at the door: a judgement without what is personal in it, before it is stored. */
import type { Judgement } from '@plaudit/contract';
import { responsesOf } from '../responses-of.ts';
import { mapTexts } from './judgement-texts.ts';
import type { PrivacyPolicy } from './policy.ts';
import type { Finding } from './recogniser.ts';
import { type ScrubRecords, scrubText } from './scrub-text.ts';
import { findWithModel, type SpanModel } from './span-model.ts';
import { isToken, type SubjectId, subjectId, tokenOf } from './tokens.ts';
import type { SubjectKey, VaultEntry } from './vault.ts';

/** A finding in a field of a judgement; never its value. */
export interface FieldFinding extends Finding {
  /** Path of the field, such as `prompt.0.content` or `responses.1`; the offsets are those in the field as it came. */
  readonly field: string;
}

export interface ScrubbedJudgement {
  /** The same kind, groups, labels and numbers of steps. */
  readonly judgement: Judgement;
  readonly findings: readonly FieldFinding[];
  /** The people whose identifiers were found, the annotator among them: with these an erasure finds the row. */
  readonly subjects: readonly SubjectId[];
  /** Originals that the policy encrypts, and keys made for them; to be stored together with the row. */
  readonly vault: { readonly entries: readonly VaultEntry[]; readonly keys: readonly SubjectKey[] };
  /** Whether responses that differed are equal now: they differed only in what was taken out. */
  readonly equalResponses: boolean;
}

/** The entity type of an annotator's id. */
const annotatorType = 'ANNOTATOR';

/** The person that an annotator's id stands for, raw or already a token. */
export const annotatorSubject = (annotator: string, projectKey: Uint8Array): SubjectId =>
  isToken(annotator) && annotator.startsWith(`<${annotatorType}_`)
    ? annotator.slice(1, -1)
    : subjectId(projectKey, annotatorType, annotator.trim());

/** The annotator of a judgement where that is a person: a model's or a program's name is nobody's. */
export const annotatorOf = ({ provenance }: Judgement, projectKey: Uint8Array): SubjectId | undefined => {
  const { annotator, annotatorKind = 'human' } = provenance;
  const isPerson = annotatorKind === 'human' || annotatorKind === 'implicit';
  return annotator === undefined || !isPerson ? undefined : annotatorSubject(annotator, projectKey);
};

/**
 * A judgement after the policy. Only what recognisers find is removed; with a model use `scrubJudgementsWith`. Scrubbing
 * the result again changes nothing. Each step of a response is read alone: what is split between two is not found.
 *
 * @example
 * const policy = privacyPolicy({ projectKey: projectKey(master.key, 'support') });
 * const { judgement, findings, subjects } = scrubJudgement(read, policy);
 */
export const scrubJudgement = (judgement: Judgement, policy: PrivacyPolicy): ScrubbedJudgement =>
  scrub(judgement, policy, () => []);

/**
 * Judgements after the policy, with what a model finds besides. The model is asked once, for all their texts.
 *
 * @throws RangeError where the model's answer does not fit the texts
 */
export const scrubJudgementsWith = async (
  model: SpanModel,
  judgements: readonly Judgement[],
  policy: PrivacyPolicy,
): Promise<ScrubbedJudgement[]> => {
  const texts: string[] = [];
  const collect = (text: string): string => {
    texts.push(text);
    return text;
  };
  for (const judgement of judgements) mapTexts(judgement, collect);
  const found = await findWithModel(model, texts);
  let next = 0;
  return judgements.map((judgement) => scrub(judgement, policy, () => found[next++]!));
};

/** @param fromModel A model's findings in the next text, in the order of `mapTexts` */
const scrub = (
  judgement: Judgement,
  policy: PrivacyPolicy,
  fromModel: () => readonly Finding[],
): ScrubbedJudgement => {
  const findings: FieldFinding[] = [];
  const records: Omit<ScrubRecords, 'findings'> = { subjects: new Set(), entries: new Map(), keys: [] };
  const mapped = mapTexts(judgement, (text, field, before) => {
    const inText: Finding[] = [];
    const scrubbed = scrubText(text, before, fromModel(), policy, { ...records, findings: inText });
    for (const finding of inText) findings.push({ field, ...finding });
    return scrubbed;
  });
  const subject = annotatorOf(judgement, policy.projectKey);
  if (subject !== undefined) records.subjects.add(subject);
  const scrubbed =
    subject === undefined || policy.annotators === 'keep'
      ? mapped
      : { ...mapped, provenance: { ...mapped.provenance, annotator: tokenOf(subject) } };
  return {
    judgement: scrubbed,
    findings,
    subjects: [...records.subjects].sort(),
    vault: { entries: [...records.entries.values()], keys: records.keys },
    equalResponses: new Set(responsesOf(scrubbed)).size < new Set(responsesOf(judgement)).size,
  };
};
