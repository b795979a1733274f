/** @file What every reward model is: the interface that scores, and the card (`plaudit.json`) saved beside its weights. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Prompt, plauditError } from '@plaudit/contract';
import { writeFileAtomic } from '@plaudit/models';
import { z } from 'zod';
import { fidelity } from './distillation/fidelity-document.ts';
import type { JudgeUsage } from './judge/usage.ts';
import { type Calibration, calibration } from './validation/calibrated-probability.ts';
import { validationDocument } from './validation/document.ts';

/** What a reward model says about one response. */
export interface Score {
  /** The raw logit, always finite. Only differences between responses to one prompt have a meaning. */
  readonly reward: number;
  /** The logit of each objective by name; a model with one objective repeats `reward` here. */
  readonly perObjective: Readonly<Record<string, number>>;
  /** Standard deviation of the reward where the kind of model knows it. */
  readonly uncertainty: number | null;
  /**
   * The probability that this response would be preferred to one of average training reward or, after labels, that it is
   * desirable (`calibratedProbability`). Null until the model is calibrated.
   */
  readonly calibrated: number | null;
  /** The reward at the end of each step, where the item says what the response's steps are. */
  readonly steps?: readonly number[];
  /** What the reward is made of, for models that are made of parts; their contributions add up to it. */
  readonly parts?: readonly ScorePart[];
  /**
   * The hard constraints that this response breaks, in words of the specification. The reward is then at most the
   * model's floor. Absent where there are no constraints.
   */
  readonly violations?: readonly string[];
}

/** One part of a reward. */
export interface ScorePart {
  readonly name: string;
  /** What the part itself says: the raw reward of a model, the value of a rule. */
  readonly value: number;
  /** What of it is in the reward, in the units of the reward. */
  readonly contribution: number;
  /** Of what the part itself is made. */
  readonly parts?: readonly ScorePart[];
}

export interface ScoreItem {
  readonly prompt: Prompt;
  readonly responses: readonly string[];
  /** Steps of some responses, by their index; joined with the separator they are the response. */
  readonly steps?: readonly {
    readonly response: number;
    readonly steps: readonly string[];
    readonly separator: string;
  }[];
  /** Segment name to value, for rules that hold for some segments only. */
  readonly segments?: Readonly<Record<string, string>>;
}

export interface ScoreOptions {
  readonly signal?: AbortSignal;
  /** Called with the number of items scored so far. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Called once at the end with how many items lost tokens to the model's length limit. */
  readonly onTruncated?: (items: number) => void;
  /** Called once at the end of each judge that was asked, with what that took and how steady it was. */
  readonly onJudged?: (usage: JudgeUsage) => void;
}

/** A trained model that scores responses. `close` frees its workers and memory; a closed model scores no more. */
export interface RewardModel {
  readonly kind: string;
  readonly card: ModelCard;
  /** @returns For each item, one score per response, in the order given. */
  score(items: readonly ScoreItem[], options?: ScoreOptions): Promise<Score[][]>;
  close(): Promise<void>;
}

const count = z.number().int().nonnegative();

/** The version of the card that this code writes, and the newest that it reads. */
export const modelCardVersion = 1;

export type { Calibration };

/** `plaudit.json`. */
export const modelCard = z.object({
  version: z.literal(modelCardVersion),
  kind: z.string().min(1),
  objectives: z.array(z.string().min(1)).min(1),
  /** The objective that speaks of each criterion; of any other the reward does. */
  criteria: z.record(z.string(), z.string()).optional(),
  calibration: calibration.nullable(),
  /** What the calibration was fitted on, where that is not the validation side of `data`. */
  calibratedOn: z
    .object({ sources: z.array(z.object({ name: z.string(), sha256: z.string() })), pairs: count })
    .optional(),
  /** Mean and standard deviation of the rewards of the training responses, for policies that want unit scale. */
  normaliser: z.object({ mean: z.number(), std: z.number().positive() }),
  /** Digest of what turns a conversation into tokens (template, tokenizer, limits); null where there are no tokens. */
  formattingDigest: z.string().nullable(),
  data: z.object({
    sources: z.array(z.object({ name: z.string(), sha256: z.string() })),
    rows: count,
    rejects: count,
    split: z.object({
      seed: z.number().int(),
      fractions: z.object({ train: z.number(), validation: z.number(), test: z.number() }),
    }),
    pairs: z.object({ train: count, validation: count, test: count }),
  }),
  seed: z.number().int(),
  /** The whole configuration of the run, as the trainer resolved it. */
  configuration: z.record(z.string(), z.unknown()),
  /** The validation document on the test split; null where there was none. */
  metrics: validationDocument.nullable(),
  /** Of a proxy: the model that taught it, and how faithful it is on prompts that it was not taught. */
  distillation: z
    .object({
      teacher: z.object({
        kind: z.string(),
        /** Of its card. */
        sha256: z.string(),
        /** That made beliefs of its rewards. */
        temperature: z.number().positive(),
        trainedOn: z.array(z.object({ name: z.string(), sha256: z.string() })),
      }),
      fidelity,
    })
    .optional(),
  lineage: z.object({
    /** SHA-256 of the checkpoint that training started from; null for a model trained from nothing. */
    base: z.string().nullable(),
    /** The saved models that this one is made of: their cards' SHA-256, and the files that they were trained on. */
    parts: z
      .array(
        z.object({
          name: z.string(),
          kind: z.string(),
          sha256: z.string(),
          trainedOn: z.array(z.object({ name: z.string(), sha256: z.string() })),
        }),
      )
      .optional(),
    /** Which model of the Hub that checkpoint is, where it came from there. */
    hub: z
      .object({
        id: z.string(),
        commit: z.string().regex(/^[0-9a-f]{40}$/),
        file: z.string().nullable(),
      })
      .optional(),
  }),
  /** The command that makes the model again from the files of `data`, where one does. */
  command: z.string().optional(),
  /** Version of Plaudit that wrote the card. */
  createdBy: z.string(),
});
export type ModelCard = z.infer<typeof modelCard>;

export const modelCardFile = 'plaudit.json';

/** The files that a model, or some part of it, was trained or calibrated on; each once. */
export const trainedOn = ({
  data,
  lineage,
  calibratedOn,
  distillation,
}: ModelCard): ModelCard['data']['sources'] => {
  const all = [
    ...data.sources,
    ...(calibratedOn?.sources ?? []),
    ...(lineage.parts ?? []).flatMap((part) => part.trainedOn),
    ...(distillation?.teacher.trainedOn ?? []),
  ];
  return [...new Map(all.map((source) => [source.sha256, source])).values()];
};

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

/**
 * Reads and checks the card of a saved reward model.
 *
 * @throws reward.model_missing, reward.card_corrupt, reward.card_newer
 */
export const readModelCard = async (directory: string): Promise<ModelCard> => {
  const path = join(directory, modelCardFile);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) throw plauditError('reward.model_missing', { path: directory }, error);
    throw error;
  });
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw plauditError('reward.card_corrupt', { path, problem: 'it is not valid JSON' }, error);
  }
  const version = z.object({ version: z.number() }).safeParse(document);
  if (version.success && version.data.version > modelCardVersion)
    throw plauditError('reward.card_newer', {
      path,
      version: version.data.version,
      readable: modelCardVersion,
    });
  const parsed = modelCard.safeParse(document);
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.') || 'the whole document';
    throw plauditError(
      'reward.card_corrupt',
      { path, problem: `${field} is missing or wrong` },
      parsed.error,
    );
  }
  return parsed.data;
};

/**
 * Writes the card whole or not at all. Fields are checked before writing.
 *
 * @throws output.disk_full, output.not_writable
 */
export const writeModelCard = (directory: string, card: ModelCard): Promise<void> =>
  writeFileAtomic(join(directory, modelCardFile), `${JSON.stringify(modelCard.parse(card), null, 2)}\n`);
