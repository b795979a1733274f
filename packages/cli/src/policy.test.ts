/** @file The commands of policies as a user runs them: every setting an option, one document, rows that a reward reads. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type GenerateDocument, type PolicyDocument, policyMethods, policySettings } from '@plaudit/policy';
import type { ScoreDocument } from '@plaudit/reward';
import { beforeAll, describe, expect, it } from 'vitest';
import { policyMethodsText, policyTrain } from './commands/policy-train.ts';
import { plaudit, plauditError, plauditJson, temporaryFolder } from './testing.ts';

const base = fileURLToPath(new URL('../../models/fixtures/llama', import.meta.url));
const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const env = { PLAUDIT_CACHE: at('cache') };
const words = ['bcd fgh', 'jkl mnp', 'qrs tvw', 'xyz bdf', 'ghk lnr', 'ctv wzb', 'mfj dks', 'prn hgt'];

beforeAll(() => {
  const rows = (all: readonly unknown[]): string => all.map((row) => `${JSON.stringify(row)}\n`).join('');
  writeFileSync(at('prompts.jsonl'), rows(words.map((prompt) => ({ prompt }))));
  writeFileSync(
    at('pairs.jsonl'),
    rows(words.map((prompt, i) => ({ prompt, chosen: 'ab'.repeat(1 + (i % 3)), rejected: 'cd' }))),
  );
});

/** Options of the command that are no setting of a policy. */
const others = [
  'method',
  'policy',
  'out',
  'seed',
  'resume',
  'overwrite',
  'data',
  'format',
  'prompts',
  'heldOutPrompts',
  'rewardCombine',
  'rewardLambda',
  'reward',
  'gold',
  'json',
  'quiet',
];

describe('policy train --help', () => {
  it('has an option for every setting, and none for anything else', () => {
    const options = policyTrain().options.map((option) => option.attributeName());
    expect(options.filter((name) => !others.includes(name)).sort()).toEqual(
      Object.keys(policySettings.shape).sort(),
    );
    expect(others.filter((name) => !options.includes(name))).toEqual([]);
  });

  it('names every method', () => {
    expect(policyMethodsText.split(/, | or /)).toEqual([...policyMethods]);
  });

  it('shows all of it without opening a trainer', async () => {
    const { code, stdout, stderr } = await plaudit(['policy', 'train', '--help']);
    expect([code, stderr]).toEqual([0, '']);
    for (const name of Object.keys(policySettings.shape)) {
      const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      expect(stdout, flag).toMatch(new RegExp(`--(no-)?${flag}\\b`));
    }
  });
});

describe('a policy', () => {
  const train = (...more: string[]): string[] => [
    ...['policy', 'train', '--policy', base, '--max-length', '48', '--learning-rate', '0.01'],
    ...['--rank', '4', '--threads', '1', '--seed', '1', ...more],
  ];

  it('is trained, writes rows, and a reward model scores them', async () => {
    const trained = await plaudit(
      [
        ...train('--method', 'dpo', '--data', at('pairs.jsonl'), '--out', at('dpo')),
        ...['--epochs', '2', '--batch-size', '4', '--loss', 'hinge', '--json'],
      ],
      { env },
    );
    expect(trained.code).toBe(0);
    const document = JSON.parse(trained.stdout) as PolicyDocument;
    expect(document).toEqual(JSON.parse(readFileSync(at('dpo/report.json'), 'utf8')));
    expect(document.configuration.objective).toEqual({ name: 'hinge', settings: {} });
    for (const line of trained.stderr.trimEnd().split('\n').filter(Boolean))
      expect(Object.keys(JSON.parse(line) as object)).toEqual([
        expect.stringMatching(/^(progress|warning)$/),
      ]);

    const generate = [
      ...['policy', 'generate', '--policy', at('dpo'), '--prompts', at('prompts.jsonl')],
      ...['--samples', '2', '--max-new-tokens', '5', '--threads', '1', '--seed', '7'],
    ];
    const written = await plauditJson<GenerateDocument>([...generate, '--out', at('responses.jsonl')], {
      env,
    });
    expect(written.results.map(({ responses }) => responses.length)).toEqual(words.map(() => 2));
    expect(await plauditError([...generate, '--out', at('responses.jsonl')], { env })).toMatchObject({
      code: 'output.would_replace',
    });
    const again = await plaudit([...generate, '--quiet'], { env });
    expect(again.code).toBe(0);
    expect(again.stdout).toContain(`row 1: ${words[0]}`);
    for (const { text } of written.results[0]!.responses) expect(again.stdout).toContain(`→ ${text}`);

    await plauditJson([
      ...['data', 'simulate', '--prompts', '60', '--comparisons', '300', '--seed', '1'],
      ...['--out', at('feedback.jsonl')],
    ]);
    await plauditJson([
      'reward',
      'train',
      '--data',
      at('feedback.jsonl'),
      '--out',
      at('reward'),
      '--seed',
      '1',
    ]);
    const { results } = await plauditJson<ScoreDocument>([
      ...['reward', 'score', '--model', at('reward'), '--input', at('responses.jsonl')],
    ]);
    expect(results.map(({ rewards }) => rewards.length)).toEqual(words.map(() => 2));

    const learned = await plauditJson<PolicyDocument>(
      [
        ...train('--method', 'rloo', '--prompts', at('prompts.jsonl'), '--reward', at('reward')),
        ...['--out', at('rloo'), '--steps', '2', '--prompts-per-step', '2', '--max-new-tokens', '5'],
        ...['--held-out', '2', '--no-whiten-advantages', '--gold', 'gold'],
      ],
      { env },
    );
    expect(learned).toMatchObject({ method: 'rloo', updates: 2, reward: { name: at('reward') } });
    expect(learned.lastRecord!.rollout!.parts).not.toEqual({});
    expect(learned.kept).toHaveProperty('gold');
  });

  it('tells people how it went, and what to run next', async () => {
    const { code, stdout } = await plaudit(
      [
        ...train('--method', 'sft', '--data', at('pairs.jsonl'), '--out', at('sft')),
        ...['--epochs', '1', '--quiet'],
      ],
      { env },
    );
    expect(code).toBe(0);
    expect(stdout).toContain('Trained with SFT on ');
    expect(stdout).toContain(`Next: plaudit policy generate --policy ${at('sft')} --prompts`);
  });
});

describe('an error', () => {
  const prompts = (): string[] => ['--prompts', at('prompts.jsonl'), '--reward', 'gold'];
  it.each([
    [['--method', 'ppo', '--reward', 'gold'], '--prompts'],
    [['--method', 'ppo', '--prompts', 'x'], '--reward'],
    [['--method', 'dpo'], '--data'],
    [['--method', 'dpo', '--data', 'x', '--held-out-prompts', 'y'], '--held-out-prompts'],
    [['--method', 'trpo'], '--method'],
    [['--method', 'grpo', ...prompts(), '--samples', '1'], '--samples'],
    [['--method', 'grpo', ...prompts(), '--kl-target', '6'], '--kl-target'],
    [['--method', 'grpo', ...prompts(), '--max-length', '32', '--max-new-tokens', '32'], '--max-new-tokens'],
    [['--method', 'ppo', ...prompts(), '--inner-epochs', '65'], '--inner-epochs'],
    [['--method', 'dpo', '--data', at('pairs.jsonl'), '--loss', 'kto'], '--loss'],
    [['--method', 'dpo', '--data', at('pairs.jsonl'), '--label-smoothing', '0.5'], '--label-smoothing'],
    [['--method', 'ppo', ...prompts(), '--policy', 'new'], '--policy'],
  ])('names the option that is at fault: %j', async (given, flag) => {
    const policy = given.includes('--policy') ? [] : ['--policy', base];
    const error = await plauditError(['policy', 'train', ...policy, '--out', at('refused'), ...given], {
      env,
    });
    expect(error).toMatchObject({
      code: 'policy.bad_configuration',
      exit: 64,
      parameters: { setting: flag },
    });
    expect(error.message).toContain(flag);
  });

  it('of a policy that is not there says so', async () => {
    const generate = ['policy', 'generate', '--policy', at('nowhere'), '--prompts', at('prompts.jsonl')];
    expect((await plauditError(generate, { env })).exit).toBe(66);
    expect(
      await plauditError(['policy', 'generate', '--policy', base, '--prompts', at('nowhere')]),
    ).toMatchObject({
      code: 'data.file_missing',
      exit: 66,
    });
  });

  it('of a wrong call is one of usage', async () => {
    const error = await plauditError(['policy', 'train', '--method', 'sft', '--policy', base]);
    expect(error).toMatchObject({ code: 'cli.usage', exit: 64 });
    expect(error.message).toContain('--out <folder>');
  });
});
