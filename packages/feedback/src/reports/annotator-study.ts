/** @file Everything that judgements say of the people who gave them, as one document, and a model of their votes. */
import type { Judgement } from '@plaudit/contract';
import { type AnnotatorPair, annotatorPairs } from '../agreement/cohen-kappa.ts';
import { type CriterionValues, valuesOfJudgements } from '../agreement/criterion-values.ts';
import { type AgreementReport, measureAgreement } from '../agreement/measure-agreement.ts';
import type { Category } from '../agreement/reliability-table.ts';
import { crowdBradleyTerry, type SkilledAnnotator } from '../annotators/crowd-bradley-terry.ts';
import { pairVotes } from '../annotators/crowd-pairs.ts';
import { dawidSkene } from '../annotators/dawid-skene.ts';
import { glad } from '../annotators/glad.ts';
import { type AnnotatorHealth, annotatorHealth } from '../annotators/health/annotator-health.ts';
import type { LikePair } from '../annotators/health/copies.ts';
import { type KnownValuesOfJudgements, knownValues } from '../annotators/known-values.ts';
import type { AnnotatorAccuracy, Fit, LabelModel } from '../annotators/label-model.ts';
import { mace } from '../annotators/mace.ts';
import { majorityVote, wawa } from '../annotators/majority-vote.ts';
import { oneCoin } from '../annotators/one-coin.ts';
import { softComparisons } from '../annotators/soft-comparisons.ts';
import type { BootstrapOptions } from '../statistics/bootstrap.ts';
import { median } from '../statistics/robust.ts';

/** Models of annotators by the names that people type. */
export const annotatorModels = [
  'one-coin',
  'dawid-skene',
  'mace',
  'glad',
  'crowd-bradley-terry',
  'majority',
  'wawa',
] as const;
export type AnnotatorModel = (typeof annotatorModels)[number];

export interface AnnotatorStudyOptions extends BootstrapOptions {
  /** Default one-coin. */
  readonly model?: AnnotatorModel;
  /** What experts said of items that were mixed in unseen. They check annotators, and the model is given their answers. */
  readonly gold?: Iterable<Judgement>;
  /** What anybody who reads answers to items that were mixed in. */
  readonly attention?: Iterable<Judgement>;
}

/** What a model makes of one criterion's votes. */
export interface CriterionModel extends Partial<Fit> {
  readonly kind: CriterionValues['kind'];
  /** Absent for overall judgements. */
  readonly criterion?: string;
  readonly classes: readonly Category[];
  readonly units: number;
  /** Units whose most probable class has a probability below 0.8. */
  readonly unsure: number;
  /** The least able first. */
  readonly annotators: readonly (AnnotatorAccuracy | SkilledAnnotator)[];
}

/** How two annotators agree, over all pairs of one criterion with ten units or more in common. */
export interface PairsOfCriterion {
  readonly kind: CriterionValues['kind'];
  readonly criterion?: string;
  readonly pairs: number;
  /** Of Cohen's, over the pairs that have one. */
  readonly medianKappa: number | null;
  /** Those who agree least, ten at most. */
  readonly lowest: readonly AnnotatorPair[];
}

export interface AnnotatorStudy {
  readonly version: 1;
  readonly judgements: number;
  /** Judgements that name nobody. */
  readonly unnamed: number;
  /** Times that cannot be, 0 among them. */
  readonly unusableTimes: number;
  readonly agreement: AgreementReport;
  readonly pairs: readonly PairsOfCriterion[];
  readonly model: AnnotatorModel;
  /** Of what has classes: comparisons, rankings as comparisons, labels and steps. Crowd Bradley-Terry: comparisons alone. */
  readonly models: readonly CriterionModel[];
  /** Items whose answer is known, and those of which the trusted say different things; null where none were given. */
  readonly gold: KnownItems | null;
  readonly attention: KnownItems | null;
  /** Those with most concerns first. */
  readonly annotators: readonly AnnotatorHealth[];
  readonly copies: readonly (LikePair & { readonly criterion?: string })[];
}

export interface KnownItems {
  readonly items: number;
  readonly contradictory: number;
}

/** A study with what its models say of every unit, which is as large as the data. */
export interface StudiedAnnotators {
  readonly study: AnnotatorStudy;
  /** One comparison for each pair, by the models; `untouched` are comparisons that nobody's name is on. */
  readonly soft: () => ReturnType<typeof softComparisons>;
}

type Posterior = Pick<LabelModel, 'classes' | 'units'>;
type Model = Posterior & Partial<Fit> & Pick<CriterionModel, 'annotators'>;

/** Below it a posterior leaves the class open. */
const sure = 0.8;
const shownPairs = 10;

/**
 * Agreement, a model of the votes, and the health of every annotator. Runs of answers and checks follow the order in which
 * judgements were given: their times where all have one, or else the order of the files.
 *
 * @example
 * const { study, soft } = studyAnnotators(judgements, { gold: expertJudgements });
 * await writeJudgements('soft.jsonl', soft().comparisons);
 */
export const studyAnnotators = (
  judgements: readonly Judgement[],
  options: AnnotatorStudyOptions = {},
): StudiedAnnotators => {
  const { model = 'one-coin', gold, attention, ...intervals } = options;
  const given = inOrder(judgements);
  const known = gold && knownValues(gold);
  const attentive = attention && knownValues(attention);
  const { tables } = valuesOfJudgements(given);
  const nominal = tables.filter(({ measurement }) => measurement === 'nominal');
  const fitted = nominal.flatMap((table) => {
    const found = modelOf(model, table, given, known?.known);
    return found ? [{ table, found }] : [];
  });
  const health = annotatorHealth(given, {
    ...(known && { gold: known.known }),
    ...(attentive && { attention: attentive.known }),
    secondsOf: ({ provenance }) => provenance.seconds,
  });
  const study: AnnotatorStudy = {
    version: 1,
    judgements: judgements.length,
    unnamed: health.setAside['without annotator'],
    unusableTimes: health.setAside['unusable time'],
    agreement: measureAgreement(given, intervals),
    pairs: nominal.map((table) => ({ ...subjectOf(table), ...pairsOf(table) })),
    model,
    models: fitted.map(({ table, found }) => ({ ...subjectOf(table), ...summaryOf(found) })),
    gold: itemsOf(known),
    attention: itemsOf(attentive),
    annotators: [...health.annotators].sort(
      (one, other) => other.concerns.length - one.concerns.length || other.judgements - one.judgements,
    ),
    copies: health.criteria.flatMap(({ criterion, likePairs }) =>
      likePairs
        .filter(({ copied }) => copied)
        .map((pair) => ({ ...pair, ...(criterion !== undefined && { criterion }) })),
    ),
  };
  const comparisons = fitted.filter(({ table }) => table.kind === 'comparison');
  return {
    study,
    soft: () =>
      softComparisons(given, {
        classes: ['a', 'b', 'tie', 'both_bad'],
        units: comparisons.flatMap(({ found }) => allClasses(found)),
      }),
  };
};

/** Probabilities over one list of classes, since criteria may differ in whether anybody said tie. */
const allClasses = ({ classes, units }: Posterior): Posterior['units'] => {
  const places = ['a', 'b', 'tie', 'both_bad'].map((name) => classes.indexOf(name));
  return units.map((unit) => ({
    ...unit,
    probabilities: places.map((place) => (place < 0 ? 0 : unit.probabilities[place]!)),
  }));
};

const inOrder = (judgements: readonly Judgement[]): readonly Judgement[] => {
  const times = judgements.map(({ provenance: { time } }) =>
    time === undefined ? Number.NaN : Date.parse(time),
  );
  if (!times.every(Number.isFinite)) return judgements;
  return [...judgements.keys()].sort((i, j) => times[i]! - times[j]! || i - j).map((i) => judgements[i]!);
};

const subjectOf = ({ kind, criterion }: CriterionValues): Pick<CriterionModel, 'kind' | 'criterion'> => ({
  kind,
  ...(criterion !== undefined && { criterion }),
});

const itemsOf = (known: KnownValuesOfJudgements | undefined): KnownItems | null =>
  known === undefined ? null : { items: known.known.size, contradictory: known.contradictory };

const pairsOf = ({ values }: CriterionValues): Omit<PairsOfCriterion, 'kind' | 'criterion'> => {
  const pairs = annotatorPairs(values);
  const kappas = pairs.flatMap(({ kappa }) => kappa ?? []);
  return {
    pairs: pairs.length,
    medianKappa: kappas.length === 0 ? null : median(kappas),
    lowest: pairs.slice(0, shownPairs),
  };
};

const modelOf = (
  name: AnnotatorModel,
  { kind, criterion, values }: CriterionValues,
  judgements: readonly Judgement[],
  gold: KnownValuesOfJudgements['known'] = new Map(),
): Model | null => {
  switch (name) {
    case 'one-coin':
      return oneCoin(values, { gold });
    case 'dawid-skene':
      return dawidSkene(values, { gold, smoothing: 1 });
    case 'mace':
      return mace(values, { gold });
    case 'glad':
      return glad(values, { gold });
    case 'majority':
      return majorityVote(values, { gold });
    case 'wawa':
      return wawa(values, { gold });
    case 'crowd-bradley-terry': {
      if (kind !== 'comparison') return null;
      const { votes } = pairVotes(judgements.filter((one) => one.criterion === criterion));
      return votes.length === 0 ? null : crowdBradleyTerry(votes);
    }
  }
};

/** How able an annotator is, 0 to 1: the expected share of right votes, or of votes that follow the scores. */
export const abilityOf = (annotator: CriterionModel['annotators'][number]): number =>
  'accuracy' in annotator ? annotator.accuracy : annotator.skill;

const summaryOf = ({ classes, units, annotators, logLikelihood, iterations, converged }: Model) => ({
  classes,
  units: units.length,
  unsure: units.filter(({ probabilities }) => Math.max(...probabilities) < sure).length,
  annotators: [...annotators].sort((one, other) => abilityOf(one) - abilityOf(other)),
  ...(logLikelihood !== undefined && { logLikelihood }),
  ...(iterations !== undefined && { iterations }),
  ...(converged !== undefined && { converged }),
});
