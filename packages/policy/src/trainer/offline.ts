/** @file Methods that learn from what is there: supervised fine-tuning, and preferences by pairs or labels. */
import { planBatches, planUpdates } from '@plaudit/reward';
import { z } from 'zod';
import type { PreferenceObjective } from '../objectives/preference-objective.ts';
import type { PolicyConfiguration } from './configuration.ts';
import { type LearningTree, learningSize } from './learning-trees.ts';
import type { Evaluation, Iteration, IterationRecord, Method } from './loop.ts';
import {
  labelFeeds,
  labelLoss,
  type PlacedLabel,
  type PlacedPair,
  pairFeeds,
  pairLoss,
  supervisedFeeds,
  supervisedLoss,
} from './losses.ts';
import type { PolicyLoss, PolicyNetwork, PolicyScorer, PolicyTrainer } from './network.ts';
import { type ReferenceOptions, referenceSums, type Sums } from './reference-sums.ts';
import { layBatch } from './rows.ts';
import { sum } from './sum.ts';

/** What an offline method learns by; null for supervised fine-tuning. */
export type OfflineObjective = PreferenceObjective | null;

export const offlineLoss = (objective: OfflineObjective): PolicyLoss => {
  if (!objective) return supervisedLoss;
  return objective.kind === 'pairs' ? pairLoss(objective) : labelLoss(objective);
};

/** Whether the objective compares with the reference. */
const comparesWithReference = (objective: OfflineObjective): boolean =>
  objective !== null && (objective.kind === 'labels' || objective.needsReference);

export interface OfflineOptions extends ReferenceOptions {
  readonly seed: number;
}

const zeros = (trees: readonly LearningTree[]): Sums =>
  trees.map(({ tokens }) => tokens.responses.map(() => 0));

/** A running mean that is part of the run's state. */
const runningMean = z.object({ count: z.number(), mean: z.number() });
type RunningMean = z.infer<typeof runningMean>;

const withValue = ({ count, mean }: RunningMean, value: number): RunningMean => ({
  count: count + 1,
  mean: mean + (value - mean) / (count + 1),
});

/** What is open while the method runs. */
interface Opened {
  readonly trainer: PolicyTrainer;
  readonly scorer: PolicyScorer;
  readonly reference: { readonly train: Sums; readonly validation: Sums };
}

export class OfflineMethod implements Method {
  readonly iterations: number;
  readonly evaluatesFirst = false;
  readonly patience: number;
  private readonly objective: OfflineObjective;
  private readonly trainer: PolicyTrainer;
  private readonly scorer: PolicyScorer;
  private readonly train: readonly LearningTree[];
  private readonly validation: readonly LearningTree[];
  private readonly reference: { readonly train: Sums; readonly validation: Sums };
  private readonly updates: readonly (readonly number[])[];
  private readonly tokensPerBatch: number;
  private readonly maxLength: number;
  private rewards: RunningMean = { count: 0, mean: 0 };

  private constructor(
    objective: OfflineObjective,
    sides: { readonly train: readonly LearningTree[]; readonly validation: readonly LearningTree[] },
    configuration: PolicyConfiguration,
    seed: number,
    opened: Opened,
  ) {
    this.objective = objective;
    this.train = sides.train;
    this.validation = sides.validation;
    this.updates = planUpdates(sides.train.map(learningSize), { ...configuration, seed });
    this.iterations = this.updates.length;
    this.patience = configuration.patience;
    this.tokensPerBatch = configuration.tokensPerBatch;
    this.maxLength = configuration.maxLength;
    this.trainer = opened.trainer;
    this.scorer = opened.scorer;
    this.reference = opened.reference;
  }

  /** Opens the graphs, and computes the reference's log-probabilities, once for the whole run. */
  static async open(
    network: PolicyNetwork,
    objective: OfflineObjective,
    sides: { readonly train: readonly LearningTree[]; readonly validation: readonly LearningTree[] },
    configuration: PolicyConfiguration,
    options: OfflineOptions,
  ): Promise<OfflineMethod> {
    const compares = comparesWithReference(objective);
    const reference = compares
      ? await referenceSums(network, sides, configuration.tokensPerBatch, options)
      : { train: zeros(sides.train), validation: zeros(sides.validation) };
    const mismatched = objective?.kind === 'labels' && objective.baseline === 'mismatched-divergence';
    const scorer = await network.openScorer({ reference: mismatched });
    const trainer = await network.openTrainer(offlineLoss(objective));
    return new OfflineMethod(objective, sides, configuration, options.seed, { trainer, scorer, reference });
  }

  async iterate({ step, signal, apply }: Iteration): Promise<IterationRecord> {
    const trees = this.updates[step - 1]!.map((index) => this.train[index]!);
    const totals = totalsOf(trees);
    const rewards = await this.rewardsWith(trees, step, signal);
    const baseline = await this.baseline(trees, rewards, step, signal);
    const outcome = { right: 0, margin: 0, pairs: 0 };
    let loss = 0;
    let tokens = 0;
    for (const [at, batch] of planBatches(trees, this.tokensPerBatch).entries()) {
      signal?.throwIfAborted();
      const own = batch.trees as readonly LearningTree[];
      const laid = layBatch(batch);
      const feeds = this.feeds(own, laid, totals, baseline);
      const result = await this.trainer.accumulate(laid, feeds, { step, batch: at + 1 });
      loss += result.loss![0]!;
      tokens += laid.tokens;
      if (result.responses)
        this.count(own, unflattened(own, result.responses), this.referencesOf(own), outcome);
    }
    const gradientNorm = await apply();
    this.rewards = rewards;
    return { loss, tokens, gradientNorm, ...accuracyOf(outcome) };
  }

  evaluate = async (done: number, signal: AbortSignal | undefined): Promise<Evaluation> => {
    if (this.validation.length === 0) return { record: {}, score: null, stop: null };
    const sums = await this.sums(this.validation, done, signal);
    const outcome = { right: 0, margin: 0, pairs: 0 };
    this.count(this.validation, sums, this.reference.validation, outcome);
    const validationLoss = this.lossOf(sums);
    const { accuracy } = accuracyOf(outcome);
    return {
      record: { validationLoss, ...(accuracy !== undefined && { validationAccuracy: accuracy }) },
      score: -validationLoss,
      stop: null,
    };
  };

  state(): unknown {
    return this.rewards;
  }

  restore(state: unknown): void {
    this.rewards = runningMean.parse(state);
  }

  /** Loss of the validation side in closed form. @param sums The policy's */
  private lossOf(sums: Sums): number {
    const trees = this.validation;
    const totals = totalsOf(trees);
    const reference = this.reference.validation;
    const supervised = trees.reduce(
      (total, tree, i) => total - tree.imitated.reduce((own, response) => own + sums[i]![response]!, 0),
      0,
    );
    const likelihood = supervised / Math.max(1, totals.tokens);
    const { objective } = this;
    if (!objective) return likelihood;
    const weights: number[] = [];
    let losses: readonly number[];
    if (objective.kind === 'pairs') {
      const of = (read: (tree: number, chosen: number, rejected: number) => number): number[] =>
        trees.flatMap(({ pairs }, i) => pairs.map(({ chosen, rejected }) => read(i, chosen, rejected)));
      const tokens = (tree: number, response: number): number =>
        trees[tree]!.tokens.responses[response]!.length;
      for (const { pairs } of trees) weights.push(...pairs.map(({ weight }) => weight));
      ({ losses } = objective.evaluate({
        chosen: of((i, chosen) => sums[i]![chosen]!),
        rejected: of((i, _, rejected) => sums[i]![rejected]!),
        referenceChosen: of((i, chosen) => reference[i]![chosen]!),
        referenceRejected: of((i, _, rejected) => reference[i]![rejected]!),
        chosenTokens: of(tokens),
        rejectedTokens: of((i, _, rejected) => tokens(i, rejected)),
      }));
    } else {
      const labels = trees.flatMap(({ labels, tokens }, i) =>
        labels.map((label) => ({
          ...label,
          policy: sums[i]![label.response]!,
          reference: reference[i]![label.response]!,
          tokens: tokens.responses[label.response]!.length,
        })),
      );
      weights.push(...labels.map(({ weight }) => weight));
      // The divergence of mismatched pairs is left out of validation: it would cost a pass of its own and moves all alike.
      const baseline = objective.baseline === 'running-reward' ? this.rewards.mean : 0;
      ({ losses } = objective.evaluate({
        policy: labels.map(({ policy }) => policy),
        reference: labels.map(({ reference }) => reference),
        tokens: labels.map(({ tokens }) => tokens),
        desirable: labels.map(({ desirable }) => Number(desirable)),
        baseline: labels.map(() => baseline),
      }));
    }
    const weighed = losses.reduce((total, loss, i) => total + weights[i]! * loss, 0);
    return weighed / sum(weights) + objective.supervised * likelihood;
  }

  private feeds(
    trees: readonly LearningTree[],
    laid: ReturnType<typeof layBatch>,
    totals: Totals,
    baseline: number,
  ) {
    const { objective } = this;
    const counted = trees.map(({ tokens, imitated }) =>
      tokens.responses.map((_, response) => (imitated.includes(response) ? 1 / totals.tokens : 0)),
    );
    const imitated = supervisedFeeds(laid, counted);
    if (!objective) return imitated;
    const responses = trees.flatMap(({ index, tokens }) =>
      tokens.responses.map((ids, response) => ({
        reference: this.reference.train[index]![response]!,
        tokens: ids.length,
      })),
    );
    const firsts = firstsOf(trees);
    if (objective.kind === 'pairs') {
      const pairs = trees.flatMap((tree, i): PlacedPair[] =>
        tree.pairs.map(({ chosen, rejected, weight }) => ({
          chosen: firsts[i]! + chosen,
          rejected: firsts[i]! + rejected,
          weight: weight / totals.weight,
        })),
      );
      return { ...imitated, ...pairFeeds(laid, responses, pairs) };
    }
    const labels = trees.flatMap((tree, i): PlacedLabel[] =>
      tree.labels.map(({ response, desirable, weight }) => ({
        response: firsts[i]! + response,
        desirable,
        weight: weight / totals.weight,
      })),
    );
    return { ...imitated, ...labelFeeds(laid, responses, labels, baseline) };
  }

  /** Log-probabilities of responses as the policy is now. @param trees Their indices are their places in the list */
  private async sums(
    trees: readonly LearningTree[],
    step: number,
    signal: AbortSignal | undefined,
  ): Promise<Sums> {
    const sums: number[][] = [];
    for (const [at, batch] of planBatches(trees, this.tokensPerBatch).entries()) {
      signal?.throwIfAborted();
      const scores = await this.scorer.score(batch, { step, batch: at + 1 });
      batch.trees.forEach(({ index }, i) => {
        sums[index] = scores[i]!.map(({ logProbabilities }) => sum(logProbabilities));
      });
    }
    return sums;
  }

  /** The running mean of rewards with those of an update, which BCO compares them with. */
  private async rewardsWith(
    trees: readonly LearningTree[],
    step: number,
    signal: AbortSignal | undefined,
  ): Promise<RunningMean> {
    const { objective } = this;
    if (objective?.kind !== 'labels' || objective.baseline !== 'running-reward') return this.rewards;
    const sums = await this.sums(
      trees.map((tree, index) => ({ ...tree, index })),
      step,
      signal,
    );
    return trees
      .flatMap(({ index, labels, tokens }, i) =>
        labels.map(({ response }) =>
          objective.impliedReward(
            sums[i]![response]!,
            this.reference.train[index]![response]!,
            tokens.responses[response]!.length,
          ),
        ),
      )
      .reduce(withValue, this.rewards);
  }

  /** The constant that an objective of labels compares rewards with. @param rewards The update's included */
  private async baseline(
    trees: readonly LearningTree[],
    rewards: RunningMean,
    step: number,
    signal: AbortSignal | undefined,
  ): Promise<number> {
    const { objective } = this;
    if (objective?.kind !== 'labels' || objective.baseline === 'none') return 0;
    if (objective.baseline === 'running-reward') return rewards.mean;
    let total = 0;
    let count = 0;
    for (const [at, batch] of planBatches(this.mismatched(trees), this.tokensPerBatch).entries()) {
      signal?.throwIfAborted();
      for (const scores of await this.scorer.score(batch, { step, batch: at + 1 })) {
        for (const { logProbabilities, reference } of scores) {
          total += sum(logProbabilities) - sum(reference!);
          count++;
        }
      }
    }
    return Math.max(0, total / count);
  }

  /**
   * Each prompt with the responses of the next: what the policy says of answers to other questions (Ethayarajh et al.
   * 2024). The next of an update of one prompt is the next of the run.
   */
  private mismatched(trees: readonly LearningTree[]): readonly LearningTree[] {
    return trees.map((tree, i) => {
      const next =
        trees.length > 1 ? trees[(i + 1) % trees.length]! : this.train[(tree.index + 1) % this.train.length]!;
      const { prompt } = tree.tokens;
      const room = this.maxLength - prompt.length;
      return {
        ...tree,
        index: i,
        tokens: { prompt, responses: next.tokens.responses.map((response) => response.slice(0, room)) },
      };
    });
  }

  private referencesOf(trees: readonly LearningTree[]): Sums {
    return trees.map(({ index }) => this.reference.train[index]!);
  }

  /** Adds the pairs of trees to an outcome: whether the chosen response has the larger implied reward, and by how much. */
  private count(trees: readonly LearningTree[], sums: Sums, references: Sums, outcome: Outcome): void {
    const { objective } = this;
    if (!objective) return;
    trees.forEach(({ tokens, pairs, labels }, i) => {
      const rewards = tokens.responses.map((ids, response) =>
        objective.impliedReward(sums[i]![response]!, references[i]![response]!, ids.length),
      );
      for (const { chosen, rejected } of pairs) {
        const difference = rewards[chosen]! - rewards[rejected]!;
        outcome.right += difference > 0 ? 1 : difference === 0 ? 0.5 : 0;
        outcome.margin += difference;
        outcome.pairs++;
      }
      for (const { response, desirable } of labels) {
        const reward = rewards[response]!;
        outcome.right += reward === 0 ? 0.5 : Number(reward > 0 === desirable);
        outcome.margin += desirable ? reward : -reward;
        outcome.pairs++;
      }
    });
  }
}

interface Outcome {
  right: number;
  margin: number;
  pairs: number;
}

const accuracyOf = ({ right, margin, pairs }: Outcome): { accuracy?: number; margin?: number } =>
  pairs === 0 ? {} : { accuracy: right / pairs, margin: margin / pairs };

/** What the conversations of an update weigh together. */
interface Totals {
  readonly weight: number;
  /** Of responses that are imitated. */
  readonly tokens: number;
}

const totalsOf = (trees: readonly LearningTree[]): Totals => ({
  weight: trees.reduce(
    (total, { pairs, labels }) => total + [...pairs, ...labels].reduce((own, { weight }) => own + weight, 0),
    0,
  ),
  tokens: trees.reduce(
    (total, { imitated, tokens }) =>
      total + imitated.reduce((own, response) => own + tokens.responses[response]!.length, 0),
    0,
  ),
});

/** The place of each tree's first response among those of its batch. */
const firstsOf = (trees: readonly LearningTree[]): number[] => {
  let first = 0;
  return trees.map(({ tokens }) => {
    first += tokens.responses.length;
    return first - tokens.responses.length;
  });
};

const unflattened = (trees: readonly LearningTree[], values: Float32Array): Sums => {
  const firsts = firstsOf(trees);
  return trees.map(({ tokens }, i) =>
    Array.from(values.subarray(firsts[i]!, firsts[i]! + tokens.responses.length)),
  );
};
