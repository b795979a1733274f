/** @file `plaudit model rollback`: the canary away, or the last good bundle back. */
import { Command } from 'commander';
import { required, withPresentation } from '../options.ts';
import { type PresentationOptions, present } from '../present.ts';
import { named, type RegistryOptions, useRegistry, withRegistry } from '../registry.ts';

interface Options extends PresentationOptions, RegistryOptions {
  readonly deployment: string;
  readonly reason: string;
}

export const modelRollback = (): Command =>
  withPresentation(
    withRegistry(
      required(
        required(
          new Command('rollback').description('Take away a canary, or else bring the last good bundle back'),
          '--deployment <name>',
          'what serves under this name',
        ),
        '--reason <text>',
        'what was seen; kept with the change',
      ),
    ),
    'plaudit model rollback --deployment live --reason "answers got longer, not better"',
  ).action((options: Options) =>
    present(options, () =>
      useRegistry(options, false, async ({ store, registry }) => {
        const document = await registry.rollBack(options);
        const serving =
          document.bundle === null ? 'Nothing' : named(await store.bundles.get(document.bundle));
        return {
          document,
          text: `${serving} serves ${document.name} (revision ${document.revision}), and nothing beside it.\n`,
        };
      }),
    ),
  );
