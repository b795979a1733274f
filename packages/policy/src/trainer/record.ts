/** @file What a run says of itself after each update: one line of `training.jsonl`, one point of every curve. */
import { z } from 'zod';

const number = z.number();
const count = z.number().int().nonnegative();

/** A response as it was sampled, for people to read. */
const sampleRecord = z.object({
  prompt: z.string(),
  response: z.string(),
  reward: number,
  gold: number.optional(),
});

/** What an update did. Means over responses unless they say otherwise; log-probabilities and divergences in nats. */
export const policyRecord = z.object({
  /** Updates done, this one included. */
  step: count,
  loss: number,
  learningRate: number,
  gradientNorm: number,
  tokens: count,
  seconds: number,
  /** Of a held-out side, where the update was evaluated. */
  validationLoss: number.optional(),
  validationAccuracy: number.optional(),
  /** Offline methods: share of pairs whose chosen response has the larger implied reward, and how much larger it is. */
  accuracy: number.optional(),
  margin: number.optional(),
  /** Online methods. */
  rollout: z
    .object({
      responses: count,
      /** The reward as given, before penalties and scaling; and its standard deviation. */
      reward: number,
      rewardDeviation: number,
      /** Mean over prompts of the standard deviation within a prompt's responses; null with one response a prompt. */
      rewardDeviationWithinPrompts: number.nullable(),
      /** Parts of the reward by name, as the reward gives them. */
      parts: z.record(z.string(), number),
      /** A second, held-out reward, where one was given. */
      gold: number.optional(),
      /** Sum over a response's tokens of the exact divergence of the policy from the reference at that token: never negative. */
      kl: number,
      /** The same by the sampled tokens alone (k1), as the penalty counts it. */
      klSampled: number,
      /** Coefficient of the penalty. */
      klCoefficient: number,
      /** Per token. */
      entropy: number,
      /** Tokens of a response. */
      length: number,
      /** Share of responses that ended by themselves. */
      ended: number,
      /** Share of word four-grams of a response that it has said before. */
      repetition: number,
      /** Correlation of reward and length within prompts; null where nothing varies. */
      lengthCorrelation: number.nullable(),
      clipped: number,
      /** Share of the returns' variance that the value function explains; null without one. */
      explainedVariance: number.nullable(),
      valueLoss: number.nullable(),
      /** The cost that a safety constraint bounds, and its multiplier. */
      cost: number.optional(),
      multiplier: number.optional(),
      /** Responses that were dropped because no reward could be had for them. */
      dropped: count,
      phases: z.object({ rollout: number, scoring: number, learning: number }),
      samples: z.array(sampleRecord),
    })
    .optional(),
  /** Held-out prompts, where the update was evaluated: means, and the standard error of the gold or second reward. */
  heldOut: z
    .object({
      reward: number,
      gold: number.optional(),
      goldError: number.optional(),
      kl: number,
      length: number,
      ended: number,
      prompts: count,
    })
    .optional(),
});
export type PolicyRecord = z.infer<typeof policyRecord>;
export type SampleRecord = z.infer<typeof sampleRecord>;
