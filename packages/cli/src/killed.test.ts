/** @file A transformer run that is killed: nothing half-written at its place, and resumed it ends with the same bytes. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { plaudit, plauditJson, temporaryFolder } from './testing.ts';

const base = fileURLToPath(new URL('../../models/fixtures/llama', import.meta.url));

describe('kill -9 while a transformer trains', () => {
  it('loses no checkpoint, and --resume ends bit-identical to an uninterrupted run', async () => {
    const folder = temporaryFolder();
    const data = join(folder, 'feedback.jsonl');
    await plauditJson([
      'data',
      'simulate',
      '--comparisons',
      '300',
      '--prompts',
      '100',
      '--seed',
      '1',
      '--out',
      data,
    ]);
    const env = { PLAUDIT_CACHE: join(folder, 'cache') };
    const train = (out: string): string[] => [
      ...['reward', 'train', '--data', data, '--kind', 'transformer', '--base', base, '--out', out],
      ...['--max-length', '64', '--learning-rate', '0.01', '--epochs', '3', '--batch-size', '4'],
      ...['--evaluate-every', '10', '--seed', '2', '--threads', '1', '--patience', '100', '--json'],
    ];
    const whole = join(folder, 'whole');
    const killed = join(folder, 'killed');
    expect((await plaudit(train(whole), { env })).code).toBe(0);

    const steps = (text: string): number[] =>
      [...text.matchAll(/"phase":"train","totalSteps":\d+,"step":(\d+)/g)].map(([, step]) => Number(step));
    const ended = await plaudit(train(killed), {
      env,
      onStderr: (child, soFar) => {
        if (steps(soFar).some((step) => step >= 25)) child.kill('SIGKILL');
      },
    });
    expect(ended.code).toBeNull();
    expect(existsSync(killed)).toBe(false);

    const resumed = await plaudit([...train(killed), '--resume'], { env });
    expect(resumed.code).toBe(0);
    expect(steps(resumed.stderr)[0]).toBeGreaterThan(10);
    for (const file of ['adapter_model.safetensors', 'test-scores.jsonl']) {
      expect(readFileSync(join(killed, file)).equals(readFileSync(join(whole, file))), file).toBe(true);
    }
    expect(existsSync(`${killed}.partial`)).toBe(false);
  });
});
