/** @file How far people agree: every measure that fits, for each criterion and each segment, as one document. */
import type { Judgement } from '@plaudit/contract';
import { type BootstrapOptions, fewestClusters } from '../statistics/bootstrap.ts';
import { type Attainable, attainable } from './attainable.ts';
import type { Estimate } from './cluster-resampling.ts';
import {
  type CriterionValues,
  type JudgedValue,
  type ValuesOfJudgements,
  valuesOfJudgements,
} from './criterion-values.ts';
import { fleissKappaOfVotes } from './fleiss-kappa.ts';
import { alphaOfVotes } from './krippendorff-alpha.ts';
import { pairAgreementOfVotes } from './pair-agreement.ts';
import { type ReliabilityTable, reliabilityTable } from './reliability-table.ts';
import { type VotesByUnit, votesByUnit } from './votes-by-unit.ts';

/** How far the annotators of some units agree. */
export interface AgreementMeasures {
  readonly units: number;
  /** Units that two or more annotators judged; only these say anything here. */
  readonly unitsJudgedTwice: number;
  readonly annotators: number;
  readonly values: number;
  /** Values beyond an annotator's first on a unit; they share that annotator's one vote. */
  readonly repeats: number;
  /** Probability that two annotators say the same. */
  readonly pairAgreement: Estimate;
  /** Krippendorff's, by the table's measurement. */
  readonly alpha: Estimate;
}

export interface SegmentAgreement extends AgreementMeasures {
  readonly name: string;
  readonly value: string;
}

export interface CriterionAgreement extends AgreementMeasures, Omit<CriterionValues, 'values'> {
  /** Fleiss', of nominal values; absent for others. Its value is null where units have unequal numbers of annotators. */
  readonly fleissKappa?: Estimate;
  /**
   * Agreement among those who chose one of two answers: a side (no tie, not both bad), desirable or not, right or wrong.
   * Absent for ratings and strengths.
   */
  readonly decided?: { readonly pairAgreement: Estimate; readonly attainable: Attainable | null };
  readonly segments: readonly SegmentAgreement[];
  /** Segments with fewer than 10 units that were judged twice; they are not listed. */
  readonly smallSegments: number;
}

export interface AgreementReport extends Pick<ValuesOfJudgements, 'setAside'> {
  readonly criteria: readonly CriterionAgreement[];
}

/**
 * Agreement of all that annotators said, by criterion and segment, with intervals that resample whole prompts.
 *
 * @param options Of the intervals: 1,000 resamples and seed 0 unless told
 * @example measureAgreement(judgements).criteria[0].alpha // { value: 0.45, interval: [0.41, 0.49] }
 */
export const measureAgreement = (
  judgements: Iterable<Judgement>,
  options: BootstrapOptions = {},
): AgreementReport => {
  const { tables, setAside } = valuesOfJudgements(judgements);
  return { criteria: tables.map((table) => agreementOfCriterion(table, options)), setAside };
};

const agreementOfCriterion = (
  { values, ...subject }: CriterionValues,
  options: BootstrapOptions,
): CriterionAgreement => {
  const table = reliabilityTable(values);
  const votes = votesByUnit(table);
  const decided = decidedAgreement(values, subject, options);
  return {
    ...subject,
    ...measuresOf(table, votes, subject, options),
    ...(subject.measurement === 'nominal' && { fleissKappa: fleissKappaOfVotes(votes, table, options) }),
    ...(decided && { decided }),
    ...agreementOfSegments(values, subject, options),
  };
};

const measuresOf = (
  table: ReliabilityTable,
  votes: VotesByUnit,
  { measurement }: Pick<CriterionValues, 'measurement'>,
  options: BootstrapOptions,
): AgreementMeasures => ({
  units: table.units.length,
  unitsJudgedTwice: votes.annotators.length,
  annotators: table.annotators.length,
  values: table.category.length,
  repeats: table.repeats,
  pairAgreement: pairAgreementOfVotes(votes, options),
  alpha: alphaOfVotes(votes, table, { ...options, measurement }),
});

/** The two answers of which one is right, where a kind of judgement has such. */
const sides: Readonly<Partial<Record<CriterionValues['kind'], readonly string[]>>> = {
  comparison: ['a', 'b'],
  ranking: ['a', 'b'],
  label: ['desirable', 'undesirable'],
  steps: ['right', 'wrong'],
};

const decidedAgreement = (
  values: readonly JudgedValue[],
  { kind }: Pick<CriterionValues, 'kind'>,
  options: BootstrapOptions,
): CriterionAgreement['decided'] => {
  const answers = sides[kind];
  if (answers === undefined) return undefined;
  const chosen = values.filter(({ value }) => answers.includes(String(value)));
  const agreement = pairAgreementOfVotes(votesByUnit(reliabilityTable(chosen)), options);
  return {
    pairAgreement: agreement,
    attainable: agreement.value === null ? null : attainable(agreement.value),
  };
};

const agreementOfSegments = (
  values: readonly JudgedValue[],
  subject: Pick<CriterionValues, 'measurement'>,
  options: BootstrapOptions,
): Pick<CriterionAgreement, 'segments' | 'smallSegments'> => {
  const groups = new Map<string, { name: string; value: string; members: JudgedValue[] }>();
  for (const one of values)
    for (const [name, value] of Object.entries(one.segments)) {
      const key = JSON.stringify([name, value]);
      const group = groups.get(key) ?? { name, value, members: [] };
      groups.set(key, group);
      group.members.push(one);
    }
  const segments: SegmentAgreement[] = [];
  for (const { name, value, members } of groups.values()) {
    const table = reliabilityTable(members);
    const votes = votesByUnit(table);
    if (votes.annotators.length >= fewestClusters)
      segments.push({ name, value, ...measuresOf(table, votes, subject, options) });
  }
  return { segments, smallSegments: groups.size - segments.length };
};
