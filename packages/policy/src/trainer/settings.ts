/** @file The settings of a policy run: one flat object for all methods, and which method takes which of them. */
import { scheduleShapes } from '@plaudit/engine';
import { z } from 'zod';

const positive = z.number().positive();
const atLeastZero = z.number().nonnegative();
const whole = z.number().int().positive();
const share = z.number().min(0).max(1);
const shareAboveZero = z.number().positive().max(1);

export const policyMethods = [
  'sft',
  'dpo',
  'simpo',
  'cpo',
  'orpo',
  'kto',
  'bco',
  'ppo',
  'rloo',
  'reinforce',
  'grpo',
  'online-dpo',
  'best-of-n',
] as const;
export type PolicyMethod = (typeof policyMethods)[number];

/** Methods that sample responses and ask a reward for them. */
const online: ReadonlySet<PolicyMethod> = new Set([
  'ppo',
  'rloo',
  'reinforce',
  'grpo',
  'online-dpo',
  'best-of-n',
]);
export const isOnline = (method: PolicyMethod): boolean => online.has(method);

/** Methods that compare with the policy as it was when the run began. */
const comparing: ReadonlySet<PolicyMethod> = new Set(['dpo', 'kto', 'bco', ...online]);
export const needsReference = (method: PolicyMethod): boolean => comparing.has(method);

/** Every setting that some method takes. What is absent gets that method's default. */
export const policySettings = z.strictObject({
  /** Train every weight and not an adapter. */
  full: z.boolean().optional(),
  rank: whole.max(1024).optional(),
  alpha: positive.optional(),
  targets: z.array(z.string().min(1)).min(1).optional(),
  int8: z.boolean().optional(),
  learningRate: positive.max(1).optional(),
  schedule: z.enum(scheduleShapes).optional(),
  /** Tokens of prompt and response together. */
  maxLength: whole.min(16).max(131_072).optional(),
  provider: z.string().min(1).optional(),
  threads: whole.max(1024).optional(),
  /** Updates between two evaluations. */
  evaluateEvery: whole.optional(),
  patience: whole.optional(),
  /** Offline: passes over the data; conversations, pairs or labels of an update. */
  epochs: positive.max(1000).optional(),
  batchSize: whole.max(65_536).optional(),
  /** Offline: the loss of dpo and cpo by name, and its strength. */
  loss: z.string().min(1).optional(),
  beta: positive.optional(),
  labelSmoothing: z.number().min(0).lt(0.5).optional(),
  /** SimPO: the margin that is aimed at, as a share of beta. */
  gamma: atLeastZero.optional(),
  /** Weight of the likelihood of chosen responses beside the loss. */
  supervised: atLeastZero.optional(),
  /** Online: rollouts; prompts of each, and samples of each prompt. */
  steps: whole.optional(),
  promptsPerStep: whole.optional(),
  samples: whole.max(256).optional(),
  maxNewTokens: whole.optional(),
  temperature: positive.max(10).optional(),
  topK: whole.optional(),
  topP: shareAboveZero.optional(),
  minP: share.optional(),
  /** Online: passes over a rollout, and updates in each. */
  innerEpochs: whole.max(64).optional(),
  minibatches: whole.max(64).optional(),
  clip: positive.max(1).optional(),
  clipHigh: positive.optional(),
  dualClip: z.number().gt(1).optional(),
  /** Coefficient of the divergence from the reference, what adapts it, and how it is estimated. */
  kl: atLeastZero.optional(),
  klTarget: positive.optional(),
  klHorizon: positive.optional(),
  klEstimator: z.enum(['k1', 'k3']).optional(),
  /** Ends the run where the divergence stays above it. */
  klLimit: positive.optional(),
  entropy: atLeastZero.optional(),
  discount: share.optional(),
  lambda: share.optional(),
  valueClip: positive.optional(),
  valueCoefficient: atLeastZero.optional(),
  whitenRewards: z.boolean().optional(),
  whitenAdvantages: z.boolean().optional(),
  rewardClip: positive.optional(),
  missingEndPenalty: atLeastZero.optional(),
  /** GRPO: how tokens are weighed, and by what advantages are divided. */
  normalisation: z.enum(['token', 'response', 'length']).optional(),
  scaleRewards: z.enum(['group', 'batch', 'none']).optional(),
  importance: z.enum(['token', 'sequence']).optional(),
  /** What becomes of a reward that cannot be had after retries. */
  onRewardFailure: z.enum(['stop', 'drop']).optional(),
  rewardRetries: z.number().int().nonnegative().optional(),
  /** A cost to be kept below a limit, by a reward reference. */
  cost: z.string().min(1).optional(),
  costLimit: z.number().optional(),
  /** Go on past the point where a held-out reward falls. */
  pastPeak: z.boolean().optional(),
  /** Held-out prompts, how many of them, and samples of each. */
  heldOut: whole.optional(),
});
export type PolicySettings = z.infer<typeof policySettings>;
export type PolicySettingName = keyof PolicySettings;

/** Settings of every method. */
export const common = [
  'full',
  'rank',
  'alpha',
  'targets',
  'int8',
  'learningRate',
  'schedule',
  'maxLength',
  'provider',
  'threads',
  'evaluateEvery',
] as const satisfies readonly PolicySettingName[];
const offline = ['epochs', 'batchSize', 'patience'] as const satisfies readonly PolicySettingName[];
const sampling = [
  'steps',
  'promptsPerStep',
  'samples',
  'maxNewTokens',
  'temperature',
  'topK',
  'topP',
  'minP',
  'rewardClip',
  'missingEndPenalty',
  'onRewardFailure',
  'rewardRetries',
  'pastPeak',
  'heldOut',
  'klLimit',
  'minibatches',
] as const satisfies readonly PolicySettingName[];
const surrogate = [
  'innerEpochs',
  'kl',
  'klEstimator',
  'entropy',
  'whitenAdvantages',
  'cost',
  'costLimit',
] as const satisfies readonly PolicySettingName[];
const clipped = ['clip', 'clipHigh', 'dualClip'] as const satisfies readonly PolicySettingName[];
/** Where the penalty is part of the reward; GRPO's is part of its loss, and stays as it is. */
const steered = ['klTarget', 'klHorizon'] as const satisfies readonly PolicySettingName[];

/** Beside those that all methods take. */
export const taken: Readonly<Record<PolicyMethod, readonly PolicySettingName[]>> = {
  sft: offline,
  dpo: [...offline, 'loss', 'beta', 'labelSmoothing', 'supervised'],
  simpo: [...offline, 'beta', 'gamma', 'supervised'],
  cpo: [...offline, 'loss', 'beta', 'labelSmoothing', 'supervised'],
  orpo: [...offline, 'beta'],
  kto: [...offline, 'loss', 'beta'],
  bco: [...offline, 'beta'],
  ppo: [
    ...sampling,
    ...surrogate,
    ...clipped,
    ...steered,
    'discount',
    'lambda',
    'valueClip',
    'valueCoefficient',
    'whitenRewards',
  ],
  rloo: [...sampling, ...surrogate, ...clipped, ...steered],
  reinforce: [...sampling, ...surrogate, ...steered],
  grpo: [...sampling, ...surrogate, ...clipped, 'normalisation', 'scaleRewards', 'importance'],
  'online-dpo': [...sampling, 'loss', 'beta', 'labelSmoothing'],
  'best-of-n': sampling,
};
