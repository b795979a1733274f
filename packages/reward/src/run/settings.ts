/** @file The settings of a training run: one flat object for all kinds, checked once, each fault named by its field. */
import { plauditError } from '@plaudit/contract';
import { z } from 'zod';
import { annotatorWeights } from './annotator-weights.ts';

const positive = z.number().positive();
const whole = z.number().int().positive();

/** Every setting that some kind of reward model takes. What is absent gets that kind's default. */
export const trainingSettings = z.strictObject({
  /** Transformer: path of a checkpoint folder or .gguf file, or `new` for a small model trained from nothing. */
  base: z.string().min(1).optional(),
  /** Train all weights and not an adapter. */
  full: z.boolean().optional(),
  /** LoRA: rank, alpha (the update is scaled by alpha / rank) and the linear layers that get one. */
  rank: whole.max(1024).optional(),
  alpha: positive.optional(),
  targets: z.array(z.string().min(1)).min(1).optional(),
  /** LoRA: share of the adapter's inputs set to 0 in training. */
  dropout: z.number().nonnegative().lt(1).optional(),
  /** Save the adapter added into its base: a model that stands alone. */
  merge: z.boolean().optional(),
  /** Keep frozen weights as int8. */
  int8: z.boolean().optional(),
  /** Keep frozen weights as float16, on providers that compute in it. */
  half: z.boolean().optional(),
  /** Gradient checkpointing: compute activations again in the backward pass. By default where memory is short. */
  recompute: z.boolean().optional(),
  epochs: positive.max(1000).optional(),
  learningRate: positive.max(1).optional(),
  /** Comparisons per update. */
  batchSize: whole.max(65_536).optional(),
  /** Tokens of prompt and response together. */
  maxLength: whole.min(16).max(131_072).optional(),
  /** Updates between two evaluations on the validation split. */
  evaluateEvery: whole.optional(),
  /** Evaluations without improvement after which training stops. */
  patience: whole.optional(),
  /** What is learned: an objective's name, or a plan of heads and terms. By default what the data hold decides. */
  objective: z.union([z.string().min(1), z.record(z.string(), z.unknown())]).optional(),
  /** Weight of the squared sum of both rewards in the loss, which keeps rewards centred at 0. */
  centring: z.number().nonnegative().optional(),
  labelSmoothing: z.number().min(0).lt(0.5).optional(),
  /** Multiplies the margins that the data carry; 0 ignores them. */
  margin: z.number().nonnegative().optional(),
  /** Probe: what stands on the features; an mlp's hidden units; which tokens are read; after how many blocks. */
  head: z.enum(['linear', 'bilinear', 'mlp']).optional(),
  hidden: whole.max(4096).optional(),
  pooling: z
    .array(z.enum(['last', 'mean', 'first', 'all', 'alone']))
    .min(1)
    .optional(),
  depth: whole.max(1024).optional(),
  /** Linear and probe: the L2 strengths tried on the validation split. */
  l2: z.array(positive).min(1).optional(),
  /** Where the transformer computes: cpu, webgpu, cuda, coreml, dml. */
  provider: z.string().min(1).optional(),
  threads: whole.max(1024).optional(),
});
export type TrainingSettings = z.infer<typeof trainingSettings>;
export type SettingName = keyof TrainingSettings;

const share = z.number().gt(0).lt(1);

/** What holds for every kind. */
export const runSettings = z.strictObject({
  data: z.array(z.string().min(1)).min(1),
  format: z.string().min(1),
  kind: z.string().min(1),
  out: z.string().min(1),
  seed: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
  fractions: z
    .strictObject({ validation: share, test: share })
    .refine(({ validation, test }) => validation + test < 1, {
      path: ['test'],
      message: 'validation and test together have to leave something to train on',
    }),
  /** Train on at most this many comparisons of the training side. */
  limitPairs: whole.optional(),
  /** Of the split, where it is not that of the training: members of an ensemble share one. */
  splitSeed: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER).optional(),
  /** What comparisons count by the kind of their annotator. */
  annotatorWeights: annotatorWeights.optional(),
});
export type RunSettings = z.infer<typeof runSettings>;

/** A problem as the end of a sentence. zod's own words, without their capital. */
const problemOf = (issue: z.core.$ZodIssue): string =>
  issue.code === 'unrecognized_keys'
    ? 'there is no such setting'
    : issue.message.charAt(0).toLowerCase() + issue.message.slice(1);

const settingOf = (issue: z.core.$ZodIssue): string =>
  [...issue.path, ...(issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [])].join('.') || 'all';

/** The first fault that a schema found in settings: the field, and the problem as the end of a sentence. */
export const settingFault = ({ issues: [issue] }: z.ZodError): { setting: string; problem: string } => ({
  setting: settingOf(issue!),
  problem: problemOf(issue!),
});

/**
 * Checks an object against a schema of settings.
 *
 * @throws reward.bad_configuration for the first fault, by field
 */
export const parseSettings = <Schema extends z.ZodType>(schema: Schema, given: unknown): z.infer<Schema> => {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw plauditError('reward.bad_configuration', settingFault(parsed.error));
};

/**
 * Refuses settings that a kind of model has no use for, so that nobody believes they did something, and the absence of
 * those that it cannot do without.
 *
 * @throws reward.bad_configuration
 */
export const requireSettingsOf = (
  kind: {
    readonly kind: string;
    readonly settings: readonly SettingName[];
    readonly needs?: readonly SettingName[];
  },
  settings: TrainingSettings,
): void => {
  const given = (Object.keys(settings) as SettingName[]).filter((name) => settings[name] !== undefined);
  const unused = given.find((name) => !kind.settings.includes(name));
  if (unused !== undefined)
    throw plauditError('reward.bad_configuration', {
      setting: unused,
      problem: `reward models of kind ${kind.kind} do not use it`,
    });
  const absent = kind.needs?.find((name) => !given.includes(name));
  if (absent !== undefined)
    throw plauditError('reward.bad_configuration', {
      setting: absent,
      problem: `reward models of kind ${kind.kind} cannot do without it`,
    });
};
