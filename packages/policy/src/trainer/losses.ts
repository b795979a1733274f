/** @file The losses of all methods: what an objective reads of the policy's graph, and what it is fed beside the batch. */
import { ops, type Tensor, type TensorValues } from '@plaudit/engine';
import type { PolicyGraph } from '@plaudit/models';
import type { LabelObjective, PairObjective } from '../objectives/preference-objective.ts';
import type { Surrogate } from '../objectives/surrogate.ts';
import type { ValueLoss } from '../objectives/value-loss.ts';
import type { PolicyLoss } from './network.ts';
import { floats, integers, type LaidBatch, membership } from './rows.ts';

/** Weighted negative log-likelihood of the targets: sum of weight * -log p. */
const likelihood = ({ graph, logProbability }: PolicyGraph): Tensor => {
  const weight = graph.input('supervised.weight', 'float32', ['targets']);
  return ops.negate(ops.reduceSum(ops.multiply(weight, logProbability)));
};

/** Log-probabilities of whole responses. @returns float32 [responses] */
const responseSums = ({ graph, logProbability }: PolicyGraph): Tensor => {
  const belongs = graph.input('membership', 'float32', ['responses', 'targets']);
  const sums = ops.matmul(belongs, ops.reshape(logProbability, ['targets', 1]));
  return ops.reshape(sums, ['responses']);
};

/** Supervised fine-tuning: each token of a response counts what `supervisedFeeds` says. */
export const supervisedLoss: PolicyLoss = (policy) => ({ loss: likelihood(policy) });

/**
 * @param counted Of each tree and response: what each of its tokens counts
 * @returns What `supervisedLoss`, and objectives with a supervised part, are fed
 */
export const supervisedFeeds = (
  { places, targets }: LaidBatch,
  counted: readonly (readonly number[])[],
): TensorValues => {
  const weights = new Float32Array(targets);
  places.forEach((responses, tree) => {
    responses.forEach(({ first, count }, response) => {
      weights.fill(counted[tree]![response]!, first, first + count);
    });
  });
  return { 'supervised.weight': floats(weights) };
};

/** A pair of a batch: responses by their place in it, and its share of the update's mean. */
export interface PlacedPair {
  readonly chosen: number;
  readonly rejected: number;
  readonly weight: number;
}

/** What a response is fed with. */
export interface FedResponse {
  /** Sum of its log-probabilities under the reference; 0 without one. */
  readonly reference: number;
  readonly tokens: number;
}

/** The loss of pairs. Gives back `responses`, the log-probability of each, beside the loss. */
export const pairLoss =
  (objective: PairObjective): PolicyLoss =>
  (policy) => {
    const { graph } = policy;
    const sums = responseSums(policy);
    const reference = graph.input('reference', 'float32', ['responses']);
    const tokens = graph.input('response.tokens', 'float32', ['responses']);
    const chosen = graph.input('pair.chosen', 'int64', ['pairs']);
    const rejected = graph.input('pair.rejected', 'int64', ['pairs']);
    const weight = graph.input('pair.weight', 'float32', ['pairs']);
    const losses = objective.loss({
      chosen: ops.gather(sums, chosen),
      rejected: ops.gather(sums, rejected),
      referenceChosen: ops.gather(reference, chosen),
      referenceRejected: ops.gather(reference, rejected),
      chosenTokens: ops.gather(tokens, chosen),
      rejectedTokens: ops.gather(tokens, rejected),
    });
    const loss = ops.reduceSum(ops.multiply(weight, losses));
    return {
      loss:
        objective.supervised === 0
          ? loss
          : ops.add(loss, ops.multiply(likelihood(policy), objective.supervised)),
      responses: sums,
    };
  };

const responseFeeds = (laid: LaidBatch, responses: readonly FedResponse[]): TensorValues => ({
  membership: floats(membership(laid), [laid.responses, laid.targets]),
  reference: floats(Float32Array.from(responses, ({ reference }) => reference)),
  'response.tokens': floats(Float32Array.from(responses, ({ tokens }) => tokens)),
});

export const pairFeeds = (
  laid: LaidBatch,
  responses: readonly FedResponse[],
  pairs: readonly PlacedPair[],
): TensorValues => ({
  ...responseFeeds(laid, responses),
  'pair.chosen': integers(pairs.map(({ chosen }) => chosen)),
  'pair.rejected': integers(pairs.map(({ rejected }) => rejected)),
  'pair.weight': floats(Float32Array.from(pairs, ({ weight }) => weight)),
});

/** The loss of labelled responses. Gives back `responses` as `pairLoss` does. */
export const labelLoss =
  (objective: LabelObjective): PolicyLoss =>
  (policy) => {
    const { graph } = policy;
    const sums = responseSums(policy);
    const response = graph.input('label.response', 'int64', ['labels']);
    const input = (name: string): Tensor => graph.input(`label.${name}`, 'float32', ['labels']);
    const losses = objective.loss({
      policy: ops.gather(sums, response),
      reference: ops.gather(graph.input('reference', 'float32', ['responses']), response),
      tokens: ops.gather(graph.input('response.tokens', 'float32', ['responses']), response),
      desirable: input('desirable'),
      baseline: input('baseline'),
    });
    const loss = ops.reduceSum(ops.multiply(input('weight'), losses));
    return {
      loss:
        objective.supervised === 0
          ? loss
          : ops.add(loss, ops.multiply(likelihood(policy), objective.supervised)),
      responses: sums,
    };
  };

/** A label of a batch: its response by its place in it, and its share of the update's mean. */
export interface PlacedLabel {
  readonly response: number;
  readonly desirable: boolean;
  readonly weight: number;
}

/** @param labels Several may be of one response: one that won and lost has one of each kind */
export const labelFeeds = (
  laid: LaidBatch,
  responses: readonly FedResponse[],
  labels: readonly PlacedLabel[],
  baseline: number,
): TensorValues => ({
  ...responseFeeds(laid, responses),
  'label.response': integers(labels.map(({ response }) => response)),
  'label.desirable': floats(Float32Array.from(labels, ({ desirable }) => Number(desirable))),
  'label.weight': floats(Float32Array.from(labels, ({ weight }) => weight)),
  'label.baseline': floats(new Float32Array(labels.length).fill(baseline)),
});

/** What an online loss reads of a token beside the policy's graph, in the order of a batch's targets. */
export interface FedToken {
  readonly old: Float32Array;
  readonly reference: Float32Array;
  readonly advantage: Float32Array;
  readonly weight: Float32Array;
  /** For the value function. */
  readonly oldValue: Float32Array;
  readonly return: Float32Array;
}

/** The loss of sampled tokens, with that of the value function where there is one. */
export const tokenLoss =
  (
    objective: Surrogate,
    value: { readonly loss: ValueLoss; readonly coefficient: number } | null,
  ): PolicyLoss =>
  (policy): ReturnType<PolicyLoss> => {
    const { graph } = policy;
    const input = (name: string): Tensor => graph.input(`token.${name}`, 'float32', ['targets']);
    const weight = input('weight');
    const { loss, clipped, moved } = objective.loss({
      logProbability: policy.logProbability,
      entropy: policy.entropy,
      old: input('old'),
      reference: input('reference'),
      advantage: input('advantage'),
      membership: graph.input('membership', 'float32', ['responses', 'targets']),
      weight,
    });
    const outputs = { loss, clipped, moved };
    if (!value) return outputs;
    const ofValue = value.loss.loss({
      value: policy.value!,
      oldValue: input('oldValue'),
      return: input('return'),
      weight,
    });
    return {
      ...outputs,
      loss: ops.add(loss, ops.multiply(ofValue.loss, value.coefficient)),
      valueLoss: ofValue.loss,
    };
  };

export const tokenFeeds = (laid: LaidBatch, fed: FedToken): TensorValues => ({
  membership: floats(membership(laid), [laid.responses, laid.targets]),
  ...Object.fromEntries(Object.entries(fed).map(([name, data]) => [`token.${name}`, floats(data)])),
});
