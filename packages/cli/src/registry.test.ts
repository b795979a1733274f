/** @file The registry as a user works with it: a model in, bundled, evaluated, promoted, and taken back. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { simulate } from '@plaudit/feedback';
import { beforeAll, describe, expect, it } from 'vitest';
import { plaudit, plauditError, plauditJson, temporaryFolder } from './testing.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const store = (...words: string[]): string[] => [...words, '--store', at('.plaudit')];

const { comparisons } = simulate({
  prompts: 150,
  responsesPerPrompt: 4,
  comparisons: 1500,
  seed: 1,
  annotators: { count: 6, noise: 0.3 },
});
const lines = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

interface Listed {
  readonly models: readonly { readonly name: string; readonly version: number; readonly role: string }[];
  readonly bundles: readonly { readonly version: number; readonly state: string }[];
  readonly deployments: readonly { readonly name: string; readonly revision: number }[];
}

describe('the registry', () => {
  beforeAll(async () => {
    writeFileSync(at('train.jsonl'), lines(comparisons.slice(0, 1300)));
    writeFileSync(at('later.jsonl'), lines(comparisons.slice(1300)));
    for (const name of ['train', 'later']) {
      await plauditJson(store('data', 'import', at(`${name}.jsonl`), '--dataset', name));
      await plauditJson(store('data', 'snapshot', '--dataset', name, '--tag', name, '--no-gates'));
    }
    const train = ['reward', 'train', '--data', at('train.jsonl'), '--kind', 'linear'];
    await plauditJson([...train, '--seed', '1', '--out', at('model')]);
  });

  it('takes a model in, and lets nothing serve that was not evaluated', async () => {
    expect(await plauditJson(store('model', 'add', at('model'), '--name', 'judge'))).toMatchObject({
      ...{ name: 'judge', version: 1, role: 'reward' },
    });
    await plauditJson(store('model', 'bundle', 'support', '--reward', 'judge'));
    const promote = store('model', 'promote', 'support', '--deployment', 'live');
    expect((await plauditError(promote)).code).toBe('registry.bad_transition');

    const evaluated = await plauditJson<{ accuracy: number; comparisons: number; alsoTrainedOn: number }>(
      store('model', 'evaluate', 'support@1', '--snapshot', 'later'),
    );
    expect(evaluated.accuracy).toBeGreaterThan(0.6);
    expect(evaluated).toMatchObject({ alsoTrainedOn: 0 });
    expect(await plauditJson(promote)).toMatchObject({ revision: 1 });
    const card = (await plaudit(store('model', 'show', 'support'))).stdout;
    expect(card).toMatch(/^# support 1\n\nState: production\./);
    expect(card).toContain('Golden scores');
  });

  it('tries a second version on a share, takes it away, and says who did what', async () => {
    await plauditJson(store('model', 'bundle', 'support', '--reward', 'judge@1', '--actor', 'ada'));
    const own = store('model', 'approve', 'support@2', '--reason', 'mine', '--actor', 'ada');
    expect((await plauditError(own)).code).toBe('registry.own_approval');
    await plauditJson(store('model', 'approve', 'support@2', '--reason', 'read it', '--actor', 'bob'));
    await plauditJson(store('model', 'evaluate', 'support', '--snapshot', 'later', '--limit', '20'));
    const canary = store('model', 'promote', 'support', '--deployment', 'live', '--canary');
    expect((await plauditError([...canary, '--shadow'])).code).toBe('cli.usage');
    await plauditJson([...canary, '--steps', '0.1,1']);
    const during = (await plaudit(store('model', 'list'))).stdout;
    expect(during).toContain('support@1, canary support@2 at 10.0 %, revision 2');
    await plauditJson(store('model', 'rollback', '--deployment', 'live', '--reason', 'longer, not better'));
    const after = await plauditJson<Listed>(store('model', 'list'));
    expect(after.bundles.map(({ version, state }) => [version, state])).toEqual([
      [2, 'rolled_back'],
      [1, 'production'],
    ]);
    expect(after.deployments).toMatchObject([{ name: 'live', revision: 3, canary: null }]);
    expect(await plauditJson(store('audit', 'export', '--out', at('audit.jsonl')))).toBeTruthy();
    expect(await plauditJson(['audit', 'verify', at('audit.jsonl')])).toMatchObject({ intact: true });
  });

  it('says what is wrong with a name, a folder that is no model, and guardrails that are none', async () => {
    const bundle = store('model', 'bundle', 'support', '--reward', 'judge');
    expect((await plauditError(store('model', 'show', 'support@x'))).code).toBe('cli.usage');
    expect((await plauditError(store('model', 'show', 'support@9'))).code).toBe('store.unknown');
    expect((await plauditError(store('model', 'add', folder))).code).toBe('reward.model_missing');
    expect((await plauditError([...bundle, '--policy', 'judge'])).code).toBe('cli.usage');
    writeFileSync(at('guard.json'), '{"rules":[{"name":"card","pattern":"("}]}');
    const error = await plauditError([...bundle, '--guardrails', at('guard.json')]);
    expect(error.message).toContain('rules.0.pattern');
  });
});
