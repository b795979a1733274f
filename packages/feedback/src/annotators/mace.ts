/** @file MACE: an annotator either knows the class and says it, or says something by a habit of their own. */
import { Random } from '@plaudit/contract';
import type { AnnotatorValue } from '../agreement/annotator-value.ts';
import { digamma, logGamma } from '../statistics/gamma.ts';
import {
  expectation,
  expectationMaximisation,
  type SearchOptions,
  type VoteModel,
  voteShares,
} from './expectation-maximisation.ts';
import {
  type AnnotatorAccuracy,
  annotatorAccuracies,
  type Fit,
  type LabelModel,
  unitPosteriors,
} from './label-model.ts';
import { logs } from './prior.ts';
import { type ClassOptions, forEachVote, type VoteTable, voteTable } from './vote-table.ts';

export interface MaceOptions extends ClassOptions, SearchOptions {
  /** Searches from random places besides the one from the vote shares; the best of all counts. Default 9. */
  readonly restarts?: number;
  readonly seed?: number;
  /** Both parameters of the beta prior on competence. Default 0.5: people are rather competent or not than half of it. */
  readonly competencePrior?: number;
  /**
   * Each parameter of the Dirichlet prior on what is said without knowing. Default 1: any habit is as likely as another.
   * With the 10 of the authors' program, nearly every spammer throws dice; three of four public sets came out worse.
   */
  readonly strategyPrior?: number;
}

/** After so many iterations, the number of the authors, the searches are compared, and the best is carried on. */
const firstIterations = 50;

export interface CompetentAnnotator extends AnnotatorAccuracy {
  /** Probability that a vote comes from knowing; a spammer's is near 0 whatever the accuracy that luck gives. */
  readonly competence: number;
  /** Of the variational posterior of the competence, which is narrower than the true one. */
  readonly competenceDeviation: number;
  /** What the annotator says without knowing, of each class. */
  readonly strategy: readonly number[];
}

export interface Mace extends LabelModel<CompetentAnnotator>, Fit {}

/**
 * True classes, competences and spamming habits by variational Bayes.
 *
 * @see Hovy, Berg-Kirkpatrick, Vaswani and Hovy 2013, "Learning whom to trust with MACE"
 * @throws data.bad_option for classes that do not fit the values
 */
export const mace = (values: readonly AnnotatorValue[], options: MaceOptions = {}): Mace => {
  const { restarts = 9, seed = 0, competencePrior = 0.5, strategyPrior = 1 } = options;
  const table = voteTable(values, options);
  const width = table.classes.length;
  const random = new Random(seed, 'mace');
  const { maxIterations = 1000 } = options;
  const search = (initial: Beliefs, start: Float64Array, iterations: number) => {
    let beliefs = initial;
    const run = expectationMaximisation(
      table,
      (posterior) => {
        beliefs = update(table, posterior, beliefs, competencePrior, strategyPrior);
        return modelOf(beliefs, width);
      },
      { ...options, maxIterations: iterations },
      start,
    );
    return { ...run, beliefs };
  };
  const first = Math.min(firstIterations, maxIterations);
  const searches = [search(prior(table, competencePrior, strategyPrior), voteShares(table), first)];
  for (let r = 0; r < restarts; r++) {
    const beliefs = scattered(table, random);
    const start = voteShares(table);
    expectation(table, modelOf(beliefs, width), start);
    searches.push(search(beliefs, start, first));
  }
  const ahead = searches.reduce((best, one) => (one.fit.logLikelihood > best.fit.logLikelihood ? one : best));
  const { posterior, beliefs, fit } = search(ahead.beliefs, ahead.posterior, maxIterations);
  return {
    classes: table.classes,
    prior: new Array<number>(width).fill(1 / width),
    units: unitPosteriors(table, posterior),
    annotators: annotatorAccuracies(table, (unit, said) => posterior[unit * width + said]!).map((one, w) => {
      const [knows, spams] = [beliefs.knows[w]!, beliefs.spams[w]!];
      const all = knows + spams;
      const habits = [...beliefs.habits.subarray(w * width, (w + 1) * width)];
      const total = habits.reduce((sum, habit) => sum + habit, 0);
      return {
        ...one,
        competence: knows / all,
        competenceDeviation: Math.sqrt((knows * spams) / (all * all * (all + 1))),
        strategy: habits.map((habit) => habit / total),
      };
    }),
    ...fit,
  };
};

/** Parameters of the beta distribution of each competence and of the Dirichlet distribution of each strategy. */
interface Beliefs {
  readonly knows: Float64Array;
  readonly spams: Float64Array;
  /** [annotators, classes] */
  readonly habits: Float64Array;
  /** Minus the divergence of these distributions from their priors. */
  readonly bonus: number;
}

const prior = (table: VoteTable, competence: number, strategy: number): Beliefs => ({
  knows: new Float64Array(table.annotators.length).fill(competence),
  spams: new Float64Array(table.annotators.length).fill(competence),
  habits: new Float64Array(table.annotators.length * table.classes.length).fill(strategy),
  bonus: 0,
});

/** As if a few votes had been seen, for better or for worse. */
const scattered = (table: VoteTable, random: Random): Beliefs => {
  const some = (numbers: Float64Array): Float64Array => numbers.map(() => 0.5 + 4 * random.uniform());
  const { knows, spams, habits } = prior(table, 1, 1);
  return { knows: some(knows), spams: some(spams), habits: some(habits), bonus: 0 };
};

/** exp E[ln p] of every probability: what stands for it in the steps of variational Bayes. */
const expectedLogs = ({ knows, spams, habits }: Beliefs, width: number) => {
  const know = new Float64Array(knows.length);
  const spam = new Float64Array(knows.length);
  const habit = new Float64Array(habits.length);
  for (let w = 0; w < knows.length; w++) {
    const all = digamma(knows[w]! + spams[w]!);
    know[w] = digamma(knows[w]!) - all;
    spam[w] = digamma(spams[w]!) - all;
    let total = 0;
    for (let j = 0; j < width; j++) total += habits[w * width + j]!;
    const ofAll = digamma(total);
    for (let j = 0; j < width; j++) habit[w * width + j] = digamma(habits[w * width + j]!) - ofAll;
  }
  return { know, spam, habit };
};

const modelOf = (beliefs: Beliefs, width: number): VoteModel => {
  const { know, spam, habit } = expectedLogs(beliefs, width);
  const evidence = new Float64Array(know.length * width * width);
  for (let w = 0; w < know.length; w++)
    for (let said = 0; said < width; said++) {
      const bySpam = spam[w]! + habit[w * width + said]!;
      const at = (w * width + said) * width;
      evidence.fill(bySpam, at, at + width);
      evidence[at + said] = Math.log(Math.exp(know[w]!) + Math.exp(bySpam));
    }
  return { logPrior: logs(new Array<number>(width).fill(1 / width)), evidence, bonus: beliefs.bonus };
};

/** @param before The beliefs under which the posterior was found */
const update = (
  table: VoteTable,
  posterior: Float64Array,
  before: Beliefs,
  competence: number,
  strategy: number,
): Beliefs => {
  const width = table.classes.length;
  const { know, spam, habit } = expectedLogs(before, width);
  const { knows, spams, habits } = prior(table, competence, strategy);
  // P(the annotator knew | said, and it is right)
  const knew = habit.map((log, i) => {
    const w = Math.floor(i / width);
    return 1 / (1 + Math.exp(spam[w]! + log - know[w]!));
  });
  forEachVote(table, (unit, annotator, said) => {
    const at = annotator * width + said;
    const known = posterior[unit * width + said]! * knew[at]!;
    knows[annotator]! += known;
    spams[annotator]! += 1 - known;
    habits[at]! += 1 - known;
  });
  let bonus = 0;
  for (let w = 0; w < knows.length; w++) {
    bonus -= divergence([knows[w]!, spams[w]!], competence);
    bonus -= divergence([...habits.subarray(w * width, (w + 1) * width)], strategy);
  }
  return { knows, spams, habits, bonus };
};

/** Kullback-Leibler divergence of a Dirichlet distribution from the symmetric one. */
const divergence = (parameters: readonly number[], symmetric: number): number => {
  const all = parameters.reduce((sum, one) => sum + one, 0);
  const atAll = digamma(all);
  return parameters.reduce(
    (sum, one) => sum - logGamma(one) + logGamma(symmetric) + (one - symmetric) * (digamma(one) - atAll),
    logGamma(all) - logGamma(symmetric * parameters.length),
  );
};
