/** @file Methods that learn from what the policy itself writes: PPO, RLOO, REINFORCE, GRPO, online DPO, best-of-n. */
import { PlauditError, plauditError, Random } from '@plaudit/contract';
import type { Generator } from '@plaudit/models';
import { type EncodedTree, planBatches } from '@plaudit/reward';
import { z } from 'zod';
import { type Moments, noMoments } from '../advantage/index.ts';
import {
  type CostConstraint,
  initialMultiplier,
  type KlControl,
  type MultiplierState,
  nextKlCoefficient,
  nextMultiplier,
} from '../control/index.ts';
import type { PairObjective } from '../objectives/preference-objective.ts';
import { type StopRule, type StopState, stopState } from '../overoptimisation/index.ts';
import type { OnlineConfiguration, PolicyConfiguration } from './configuration.ts';
import { type Credit, creditOf } from './credit.ts';
import type { Evaluation, HeldOut, Iteration, IterationRecord, Method } from './loop.ts';
import { minibatchOf, type ScoredPrompt } from './minibatch.ts';
import type { PolicyNetwork, PolicyScorer, PolicyTrainer } from './network.ts';
import {
  type EncodedPrompt,
  type RewardedPrompt,
  type Rewards,
  rewardResponses,
  type SampledPrompt,
  sampleResponses,
} from './rollout.ts';
import { rolloutRecord } from './rollout-record.ts';
import { layBatch } from './rows.ts';

export interface OnlineParts {
  readonly network: PolicyNetwork;
  readonly generator: Generator;
  readonly trainer: PolicyTrainer;
  /** Reads the reference too. */
  readonly scorer: PolicyScorer;
  readonly rewards: Rewards;
  readonly prompts: readonly EncodedPrompt[];
  readonly heldOut: readonly EncodedPrompt[];
  /** Of online DPO. */
  readonly objective: PairObjective | null;
  readonly klControl: KlControl;
  readonly constraint: CostConstraint | null;
  readonly openStopRule: (saved?: StopState) => StopRule;
  readonly seed: number;
}

const onlineState = z.object({
  klCoefficient: z.number(),
  baseline: z.object({ count: z.number(), mean: z.number(), squares: z.number() }),
  multiplier: z.object({ multiplier: z.number(), costs: z.array(z.number()) }).nullable(),
  stop: stopState,
});

export class OnlineMethod implements Method {
  readonly iterations: number;
  readonly evaluatesFirst = true;
  readonly patience = null;
  private readonly parts: OnlineParts;
  private readonly configuration: PolicyConfiguration;
  private readonly online: OnlineConfiguration;
  private klCoefficient: number;
  private baseline: Moments = noMoments;
  private multiplier: MultiplierState | null;
  private rule: StopRule;

  constructor(parts: OnlineParts, configuration: PolicyConfiguration) {
    this.parts = parts;
    this.configuration = configuration;
    this.online = configuration.online!;
    this.iterations = this.online.steps;
    this.klCoefficient = parts.klControl.coefficient;
    this.multiplier = parts.constraint && initialMultiplier(parts.constraint);
    this.rule = parts.openStopRule();
  }

  async iterate({ step, signal, apply }: Iteration): Promise<IterationRecord> {
    const { online } = this;
    const started = performance.now();
    const seed = this.seedOf('rollout', step);
    const sampled = await this.sample(this.promptsOf(step), online.samples, seed, step, signal);
    const rolledOut = performance.now();
    const { prompts, dropped } = await rewardResponses(sampled, this.parts.rewards, signal);
    const scored = await this.scored(prompts, step, signal);
    const multiplier = this.multiplier?.multiplier ?? null;
    const credit = creditOf(this.configuration.method, scored, online, {
      klCoefficient: this.klCoefficient,
      baseline: this.baseline,
      multiplier,
    });
    const rewarded = performance.now();
    const learned = await this.learn(scored, credit, step, signal, apply);
    const ended = performance.now();

    const record = rolloutRecord(scored, {
      dropped,
      klCoefficient: this.klCoefficient,
      clipped: learned.clipped,
      valueLoss: learned.valueLoss,
      credit,
      multiplier,
      phases: {
        rollout: (rolledOut - started) / 1000,
        scoring: (rewarded - rolledOut) / 1000,
        learning: (ended - rewarded) / 1000,
      },
    });
    this.baseline = credit.baseline;
    const { klControl, constraint } = this.parts;
    this.klCoefficient = nextKlCoefficient(klControl, this.klCoefficient, record.klSampled, record.responses);
    if (constraint && this.multiplier) {
      const costs = scored.flatMap(({ responses }) => responses.map(({ cost }) => cost!));
      this.multiplier = nextMultiplier(constraint, this.multiplier, costs);
    }
    return {
      loss: learned.loss,
      gradientNorm: learned.gradientNorm,
      tokens: learned.tokens,
      rollout: record,
    };
  }

  evaluate = async (done: number, signal: AbortSignal | undefined): Promise<Evaluation> => {
    // The same numbers at every evaluation: what differs is the policy.
    const seed = this.seedOf('held-out', 0);
    const sampled = await this.sample(this.parts.heldOut, 1, seed, done, signal);
    const { prompts: rewarded } = await rewardResponses(sampled, this.parts.rewards, signal);
    const scored = await this.scored(rewarded, done, signal);
    const heldOut = heldOutRecord(scored);
    const decision = this.rule.see({
      step: done,
      kl: heldOut.kl,
      proxy: heldOut.reward,
      gold: heldOut.gold ?? null,
      goldError: heldOut.goldError ?? null,
    });
    return {
      record: { heldOut },
      // By the reward that the policy was trained on the most hacked policy would be the best one.
      score: heldOut.gold ?? null,
      stop: decision && !(this.online.pastPeak && decision.reason === 'past_peak') ? decision.message : null,
    };
  };

  state(): unknown {
    const { klCoefficient, baseline, multiplier, rule } = this;
    return { klCoefficient, baseline, multiplier, stop: rule.state };
  }

  restore(state: unknown): void {
    const { klCoefficient, baseline, multiplier, stop } = onlineState.parse(state);
    this.klCoefficient = klCoefficient;
    this.baseline = baseline;
    this.multiplier = multiplier;
    this.rule = this.parts.openStopRule(stop);
  }

  private seedOf(what: string, step: number): number {
    return new Random(this.parts.seed, `${what}:${step}`).integer(2 ** 31);
  }

  /** Prompts in a new random order at every pass over them. */
  private promptsOf(step: number): EncodedPrompt[] {
    const { prompts, seed } = this.parts;
    const { length } = prompts;
    const count = this.online.promptsPerStep;
    const chosen: EncodedPrompt[] = [];
    for (let at = (step - 1) * count; chosen.length < count; ) {
      const order = new Random(seed, `prompts:${Math.floor(at / length)}`).permutation(length);
      for (let i = at % length; i < length && chosen.length < count; i++, at++)
        chosen.push(prompts[order[i]!]!);
    }
    return chosen;
  }

  /** @throws engine.non_finite naming the step of the run, and not that of the response */
  private async sample(
    prompts: readonly EncodedPrompt[],
    samples: number,
    seed: number,
    step: number,
    signal: AbortSignal | undefined,
  ): Promise<SampledPrompt[]> {
    const { generator, network } = this.parts;
    const { formatter } = network.base;
    try {
      return await sampleResponses(generator, formatter, prompts, samples, seed, this.online, signal);
    } catch (error) {
      if (!(error instanceof PlauditError && error.code === 'engine.non_finite')) throw error;
      throw plauditError('engine.non_finite', { ...error.parameters, step, batch: 'of samples' }, error);
    }
  }

  private async scored(
    rewarded: readonly RewardedPrompt[],
    step: number,
    signal: AbortSignal | undefined,
  ): Promise<ScoredPrompt[]> {
    const trees = rewarded.map(
      ({ prompt, responses }, index): EncodedTree => ({
        index,
        tokens: { prompt: prompt.tokens, responses: responses.map(({ tokens }) => tokens) },
      }),
    );
    const scored: ScoredPrompt[] = [];
    for (const [at, batch] of planBatches(trees, this.configuration.tokensPerBatch).entries()) {
      signal?.throwIfAborted();
      const scores = await this.parts.scorer.score(batch, { step, batch: at + 1 });
      batch.trees.forEach((tree, i) => {
        scored[tree.index] = { ...rewarded[tree.index]!, tree, scores: scores[i]! };
      });
    }
    return scored;
  }

  /** Passes over a rollout in minibatches of whole prompts, an update after each. */
  private async learn(
    scored: readonly ScoredPrompt[],
    credit: Credit,
    step: number,
    signal: AbortSignal | undefined,
    apply: Iteration['apply'],
  ): Promise<Learned> {
    const { innerEpochs, minibatches } = this.online;
    const sums = { loss: 0, gradientNorm: 0, clipped: 0, valueLoss: 0, tokens: 0 };
    let updates = 0;
    let batchNumber = 0;
    let hasValue = false;
    for (let epoch = 0; epoch < innerEpochs; epoch++) {
      const order = new Random(this.parts.seed, `minibatches:${step}:${epoch}`).permutation(scored.length);
      const size = Math.ceil(scored.length / minibatches);
      for (let first = 0; first < order.length; first += size) {
        const own = Array.from(order.subarray(first, first + size), (i) => scored[i]!);
        const fed = minibatchOf(this.configuration.method, own, credit);
        if (!fed) continue;
        for (const batch of planBatches(fed.trees, this.configuration.tokensPerBatch)) {
          signal?.throwIfAborted();
          const laid = layBatch(batch);
          const feeds = fed.feeds(batch, laid);
          const context = { step, batch: ++batchNumber };
          const result = await this.parts.trainer.accumulate(laid, feeds, context);
          sums.loss += result.loss![0]!;
          sums.clipped += result.clipped?.[0] ?? 0;
          sums.valueLoss += result.valueLoss?.[0] ?? 0;
          hasValue ||= result.valueLoss !== undefined;
          sums.tokens += laid.tokens;
        }
        sums.gradientNorm += await apply();
        updates++;
      }
    }
    const mean = (total: number): number => (updates === 0 ? 0 : total / updates);
    return {
      loss: mean(sums.loss),
      gradientNorm: mean(sums.gradientNorm),
      clipped: mean(sums.clipped),
      valueLoss: hasValue ? mean(sums.valueLoss) : null,
      tokens: sums.tokens,
    };
  }
}

interface Learned {
  readonly loss: number;
  readonly gradientNorm: number;
  readonly clipped: number;
  readonly valueLoss: number | null;
  readonly tokens: number;
}

const heldOutRecord = (scored: readonly ScoredPrompt[]): HeldOut => {
  const responses = scored.flatMap(({ responses, scores }) =>
    responses.map((response, k) => ({ ...response, scores: scores[k]! })),
  );
  const count = responses.length;
  const mean = (read: (response: (typeof responses)[number]) => number): number =>
    responses.reduce((sum, response) => sum + read(response), 0) / count;
  const golds = responses.every(({ gold }) => gold !== null);
  const gold = golds ? mean((response) => response.gold!) : null;
  const squares = gold === null ? 0 : mean((response) => (response.gold! - gold) ** 2);
  return {
    reward: mean(({ score }) => score.reward),
    ...(gold !== null && { gold, goldError: Math.sqrt(squares / Math.max(1, count - 1)) }),
    kl: mean(({ scores }) => scores.divergences!.reduce((a, b) => a + b, 0)),
    length: mean(({ tokens }) => tokens.length),
    ended: mean(({ ended }) => Number(ended)),
    prompts: scored.length,
  };
};
