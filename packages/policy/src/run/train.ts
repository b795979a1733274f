/** @file A run from data or prompts to a saved policy, readable top to bottom. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlauditError, plauditError } from '@plaudit/contract';
import {
  type Combination,
  createdBy,
  type DataSource,
  type OnProgress,
  openStaging,
  requireFree,
  runFingerprint,
  type Staging,
  type StagingOptions,
  writing,
} from '@plaudit/reward';
import type { DriftWarning } from '../drift/index.ts';
import { driftWarnings } from '../drift/index.ts';
import { parseSettings } from '../objectives/settings.ts';
import { renderPolicyReport } from '../report/index.ts';
import {
  type OpenRewardOptions,
  openReward,
  type RewardFunction,
  type RewardSource,
} from '../rewards/index.ts';
import { type PolicyConfiguration, resolvePolicyConfiguration } from '../trainer/configuration.ts';
import { type OpenedPolicy, type PolicyCard, policyCardVersion, savePolicy } from '../trainer/files.ts';
import { type HeldOut, type LoopResult, runMethod } from '../trainer/loop.ts';
import { PolicyNetwork } from '../trainer/network.ts';
import type { PolicyRecord } from '../trainer/record.ts';
import {
  needsReference,
  type PolicyMethod,
  type PolicySettings,
  policyMethods,
  policySettings,
} from '../trainer/settings.ts';
import { heldOutFile, heldOutRows } from './held-out.ts';
import { openStart, readSide, requireInputs, requireSameAdapter, splitDigest } from './inputs.ts';
import { openMethod, type Side } from './open-method.ts';

export interface TrainPolicyOptions {
  readonly method: string;
  /** A saved policy, a checkpoint, or `new` for a small model that supervised fine-tuning makes from nothing. */
  readonly policy: string;
  /** Offline: files of judgements or demonstrations. */
  readonly data?: readonly string[];
  readonly format?: string;
  /** Online: files whose rows hold a prompt; some are held out. */
  readonly prompts?: readonly string[];
  /** Prompts that are held out, in the place of some of `prompts`. */
  readonly heldOutPrompts?: readonly string[];
  /** Online: a reference as `openReward` takes it, or a function. */
  readonly reward?: string | RewardFunction;
  /** Where the reward is an ensemble: another way to make one reward of its members' than the saved one. */
  readonly rewardCombination?: Combination;
  /** A second reward that nothing is trained on. */
  readonly gold?: string | RewardFunction;
  readonly rewardOptions?: OpenRewardOptions;
  readonly out: string;
  readonly seed?: number;
  readonly settings?: PolicySettings;
  /**
   * Go on from the checkpoints of the same run that was stopped; with `where-possible` a run that is not the same is
   * treated as without.
   */
  readonly resume?: StagingOptions['resume'];
  readonly overwrite?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
  /** Called after each update, for a live view. */
  readonly onRecord?: (record: PolicyRecord, records: readonly PolicyRecord[]) => void;
}

/** What a run was and what came of it; `report.json` holds it too. */
export interface PolicyDocument {
  readonly method: PolicyMethod;
  readonly policy: string;
  readonly out: string;
  readonly seed: number;
  readonly data: {
    readonly sources: readonly DataSource[];
    readonly rows: number;
    readonly rejects: number;
    /** Conversations or prompts that were trained on, and that were held out. */
    readonly train: number;
    readonly heldOut: number;
    /** Prompts or conversations that lost tokens to the length limit. */
    readonly truncated: number;
  };
  readonly reward: PolicyCard['reward'];
  readonly configuration: PolicyConfiguration;
  readonly updates: number;
  /** Updates whose weights were kept. */
  readonly keptStep: number;
  /** Why the run ended early; null where it did not. */
  readonly stopped: string | null;
  /** Held-out prompts before the first update, and with the weights that were kept. */
  readonly start: HeldOut | null;
  readonly kept: HeldOut | null;
  /** The last point of the learning curve; training.jsonl holds all. */
  readonly lastRecord: PolicyRecord | null;
  readonly drift: readonly DriftWarning[];
  readonly seconds: number;
  readonly cost: {
    readonly trainingSeconds: number;
    /** Predicted bytes of a training step beside the program. */
    readonly predictedMemory: number;
    readonly peakMemory: number;
  };
  readonly resumed: boolean;
  readonly warnings: readonly string[];
  readonly createdBy: string;
}

const refuse = (setting: string, problem: string): never => {
  throw plauditError('policy.bad_configuration', { setting, problem });
};

const methodOf = (name: string): PolicyMethod =>
  policyMethods.find((method) => method === name) ??
  refuse('method', `it has to be one of ${policyMethods.join(', ')}`);

/**
 * Trains and saves a policy. Nothing half-written is left at `out`: the folder is built as OUT.partial and renamed when it
 * is whole. A run that stops early leaves its checkpoints there, if it has any.
 *
 * @example await trainPolicy({ method: 'ppo', policy: 'sft', reward: 'reward-model', prompts: ['prompts.jsonl'], out: 'ppo' })
 * @throws policy.*, reward.*, data.*, model.*, engine.*, output.*; cli.interrupted when the signal was aborted
 */
export const trainPolicy = async (options: TrainPolicyOptions): Promise<PolicyDocument> => {
  const started = performance.now();
  const { out, signal, seed = 0, resume = false, overwrite = false } = options;
  const method = methodOf(options.method);
  const settings = parseSettings(policySettings, options.settings ?? {});
  requireInputs(method, options);
  await requireFree(out, overwrite);

  let staging: Staging | undefined;
  const rewards: RewardSource[] = [];
  try {
    const side = await readSide(method, options, settings, seed);
    const opened = await openStart(options, settings, side);
    const configuration = resolvePolicyConfiguration(
      method,
      settings,
      opened.base.model,
      opened.base.formatter.maxLength,
      {
        fresh: options.policy === 'new',
        wasFull: opened.card?.configuration.training === 'full',
        adapter: opened.lora,
      },
    );
    requireSameAdapter(opened, configuration);
    const open = async (
      reference: string | RewardFunction | undefined,
      combine?: Combination,
    ): Promise<RewardSource | null> => {
      if (reference === undefined) return null;
      const reward = await openReward(reference, {
        ...options.rewardOptions,
        // The policy's base, where it is the reward's too, is in memory once.
        model: { mapped: true, ...options.rewardOptions?.model, ...(combine && { combine }) },
        // An endpoint reads texts as this policy's prompts are written.
        endpoint: { render: opened.base.formatter.renderPrompt, ...options.rewardOptions?.endpoint },
      });
      rewards.push(reward);
      return reward;
    };
    const reward = await open(options.reward, options.rewardCombination);
    const gold = await open(options.gold);
    const cost = await open(settings.cost);

    const { provider, threads, ...decisive } = configuration;
    const identity = {
      kind: `policy ${method}`,
      seed,
      data: side.sources.map(({ sha256 }) => sha256),
      settings: {
        ...decisive,
        policy: opened.digest,
        reward: reward?.digest ?? null,
        gold: gold?.digest ?? null,
        cost: cost?.digest ?? null,
        split: splitDigest(side),
      },
    };
    staging = await openStaging(out, identity, { overwrite, resume });
    const run: PreparedRun = {
      options,
      method,
      seed,
      side,
      opened,
      configuration,
      rewards: { reward, gold, cost },
      fingerprint: runFingerprint(identity),
      started,
    };
    return await trainInto(staging, run);
  } catch (error) {
    const kept = (await staging?.abandon()) ?? false;
    const ofOutput = error instanceof PlauditError && error.code.startsWith('output.');
    throw signal?.aborted && !ofOutput ? interrupted(out, kept, error) : error;
  } finally {
    await Promise.all(rewards.map((reward) => reward.close()));
  }
};

interface PreparedRun {
  readonly options: TrainPolicyOptions;
  readonly method: PolicyMethod;
  readonly seed: number;
  readonly side: Side;
  readonly opened: OpenedPolicy;
  readonly configuration: PolicyConfiguration;
  readonly rewards: {
    readonly reward: RewardSource | null;
    readonly gold: RewardSource | null;
    readonly cost: RewardSource | null;
  };
  readonly fingerprint: string;
  readonly started: number;
}

const trainInto = async (staging: Staging, run: PreparedRun): Promise<PolicyDocument> => {
  const { options, method, seed, side, opened, configuration, rewards, fingerprint, started } = run;
  const { out, policy, signal, onProgress, onRecord } = options;
  const { base } = opened;
  const network = await PolicyNetwork.open(base, {
    method: configuration.training,
    lora: configuration.lora,
    frozen: configuration.frozen,
    provider: configuration.provider,
    threads: configuration.threads,
    start: { seed, values: opened.values },
    value: method === 'ppo',
    reference: needsReference(method),
    temperature: configuration.online?.temperature ?? 1,
    weightDecay: configuration.weightDecay,
  });
  try {
    const trainingStarted = performance.now();
    const prepared = await openMethod(network, {
      method,
      side,
      configuration,
      rewards,
      seed,
      checkpoints: staging.checkpoints,
      fingerprint,
      signal,
      onProgress,
    });
    const result = await runMethod(network, prepared.method, configuration, {
      checkpoints: staging.checkpoints,
      resume: staging.resumed,
      fingerprint,
      signal,
      onProgress,
      onRecord,
    });
    const trainingSeconds = (performance.now() - trainingStarted) / 1000;
    const { records, start, keptStep, stopped } = result;
    const drift = driftWarnings(records, { klTarget: configuration.online?.kl.target ?? null });
    const card: PolicyCard = {
      version: policyCardVersion,
      kind: 'policy',
      method,
      configuration,
      formattingDigest: base.formatter.digest,
      seed,
      data: { sources: side.sources.map(({ name, sha256 }) => ({ name, sha256 })), rows: side.rows },
      reward: rewards.reward && { name: rewards.reward.name, digest: rewards.reward.digest },
      lineage: {
        base: configuration.lora ? base.digest : (opened.card?.lineage.base ?? base.digest),
        ...(base.hub && { hub: base.hub }),
        methods: [...(opened.card?.lineage.methods ?? []), method],
      },
      createdBy,
    };
    const document: PolicyDocument = {
      method,
      policy,
      out,
      seed,
      data: {
        sources: side.sources,
        rows: side.rows,
        rejects: side.rejects,
        train: prepared.train,
        heldOut: prepared.heldOut,
        truncated: prepared.truncated,
      },
      reward: card.reward,
      configuration,
      updates: records.length,
      keptStep,
      stopped,
      start,
      kept: keptHeldOut(result),
      lastRecord: records.at(-1) ?? null,
      drift,
      seconds: (performance.now() - started) / 1000,
      cost: {
        trainingSeconds,
        predictedMemory: prepared.predictedMemory,
        peakMemory: process.resourceUsage().maxRSS * 1024,
      },
      resumed: staging.resumed,
      warnings: [...prepared.warnings, ...drift.map(({ message }) => message)],
      createdBy,
    };
    await writing(out, async () => {
      await savePolicy(staging.path, base, await network.values(), card);
      await writeFile(join(staging.path, 'report.json'), `${JSON.stringify(document, null, 2)}\n`);
      await writeFile(
        join(staging.path, 'training.jsonl'),
        records.map((record) => `${JSON.stringify(record)}\n`).join(''),
      );
      await writeFile(join(staging.path, heldOutFile), heldOutRows(side));
      await writeFile(join(staging.path, 'report.html'), renderPolicyReport({ document, records }));
    });
    signal?.throwIfAborted();
    await staging.publish();
    return document;
  } finally {
    await network.close();
  }
};

const keptHeldOut = ({ records, start, keptStep }: LoopResult): HeldOut | null =>
  keptStep === 0 ? start : (records[keptStep - 1]?.heldOut ?? null);

const interrupted = (out: string, kept: boolean, cause: unknown): Error =>
  plauditError(
    'cli.interrupted',
    {
      resume: kept
        ? `Run the same command with --resume to go on from the last checkpoint in ${out}.partial.`
        : 'Nothing was left behind. Run the same command again to start anew.',
    },
    cause,
  );
