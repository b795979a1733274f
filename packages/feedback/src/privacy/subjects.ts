/** @file People by their identifiers: from "alice@example.org" to the ids under which rows name her, without storing the address. */
import type { Judgement } from '@plaudit/contract';
import { entityType } from './entity-types.ts';
import { mapTexts } from './judgement-texts.ts';
import type { PrivacyPolicy } from './policy.ts';
import { annotatorOf, annotatorSubject } from './scrub-judgement.ts';
import { type SubjectId, subjectId, tokenOf } from './tokens.ts';

/**
 * The ids that a person may have who is named by one identifier: one for each entity type that the text may be (nine
 * digits may be of several countries), one as a name, as a postal address and as an annotator's id, which any text may be.
 *
 * @example subjectsNamed('Alice@Example.org', policy) // ['ADDRESS_…', 'ANNOTATOR_…', 'EMAIL_7f3a9c0d12ab34cd', 'PERSON_…']
 */
export const subjectsNamed = (identifier: string, policy: PrivacyPolicy): readonly SubjectId[] => {
  const text = identifier.trim();
  const types = new Set([...policy.detector.couldBe(text), 'PERSON', 'ADDRESS']);
  const ids = [...types]
    .filter((type) => entityType(type).nature === 'identifier')
    .map((type) => subjectId(policy.projectKey, type, policy.detector.normalise(type, text)));
  return [...ids, annotatorSubject(text, policy.projectKey)].sort();
};

/**
 * The fields of a judgement in which a person appears: by a token, or by an identifier that the detector finds where the
 * policy keeps, masks or did not yet see it. What was redacted or replaced is gone from the text: the ids that
 * `scrubJudgement` gave for the row still name the person.
 */
export const findSubject = (
  judgement: Judgement,
  subject: SubjectId,
  policy: PrivacyPolicy,
): readonly string[] => {
  const fields: string[] = [];
  const token = tokenOf(subject);
  const names = ({ type, value }: { type: string; value: string }): boolean =>
    subject.startsWith(`${type}_`) &&
    subjectId(policy.projectKey, type, policy.detector.normalise(type, value)) === subject;
  mapTexts(judgement, (text, field, before) => {
    const found =
      text.includes(token) ||
      policy.detector
        .scan(text, before)
        .some(({ start, end, type }) => names({ type, value: text.slice(start, end) }));
    if (found) fields.push(field);
    return text;
  });
  if (annotatorOf(judgement, policy.projectKey) === subject) fields.push('provenance.annotator');
  return fields;
};
