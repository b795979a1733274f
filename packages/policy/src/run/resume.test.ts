/** @file Runs that are stopped and resumed: they end with the bits of a run that nobody stopped, whatever they steer. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlauditError } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import type { PolicySettings } from '../trainer/settings.ts';
import { prompts, shareOfA, writeRows } from '../trainer/testing.ts';
import { tinyRuns } from './testing.ts';
import type { TrainPolicyOptions } from './train.ts';

const quick: PolicySettings = { threads: 1, learningRate: 0.01, maxLength: 64, rank: 4, evaluateEvery: 2 };
const offline: PolicySettings = { epochs: 2, batchSize: 8, patience: 100 };
const online: PolicySettings = { steps: 5, promptsPerStep: 2, maxNewTokens: 5, heldOut: 2 };

const { at, train } = tinyRuns({ settings: quick, rewarded: { gold: shareOfA } });

/** Files of weights with their bytes. */
const weightsOf = async (out: string): Promise<Record<string, string>> =>
  Object.fromEntries(
    await Promise.all(
      (await readdir(at(out)))
        .filter((name) => name.endsWith('.safetensors'))
        .map(async (name) => [name, (await readFile(join(at(out), name))).toString('base64')] as const),
    ),
  );

/** The learning curve without what a clock says. */
const curveOf = async (out: string): Promise<unknown[]> =>
  (await readFile(join(at(out), 'training.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => {
      const record = JSON.parse(line) as { seconds: number; rollout?: { phases: unknown } };
      return { ...record, seconds: 0, ...(record.rollout && { rollout: { ...record.rollout, phases: 0 } }) };
    });

/** Stops a run as soon as the given update is done. */
const stopAt = (step: number): Pick<TrainPolicyOptions, 'signal' | 'onRecord'> => {
  const stop = new AbortController();
  return {
    signal: stop.signal,
    onRecord: (record) => record.step === step && stop.abort(new Error('stopped by the test')),
  };
};

describe('a run that is stopped and resumed ends with the bits of one that was not', () => {
  it.each([
    ['sft', 'sft', offline],
    ['dpo', 'dpo', offline],
    ['bco with its running mean', 'bco', offline],
    ['ppo with a steered coefficient', 'ppo', { ...online, klTarget: 1, klHorizon: 20, minibatches: 2 }],
    ['grpo', 'grpo', { ...online, samples: 3 }],
    ['reinforce with its running baseline', 'reinforce', { ...online, kl: 0.2 }],
    ['rloo with a multiplier', 'rloo', { ...online, cost: 'gold', costLimit: 0 }],
  ] as const)('%s', async (name, method, settings) => {
    const whole = await train(`${name} whole`, method, settings);
    const out = `${name} stopped`;
    const stopped = train(out, method, settings, stopAt(3));
    await expect(stopped).rejects.toMatchObject({
      code: 'cli.interrupted',
      parameters: { resume: expect.stringContaining(`${at(out)}.partial`) },
    });
    expect(existsSync(at(out))).toBe(false);
    const steps: number[] = [];
    const resumed = await train(out, method, settings, {
      resume: true,
      onRecord: ({ step }) => steps.push(step),
    });
    expect(steps[0]).toBe(4);
    expect(resumed.resumed).toBe(true);
    expect(await weightsOf(out)).toEqual(await weightsOf(`${name} whole`));
    expect(await curveOf(out)).toEqual(await curveOf(`${name} whole`));
    expect([resumed.keptStep, resumed.start, resumed.kept]).toEqual([
      whole.keptStep,
      whole.start,
      whole.kept,
    ]);
    expect(existsSync(`${at(out)}.partial`)).toBe(false);
  });
});

describe('a run that is resumed', () => {
  it('within a rollout goes on from the update before it', async () => {
    const settings = { ...online, samples: 3 };
    const stop = new AbortController();
    let asked = 0;
    const reward = (prompt: unknown, response: string): number => {
      // The third rollout: two responses of an evaluation and twelve of two rollouts came before it.
      if (++asked === 2 * 2 + 2 * 6 + 4) stop.abort(new Error('stopped by the test'));
      return shareOfA(prompt, response);
    };
    const digest = { rewardOptions: { function: { digest: 'the share of a' } } };
    await train('whole', 'grpo', settings, digest);
    await expect(train('cut', 'grpo', settings, { ...digest, reward, signal: stop.signal })).rejects.toThrow(
      PlauditError,
    );
    const steps: number[] = [];
    await train('cut', 'grpo', settings, {
      ...digest,
      resume: true,
      onRecord: ({ step }) => steps.push(step),
    });
    expect(steps[0]).toBe(3);
    expect(await weightsOf('cut')).toEqual(await weightsOf('whole'));
  });

  it('is refused with another setting, reward or side', async () => {
    const settings = { ...online, samples: 2, steps: 4 };
    await expect(train('other', 'rloo', settings, stopAt(1))).rejects.toThrow(PlauditError);
    const changes: [Partial<TrainPolicyOptions>, PolicySettings, string][] = [
      [{}, { kl: 0.3 }, 'online'],
      [{ reward: (_, response) => response.length }, {}, 'reward'],
      [{ gold: (_, response) => response.length }, {}, 'gold'],
      [{ seed: 4 }, {}, 'seed'],
      [{ heldOutPrompts: [at('prompts.jsonl')] }, {}, 'data'],
    ];
    for (const [options, more, what] of changes) {
      const refused = train('other', 'rloo', { ...settings, ...more }, { ...options, resume: true });
      await expect(refused).rejects.toMatchObject({ code: 'output.other_run', parameters: { what } });
    }
    await expect(train('other', 'rloo', settings)).rejects.toMatchObject({ code: 'output.unfinished' });
  });

  it('is refused where other prompts of the same files are held out', async () => {
    await writeRows(
      at('more.jsonl'),
      prompts(6, 9).map((prompt) => ({ prompt })),
    );
    const settings = { ...online, samples: 2, steps: 4 };
    const files = [at('prompts.jsonl'), at('more.jsonl')];
    await expect(train('sides', 'rloo', settings, { prompts: files, ...stopAt(1) })).rejects.toThrow(
      PlauditError,
    );
    const [first, second] = files as [string, string];
    const other = { prompts: [first], heldOutPrompts: [second], resume: true };
    await expect(train('sides', 'rloo', settings, other)).rejects.toMatchObject({
      code: 'output.other_run',
      parameters: { what: 'split' },
    });
  });

  it('leaves nothing behind where it failed before its first update', async () => {
    const stop = new AbortController();
    const stopped = train('early', 'sft', offline, {
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('stopped by the test')),
    });
    await expect(stopped).rejects.toMatchObject({ code: 'cli.interrupted' });
    expect(existsSync(at('early'))).toBe(false);
  });
});
