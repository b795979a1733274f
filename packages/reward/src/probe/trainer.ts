/** @file A probe that learns as judgements come in: features once, then a refit in less than a second. */
import { type Judgement, Random } from '@plaudit/contract';
import { type PreferenceTree, preferenceTrees } from '@plaudit/feedback';
import type { Score, ScoreItem } from '../model.ts';
import { planOf } from '../objectives/index.ts';
import type { PlacedTree } from '../objectives/objective.ts';
import type { OnProgress } from '../run/progress.ts';
import type { TrainingSettings } from '../run/settings.ts';
import { type Base, openBase } from '../transformer/base.ts';
import { defaultMaxLength } from '../transformer/configuration.ts';
import { featureCacheOptions } from './cache/room.ts';
import { type ProbeConfiguration, requireBase, resolveProbe, wantsPrompts } from './configuration.ts';
import { type ComputeOptions, FeatureSource, type ItemFeatures } from './features.ts';
import { fitAtOnce } from './fit.ts';
import { probeScores } from './head.ts';
import { PlanLoss } from './loss.ts';
import { type ProbeParameters, parametersOf } from './parameters.ts';
import { updatedPosterior } from './posterior.ts';
import { FeatureTable } from './table.ts';
import { type ProbeTraining, trainProbe } from './train.ts';

/** What a refit took. */
export interface Refit {
  /** Judged prompts that it learned from. */
  readonly trees: number;
  readonly responses: number;
  readonly loss: number;
  readonly iterations: number;
  readonly milliseconds: number;
}

const refitTolerance = 1e-8;
/** Every so many-th tree of a seeded order chooses map and prior of a head that has a map to learn. */
const heldOut = 10;

/**
 * A probe in training. `fit` chooses everything; `refit` keeps the standardisation, the map and the prior, and moves the
 * heads and their posterior to all judgements there are. Fit again when the judgements have multiplied.
 *
 * @example
 * const trainer = await ProbeTrainer.open({ base: './all-MiniLM-L6-v2' }, { seed: 1 });
 * await trainer.add(comparisons);
 * await trainer.fit();
 * await trainer.add([next]);
 * trainer.refit();
 * const [scores] = await trainer.score([item]);
 * await trainer.close();
 */
export class ProbeTrainer {
  private readonly base: Base;
  private readonly settings: TrainingSettings;
  private readonly features: FeatureSource;
  private readonly seed: number;
  private readonly table = new FeatureTable();
  private readonly trees: PlacedTree[] = [];
  /** Trees that the posterior has seen. */
  private seen = 0;
  private training: (ProbeTraining & { readonly configuration: ProbeConfiguration }) | null = null;
  private parameters: ProbeParameters | null = null;

  private constructor(base: Base, settings: TrainingSettings, features: FeatureSource, seed: number) {
    this.base = base;
    this.settings = settings;
    this.features = features;
    this.seed = seed;
  }

  /**
   * @param settings As of a training run of kind `probe`
   * @throws reward.bad_configuration, model.*
   */
  static async open(
    settings: TrainingSettings,
    {
      seed = 0,
      signal,
      onProgress,
    }: { readonly seed?: number; readonly signal?: AbortSignal; readonly onProgress?: OnProgress } = {},
  ): Promise<ProbeTrainer> {
    const length = settings.maxLength ?? defaultMaxLength;
    const base = await openBase(requireBase(settings), length, {
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
    });
    // The plan follows from judgements that are not there yet, and may call for a gate; prompts are then described too.
    const plan = planOf({}, [oneComparison]);
    const configuration = resolveProbe(settings, base.model, base.formatter.maxLength, plan);
    const gated = typeof settings.objective === 'object' && settings.objective.gate != null;
    const features = new FeatureSource(base, {
      ...configuration,
      prompts: gated || wantsPrompts(configuration),
      cache: featureCacheOptions(),
    });
    return new ProbeTrainer(base, settings, features, seed);
  }

  /** Judged prompts so far. */
  get size(): number {
    return this.trees.length;
  }

  /** Vectors that the base had to compute; the others came from the cache. */
  get computed(): number {
    return this.features.computed;
  }

  /** Takes judgements, or trees of them. @throws engine.*, model.*; the signal's reason */
  async add(
    judgements: readonly Judgement[] | readonly PreferenceTree[],
    options: ComputeOptions = {},
  ): Promise<void> {
    const trees = judgements.every((one): one is PreferenceTree => 'pairs' in one)
      ? judgements
      : preferenceTrees(judgements as readonly Judgement[]).trees;
    this.addFeatures(trees, await this.features.features(trees, options));
  }

  /** The same with features that are there already. */
  addFeatures(trees: readonly PreferenceTree[], features: readonly ItemFeatures[]): void {
    for (const placed of this.table.add(trees, features)) this.trees.push(placed);
  }

  /**
   * Chooses plan, standardisation, map and prior anew, and fits.
   *
   * @throws reward.bad_configuration, reward.not_finite; the signal's reason
   */
  async fit({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const { base, settings, seed } = this;
    const plan = planOf(
      settings,
      this.trees.map(({ tree }) => tree),
    );
    const configuration = resolveProbe(settings, base.model, base.formatter.maxLength, plan);
    const order = new Random(seed, 'held out').permutation(this.trees.length);
    const held = new Set(configuration.learning ? order.subarray(0, Math.ceil(order.length / heldOut)) : []);
    const data = (keep: (index: number) => boolean) => ({
      table: this.table,
      trees: this.trees.filter((_, i) => keep(i)),
    });
    const training = await trainProbe(
      data((i) => !held.has(i)),
      data((i) => held.has(i)),
      this.features.size,
      configuration,
      { seed, signal, all: [...this.trees] },
    );
    this.settle({ ...training, configuration });
  }

  /**
   * Moves the heads to the judgements that came since. It starts where the last fit ended and takes its steps along the
   * posterior, which gets one update for each new comparison.
   *
   * @throws RangeError before the first `fit`; reward.not_finite
   */
  refit(): Refit {
    const began = performance.now();
    const { training } = this;
    if (!training) throw new RangeError('fit first: there is nothing to start from');
    training.columns.follow();
    const { plan } = training.configuration;
    const loss = new PlanLoss(plan, training.columns.design(this.trees));
    const fitted = fitAtOnce(loss, training.l2, {
      start: training.numbers,
      functionTolerance: refitTolerance,
      curvature: training.posterior.heads,
    });
    const added = new PlanLoss(plan, training.columns.design(this.trees.slice(this.seen)));
    const posterior = updatedPosterior(training.posterior, added, loss, fitted.numbers);
    this.settle({ ...training, loss, numbers: fitted.numbers, posterior });
    return {
      trees: this.trees.length,
      responses: this.table.responses.length,
      loss: fitted.loss,
      iterations: fitted.iterations,
      milliseconds: performance.now() - began,
    };
  }

  /** Raw rewards with their uncertainty; nothing is calibrated while training goes on. @throws RangeError before `fit` */
  async score(items: readonly ScoreItem[], options: ComputeOptions = {}): Promise<Score[][]> {
    const { training, parameters } = this;
    if (!training || !parameters) throw new RangeError('fit first: there is nothing to score with');
    const { plan } = training.configuration;
    const features = await this.features.features(items, options);
    return features.map((item) =>
      probeScores(plan, parameters, item).map(({ outputs, uncertainty }) => ({
        reward: outputs[plan.reward]!,
        perObjective: outputs,
        uncertainty,
        calibrated: null,
      })),
    );
  }

  close(): Promise<void> {
    return this.features.close();
  }

  private settle(training: ProbeTraining & { readonly configuration: ProbeConfiguration }): void {
    const { loss, numbers, standards, columns, posterior, configuration } = training;
    this.training = training;
    this.parameters = parametersOf(configuration.plan, loss, numbers, standards, columns.map, posterior);
    this.seen = this.trees.length;
  }
}

/** Stands for judgements where only their kind matters. */
const oneComparison: PreferenceTree = {
  id: 'comparison',
  prompt: [{ role: 'user', content: '' }],
  responses: ['a', 'b'],
  pairs: [{ winner: 0, loser: 1, weight: 1, source: '', segments: {} }],
  segments: {},
};
