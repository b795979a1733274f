/** @file A policy run that is ended in the middle of a rollout: resumed it ends with the bytes of one that was not. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { plaudit, plauditError, temporaryFolder } from './testing.ts';

const base = fileURLToPath(new URL('../../models/fixtures/llama', import.meta.url));

/** Rewards the letter a, and sends its own process the signal that the file `end` names at the response that it names. */
const reward = `import { existsSync, readFileSync } from 'node:fs';
const marker = new URL('./end', import.meta.url);
const [signal, last] = existsSync(marker) ? readFileSync(marker, 'utf8').split(' ') : [];
let asked = 0;
export default (_: unknown, response: string): number => {
  if (++asked === Number(last)) process.kill(process.pid, signal);
  return [...response].filter((letter) => letter === 'a').length / Math.max(1, response.length);
};
`;

describe('a policy that learns and is ended', () => {
  it('loses no checkpoint, and --resume ends bit-identical to an uninterrupted run', async () => {
    const folder = temporaryFolder();
    const at = (name: string): string => join(folder, name);
    writeFileSync(at('reward.ts'), reward);
    const prompts = ['bcd fgh', 'jkl mnp', 'qrs tvw', 'xyz bdf', 'ghk lnr', 'ctv wzb', 'mfj dks', 'prn hgt'];
    writeFileSync(at('prompts.jsonl'), prompts.map((prompt) => `${JSON.stringify({ prompt })}\n`).join(''));
    const train = (out: string, ...more: string[]): string[] => [
      ...['policy', 'train', '--method', 'ppo', '--policy', base, '--out', at(out), '--seed', '2'],
      ...['--prompts', at('prompts.jsonl'), '--reward', at('reward.ts'), '--held-out', '2'],
      ...['--steps', '6', '--prompts-per-step', '4', '--max-new-tokens', '6', '--max-length', '48'],
      ...['--kl-target', '1', '--kl-horizon', '20', '--minibatches', '2', '--evaluate-every', '2'],
      ...['--learning-rate', '0.01', '--rank', '4', '--threads', '1', '--json', '--quiet', ...more],
    ];
    const process = { env: { PLAUDIT_CACHE: at('cache') }, alone: true };
    expect(await plaudit(train('whole'), process)).toMatchObject({ code: 0 });

    // Two responses of an evaluation, sixteen of four rollouts, four of two evaluations: the next are of the fifth rollout.
    writeFileSync(at('end'), 'SIGKILL 24');
    const killed = await plaudit(train('ended'), process);
    expect(killed).toMatchObject({ code: null, stdout: '' });
    expect(existsSync(at('ended'))).toBe(false);
    expect(await plauditError(train('ended'), process)).toMatchObject({ code: 'output.unfinished' });

    // Four of the fifth rollout: then Ctrl-C in the sixth.
    writeFileSync(at('end'), 'SIGINT 6');
    const interrupted = await plauditError(train('ended', '--resume'), process);
    expect(interrupted).toMatchObject({ code: 'cli.interrupted', exit: 130 });
    expect(interrupted.cure).toContain('--resume');
    rmSync(at('end'));

    const resumed = await plaudit(train('ended', '--resume'), process);
    expect(resumed).toMatchObject({ code: 0 });
    expect(JSON.parse(resumed.stdout)).toMatchObject({ resumed: true, updates: 6 });
    const weights = readdirSync(at('whole')).filter((name) => name.endsWith('.safetensors'));
    expect(weights).toEqual(['adapter_model.safetensors', 'value.safetensors']);
    for (const file of weights)
      expect(readFileSync(join(at('ended'), file)).equals(readFileSync(join(at('whole'), file))), file).toBe(
        true,
      );
    expect(existsSync(`${at('ended')}.partial`)).toBe(false);
  });
});
