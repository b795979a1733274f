/** @file What is in a set of judgements: counts by everything that a reader of its card wants to know, in one pass. */
import type { Judgement } from '@plaudit/contract';
import { contentId } from '../canonical-json.ts';
import { responsesOf } from '../responses-of.ts';

/** Names with how many judgements have them. */
export type Counts = Readonly<Record<string, number>>;

export interface SnapshotFacts {
  readonly judgements: number;
  readonly prompts: number;
  readonly kinds: Counts;
  readonly criteria: Counts;
  readonly outcomes: Counts;
  readonly sources: Counts;
  readonly languages: Counts;
  readonly annotatorKinds: Counts;
  /** Different annotators that are named; never who they are. */
  readonly annotators: number;
  /** Names of segments, with their values. */
  readonly segments: Readonly<Record<string, Counts>>;
  /** The first and the last time at which a judgement was given. */
  readonly time?: { readonly first: string; readonly last: string };
  /** Judgements with shares of votes or probabilities in place of one outcome. */
  readonly softLabels: number;
  /** Characters of a response: the mean and the most. */
  readonly responseCharacters: { readonly mean: number; readonly most: number };
  /** Judgements that do not say it, for each thing that quality checks need. */
  readonly missing: {
    readonly annotator: number;
    readonly annotatorKind: number;
    readonly position: number;
    readonly time: number;
    readonly selectionProbability: number;
  };
}

/** Values of one name that are kept apart; a set with more has texts there and no segments. */
const mostValues = 1000;

class Tally {
  private readonly counts = new Map<string, number>();

  add(name: string): void {
    const known = this.counts.get(name);
    if (known === undefined && this.counts.size >= mostValues) return;
    this.counts.set(name, (known ?? 0) + 1);
  }

  /** The most frequent first. */
  done(): Counts {
    return Object.fromEntries([...this.counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
  }
}

/** Goes through the judgements once; memory grows with the number of different prompts and annotators. */
export const snapshotFacts = async (
  judgements: Iterable<Judgement> | AsyncIterable<Judgement>,
): Promise<SnapshotFacts> => {
  const [kinds, criteria, outcomes, sources, languages, annotatorKinds] = Array.from(
    { length: 6 },
    () => new Tally(),
  ) as [Tally, Tally, Tally, Tally, Tally, Tally];
  const segments = new Map<string, Tally>();
  const prompts = new Set<string>();
  const annotators = new Set<string>();
  const missing = { annotator: 0, annotatorKind: 0, position: 0, time: 0, selectionProbability: 0 };
  let [count, softLabels, responses, characters, most] = [0, 0, 0, 0, 0];
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for await (const judgement of judgements) {
    const { kind, criterion, provenance, prompt } = judgement;
    count++;
    kinds.add(kind);
    prompts.add(contentId(prompt));
    if (criterion !== undefined) criteria.add(criterion);
    if (kind === 'comparison') outcomes.add(judgement.outcome);
    if (kind === 'comparison' && judgement.preference !== undefined) softLabels++;
    for (const response of responsesOf(judgement)) {
      responses++;
      characters += response.length;
      most = Math.max(most, response.length);
    }
    sources.add(provenance.source);
    if (provenance.language !== undefined) languages.add(provenance.language);
    if (provenance.annotator === undefined) missing.annotator++;
    else annotators.add(provenance.annotator);
    if (provenance.annotatorKind === undefined) missing.annotatorKind++;
    else annotatorKinds.add(provenance.annotatorKind);
    if (positionIsUnknown(judgement)) missing.position++;
    if (provenance.selectionProbability === undefined) missing.selectionProbability++;
    if (provenance.time === undefined) missing.time++;
    else {
      const time = Date.parse(provenance.time);
      [first, last] = [Math.min(first, time), Math.max(last, time)];
    }
    for (const [name, value] of Object.entries(provenance.segments ?? {})) {
      const values = segments.get(name) ?? new Tally();
      if (segments.size < mostValues) segments.set(name, values);
      values.add(value);
    }
  }
  return {
    judgements: count,
    prompts: prompts.size,
    kinds: kinds.done(),
    criteria: criteria.done(),
    outcomes: outcomes.done(),
    sources: sources.done(),
    languages: languages.done(),
    annotatorKinds: annotatorKinds.done(),
    annotators: annotators.size,
    segments: Object.fromEntries([...segments].sort().map(([name, values]) => [name, values.done()])),
    ...(first <= last && {
      time: { first: new Date(first).toISOString(), last: new Date(last).toISOString() },
    }),
    softLabels,
    responseCharacters: { mean: responses === 0 ? 0 : characters / responses, most },
    missing,
  };
};

/** Where responses were shown side by side, which of them stood first. */
const positionIsUnknown = ({ kind, provenance }: Judgement): boolean =>
  (kind === 'comparison' || kind === 'ranking') &&
  provenance.shownFirst === undefined &&
  provenance.shown === undefined;
