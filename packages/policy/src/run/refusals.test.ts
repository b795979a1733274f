/** @file What a run refuses before it begins, and that it leaves nothing behind then. */
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openPolicy } from '../trainer/files.ts';
import type { PolicySettings } from '../trainer/settings.ts';
import {
  pairRows,
  prompts,
  shareOfA,
  temporaryFolder,
  tinyCheckpoint,
  writeRows,
} from '../trainer/testing.ts';
import { generateResponses } from './generate.ts';
import { type TrainPolicyOptions, trainPolicy } from './train.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
let base: string;
/** The same with room for very long conversations. */
let long: string;
/** An adapter of rank 4. */
const adapter = at('adapter');
beforeAll(async () => {
  base = await tinyCheckpoint(folder);
  long = await tinyCheckpoint(await mkdtemp(join(folder, 'long-')), 131_072);
  await writeRows(at('pairs.jsonl'), pairRows(24, 1));
  await writeRows(
    at('prompts.jsonl'),
    prompts(10, 2).map((prompt) => ({ prompt })),
  );
  await trainPolicy({
    method: 'sft',
    policy: base,
    data: [at('pairs.jsonl')],
    out: adapter,
    settings: { threads: 1, maxLength: 64, rank: 4, epochs: 1, batchSize: 100 },
  });
});

type Changes = Partial<TrainPolicyOptions>;
const offline = (): Changes => ({ data: [at('pairs.jsonl')] });
const online = (): Changes => ({ prompts: [at('prompts.jsonl')], reward: shareOfA });

/** What a run is refused with; nothing may be left of it. */
const refusal = async (method: string, changes: Changes, settings: PolicySettings = {}): Promise<unknown> => {
  const out = at('refused');
  const error = await trainPolicy({
    method,
    policy: base,
    out,
    ...changes,
    settings: { threads: 1, maxLength: 64, ...settings },
  }).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect([existsSync(out), existsSync(`${out}.partial`)]).toEqual([false, false]);
  return error;
};

const badSetting = (setting: string, problem: string | RegExp = /./) => ({
  code: 'policy.bad_configuration',
  parameters: {
    setting,
    problem: typeof problem === 'string' ? problem : expect.stringMatching(problem),
  },
});

describe('inputs', () => {
  it('members are combined of a saved ensemble only', async () => {
    const combined = { rewardCombination: { combine: 'worst' } } as const;
    expect(await refusal('ppo', { ...online(), ...combined })).toMatchObject({
      code: 'reward.bad_configuration',
      parameters: { setting: 'combine', problem: 'only a saved ensemble has members to combine' },
    });
    expect(await refusal('dpo', { ...offline(), ...combined })).toMatchObject(
      badSetting('rewardCombination', 'dpo does not use it'),
    );
  });

  it.each(['sft', 'dpo', 'simpo', 'cpo', 'orpo', 'kto', 'bco'])(
    '%s cannot do without data',
    async (method) => {
      expect(await refusal(method, {})).toMatchObject(badSetting('data', `${method} cannot do without it`));
    },
  );

  it.each(['ppo', 'rloo', 'reinforce', 'grpo', 'online-dpo', 'best-of-n'])(
    '%s cannot do without prompts and a reward',
    async (method) => {
      const { prompts, reward } = online();
      const cannot = `${method} cannot do without it`;
      expect(await refusal(method, { reward: reward! })).toMatchObject(badSetting('prompts', cannot));
      expect(await refusal(method, { prompts: prompts! })).toMatchObject(badSetting('reward', cannot));
    },
  );

  it('that a method has no use for are not ignored', async () => {
    expect(await refusal('ppo', { ...online(), ...offline() })).toMatchObject(
      badSetting('data', 'ppo does not use it'),
    );
    expect(await refusal('grpo', { ...online(), format: 'trl' })).toMatchObject(badSetting('format'));
    for (const [name, value] of Object.entries({
      prompts: [at('prompts.jsonl')],
      reward: shareOfA,
      gold: shareOfA,
      heldOutPrompts: [at('prompts.jsonl')],
    }))
      expect(await refusal('dpo', { ...offline(), [name]: value })).toMatchObject(
        badSetting(name, 'dpo does not use it'),
      );
  });

  it('of an unknown method name those that there are', async () => {
    expect(await refusal('trpo', online())).toMatchObject(badSetting('method', /sft, dpo, .*best-of-n$/));
  });

  it('with nothing that a method learns from say how many rows do', async () => {
    await writeRows(
      at('answers.jsonl'),
      prompts(6, 4).map((prompt) => ({ prompt, response: 'ab' })),
    );
    expect(await refusal('dpo', { data: [at('answers.jsonl')] })).toMatchObject({
      code: 'policy.nothing_to_learn',
      parameters: { rows: 6, usable: 0, method: 'dpo' },
    });
    await writeRows(at('one.jsonl'), [{ prompt: 'bcd' }]);
    expect(await refusal('ppo', { ...online(), prompts: [at('one.jsonl')] })).toMatchObject({
      code: 'policy.nothing_to_learn',
    });
  });

  it('that are not there are named', async () => {
    expect(await refusal('dpo', { data: [at('nowhere.jsonl')] })).toMatchObject({
      code: 'data.file_missing',
    });
    expect(await refusal('ppo', { ...online(), reward: at('nowhere') })).toMatchObject({
      code: 'reward.reference_unknown',
    });
    const gone = await refusal('dpo', { ...offline(), policy: at('nowhere') });
    expect(gone).toMatchObject({ code: expect.stringMatching(/^model\./) });
  });
});

describe('settings', () => {
  it.each([
    ['sft', { beta: 0.1 }, 'beta', 'sft does not use it'],
    ['grpo', { samples: 1 }, 'samples', /two or more/],
    ['ppo', { maxNewTokens: 64 }, 'maxNewTokens', /no room for a prompt in 64 tokens/],
    ['ppo', { maxNewTokens: 100 }, 'maxNewTokens', /no room for a prompt/],
    ['dpo', { loss: 'kto' }, 'loss', /dpo has no kto; it has sigmoid/],
    ['dpo', { loss: 'hinge', labelSmoothing: 0.1 }, 'labelSmoothing', 'there is no such setting'],
    ['sft', { targets: ['q_proj', 'query'] }, 'targets', /no linear layer that is called query/],
    ['sft', { maxLength: 8 }, 'maxLength', /./],
    ['sft', { provider: 'abacus' }, 'provider', /cpu/],
  ] as const)('%s with %j is refused by the field', async (method, settings, setting, problem) => {
    const inputs = method === 'grpo' || method === 'ppo' ? online() : offline();
    expect(await refusal(method, inputs, settings as PolicySettings)).toMatchObject(
      badSetting(setting, problem),
    );
  });

  it('of another adapter than the policy is are refused', async () => {
    const on = { ...offline(), policy: adapter };
    expect(await refusal('dpo', on, { full: true })).toMatchObject(badSetting('full', /is an adapter/));
    expect(await refusal('dpo', on, { rank: 8 })).toMatchObject(badSetting('rank', /of rank 4/));
    expect(await refusal('dpo', on, { alpha: 3 })).toMatchObject(badSetting('alpha', /alpha 8/));
    expect(await refusal('dpo', on, { targets: ['q_proj'] })).toMatchObject(badSetting('targets'));
  });

  it('a model from nothing is for supervised fine-tuning alone', async () => {
    for (const [method, inputs] of [
      ['ppo', online()],
      ['dpo', offline()],
    ] as const)
      expect(await refusal(method, { ...inputs, policy: 'new' })).toMatchObject(badSetting('policy', /sft/));
  });
});

describe('memory', () => {
  it('that no machine has ends the run before it begins', async () => {
    const settings = { maxLength: 120_000, maxNewTokens: 100_000, samples: 64 };
    expect(await refusal('grpo', { ...online(), policy: long }, settings)).toMatchObject({
      code: 'policy.memory_short',
      parameters: { needed: expect.stringMatching(/^\d{3,}\.\d GiB$/) },
    });
  });
});

describe('what is there already', () => {
  it('is replaced only where that was asked for', async () => {
    const again = { method: 'sft', policy: base, data: [at('pairs.jsonl')], out: adapter };
    await expect(trainPolicy(again)).rejects.toMatchObject({ code: 'output.would_replace' });
    await mkdir(at('other'));
    await writeFile(join(at('other'), 'notes.txt'), 'mine');
    await expect(trainPolicy({ ...again, out: at('other'), overwrite: true })).rejects.toMatchObject({
      code: 'output.exists',
    });
  });
});

describe('a saved policy', () => {
  it('that is damaged, or whose base has changed, is not opened', async () => {
    const moved = at('moved');
    await cp(base, moved, { recursive: true });
    await expect(openPolicy(adapter, undefined, { moved })).resolves.toMatchObject({ lora: { rank: 4 } });
    const other = new URL('../../../models/fixtures/llama-untied', import.meta.url).pathname;
    await expect(openPolicy(adapter, undefined, { moved: other })).rejects.toMatchObject({
      code: 'policy.base_changed',
    });
    await mkdir(at('damaged'));
    await writeFile(join(at('damaged'), 'plaudit.json'), '{"kind": "policy"}');
    await expect(openPolicy(at('damaged'), undefined)).rejects.toMatchObject({
      code: 'policy.card_corrupt',
    });
    await writeFile(join(at('damaged'), 'plaudit.json'), '{"kind": "linear"}');
    await expect(openPolicy(at('damaged'), undefined)).rejects.toMatchObject({ code: 'policy.missing' });
  });

  it('whose tokenizer or chat template was changed is not opened, whatever length is asked for', async () => {
    const other = at('other-template');
    await cp(base, other, { recursive: true });
    const template = join(other, 'chat_template.jinja');
    await writeFile(template, `${await readFile(template, 'utf8')} `);
    for (const length of [undefined, 32])
      await expect(openPolicy(adapter, length, { moved: other })).rejects.toMatchObject({
        code: 'policy.card_corrupt',
        parameters: { path: adapter, problem: expect.stringContaining(other) },
      });
    await expect(openPolicy(adapter, 32)).resolves.toMatchObject({ lora: { rank: 4 } });
  });

  it('writes nothing where a response would have no prompt before it', async () => {
    const written = generateResponses(adapter, at('prompts.jsonl'), { maxNewTokens: 64, threads: 1 });
    await expect(written).rejects.toMatchObject(badSetting('maxNewTokens'));
  });
});
