/** @file `plaudit model add`: a model that was trained here, its files with it, as the next version of a name. */
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Store } from '@plaudit/store';
import { Command } from 'commander';
import { withPresentation } from '../options.ts';
import { bytes, plural, shellWord } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';
import { named, type RegistryOptions, useRegistry, withRegistry } from '../registry.ts';

interface Options extends PresentationOptions, RegistryOptions {
  readonly name?: string;
}

export const modelAdd = (): Command =>
  withPresentation(
    withRegistry(
      new Command('add')
        .description('Put a trained reward model or policy into the registry, with its files')
        .argument('<folder>', 'what a training made')
        .option('--name <name>', 'it becomes the next version of this name; default that of the folder'),
    ),
    'plaudit model add my-model --name support-reward',
  ).action((folder: string, options: Options) =>
    present(options, async () => {
      const path = resolve(folder);
      const made = await cardOf(path);
      const document = await useRegistry(options, true, async ({ store, artifacts, actor }) => {
        const { attachFolder } = await import('@plaudit/store');
        const model = await store.models.register({ name: options.name ?? basename(path), ...made });
        const files = await attachFolder(store, artifacts, model.id, path);
        await audited(store, actor, model.id);
        return { id: model.id, name: model.name, version: model.version, role: made.role, files };
      });
      const size = document.files.reduce((sum, file) => sum + file.bytes, 0);
      const word = shellWord(named(document));
      return {
        document,
        text: `${named(document)}, a ${made.role === 'policy' ? 'policy' : 'reward model'} of ${plural(document.files.length, 'file')}, ${bytes(size)}.
Next: plaudit model bundle NAME ${made.role === 'policy' ? `--reward REWARD@VERSION --policy ${word}` : `--reward ${word}`}
`,
      };
    }),
  );

const audited = (store: Store, actor: string, model: string): Promise<unknown> =>
  store.audit.append({ actor, action: 'model.add', resource: `model ${model}` });

/** Opened once, so that nothing is registered that cannot be. @throws reward.*, policy.*, model.* */
const cardOf = async (
  folder: string,
): Promise<{ readonly role: 'reward' | 'policy'; readonly card: Readonly<Record<string, unknown>> }> => {
  const kind = await readFile(join(folder, 'plaudit.json'), 'utf8').then(
    (text) => (JSON.parse(text) as { readonly kind?: unknown }).kind,
    () => undefined,
  );
  if (kind === 'policy') {
    const { readPolicyCard } = await import('@plaudit/policy');
    const card = await readPolicyCard(folder);
    return { role: 'policy', card: { folder, kind, method: card?.method ?? null } };
  }
  const { loadRewardModel } = await import('@plaudit/reward');
  const model = await loadRewardModel(folder);
  await model.close();
  const { card } = model;
  return { role: 'reward', card: { folder, kind: card.kind, ...(await testOf(folder)) } };
};

/** The numbers of its training on prompts that it had not seen, where they lie beside it. */
const testOf = async (folder: string): Promise<Readonly<Record<string, unknown>>> => {
  const report = await readFile(join(folder, 'report.json'), 'utf8')
    .then(JSON.parse)
    .catch(() => null);
  return report?.test ? { test: report.test, pairs: report.data?.pairs ?? null } : {};
};
