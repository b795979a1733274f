/** @file How national identifiers are described: shapes that say enough alone, and shapes that need a word beside them. */
import type { Pattern, Recogniser } from '../recogniser.ts';
import { impersonalWords } from '../recognisers/words.ts';

interface NationalId {
  readonly type: string;
  /** ISO 3166-1 alpha-2. */
  readonly region: string;
  /** Fewest digits in one number of it. */
  readonly digits: number;
  /** Shapes that chance seldom makes: found without any word, at the given score. */
  readonly distinct?: readonly Shape[];
  /** Shapes that other numbers have too, even with the right check digit: found only beside a word of the context. */
  readonly plain?: readonly Shape[];
  /** Written in lower case too: only where a check letter makes up for it. */
  readonly anyCase?: boolean;
  /** The check digits or the fixed parts of what matched, as written but upper case. */
  readonly accepts: (value: string) => boolean;
  readonly context: readonly string[];
  /** Words that hold one of the context and mean something else. */
  readonly against?: readonly string[];
}

interface Shape {
  /** Source of a regular expression of bounded length, without the boundaries. */
  readonly source: string;
  readonly score?: number;
}

/**
 * No letter or digit beside it, no sign that goes on to a longer number, as within a UUID or a decimal, and no groups
 * taken out of a longer row of groups.
 */
const bounded = (source: string, anyCase: boolean): RegExp =>
  new RegExp(
    `(?<![A-Za-z0-9+]|[0-9a-f][-./]|\\d,)(?!(?<=\\d )\\d{2,6} \\d)(?:${source})(?![A-Za-z0-9]|[-./]\\d)(?<! \\d{2,6}(?= \\d))`,
    anyCase ? 'gi' : 'g',
  );

/** The score of a shape that needs a word: with one it is 0.6 or more. */
const needsWord = 0.25;

export const nationalId = (id: NationalId): Recogniser => {
  const { type, region, digits, distinct, plain, anyCase, accepts, context, against } = id;
  const pattern = ({ source, score }: Shape, usual: number): Pattern => ({
    regex: bounded(source, anyCase ?? false),
    score: score ?? usual,
    accepts: (value) => accepts(value.toUpperCase()),
  });
  return {
    name: type.toLowerCase().replaceAll('_', '-'),
    version: '1',
    type,
    region,
    mayOccur: (facts) => facts.digits >= digits,
    patterns: [
      ...(distinct ?? []).map((shape) => pattern(shape, 0.6)),
      ...(plain ?? []).map((shape) => pattern(shape, needsWord)),
    ],
    context,
    against: [...impersonalWords, ...(against ?? [])],
  };
};
