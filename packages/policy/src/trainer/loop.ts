/** @file The loop of every method: updates, evaluations, checkpoints, from the first update to the last. */
import { PlauditError, plauditError } from '@plaudit/contract';
import { learningRateAt, type Schedule } from '@plaudit/engine';
import { keptState, type OnProgress, readBest, readLast, saveBest, saveLast } from '@plaudit/reward';
import { z } from 'zod';
import type { PolicyConfiguration } from './configuration.ts';
import type { PolicyNetwork } from './network.ts';
import { type PolicyRecord, policyRecord } from './record.ts';

/** Where a record lies in the run; the loop fills in the rest of it. */
export type IterationRecord = Omit<PolicyRecord, 'step' | 'learningRate' | 'seconds' | 'heldOut'>;
export type HeldOut = NonNullable<PolicyRecord['heldOut']>;

/** What a method may use in an iteration. */
export interface Iteration {
  /** From 1. */
  readonly step: number;
  readonly signal: AbortSignal | undefined;
  /** One update of the weights from the gradients that are there. @returns the norm of the gradients before clipping */
  apply(): Promise<number>;
}

/** What an evaluation found. */
export interface Evaluation {
  readonly record: Partial<Pick<PolicyRecord, 'validationLoss' | 'validationAccuracy' | 'heldOut'>>;
  /** By which the best weights are chosen, larger is better; null where nothing may choose them. */
  readonly score: number | null;
  /** Why the run should end here; null where it should go on. */
  readonly stop: string | null;
}

/** One method's part of a run. All that it remembers between iterations is in its state. */
export interface Method {
  readonly iterations: number;
  /** Whether the first evaluation is before the first update. */
  readonly evaluatesFirst: boolean;
  /** Evaluations without a better score after which the run ends; null to end by `stop` alone. */
  readonly patience: number | null;
  iterate(iteration: Iteration): Promise<IterationRecord>;
  /** null where there is nothing to evaluate on. */
  evaluate: ((done: number, signal: AbortSignal | undefined) => Promise<Evaluation>) | null;
  state(): unknown;
  /** @param state What `state` gave */
  restore(state: unknown): void;
}

const loopState = keptState.extend({
  records: z.array(policyRecord),
  /** The evaluation before the first update. */
  start: policyRecord.shape.heldOut.nullable(),
  best: z.object({ step: z.number(), score: z.number() }).nullable(),
  stale: z.number().int().nonnegative(),
  /** Updates done up to the last evaluation, -1 before the first. */
  evaluated: z.number().int(),
  stopped: z.string().nullable(),
  method: z.unknown(),
});
type LoopState = z.infer<typeof loopState>;

export interface LoopOptions {
  readonly checkpoints: string;
  readonly resume: boolean;
  /** Of all that decides the result. */
  readonly fingerprint: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  readonly onRecord?: ((record: PolicyRecord, records: readonly PolicyRecord[]) => void) | undefined;
}

export interface LoopResult {
  readonly records: readonly PolicyRecord[];
  readonly start: HeldOut | null;
  /** Updates whose weights were kept. */
  readonly keptStep: number;
  /** Why the run ended before its last iteration; null where it did not. */
  readonly stopped: string | null;
}

/** Milliseconds of training that a killed run loses at most, beside the iteration that was running. */
const keepEvery = 60_000;
/** Evaluations of a run that does not say how often; more where they can end it, which needs to see a peak come and go. */
const evaluations = 10;
const stoppingEvaluations = 20;

/**
 * Runs a method to its end, and leaves the network with the weights of the best evaluation, where evaluations choose.
 *
 * @throws reward.checkpoint_other, engine.*, what the method throws, or the signal's reason; what a checkpoint can keep is
 *   kept; engine.non_finite where the weights that it would leave are not numbers
 */
export const runMethod = async (
  network: PolicyNetwork,
  method: Method,
  configuration: PolicyConfiguration,
  { checkpoints, resume, fingerprint, signal, onProgress, onRecord }: LoopOptions,
): Promise<LoopResult> => {
  const total = method.iterations;
  const every =
    configuration.evaluateEvery ??
    Math.max(1, Math.ceil(total / (method.evaluatesFirst ? stoppingEvaluations : evaluations)));
  const { learningRate, warmup, maxGradientNorm } = configuration;
  const schedule: Schedule = {
    shape: configuration.schedule,
    learningRate,
    warmupSteps: Math.ceil(warmup * total),
    // One more than there are, so that neither the first update nor the last has a rate of 0.
    totalSteps: total + 1,
  };
  let state: LoopState = {
    step: 0,
    updates: {},
    fingerprint,
    records: [],
    start: null,
    best: null,
    stale: 0,
    evaluated: -1,
    stopped: null,
    method: method.state(),
  };
  const saved = resume ? await readLast(checkpoints, fingerprint, loopState) : null;
  if (saved) {
    state = saved.state;
    await network.parameters.restore(saved.snapshot);
    method.restore(state.method);
  }
  const records = [...state.records];
  let kept = performance.now();
  const keep = async (): Promise<void> => {
    const snapshot = await network.parameters.snapshot();
    const counts = Object.entries(snapshot.parameters).map(([name, { updates }]) => [name, updates] as const);
    state = {
      ...state,
      step: snapshot.step,
      records,
      updates: Object.fromEntries(counts),
      method: method.state(),
    };
    await saveLast(checkpoints, snapshot, state);
    kept = performance.now();
  };
  const report = (): void => {
    const last = records.at(-1);
    const { rollout, heldOut: _, ...shown } = last ?? ({} as PolicyRecord);
    onProgress?.({
      phase: 'train',
      totalSteps: total,
      ...shown,
      step: records.length,
      ...pace(records, total),
    });
    if (last) onRecord?.(last, records);
  };

  for (;;) {
    const done = records.length;
    const due = done === total || done % every === 0;
    if (method.evaluate && due && state.evaluated < done && (done > 0 || method.evaluatesFirst)) {
      // Kept first: an evaluation takes a while, and stopping in it must not lose the updates before it.
      if (done > 0) await keep();
      const { record, score, stop } = await method.evaluate(done, signal);
      if (done > 0) records[done - 1] = { ...records[done - 1]!, ...record };
      else state = { ...state, start: record.heldOut ?? null };
      state = { ...state, evaluated: done, stopped: stop };
      if (score !== null && (!state.best || score > state.best.score)) {
        state = { ...state, best: { step: done, score }, stale: 0 };
        await saveBest(checkpoints, await network.parameters.snapshot({ moments: false }));
      } else if (score !== null) state = { ...state, stale: state.stale + 1 };
      await keep();
      report();
    }
    const patient = method.patience === null || state.stale < method.patience;
    if (done === total || !patient || state.stopped !== null) break;
    if (performance.now() - kept > keepEvery) await keep();

    const began = performance.now();
    const rate = learningRateAt(schedule, done + 1);
    let applied = 0;
    const apply = async (): Promise<number> => {
      const { gradientNorm } = await network.parameters.apply({ learningRate: rate, maxGradientNorm });
      applied++;
      return gradientNorm;
    };
    try {
      const record = await method.iterate({ step: done + 1, signal, apply });
      const seconds = (performance.now() - began) / 1000;
      records.push({ ...record, step: done + 1, learningRate: rate, seconds });
    } catch (error) {
      // An iteration that has changed nothing yet loses nothing: the weights are those of the boundary before it. Where a
      // value is not finite those weights may be what is wrong, and the checkpoint before them is the better one.
      if (applied === 0 && !isNonFinite(error)) {
        await network.parameters.clearGradients().catch(() => {});
        await keep().catch(() => {});
      }
      throw error;
    }
    report();
  }

  const keptStep = state.best?.step ?? records.length;
  if (state.best && state.best.step !== records.length) {
    const values = await readBest(checkpoints);
    const snapshot = await network.parameters.snapshot();
    const parameters = Object.fromEntries(
      Object.entries(snapshot.parameters).map(([name, own]) => [name, { ...own, value: values.get(name)! }]),
    );
    await network.parameters.restore({ ...snapshot, parameters });
  }
  await requireFinite(network, keptStep);
  return { records, start: state.start ?? null, keptStep, stopped: state.stopped };
};

const isNonFinite = (error: unknown): boolean =>
  error instanceof PlauditError && error.code === 'engine.non_finite';

/** The weights behind the last update, which no batch has run through. @throws engine.non_finite */
const requireFinite = async (network: PolicyNetwork, step: number): Promise<void> => {
  for (const [tensor, { data }] of await network.values())
    if (!data.every(Number.isFinite))
      throw plauditError('engine.non_finite', { tensor, step, batch: 'last' });
};

/** Tokens a second and the time left, from the last updates. */
const pace = (
  records: readonly PolicyRecord[],
  total: number,
): { readonly tokensPerSecond?: number; readonly secondsLeft?: number } => {
  if (records.length === 0) return {};
  const recent = records.slice(-20);
  const seconds = recent.reduce((sum, record) => sum + record.seconds, 0);
  const tokens = recent.reduce((sum, record) => sum + record.tokens, 0);
  return {
    tokensPerSecond: tokens / seconds,
    secondsLeft: (seconds / recent.length) * (total - records.length),
  };
};
