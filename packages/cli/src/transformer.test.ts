/** @file A transformer through the command: trained, stopped, resumed, scored, refused. */
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ScoreDocument, TrainingDocument } from '@plaudit/reward';
import { beforeAll, describe, expect, it } from 'vitest';
import { plaudit, plauditError, plauditJson, type RunOptions, temporaryFolder } from './testing.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const train = (out: string): string[] => [
  ...['reward', 'train', '--data', at('data.jsonl'), '--kind', 'transformer', '--base', 'new', '--seed', '1'],
  ...['--max-length', '48', '--epochs', '2', '--evaluate-every', '2', '--out', at(out)],
];

/** Presses Ctrl-C once a training step is done: from the evaluation after it on, its checkpoint is there. */
const interruptAtStep =
  (step: number): NonNullable<RunOptions['onStderr']> =>
  (child, soFar) => {
    const steps = [...soFar.matchAll(/"phase":"train","totalSteps":\d+,"step":(\d+)/g)];
    if (steps.some(([, done]) => Number(done) >= step) && !child.killed) child.kill('SIGINT');
  };

let training: TrainingDocument;

beforeAll(async () => {
  const size = ['--prompts', '40', '--comparisons', '120', '--seed', '1'];
  await plauditJson(['data', 'simulate', ...size, '--out', at('data.jsonl')]);
  training = await plauditJson(train('whole'));
});

describe('a transformer from nothing', () => {
  it('ends with the same document and files as a linear model, and the files that other tools open', () => {
    expect(training.test.pairs).toBe(training.data.pairs.test);
    expect(training.test.accuracyInterval).toHaveLength(2);
    expect(readdirSync(at('whole'))).toEqual(
      expect.arrayContaining([
        'config.json',
        'model.safetensors',
        'plaudit.json',
        'report.html',
        'tokenizer.json',
      ]),
    );
  });

  it('scores as in its training run when it is loaded again', async () => {
    const rows = readFileSync(at('whole/test-scores.jsonl'), 'utf8').trim().split('\n');
    const { results } = await plauditJson<ScoreDocument>([
      ...['reward', 'score', '--model', at('whole'), '--input', at('whole/test-scores.jsonl')],
    ]);
    for (const [i, line] of rows.entries())
      for (const [j, reward] of (JSON.parse(line) as { rewards: number[] }).rewards.entries())
        expect(Math.abs(results[i]!.rewards[j]! - reward)).toBeLessThanOrEqual(1e-6);
  });

  it('that is stopped by Ctrl-C keeps its checkpoints, and resumed ends with the same weights', async () => {
    const stopped = await plaudit([...train('stopped'), '--json'], { onStderr: interruptAtStep(2) });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain('--resume');
    expect(existsSync(at('stopped'))).toBe(false);

    expect(await plauditError(train('stopped'))).toMatchObject({ code: 'output.unfinished', exit: 64 });
    expect(await plauditError([...train('stopped'), '--resume', '--epochs', '3'])).toMatchObject({
      code: 'output.other_run',
      parameters: { what: 'epochs' },
    });

    const resumed = await plauditJson<TrainingDocument>([...train('stopped'), '--resume']);
    expect(resumed.resumed).toBe(true);
    expect(resumed.test).toEqual(training.test);
    expect(readFileSync(at('stopped/model.safetensors'))).toEqual(
      readFileSync(at('whole/model.safetensors')),
    );
    expect(existsSync(at('stopped.partial'))).toBe(false);
  });

  it('that was to replace a model and is stopped goes on with --resume too', async () => {
    cpSync(at('whole'), at('overwritten'), { recursive: true });
    const words = [...train('overwritten'), '--overwrite'];
    const stopped = await plaudit([...words, '--json'], { onStderr: interruptAtStep(2) });
    expect(stopped.code).toBe(130);
    expect(existsSync(at('overwritten/model.safetensors'))).toBe(true);

    const resumed = await plauditJson<TrainingDocument>([...words, '--resume']);
    expect(resumed.resumed).toBe(true);
    expect(resumed.test).toEqual(training.test);
    expect(existsSync(at('overwritten.partial'))).toBe(false);
  });

  it('says what it did not read whole', async () => {
    const prompt = 'My Kestrel watch does not turn on. '.repeat(60);
    writeFileSync(
      at('long.jsonl'),
      [prompt, 'Short?', 'Short?']
        .map((text) => `${JSON.stringify({ prompt: text, responses: ['Yes.', 'No.'] })}\n`)
        .join(''),
    );
    const words = ['reward', 'score', '--model', at('whole'), '--input', at('long.jsonl')];
    const { warnings } = await plauditJson<ScoreDocument>(words);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("1 prompt with its responses was longer than the model's limit");
    const { stderr } = await plaudit([...words, '--quiet']);
    expect(stderr).toContain(`Warning: ${warnings[0]}`);
  });

  it.each([
    ['without a base', [], 'reward.bad_configuration', 64],
    ['on a checkpoint that is not there', ['--base', 'nowhere.gguf'], 'model.missing', 66],
    ['on a pickle', ['--base', 'pickle.bin'], 'model.pickle_refused', 65],
    [
      'on a provider that is not there',
      ['--base', 'new', '--provider', 'cuda'],
      'engine.provider_absent',
      69,
    ],
  ])('is refused %s, and leaves nothing', async (_, words, code, exit) => {
    const other = temporaryFolder();
    writeFileSync(join(other, 'pickle.bin'), Buffer.from([0x80, 0x02, 0x7d]));
    const error = await plauditError(
      ['reward', 'train', '--data', at('data.jsonl'), '--kind', 'transformer', '--out', 'model', ...words],
      { cwd: other },
    );
    expect(error).toMatchObject({ code, exit });
    expect(readdirSync(other)).toEqual(['pickle.bin']);
  });
});

describe('a transformer on a base', () => {
  it('is scored, evaluated and compared with --base after its base was moved', async () => {
    const env = { PLAUDIT_CACHE: at('cache') };
    cpSync(fileURLToPath(new URL('../../models/fixtures/llama', import.meta.url)), at('base'), {
      recursive: true,
    });
    await plauditJson(
      [
        ...['reward', 'train', '--data', at('data.jsonl'), '--kind', 'transformer', '--base', at('base')],
        ...['--max-length', '64', '--epochs', '1', '--limit-pairs', '40', '--out', at('adapter')],
      ],
      { env },
    );
    renameSync(at('base'), at('moved'));
    const uses = [
      ['score', '--model', at('adapter'), '--input', at('adapter/test-scores.jsonl')],
      ['evaluate', '--model', at('adapter'), '--data', at('data.jsonl')],
      ['compare', '--a', at('adapter'), '--b', at('adapter'), '--data', at('data.jsonl')],
    ];
    for (const words of uses) {
      expect(await plauditError(['reward', ...words], { env })).toMatchObject({ code: 'model.missing' });
      await plauditJson(['reward', ...words, '--base', at('moved')], { env });
    }
  });
});
