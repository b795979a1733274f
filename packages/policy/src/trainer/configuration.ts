/** @file The configuration of a policy run, resolved from the settings that a person gave: each method's defaults with their source. */
import { plauditError } from '@plaudit/contract';
import { providerNames, scheduleShapes } from '@plaudit/engine';
import type { LoraConfig, TransformerModel } from '@plaudit/models';
import { z } from 'zod';
import { labelObjectiveNames, pairObjectiveNames } from '../objectives/index.ts';
import {
  common,
  isOnline,
  type PolicyMethod,
  type PolicySettingName,
  type PolicySettings,
  policyMethods,
  taken,
} from './settings.ts';

const positive = z.number().positive();
const atLeastZero = z.number().nonnegative();
const whole = z.number().int().positive();
const share = z.number().min(0).max(1);

export const policyConfiguration = z.object({
  method: z.enum(policyMethods),
  training: z.enum(['lora', 'full']),
  lora: z
    .object({ rank: whole, alpha: positive, targets: z.array(z.string()).readonly(), dropout: share })
    .nullable(),
  frozen: z.enum(['float32', 'int8']),
  learningRate: positive,
  schedule: z.enum(scheduleShapes),
  warmup: share,
  weightDecay: atLeastZero,
  maxGradientNorm: positive,
  maxLength: whole,
  tokensPerBatch: whole,
  provider: z.enum(providerNames),
  threads: whole.nullable(),
  evaluateEvery: whole.nullable(),
  patience: whole,
  epochs: positive,
  batchSize: whole,
  /** The objective by name with its settings. */
  objective: z.object({ name: z.string(), settings: z.record(z.string(), z.unknown()) }).nullable(),
  online: z
    .object({
      steps: whole,
      promptsPerStep: whole,
      samples: whole,
      maxNewTokens: whole,
      temperature: positive,
      topK: whole.nullable(),
      topP: share.nullable(),
      minP: share.nullable(),
      innerEpochs: whole,
      minibatches: whole,
      /** null for the surrogate's own. */
      clip: z.object({ low: positive.nullable(), high: positive.nullable(), dual: positive.nullable() }),
      kl: z.object({
        coefficient: atLeastZero,
        target: positive.nullable(),
        horizon: positive,
        estimator: z.enum(['k1', 'k3']),
        limit: positive.nullable(),
      }),
      entropy: atLeastZero,
      discount: share,
      lambda: share,
      value: z.object({ clip: positive, coefficient: atLeastZero }).nullable(),
      whitenRewards: z.boolean(),
      whitenAdvantages: z.boolean(),
      rewardClip: positive.nullable(),
      missingEndPenalty: atLeastZero.nullable(),
      normalisation: z.enum(['token', 'response', 'length']),
      scaleRewards: z.enum(['group', 'batch', 'none']),
      importance: z.enum(['token', 'sequence']),
      onRewardFailure: z.enum(['stop', 'drop']),
      rewardRetries: z.number().int().nonnegative(),
      costLimit: z.number().nullable(),
      pastPeak: z.boolean(),
      heldOut: whole,
    })
    .nullable(),
});
export type PolicyConfiguration = z.infer<typeof policyConfiguration>;
export type OnlineConfiguration = NonNullable<PolicyConfiguration['online']>;

const refuse = (setting: string, problem: string): never => {
  throw plauditError('policy.bad_configuration', { setting, problem });
};

/** Settings that say something only beside another one. */
const companions: Partial<Record<PolicySettingName, PolicySettingName>> = {
  klHorizon: 'klTarget',
  costLimit: 'cost',
};

/**
 * Fills in the defaults of a method. A policy that is an adapter goes on as the adapter that it is.

 *
 * Offline methods: beta 0.1 and one epoch (TRL 1.10), SimPO beta 2 and gamma half of it (Meng et al. 2024), three
 * epochs of SFT (as TRL's SFT). Learning rates: adapters 1e-4 for SFT (TRL's LoRA advice is ten times that of full
 * training), 5e-5 for preferences; every weight 1e-3 for a model from nothing, 1e-4 for one that was, and otherwise a tenth
 * of an adapter's.
 *
 * Online: PPO as TRL's removed PPOTrainer has it (four epochs over a rollout, clip 0.2, value clip 0.2, value coefficient
 * 0.1, lambda 0.95, discount 1, KL coefficient 0.05 with k1), adaptive KL as Ziegler et al. 2019 (horizon 10,000); RLOO
 * with a coefficient of 0.05 (TRL); GRPO with beta 0, eight samples, token weights of DAPO, advantages divided by the
 * group's deviation (TRL); online DPO beta 0.1, temperature 0.9, 64 new tokens (TRL).
 *
 * @param fresh Whether every weight starts from a random value
 * @param wasFull Whether every weight of the policy was trained before: such models are small, and it is again
 * @param adapter The policy's own; null for none
 * @throws policy.bad_configuration naming the setting
 */
export const resolvePolicyConfiguration = (
  method: PolicyMethod,
  settings: PolicySettings,
  model: Pick<TransformerModel, 'loraTargets'>,
  maxLength: number,
  {
    fresh = false,
    wasFull = false,
    adapter = null,
  }: {
    readonly fresh?: boolean;
    readonly wasFull?: boolean;
    readonly adapter?: LoraConfig | null;
  } = {},
): PolicyConfiguration => {
  const allowed = new Set<PolicySettingName>([...common, ...taken[method]]);
  const unused = (Object.keys(settings) as PolicySettingName[]).find(
    (name) => settings[name] !== undefined && !allowed.has(name),
  );
  if (unused) refuse(unused, `${method} does not use it`);
  for (const [name, other] of Object.entries(companions) as [PolicySettingName, PolicySettingName][])
    if (settings[name] !== undefined && settings[other] === undefined)
      refuse(name, `it has a meaning only beside ${other}`);
  if (fresh && method !== 'sft')
    refuse('policy', `a model from nothing has nothing to say yet: train it with --method sft first`);
  const full = fresh || (settings.full ?? wasFull);
  for (const name of ['rank', 'alpha', 'targets'] as const)
    if (full && settings[name] !== undefined)
      refuse(name, 'it belongs to adapters, and here every weight is trained');
  if (full && settings.int8)
    refuse('int8', 'only frozen weights can be int8, and here every weight is trained');
  const provider = settings.provider ?? 'cpu';
  const known = providerNames.find((name) => name === provider);
  const rank = settings.rank ?? adapter?.rank ?? 16;
  const rate = isOnline(method) ? 3e-5 : method === 'sft' ? 1e-4 : 5e-5;
  return {
    method,
    training: full ? 'full' : 'lora',
    lora: full
      ? null
      : {
          rank,
          alpha: settings.alpha ?? adapter?.alpha ?? 2 * rank,
          targets: settings.targets ?? adapter?.targets ?? model.loraTargets,
          dropout: 0,
        },
    frozen: settings.int8 ? 'int8' : 'float32',
    learningRate: settings.learningRate ?? (fresh ? 1e-3 : wasFull ? 1e-4 : full ? rate / 10 : rate),
    schedule: settings.schedule ?? (isOnline(method) ? 'linear' : 'cosine'),
    warmup: isOnline(method) ? 0 : 0.1,
    weightDecay: 0.01,
    maxGradientNorm: 1,
    maxLength,
    tokensPerBatch: 1024,
    provider: known ?? refuse('provider', `it has to be one of ${providerNames.join(', ')}`),
    threads: settings.threads ?? null,
    evaluateEvery: settings.evaluateEvery ?? null,
    patience: settings.patience ?? 3,
    epochs: settings.epochs ?? (method === 'sft' ? 3 : 1),
    batchSize: settings.batchSize ?? 16,
    objective: objectiveOf(method, settings),
    online: isOnline(method) ? onlineOf(method, settings) : null,
  };
};

/** What `loss` may name, by method. */
const losses: Partial<Record<PolicyMethod, readonly string[]>> = {
  dpo: pairObjectiveNames,
  'online-dpo': pairObjectiveNames,
  kto: labelObjectiveNames,
};

/** The objective of a method with what was given for it, under the names that the objective has for it. */
const objectiveOf = (method: PolicyMethod, settings: PolicySettings): PolicyConfiguration['objective'] => {
  const { beta, labelSmoothing, gamma, supervised, loss } = settings;
  const known = losses[method];
  if (loss !== undefined && known && !known.includes(loss))
    refuse('loss', `${method} has no ${loss}; it has ${known.join(', ')}`);
  const names: Partial<Record<PolicyMethod, string>> = {
    dpo: loss ?? 'sigmoid',
    'online-dpo': loss ?? 'sigmoid',
    simpo: 'simpo',
    cpo: 'cpo',
    orpo: 'orpo',
    kto: loss ?? 'kto',
    bco: 'bco',
  };
  const name = names[method];
  if (name === undefined) return null;
  const given = {
    beta,
    supervised,
    gammaRatio: gamma,
    [name === 'robust' ? 'flipRate' : 'labelSmoothing']: labelSmoothing,
    ...(method === 'cpo' && { loss }),
  };
  return {
    name,
    settings: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
};

const onlineOf = (method: PolicyMethod, settings: PolicySettings): OnlineConfiguration => {
  const grouped = method !== 'ppo' && method !== 'reinforce';
  const samples =
    settings.samples ?? { ppo: 1, reinforce: 1, rloo: 2, 'online-dpo': 2 }[method as string] ?? 8;
  if (grouped && samples < 2)
    refuse('samples', `${method} compares the samples of a prompt: it needs two or more`);
  const promptsPerStep = settings.promptsPerStep ?? Math.max(1, Math.round(64 / samples));
  const { clip = null, minibatches = 1 } = settings;
  if (minibatches > promptsPerStep)
    refuse('minibatches', `a minibatch has whole prompts, of which a rollout has ${promptsPerStep}`);
  if (settings.dualClip !== undefined && settings.importance === 'sequence')
    refuse('dualClip', 'it bounds ratios of tokens, not of whole sequences');
  const penalised = method === 'ppo' || method === 'rloo' || method === 'reinforce' ? 0.05 : 0;
  if (settings.klTarget !== undefined && settings.kl === 0)
    refuse('kl', 'a coefficient that starts at 0 cannot be steered to a target');
  return {
    steps: settings.steps ?? 100,
    promptsPerStep,
    samples,
    maxNewTokens: settings.maxNewTokens ?? 128,
    temperature: settings.temperature ?? (method === 'online-dpo' ? 0.9 : 1),
    topK: settings.topK ?? null,
    topP: settings.topP ?? null,
    minP: settings.minP ?? null,
    innerEpochs: settings.innerEpochs ?? (method === 'ppo' ? 4 : 1),
    minibatches,
    clip: { low: clip, high: settings.clipHigh ?? clip, dual: settings.dualClip ?? null },
    kl: {
      coefficient: settings.kl ?? penalised,
      target: settings.klTarget ?? null,
      horizon: settings.klHorizon ?? 10_000,
      estimator: settings.klEstimator ?? (method === 'grpo' ? 'k3' : 'k1'),
      limit: settings.klLimit ?? null,
    },
    entropy: settings.entropy ?? 0,
    discount: settings.discount ?? 1,
    lambda: settings.lambda ?? 0.95,
    value:
      method === 'ppo'
        ? { clip: settings.valueClip ?? 0.2, coefficient: settings.valueCoefficient ?? 0.1 }
        : null,
    whitenRewards: settings.whitenRewards ?? false,
    whitenAdvantages: settings.whitenAdvantages ?? (method === 'ppo' || method === 'reinforce'),
    rewardClip: settings.rewardClip ?? null,
    missingEndPenalty: settings.missingEndPenalty ?? null,
    normalisation: settings.normalisation ?? 'token',
    scaleRewards: settings.scaleRewards ?? 'group',
    importance: settings.importance ?? 'token',
    onRewardFailure: settings.onRewardFailure ?? 'stop',
    rewardRetries: settings.rewardRetries ?? 4,
    costLimit: settings.costLimit ?? null,
    pastPeak: settings.pastPeak ?? false,
    heldOut: settings.heldOut ?? 64,
  };
};
