/** @file The loop: what it keeps, when it stops, what it goes on from, and that values that are not finite end a run. */
import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { type Base, planBatches, type TrainedValues } from '@plaudit/reward';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { PolicyConfiguration } from './configuration.ts';
import { learningTrees } from './learning-trees.ts';
import { type Evaluation, type LoopOptions, type LoopResult, type Method, runMethod } from './loop.ts';
import { supervisedFeeds, supervisedLoss } from './losses.ts';
import { OfflineMethod } from './offline.ts';
import { layBatch } from './rows.ts';
import type { PolicySettings } from './settings.ts';
import {
  openTiny,
  pairTrees,
  temporaryFolder,
  tinyBase,
  tinyCheckpoint,
  tinyConfiguration,
} from './testing.ts';

const folder = temporaryFolder();
let base: Base;
beforeAll(async () => {
  base = await tinyBase(await tinyCheckpoint(folder));
});

const nothing: Evaluation = { record: {}, score: null, stop: null };

interface Behaviour {
  readonly iterations?: number;
  readonly evaluatesFirst?: boolean;
  readonly patience?: number;
  readonly settings?: PolicySettings;
  readonly configuration?: Partial<PolicyConfiguration>;
  /** By the updates done. */
  readonly evaluate?: (done: number) => Evaluation;
  /** Called after the gradients are there, and after the update. */
  readonly before?: (step: number) => void;
  readonly after?: (step: number) => void;
  readonly options?: Partial<LoopOptions>;
}

/** Runs a method that learns to say one batch, and counts its iterations. */
const run = async ({
  iterations = 4,
  evaluatesFirst = true,
  patience,
  settings,
  configuration,
  evaluate = () => nothing,
  before = () => {},
  after = () => {},
  options,
}: Behaviour): Promise<LoopResult & { readonly values: TrainedValues; readonly iterated: number[] }> => {
  const network = await openTiny(base);
  onTestFinished(() => network.close());
  const trainer = await network.openTrainer(supervisedLoss);
  const [batch] = planBatches(learningTrees(pairTrees(3, 4), 'demonstrations', base.formatter), 10_000);
  const iterated: number[] = [];
  const method: Method = {
    iterations,
    evaluatesFirst,
    patience: patience ?? null,
    async iterate({ step, apply }) {
      iterated.push(step);
      const laid = layBatch(batch!);
      const feeds = supervisedFeeds(
        laid,
        batch!.trees.map(() => [1 / laid.targets]),
      );
      const { loss } = await trainer.accumulate(laid, feeds, { step, batch: 1 });
      before(step);
      const gradientNorm = await apply();
      after(step);
      return { loss: loss![0]!, gradientNorm, tokens: laid.tokens };
    },
    evaluate: async (done) => evaluate(done),
    state: () => ({ iterated: iterated.length }),
    restore: () => {},
  };
  const result = await runMethod(
    network,
    method,
    {
      ...tinyConfiguration(base, 'sft', { evaluateEvery: 1, schedule: 'constant', ...settings }),
      ...configuration,
    },
    { checkpoints: await mkdtemp(join(folder, 'run-')), resume: false, fingerprint: 'one', ...options },
  );
  return { ...result, values: await network.values(), iterated };
};

const heldOut = { reward: 1, kl: 0, length: 3, ended: 1, prompts: 2 };

describe('evaluations', () => {
  it('come before the first update where the method asks, as often as was set, and after the last one', async () => {
    const seen: number[] = [];
    const evaluate = (done: number): Evaluation => {
      seen.push(done);
      return { record: { heldOut: { ...heldOut, reward: done } }, score: null, stop: null };
    };
    const { records, start, keptStep } = await run({
      iterations: 5,
      settings: { evaluateEvery: 2 },
      evaluate,
    });
    expect(seen).toEqual([0, 2, 4, 5]);
    expect(start).toEqual({ ...heldOut, reward: 0 });
    expect(records.map((record) => record.heldOut?.reward)).toEqual([undefined, 2, undefined, 4, 5]);
    expect(keptStep).toBe(5);
    seen.length = 0;
    await run({ iterations: 1, evaluatesFirst: false, evaluate });
    expect(seen).toEqual([1]);
  });

  it('with a score choose the weights that are kept', async () => {
    const scores = [0, 2, 1, 1.5];
    const evaluate = (done: number): Evaluation => ({ ...nothing, score: scores[done]! });
    const chosen = await run({ iterations: 3, evaluate });
    expect(chosen.keptStep).toBe(1);
    expect(chosen.records).toHaveLength(3);
    const first = await run({ iterations: 1 });
    expect(chosen.values).toEqual(first.values);
    expect((await run({ iterations: 3 })).values).not.toEqual(first.values);
  });

  it('without a better score end the run when patience does, and a reason to stop ends it at once', async () => {
    const worse = (done: number): Evaluation => ({ ...nothing, score: -done });
    const impatient = await run({ iterations: 9, patience: 2, evaluate: worse });
    expect([impatient.records.length, impatient.keptStep, impatient.stopped]).toEqual([2, 0, null]);
    const stopping = (done: number): Evaluation => ({ ...nothing, stop: done === 3 ? 'enough' : null });
    const stopped = await run({ iterations: 9, evaluate: stopping });
    expect([stopped.records.length, stopped.stopped]).toEqual([3, 'enough']);
  });
});

describe('a run that ended in the middle', () => {
  const untimed = ({ records }: LoopResult) => records.map((record) => ({ ...record, seconds: 0 }));

  it.each([
    ['before an update is applied', 'before', 4],
    ['after it, without a chance to keep it', 'after', 3],
  ] as const)('goes on to the bit: %s', async (_, where, first) => {
    const settings = { evaluateEvery: 2, schedule: 'linear' } as const;
    const evaluate = (done: number): Evaluation => ({ ...nothing, score: -Math.abs(done - 4) });
    const whole = await run({ iterations: 6, settings, evaluate });
    const checkpoints = await mkdtemp(join(folder, 'ended-'));
    const fail = (step: number): void => {
      if (step === 4) throw new Error('ended by the test');
    };
    await expect(
      run({ iterations: 6, settings, evaluate, [where]: fail, options: { checkpoints } }),
    ).rejects.toThrow('ended by the test');
    const resumed = await run({ iterations: 6, settings, evaluate, options: { checkpoints, resume: true } });
    expect(resumed.iterated[0]).toBe(first);
    expect(resumed.keptStep).toBe(4);
    expect(resumed.values).toEqual(whole.values);
    expect(untimed(resumed)).toEqual(untimed(whole));
  });

  it('within an evaluation loses none of the updates before it', async () => {
    const checkpoints = await mkdtemp(join(folder, 'evaluating-'));
    const evaluate = (done: number): Evaluation => {
      if (done === 2) throw new Error('ended by the test');
      return nothing;
    };
    await expect(run({ evaluate, options: { checkpoints } })).rejects.toThrow('ended by the test');
    const resumed = await run({ options: { checkpoints, resume: true } });
    expect(resumed.iterated).toEqual([3, 4]);
    expect(resumed.values).toEqual((await run({})).values);
  });

  it('that had ended for a reason is not trained on when it is resumed', async () => {
    const checkpoints = await mkdtemp(join(folder, 'stopped-'));
    const evaluate = (done: number): Evaluation => ({ ...nothing, stop: done === 2 ? 'enough' : null });
    const first = await run({ evaluate, options: { checkpoints } });
    const again = await run({ evaluate, options: { checkpoints, resume: true } });
    expect(again.iterated).toEqual([]);
    expect([again.stopped, again.values]).toEqual(['enough', first.values]);
  });

  it('is not taken up by another run', async () => {
    const checkpoints = await mkdtemp(join(folder, 'other-'));
    await run({ iterations: 1, options: { checkpoints } });
    const other = run({ iterations: 1, options: { checkpoints, resume: true, fingerprint: 'two' } });
    await expect(other).rejects.toMatchObject({ code: 'reward.checkpoint_other' });
  });
});

describe('values that are not finite', () => {
  const huge = { learningRate: 1e30, schedule: 'constant', warmup: 0 } as const;

  it('end the run at the update that meets them, naming step, batch and tensor', async () => {
    const broken = run({ configuration: huge });
    await expect(broken).rejects.toMatchObject({
      code: 'engine.non_finite',
      parameters: { tensor: 'loss', step: 2, batch: 1 },
    });
  });

  it('leave the checkpoint before them as it was', async () => {
    const checkpoints = await mkdtemp(join(folder, 'broken-'));
    const last = join(checkpoints, 'last.safetensors');
    let kept: Buffer | undefined;
    const before = (): void => {
      kept = readFileSync(last);
    };
    const broken = run({
      configuration: huge,
      settings: { evaluateEvery: 9 },
      before,
      options: { checkpoints },
    });
    await expect(broken).rejects.toMatchObject({ code: 'engine.non_finite' });
    expect(readFileSync(last).equals(kept!)).toBe(true);
  });

  it('are not saved where nothing has run through them yet', async () => {
    const broken = run({ iterations: 1, configuration: { ...huge, learningRate: 1e39 } });
    await expect(broken).rejects.toMatchObject({
      code: 'engine.non_finite',
      parameters: { tensor: expect.stringContaining('.lora_'), step: 1 },
    });
  });

  it('are found in an evaluation too', async () => {
    const network = await openTiny(base);
    onTestFinished(() => network.close());
    const configuration = { ...tinyConfiguration(base, 'dpo', { evaluateEvery: 1 }), ...huge };
    const checkpoints = await mkdtemp(join(folder, 'validated-'));
    const trees = (count: number, seed: number) =>
      learningTrees(pairTrees(count, seed), 'demonstrations', base.formatter);
    const method = await OfflineMethod.open(
      network,
      null,
      { train: trees(4, 1), validation: trees(2, 2) },
      configuration,
      { seed: 1, checkpoints, fingerprint: 'one' },
    );
    const broken = runMethod(network, method, configuration, {
      checkpoints,
      resume: false,
      fingerprint: 'one',
    });
    await expect(broken).rejects.toMatchObject({
      code: 'engine.non_finite',
      parameters: { tensor: 'logProbabilities', step: 1, batch: 1 },
    });
  });
});
