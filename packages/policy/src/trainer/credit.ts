/** @file Credit: from the rewards of responses to an advantage for each of their tokens, as each method does it. */
import {
  batchBaseline,
  gae,
  groupRelative,
  leaveOneOut,
  type Moments,
  perTokenRewards,
  runningBaseline,
  whiten,
} from '../advantage/index.ts';
import { combineAdvantage } from '../control/index.ts';
import { klEstimate } from '../objectives/kl-estimate.ts';
import { type TokenNormalisation, tokenWeights } from '../objectives/token-weights.ts';
import type { OnlineConfiguration } from './configuration.ts';
import type { ScoredPrompt } from './minibatch.ts';
import type { PolicyMethod } from './settings.ts';

/** [prompt][response]: one number for each token. */
type PerToken = readonly (readonly Float64Array[])[];

export interface Credit {
  readonly advantages: PerToken;
  /** What the value function should have said; null without one. */
  readonly returns: PerToken | null;
  /** The running baseline after this rollout. */
  readonly baseline: Moments;
  /** What each token of some prompts weighs in an update on them, by the index of their tree. */
  weigh(scored: readonly ScoredPrompt[]): ReadonlyMap<number, readonly Float64Array[]>;
}

export interface CreditState {
  readonly klCoefficient: number;
  readonly baseline: Moments;
  /** Of the cost; null without a constraint. */
  readonly multiplier: number | null;
}

/** [prompt][response] of numbers in a row. */
const regrouped = <T>(flat: readonly T[], scored: readonly ScoredPrompt[]): T[][] => {
  let first = 0;
  return scored.map(({ responses }) => {
    first += responses.length;
    return flat.slice(first - responses.length, first);
  });
};

/** Whitens all numbers of a rollout together. */
const whitened = (values: PerToken, options: Parameters<typeof whiten>[1] = {}): PerToken => {
  const lengths = values.map((row) => row.map(({ length }) => length));
  const flat = new Float64Array(lengths.flat().reduce((a, b) => a + b, 0));
  let at = 0;
  for (const own of values.flat()) {
    flat.set(own, at);
    at += own.length;
  }
  const all = whiten(flat, options);
  at = 0;
  return lengths.map((row) =>
    row.map((length) => {
      at += length;
      return all.slice(at - length, at);
    }),
  );
};

/** Estimates of the divergence from the reference at each token, for a penalty in the reward. */
const penalties = (scored: readonly ScoredPrompt[], { kl }: OnlineConfiguration): PerToken =>
  scored.map(({ scores }) =>
    scores.map(({ logProbabilities, reference }) =>
      Float64Array.from(logProbabilities, (own, t) => klEstimate(kl.estimator, own, reference![t]!)),
    ),
  );

const total = (values: Float64Array): number => values.reduce((a, b) => a + b, 0);

/**
 * PPO: the penalty at each token, the score at the last, generalised advantage estimation, whitening over the rollout. RLOO and
 * REINFORCE: one action for the whole response, its score less the penalty of all of its tokens. GRPO: the score in
 * units of its group, its penalty in the loss.
 *
 * A cost is taken off the score: (reward - λ cost) / (1 + λ), which is linear, as all that follows is.
 */
export const creditOf = (
  method: PolicyMethod,
  scored: readonly ScoredPrompt[],
  online: OnlineConfiguration,
  { klCoefficient, baseline, multiplier }: CreditState,
): Credit => {
  const scores = scored.map(({ responses }) =>
    responses.map(({ reward, cost }) =>
      multiplier === null ? reward.reward : combineAdvantage(reward.reward, cost!, multiplier),
    ),
  );
  const penalty = penalties(scored, online);
  const same = (values: readonly (readonly number[])[]): PerToken =>
    values.map((row, i) => row.map((value, k) => new Float64Array(penalty[i]![k]!.length).fill(value)));
  const maybeWhite = (values: PerToken): PerToken => (online.whitenAdvantages ? whitened(values) : values);
  const lengths = scored.flatMap(({ responses }) => responses.map(({ tokens }) => tokens.length));
  const meanLength = lengths.reduce((a, b) => a + b, 0) / Math.max(1, lengths.length);
  const weighing =
    (normalisation: TokenNormalisation): Credit['weigh'] =>
    (own) => {
      const weights = tokenWeights(
        own.flatMap(({ responses }) => responses.map(({ tokens }) => tokens.length)),
        normalisation,
      );
      const grouped = regrouped(weights, own);
      return new Map(own.map(({ tree }, i) => [tree.index, grouped[i]!]));
    };

  if (method === 'ppo') {
    const raw: PerToken = scores.map((row, i) =>
      row.map((score, k) => perTokenRewards(score, penalty[i]![k]!, klCoefficient)),
    );
    const rewards = online.whitenRewards ? whitened(raw, { shiftMean: false }) : raw;
    const estimated = rewards.map((row, i) =>
      row.map((own, k) =>
        gae(own, scored[i]!.scores[k]!.values!, { gamma: online.discount, lambda: online.lambda }),
      ),
    );
    return {
      advantages: maybeWhite(estimated.map((row) => row.map(({ advantages }) => advantages))),
      returns: estimated.map((row) => row.map(({ returns }) => returns)),
      baseline,
      weigh: weighing('token'),
    };
  }
  if (method === 'grpo') {
    const { normalisation } = online;
    return {
      advantages: maybeWhite(same(groupRelative(scores, { scale: online.scaleRewards }))),
      returns: null,
      baseline,
      weigh: weighing(normalisation === 'length' ? { fixed: online.maxNewTokens } : normalisation),
    };
  }
  const penalised = scores.map((row, i) =>
    row.map((score, k) => score - klCoefficient * total(penalty[i]![k]!)),
  );
  if (method === 'rloo')
    return {
      advantages: maybeWhite(same(leaveOneOut(penalised))),
      returns: null,
      baseline,
      weigh: weighing({ fixed: meanLength }),
    };
  if (method === 'reinforce') {
    const { advantages, moments } = runningBaseline(baseline, penalised.flat());
    return {
      advantages: maybeWhite(same(regrouped(advantages, scored))),
      returns: null,
      baseline: moments,
      weigh: weighing({ fixed: meanLength }),
    };
  }
  // Methods that learn from the best responses have no advantages; the batch's mean is there for the log.
  return {
    advantages: same(regrouped(batchBaseline(scores.flat()), scored)),
    returns: null,
    baseline,
    weigh: weighing('token'),
  };
};
