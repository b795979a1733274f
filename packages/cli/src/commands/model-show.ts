/** @file `plaudit model show`: the card of a bundle. */
import { Command } from 'commander';
import { withPresentation } from '../options.ts';
import { type PresentationOptions, present } from '../present.ts';
import { findBundle, type RegistryOptions, useRegistry, withRegistry } from '../registry.ts';

interface Options extends PresentationOptions, RegistryOptions {}

export const modelShow = (): Command =>
  withPresentation(
    withRegistry(
      new Command('show')
        .description('The card of a bundle: what it is made of, what it was checked by, where it served')
        .argument('<bundle>', 'NAME@VERSION, or NAME for the newest'),
    ),
    'plaudit model show support@2',
  ).action((reference: string, options: Options) =>
    present(options, () =>
      useRegistry(options, false, async ({ store, registry }) => {
        const bundle = await findBundle(store, reference);
        const card = await registry.card(bundle);
        return { document: { bundle, records: await store.bundleRecords.of(bundle.id), card }, text: card };
      }),
    ),
  );
