/** @file `plaudit model approve`: a second pair of eyes on a bundle. */
import { Command } from 'commander';
import { required, withPresentation } from '../options.ts';
import { type PresentationOptions, present } from '../present.ts';
import { findBundle, named, type RegistryOptions, useRegistry, withRegistry } from '../registry.ts';

interface Options extends PresentationOptions, RegistryOptions {
  readonly reason: string;
}

export const modelApprove = (): Command =>
  withPresentation(
    withRegistry(
      required(
        new Command('approve')
          .description('Approve a bundle that somebody else made')
          .argument('<bundle>', 'NAME@VERSION, or NAME for the newest'),
        '--reason <text>',
        'what was looked at; kept with the bundle',
      ),
    ),
    'plaudit model approve support@2 --reason "read the report and forty answers"',
  ).action((reference: string, options: Options) =>
    present(options, () =>
      useRegistry(options, false, async ({ store, registry, actor }) => {
        const bundle = await findBundle(store, reference);
        await registry.approve(bundle, options.reason);
        return {
          document: { bundle: bundle.id, actor },
          text: `${named(bundle)} is approved by ${actor}.\n`,
        };
      }),
    ),
  );
