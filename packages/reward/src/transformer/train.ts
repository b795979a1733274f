/** @file Trains a transformer reward model: the loop, from the first update to the best checkpoint. */
import { plauditError, Random } from '@plaudit/contract';
import { learningRateAt, type Schedule } from '@plaudit/engine';
import type { PreferenceTree } from '@plaudit/feedback';
import type { PlacedTree } from '../objectives/objective.ts';
import { type ObjectivePlan, outputNames } from '../objectives/plan.ts';
import type { TrainingOptions, TrainingSplit } from '../run/kinds.ts';
import { agreement } from '../validation/ordering.ts';
import { type Base, type BaseOptions, freshBase, openBase, textsOf } from './base.ts';
import { type EncodedTree, planBatches, type TreeBatchPlan } from './batches.ts';
import {
  type RunState,
  readBest,
  readLast,
  runFingerprint,
  runState,
  saveBest,
  saveLast,
  type TransformerRecord,
} from './checkpoint.ts';
import type { TransformerConfiguration } from './configuration.ts';
import { encodeTree } from './encode.ts';
import { type MemoryPlan, planMemory } from './memory.ts';
import { Network } from './network.ts';
import { termsOf } from './outputs.ts';
import { planUpdates, sizeOf } from './schedule.ts';

export interface TransformerTraining {
  readonly base: Base;
  /** Open, with the values of the best evaluation. */
  readonly network: Network;
  readonly records: readonly TransformerRecord[];
  /** What the objectives have learned beside the weights. */
  readonly learned: Readonly<Record<string, readonly number[]>>;
  readonly memory: MemoryPlan;
  /** The update whose values were kept. */
  readonly keptStep: number;
  /** Conversations of both sides that were longer than the limit and lost tokens. */
  readonly truncated: number;
  readonly conversations: number;
}

type Options = Pick<TrainingOptions, 'seed' | 'checkpoints' | 'resume' | 'signal' | 'onProgress'> & {
  /** Digests of the data, so that a checkpoint is not continued on other data. */
  readonly data: unknown;
};

const fewestTraining = 10;

/** Evaluations of a run that does not say how often: each costs a pass over the whole validation side. */
const evaluations = 6;

/** Milliseconds of training that a killed run loses at most, beside the update that was running. */
const keepEvery = 60_000;

/** The base of a run: the named checkpoint, or a fresh model with a tokenizer trained on the training side. */
export const openTrainingBase = async (
  base: string,
  maxLength: number,
  train: readonly PreferenceTree[],
  options: Pick<TrainingOptions, 'signal' | 'onProgress'> & BaseOptions = {},
): Promise<Base> =>
  base === 'new'
    ? freshBase(
        train.flatMap(({ prompt, responses }) => textsOf(prompt, responses)),
        maxLength,
      )
    : openBase(base, maxLength, options);

/**
 * @throws reward.too_few_pairs, reward.checkpoint_other, model.*, engine.* (a value that is not finite names its step,
 *   batch and tensor), or the signal's reason; what a checkpoint can keep is kept
 */
export const trainTransformer = async (
  split: TrainingSplit,
  base: Base,
  configuration: TransformerConfiguration,
  { seed, checkpoints, resume, signal, onProgress, data }: Options,
): Promise<TransformerTraining> => {
  const { plan } = configuration;
  const train = judged(split.train, plan);
  const validation = judged(split.validation, plan);
  const pairs = train.reduce((sum, tree) => sum + sizeOf(tree), 0);
  if (pairs < fewestTraining) {
    throw plauditError('reward.too_few_pairs', { split: 'training', pairs, needed: fewestTraining });
  }
  let truncated = 0;
  const encode = ({ prompt, responses, steps }: PreferenceTree, index: number): EncodedTree => {
    const tree = encodeTree(base.formatter, index, prompt, responses, steps);
    if (tree.truncated) truncated++;
    return tree;
  };
  const trainTrees = train.map(encode);
  const validationTrees = validation.map(encode);
  const updates = planUpdates(train.map(sizeOf), { ...configuration, seed });
  const total = updates.length;
  const every = configuration.evaluateEvery ?? Math.max(1, Math.ceil(total / evaluations));
  const schedule: Schedule = {
    shape: configuration.schedule,
    learningRate: configuration.learningRate,
    warmupSteps: Math.ceil(configuration.warmup * total),
    // One more than there are, so that neither the first update nor the last has a rate of 0.
    totalSteps: total + 1,
  };
  // A resumed run may compute elsewhere, but not otherwise.
  const { provider, threads, base: _path, recompute: _recompute, ...decisive } = configuration;
  const fingerprint = runFingerprint({
    decisive,
    seed,
    data,
    base: base.digest,
    text: base.formatter.digest,
  });

  const batchesOf = (update: readonly number[]): TreeBatchPlan[] =>
    planBatches(
      update.map((tree) => trainTrees[tree]!),
      configuration.tokensPerBatch,
    );
  const memory = await planMemory(base, configuration, updates.flatMap(batchesOf));
  const network = await Network.open(base, {
    ...configuration,
    start: { seed },
    recompute: memory.recompute,
  });
  try {
    const trainer = await network.openTraining();
    let state: RunState = { step: 0, records: [], best: null, stale: 0, updates: {}, fingerprint };
    const saved = resume ? await readLast(checkpoints, fingerprint, runState) : null;
    if (saved) {
      state = saved.state;
      await network.parameters.restore(saved.snapshot);
    }
    const records = [...state.records];
    let kept = performance.now();
    const keep = async (): Promise<void> => {
      const snapshot = await network.parameters.snapshot();
      const counts = Object.entries(snapshot.parameters).map(
        ([name, { updates }]) => [name, updates] as const,
      );
      state = { ...state, step: records.length, records, updates: Object.fromEntries(counts) };
      await saveLast(checkpoints, snapshot, state);
      kept = performance.now();
    };
    const report = (): void =>
      onProgress?.({ phase: 'train', totalSteps: total, ...records.at(-1)!, ...pace(records, total) });

    for (;;) {
      const done = records.length;
      const due = validation.length > 0 && done > 0 && (done % every === 0 || done === total);
      if (due && records[done - 1]!.validationLoss === undefined) {
        // Kept first: an evaluation takes a while, and stopping in it must not lose the updates before it.
        await keep();
        const measured = await evaluate(network, plan, validationTrees, validation, configuration, signal);
        records[done - 1] = {
          ...records[done - 1]!,
          validationLoss: measured.loss,
          ...(measured.accuracy !== null && { validationAccuracy: measured.accuracy }),
        };
        if (!state.best || measured.loss < state.best.validationLoss) {
          state = { ...state, best: { step: done, validationLoss: measured.loss }, stale: 0 };
          await saveBest(checkpoints, await network.parameters.snapshot({ moments: false }));
        } else state = { ...state, stale: state.stale + 1 };
        await keep();
        report();
      }
      if (done === total || state.stale >= configuration.patience) break;
      if (performance.now() - kept > keepEvery) await keep();

      const began = performance.now();
      const chosen = updates[done]!;
      const totals = trainer.totals(chosen.map((tree) => train[tree]!));
      const random = new Random(seed, `dropout:${done}`);
      const batches = batchesOf(chosen);
      let loss = 0;
      let right = 0;
      let judgements = 0;
      let tokens = 0;
      for (const [batch, cut] of batches.entries()) {
        if (signal?.aborted) {
          await network.parameters.clearGradients();
          await keep();
          throw signal.reason;
        }
        const trees = cut.trees.map(({ index }) => train[index]!);
        const context = { step: done + 1, batch: batch + 1 };
        const result = await trainer.accumulate(cut, trees, totals, context, random);
        loss += result.loss;
        tokens += result.tokens;
        for (const [i, tree] of trees.entries()) {
          const agreed = agreement(tree, result.rewards[i]!);
          right += agreed.right;
          judgements += agreed.total;
        }
      }
      const learningRate = learningRateAt(schedule, done + 1);
      const { maxGradientNorm } = configuration;
      const { gradientNorm } = await network.parameters.apply({ learningRate, maxGradientNorm });
      const seconds = (performance.now() - began) / 1000;
      records.push({
        step: done + 1,
        loss,
        ...(judgements > 0 && { accuracy: right / judgements }),
        learningRate,
        gradientNorm,
        tokens,
        seconds,
      });
      report();
    }

    const keptStep = state.best?.step ?? records.length;
    if (state.best && state.best.step !== records.length)
      await restoreValues(network, await readBest(checkpoints));
    await trainer.close();
    // A model in float16 goes on so: its base may be too large for the device in float32.
    if (configuration.frozen === 'int8') await network.scoreIn('float32');
    const learned = await network.learned();
    return {
      base,
      network,
      records,
      learned,
      memory,
      keptStep,
      truncated,
      conversations: train.length + validation.length,
    };
  } catch (error) {
    await network.close();
    throw error;
  }
};

/** Tokens a second and the time left, from the last updates. */
const pace = (
  records: readonly TransformerRecord[],
  total: number,
): { readonly tokensPerSecond: number; readonly secondsLeft: number } => {
  const recent = records.slice(-20);
  const seconds = recent.reduce((sum, record) => sum + record.seconds, 0);
  const tokens = recent.reduce((sum, record) => sum + record.tokens, 0);
  return {
    tokensPerSecond: tokens / seconds,
    secondsLeft: (seconds / recent.length) * (total - records.length),
  };
};

/** Trees that weigh nothing in any term have nothing to teach. */
const judged = (trees: readonly PreferenceTree[], plan: ObjectivePlan): PreferenceTree[] => {
  const terms = termsOf(plan);
  return trees.filter((tree) => terms.some(({ objective }) => objective.weight(tree) > 0));
};

/** The loss that training lowers, over the whole side at once, and the share of judgements that the rewards agree with. */
const evaluate = async (
  network: Network,
  plan: ObjectivePlan,
  encoded: readonly EncodedTree[],
  trees: readonly PreferenceTree[],
  { tokensPerBatch }: TransformerConfiguration,
  signal?: AbortSignal,
): Promise<{ readonly loss: number; readonly accuracy: number | null }> => {
  const names = outputNames(plan);
  const values: number[][] = names.map(() => []);
  const place = (at: number, outputs: readonly (readonly number[])[]): number => {
    const first = values[0]!.length;
    outputs.forEach((output, i) => {
      values[i]!.push(output[at]!);
    });
    return first;
  };
  let right = 0;
  let judgements = 0;
  const placed: PlacedTree[] = [];
  for (const batch of planBatches(encoded, tokensPerBatch)) {
    signal?.throwIfAborted();
    const scored = await network.score(batch);
    for (const [i, { index }] of batch.trees.entries()) {
      const tree = trees[index]!;
      const { outputs, steps } = scored[i]!;
      const reward = names.indexOf(plan.reward);
      const agreed = agreement(tree, outputs[reward]!, steps[reward]!);
      right += agreed.right;
      judgements += agreed.total;
      placed.push({
        tree,
        places: tree.responses.map((_, response) => place(response, outputs)),
        stepPlaces: (steps[0] ?? []).map((ends, entry) =>
          ends.map((_, step) =>
            place(
              step,
              steps.map((output) => output[entry]!),
            ),
          ),
        ),
      });
    }
  }
  const learned = await network.learned();
  let loss = 0;
  for (const { objective, on, weight, scope } of termsOf(plan)) {
    const total = trees.reduce((sum, tree) => sum + objective.weight(tree), 0);
    if (total === 0) continue;
    const read = on.map((name) => values[names.indexOf(name)]!);
    const parameters = Object.fromEntries(
      objective.parameters.map(({ name }) => [name, learned[`${scope}${name}`]!]),
    );
    loss += weight * objective.evaluate(read, placed, total, parameters).loss;
  }
  return { loss, accuracy: judgements > 0 ? right / judgements : null };
};

const restoreValues = async (network: Network, values: ReadonlyMap<string, Float32Array>): Promise<void> => {
  const snapshot = await network.parameters.snapshot();
  const parameters = Object.fromEntries(
    Object.entries(snapshot.parameters).map(([name, state]) => [
      name,
      { ...state, value: values.get(name)! },
    ]),
  );
  await network.parameters.restore({ ...snapshot, parameters });
};
