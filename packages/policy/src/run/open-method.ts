/** @file Opens what a method needs over a network: graphs, generator, encoded data; and predicts what memory a step takes. */
import { type Prompt, plauditError } from '@plaudit/contract';
import type { PreferenceTree } from '@plaudit/feedback';
import { Generator } from '@plaudit/models';
import {
  contribOf,
  type DataSource,
  type EncodedTree,
  type OnProgress,
  planBatches,
  type TreeBatchPlan,
} from '@plaudit/reward';
import { costConstraint, klControl } from '../control/index.ts';
import { pairObjective, preferenceObjective, surrogate, valueLoss } from '../objectives/index.ts';
import { StopRule } from '../overoptimisation/index.ts';
import type { RewardSource } from '../rewards/index.ts';
import type { OnlineConfiguration, PolicyConfiguration } from '../trainer/configuration.ts';
import { type LearnedFrom, type LearningTree, learningTrees } from '../trainer/learning-trees.ts';
import type { Method } from '../trainer/loop.ts';
import { pairLoss, supervisedLoss, tokenLoss } from '../trainer/losses.ts';
import { requireMemory } from '../trainer/memory.ts';
import type { PolicyLoss, PolicyNetwork } from '../trainer/network.ts';
import { OfflineMethod, type OfflineObjective, offlineLoss } from '../trainer/offline.ts';
import { OnlineMethod } from '../trainer/online.ts';
import { type EncodedPrompt, encodePrompt } from '../trainer/rollout.ts';
import type { PolicyMethod } from '../trainer/settings.ts';

/** What a run learns from. */
export type Side = {
  readonly sources: readonly DataSource[];
  readonly rows: number;
  readonly rejects: number;
} & (
  | {
      readonly kind: 'offline';
      readonly train: readonly PreferenceTree[];
      readonly validation: readonly PreferenceTree[];
    }
  | {
      readonly kind: 'online';
      readonly train: readonly Prompt[];
      readonly heldOut: readonly Prompt[];
      /** Whether the held-out prompts are near-duplicates of those that are trained on. */
      readonly alike: boolean;
    }
);

export interface MethodOptions {
  readonly method: PolicyMethod;
  readonly side: Side;
  readonly configuration: PolicyConfiguration;
  readonly rewards: {
    readonly reward: RewardSource | null;
    readonly gold: RewardSource | null;
    readonly cost: RewardSource | null;
  };
  readonly seed: number;
  readonly checkpoints: string;
  readonly fingerprint: string;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: OnProgress | undefined;
}

/** A method that is ready to run. */
export interface OpenedMethod {
  readonly method: Method;
  /** Conversations or prompts of each side. */
  readonly train: number;
  readonly heldOut: number;
  readonly truncated: number;
  readonly predictedMemory: number;
  readonly warnings: readonly string[];
}

/** Fewest conversations that a run is worth. */
const fewest = 2;

const learnedFrom: Partial<Record<PolicyMethod, LearnedFrom>> = {
  sft: 'demonstrations',
  kto: 'labels',
  bco: 'labels',
};

/**
 * @throws policy.nothing_to_learn, policy.memory_short, policy.bad_configuration, engine.*, model.*; the signal's reason
 */
export const openMethod = (network: PolicyNetwork, options: MethodOptions): Promise<OpenedMethod> =>
  options.side.kind === 'offline' ? openOffline(network, options) : openOnline(network, options);

const openOffline = async (network: PolicyNetwork, options: MethodOptions): Promise<OpenedMethod> => {
  const { method, side, configuration } = options;
  if (side.kind !== 'offline') throw new TypeError('an offline method learns from conversations');
  const { formatter } = network.base;
  const from = learnedFrom[method] ?? 'pairs';
  const train = learningTrees(side.train, from, formatter);
  const validation = learningTrees(side.validation, from, formatter);
  if (train.length < fewest)
    throw plauditError('policy.nothing_to_learn', {
      rows: side.rows,
      usable: train.length + validation.length,
      method,
      needed: fewest,
    });
  const objective: OfflineObjective =
    configuration.objective &&
    preferenceObjective(configuration.objective.name, configuration.objective.settings);
  const predictedMemory = await requireMemory(
    network,
    offlineLoss(objective),
    planBatches(train, configuration.tokensPerBatch),
  );
  const opened = await OfflineMethod.open(network, objective, { train, validation }, configuration, options);
  const all: readonly LearningTree[] = [...train, ...validation];
  const truncated = all.filter((tree) => tree.truncated).length;
  return {
    method: opened,
    train: train.length,
    heldOut: validation.length,
    truncated,
    predictedMemory,
    warnings: truncationWarnings(truncated, all.length, 'conversations', configuration.maxLength),
  };
};

const openOnline = async (network: PolicyNetwork, options: MethodOptions): Promise<OpenedMethod> => {
  const { side, configuration, rewards, seed } = options;
  const online = configuration.online!;
  if (side.kind !== 'online') throw new TypeError('an online method learns from prompts');
  const { base } = network;
  if (online.maxNewTokens >= base.formatter.maxLength)
    throw plauditError('policy.bad_configuration', {
      setting: 'maxNewTokens',
      problem: `it leaves no room for a prompt in ${base.formatter.maxLength} tokens`,
    });
  const encode = (prompt: Prompt): EncodedPrompt => encodePrompt(base.formatter, prompt, online.maxNewTokens);
  const train = side.train.map(encode);
  const heldOut = side.heldOut.map(encode);
  const objective =
    configuration.method === 'online-dpo'
      ? pairObjective(configuration.objective!.name, configuration.objective!.settings)
      : null;
  const loss = onlineLoss(configuration, online, objective);
  const predictedMemory = await requireMemory(network, loss, [largestRollout(train, online, configuration)]);
  const { method: training, lora, frozen, provider } = network.options;
  const generator = await Generator.open({
    worker: network.worker,
    model: base.model,
    source: frozen === 'int8' ? await base.int8() : base.source,
    full: training === 'full',
    lora,
    maxLength: base.formatter.maxLength,
    parameters: network.parameters,
    contrib: contribOf(provider),
  });
  const { kl } = online;
  const method = new OnlineMethod(
    {
      network,
      generator,
      trainer: await network.openTrainer(loss),
      scorer: await network.openScorer({ reference: true }),
      rewards: {
        reward: rewards.reward!,
        gold: rewards.gold,
        cost: rewards.cost,
        failures: { retries: online.rewardRetries, onFailure: online.onRewardFailure },
        penalty: {
          clip: online.rewardClip === null ? null : [-online.rewardClip, online.rewardClip],
          missingEndPenalty: online.missingEndPenalty,
        },
      },
      prompts: train,
      heldOut,
      objective,
      klControl:
        kl.target === null
          ? klControl.parse({ kind: 'fixed', coefficient: kl.coefficient })
          : klControl.parse({
              kind: 'adaptive',
              coefficient: kl.coefficient,
              target: kl.target,
              horizon: kl.horizon,
            }),
      constraint: rewards.cost
        ? costConstraint.parse(online.costLimit === null ? {} : { limit: online.costLimit })
        : null,
      openStopRule: (saved) => new StopRule(kl.limit === null ? {} : { klCeiling: kl.limit }, saved),
      seed,
    },
    configuration,
  );
  const truncated = [...train, ...heldOut].filter((prompt) => prompt.truncated).length;
  return {
    method,
    train: train.length,
    heldOut: heldOut.length,
    truncated,
    predictedMemory,
    warnings: [
      ...truncationWarnings(
        truncated,
        train.length + heldOut.length,
        'prompts',
        configuration.maxLength - online.maxNewTokens,
      ),
      ...(side.alike ? [alikeWarning] : []),
    ],
  };
};

const onlineLoss = (
  { method }: PolicyConfiguration,
  { clip, kl, entropy, importance, value }: OnlineConfiguration,
  objective: ReturnType<typeof pairObjective> | null,
): PolicyLoss => {
  if (method === 'best-of-n') return supervisedLoss;
  if (objective) return pairLoss(objective);
  const shared = {
    entropyCoefficient: entropy,
    // GRPO's penalty is part of its loss; that of the others is part of the reward.
    ...(method === 'grpo' && { klCoefficient: kl.coefficient, klEstimator: kl.estimator }),
  };
  const clips = {
    ...(clip.low !== null && { clipLow: clip.low }),
    ...(clip.high !== null && { clipHigh: clip.high }),
  };
  const made =
    method === 'reinforce'
      ? surrogate('reinforce', shared)
      : importance === 'sequence'
        ? surrogate('gspo', { ...shared, ...clips })
        : surrogate('ppo', { ...shared, ...clips, dualClip: clip.dual });
  return tokenLoss(made, value && { loss: valueLoss({ clip: value.clip }), coefficient: value.coefficient });
};

/** The batch of a rollout that would need most: the longest prompt with responses that all reach the limit. */
const largestRollout = (
  prompts: readonly EncodedPrompt[],
  { samples, maxNewTokens }: OnlineConfiguration,
  { tokensPerBatch }: PolicyConfiguration,
): TreeBatchPlan => {
  const longest = prompts.reduce((most, { tokens }) => Math.max(most, tokens.length), 1);
  const ids = (length: number): number[] => new Array<number>(length).fill(0);
  const response = ids(maxNewTokens);
  const tree: EncodedTree = {
    index: 0,
    tokens: { prompt: ids(longest), responses: Array.from({ length: samples }, () => response) },
  };
  const each = longest + samples * maxNewTokens;
  const trees = Array.from({ length: Math.max(1, Math.floor(tokensPerBatch / each)) }, (_, index) => ({
    ...tree,
    index,
  }));
  return planBatches(trees, Math.max(each, tokensPerBatch))[0]!;
};

const truncationWarnings = (
  truncated: number,
  all: number,
  what: string,
  length: number,
): readonly string[] =>
  truncated === 0
    ? []
    : [
        `${truncated} of ${all} ${what} are longer than ${length} tokens and lost their beginning or their end.`,
      ];

const alikeWarning =
  'The prompts are near-duplicates of each other, so those that were held out are like those that were trained on: give others with --held-out-prompts to see what the policy does elsewhere.';
