/** @file Judgements of every kind as tables of annotators' values, one for each criterion and kind. */
import type { Comparison, Judgement, Label, Provenance, Ranking, Rating, Strength } from '@plaudit/contract';
import { contentId } from '../canonical-json.ts';
import { promptOf } from '../prompt-of.ts';
import type { AnnotatorValue } from './annotator-value.ts';
import { canonicalOutcome, comparisonUnit } from './comparison-unit.ts';
import type { Measurement } from './krippendorff-alpha.ts';

/** A value with the segments of its judgement, the language among them. */
export interface JudgedValue extends AnnotatorValue {
  readonly segments: Readonly<Record<string, string>>;
}

/** What a table is about. */
interface Subject {
  /**
   * comparison: the canonical side, tie or both_bad. strength: by how much side a leads, from -3 (b by much) to 3, where
   * that was said. ranking: every two responses as a comparison. rating: the number. label: desirable or undesirable.
   * steps: right or wrong, for each step.
   */
  readonly kind: 'comparison' | 'strength' | 'ranking' | 'rating' | 'label' | 'steps';
  readonly measurement: Measurement;
  /** Absent for overall judgements. */
  readonly criterion?: string;
  /** Of ratings. */
  readonly scale?: { readonly least: number; readonly most: number };
}

/** All that annotators said of one criterion in one way. */
export interface CriterionValues extends Subject {
  readonly values: readonly JudgedValue[];
}

/** Why something in a judgement is in no table. */
export type SetAsideReason =
  | 'without annotator'
  | 'edit'
  | 'same response twice'
  | 'ranked pairs beyond reach'
  | 'unordered rest of a ranking';

export interface ValuesOfJudgements {
  readonly tables: readonly CriterionValues[];
  /** Counts judgements, and pairs of responses in a ranking. */
  readonly setAside: Readonly<Partial<Record<SetAsideReason, number>>>;
}

/** One value with what it is about. */
interface Statement extends Pick<Subject, 'kind' | 'measurement' | 'scale'> {
  readonly unit: string;
  readonly cluster: string;
  readonly value: string | number;
}

type LeaveOut = (reason: SetAsideReason, count?: number) => void;

/**
 * Comparisons are turned so that the order in which responses were shown or written does not matter. Judgements that name
 * no annotator cannot be held against anyone's and are counted as set aside; so are edits, which nobody can agree with.
 */
export const valuesOfJudgements = (judgements: Iterable<Judgement>): ValuesOfJudgements => {
  const tables = new Map<string, Subject & { values: JudgedValue[] }>();
  const setAside: Partial<Record<SetAsideReason, number>> = {};
  const leaveOut: LeaveOut = (reason, count = 1) => {
    if (count > 0) setAside[reason] = (setAside[reason] ?? 0) + count;
  };
  for (const judgement of judgements) {
    const { criterion, provenance } = judgement;
    const { annotator } = provenance;
    if (judgement.kind !== 'edit' && annotator === undefined) {
      leaveOut('without annotator');
      continue;
    }
    const segments = segmentsOf(provenance);
    for (const { kind, measurement, scale, ...said } of statementsOf(judgement, leaveOut)) {
      const key = JSON.stringify([kind, criterion, scale?.least, scale?.most]);
      const table = tables.get(key) ?? {
        kind,
        measurement,
        ...(criterion !== undefined && { criterion }),
        ...(scale !== undefined && { scale }),
        values: [],
      };
      tables.set(key, table);
      table.values.push({ ...said, annotator: annotator!, segments });
    }
  }
  return { tables: [...tables.values()].filter(saysSomething), setAside };
};

/** Ties alone have no strength to speak of. */
const saysSomething = ({ kind, values }: CriterionValues): boolean =>
  kind !== 'strength' || values.some(({ value }) => value !== 0);

const segmentsOf = ({ segments, language }: Provenance): Record<string, string> => ({
  ...segments,
  ...(language !== undefined && { language }),
});

const statementsOf = (judgement: Judgement, leaveOut: LeaveOut): Statement[] => {
  switch (judgement.kind) {
    case 'comparison':
      return ofComparison(judgement, leaveOut);
    case 'ranking':
      return ofRanking(judgement, leaveOut);
    case 'rating': {
      const { value, scale } = judgement;
      return [{ kind: 'rating', measurement: 'ordinal', scale, ...aboutResponse(judgement), value }];
    }
    case 'label': {
      const value = judgement.desirable ? 'desirable' : 'undesirable';
      return [{ kind: 'label', measurement: 'nominal', ...aboutResponse(judgement), value }];
    }
    case 'edit':
      leaveOut('edit');
      return [];
    case 'steps': {
      const cluster = contentId(judgement.prompt);
      const text = contentId([cluster, judgement.steps, judgement.separator, judgement.criterion ?? null]);
      return [...judgement.labels.entries()].flatMap(([step, right]): Statement[] => {
        const value = right ? 'right' : 'wrong';
        const unit = `${text} ${step}`;
        return right === null ? [] : [{ kind: 'steps', measurement: 'nominal', unit, cluster, value }];
      });
    }
  }
};

const aboutResponse = (judgement: Rating | Label): Pick<Statement, 'unit' | 'cluster'> => {
  const { prompt, response, criterion = null } = judgement;
  return {
    unit: contentId([contentId(prompt), response, criterion]),
    cluster: contentId(promptOf(judgement)),
  };
};

const leads: Readonly<Record<Strength, number>> = { slightly: 1, clearly: 2, much: 3 };

const ofComparison = (comparison: Comparison, leaveOut: LeaveOut): Statement[] => {
  const { responses, outcome, strength } = comparison;
  if (responses[0] === responses[1]) {
    leaveOut('same response twice');
    return [];
  }
  const { unit, cluster, swapped } = comparisonUnit(comparison);
  const value = canonicalOutcome(outcome, swapped);
  const about = { unit, cluster };
  const said: Statement = { kind: 'comparison', measurement: 'nominal', ...about, value };
  // Both bad says nothing of the two.
  if (value === 'both_bad' || (value !== 'tie' && strength === undefined)) return [said];
  const lead = value === 'tie' ? 0 : value === 'a' ? leads[strength!] : -leads[strength!];
  return [said, { kind: 'strength', measurement: 'ordinal', ...about, value: lead }];
};

/**
 * Places between two responses of a ranking that are compared, at most, in the order of their texts: every pair of up to 65
 * responses, the same pairs whoever ranks them, and of a longer list not a number that grows with its square.
 */
const reach = 64;

const ofRanking = (ranking: Ranking, leaveOut: LeaveOut): Statement[] => {
  const { responses, groups, restUnordered = false } = ranking;
  // A text that is ranked twice counts where it stands first.
  const places = new Map<string, number>();
  groups.forEach((group, place) => {
    for (const response of group) {
      const text = responses[response]!;
      if (!places.has(text)) places.set(text, place);
    }
  });
  const texts = [...places.keys()].sort();
  const statements: Statement[] = [];
  let [within, unordered] = [0, 0];
  texts.forEach((first, i) => {
    for (const second of texts.slice(i + 1, i + 1 + reach)) {
      within++;
      const [place, other] = [places.get(first)!, places.get(second)!];
      if (restUnordered && place === other && place === groups.length - 1) {
        unordered++;
        continue;
      }
      const { unit, cluster } = comparisonUnit({ ...ranking, responses: [first, second] });
      const value = place < other ? 'a' : place > other ? 'b' : 'tie';
      statements.push({ kind: 'ranking', measurement: 'nominal', unit, cluster, value });
    }
  });
  leaveOut('unordered rest of a ranking', unordered);
  leaveOut('ranked pairs beyond reach', (texts.length * (texts.length - 1)) / 2 - within);
  return statements;
};
