/** @file Finds what is personal or secret in a text: every recogniser, the words around, thresholds, lists, overlaps. */
import type { CountryCode } from 'libphonenumber-js/max';
import { entityType } from './entity-types.ts';
import { isWhole } from './matches.ts';
import { withoutOverlaps } from './overlaps.ts';
import { readText } from './plain-text.ts';
import { type Finding, type Recogniser, typeName } from './recogniser.ts';
import { builtInRecognisers } from './recognisers/built-in.ts';
import { defaultPhoneRegions, e164, numberingPlan } from './recognisers/phone.ts';
import { prepare, searchText } from './search.ts';
import { comparableTerm, TermList } from './term-list.ts';

export interface DetectorOptions {
  /** Countries whose national identifiers are looked for; default all that there are recognisers for. */
  readonly regions?: readonly string[];
  /** Countries in whose formats telephone numbers without a country code are read, in this order. */
  readonly phoneRegions?: readonly CountryCode[];
  /** Least score of a finding, 0 to 1. Default 0.5: below it a number needs a word that says what it is. */
  readonly threshold?: number;
  /** Only these entity types. */
  readonly types?: readonly string[];
  /** Recognisers of your own, beside the built-in ones. */
  readonly recognisers?: readonly Recogniser[];
  /** Terms that are always found, by entity type: names of a customer's staff as PERSON. */
  readonly deny?: Readonly<Record<string, readonly string[]>>;
  /** Values that are never reported, such as a company's public support address. */
  readonly allow?: readonly string[];
}

export interface Detector {
  readonly recognisers: readonly Recogniser[];
  /**
   * Entities in a text, in order and without overlaps.
   *
   * @param before What was said before: its last words count as context, as when a question asks for the number
   */
  readonly scan: (text: string, before?: string) => readonly Finding[];
  /** One form for all ways of writing a value of a type. */
  readonly normalise: (type: string, value: string) => string;
  /** The types of which the whole text may be a value, whatever the words around it say. */
  readonly couldBe: (value: string) => readonly string[];
}

/**
 * A detector of personal data and secrets. What it finds is decided by its options alone.
 *
 * @example createDetector().scan('Write to alice@example.org') // [{ start: 9, end: 26, type: 'EMAIL', score: 0.9, … }]
 * @throws RangeError for a threshold outside 0 to 1, an unknown region or a type that is no name
 */
export const createDetector = (options: DetectorOptions = {}): Detector => {
  const threshold = options.threshold ?? 0.5;
  if (!(threshold >= 0 && threshold <= 1)) throw new RangeError('the threshold has to be from 0 to 1');
  const plans = (options.phoneRegions ?? defaultPhoneRegions).map(numberingPlan);
  const all = builtInRecognisers(plans);
  const known = new Set(all.flatMap(({ region }) => region ?? []));
  for (const region of options.regions ?? [])
    if (!known.has(region))
      throw new RangeError(`there is no recogniser of national identifiers for ${region}`);
  const recognisers = [...all, ...(options.recognisers ?? [])].filter(
    ({ type, region }) =>
      (options.types?.includes(type) ?? true) &&
      (region === undefined || (options.regions?.includes(region) ?? true)),
  );
  const denied = Object.entries(options.deny ?? {}).map(([type, terms]) => ({
    type,
    list: new TermList(terms),
  }));
  for (const { type } of [...recognisers, ...denied])
    if (!typeName.test(type)) throw new RangeError('an entity type is upper-case letters and underscores');
  const allowed = new Set((options.allow ?? []).map(comparableTerm));
  const prepared = recognisers.map(prepare);

  const scan = (text: string, before = ''): readonly Finding[] => {
    const facts = readText(text, before);
    const found = prepared.flatMap((recogniser) => searchText(recogniser, facts, threshold));
    for (const { type, list } of denied)
      for (const span of list.find(facts.plain))
        found.push({ ...span, type, score: 1, recogniser: 'deny-list', version: '1' });
    const reported =
      allowed.size === 0
        ? found
        : found.filter(({ start, end }) => !allowed.has(comparableTerm(facts.plain.slice(start, end))));
    return withoutOverlaps(reported, text.length);
  };
  return {
    recognisers,
    scan,
    normalise: (type, value) => {
      const { plain } = readText(value);
      return (type === 'PHONE' && e164(plain, plans)) || entityType(type).normalise(plain.trim());
    },
    couldBe: (value) => {
      const facts = readText(value.trim());
      return [
        ...new Set(recognisers.filter((recogniser) => isWhole(recogniser, facts)).map(({ type }) => type)),
      ];
    },
  };
};
