/** @file `plaudit model bundle`: a reward model, and a policy with its reference and guardrails, versioned as one. */
import { readFile } from 'node:fs/promises';
import { plauditError } from '@plaudit/contract';
import { Command } from 'commander';
import { required, withPresentation } from '../options.ts';
import { shellWord } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';
import { findModel, named, type RegistryOptions, useRegistry, withRegistry } from '../registry.ts';

interface Options extends PresentationOptions, RegistryOptions {
  readonly reward: string;
  readonly policy?: string;
  readonly reference?: string;
  readonly guardrails?: string;
}

export const modelBundle = (): Command =>
  withPresentation(
    withRegistry(
      required(
        new Command('bundle')
          .description(
            'Make the next version of a bundle, which is evaluated, promoted and rolled back as one',
          )
          .argument('<name>', 'of the bundle'),
        '--reward <model>',
        'NAME@VERSION of a reward model, or NAME for the newest',
      )
        .option('--policy <model>', 'what writes the answers')
        .option('--reference <model>', 'the policy that divergence is measured from')
        .option('--guardrails <file>', 'JSON: patterns, sensitive domains, thresholds (docs/serving.md)'),
    ),
    'plaudit model bundle support --reward support-reward@2 --policy support-ppo@1',
  ).action((name: string, options: Options) =>
    present(options, async () => {
      const guardrails = options.guardrails === undefined ? null : await guardrailsIn(options.guardrails);
      return useRegistry(options, false, async ({ store, actor }) => {
        const model = async (reference: string | undefined, role: string): Promise<string | undefined> => {
          if (reference === undefined) return undefined;
          const found = await findModel(store, reference);
          if (found.role !== role)
            throw plauditError('cli.usage', {
              problem: `${named(found)} is a ${found.role} model, and a ${role} model is wanted there.`,
            });
          return found.id;
        };
        const [policy, reference] = [
          await model(options.policy, 'policy'),
          await model(options.reference, 'policy'),
        ];
        const bundle = await store.bundles.create({
          ...{ name, rewardModel: (await model(options.reward, 'reward'))!, createdBy: actor },
          ...(policy !== undefined && { policy }),
          ...(reference !== undefined && { reference }),
          ...(guardrails && { guardrails }),
        });
        const resource = `bundle ${bundle.id}`;
        await store.audit.append({ actor, action: 'bundle.create', resource });
        return {
          document: bundle,
          text: `${named(bundle)}, a draft.\nNext: plaudit model evaluate ${shellWord(named(bundle))} --snapshot SNAPSHOT\n`,
        };
      });
    }),
  );

/** @throws cli.usage for a file that holds no guardrails, with what is wrong in it */
const guardrailsIn = async (file: string): Promise<Readonly<Record<string, unknown>>> => {
  const { guardrailSettings } = await import('@plaudit/server');
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw plauditError('data.file_missing', { path: file }, cause);
  });
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch (cause) {
    throw plauditError('cli.usage', { problem: `--guardrails: ${file} is not JSON.` }, cause);
  }
  const { success, data, error } = guardrailSettings.safeParse(said);
  if (success) return data;
  const [{ path, message } = { path: [], message: 'it holds none' }] = error.issues;
  throw plauditError('cli.usage', {
    problem: `--guardrails: ${path.length === 0 ? '' : `${path.join('.')}: `}${message}.`,
  });
};
