/** @file `plaudit model evaluate`: how often people agree with a bundle, and its golden scores. */
import { Command } from 'commander';
import { positiveWholeNumber, required, withPresentation } from '../options.ts';
import { between, percent, plural, shellWord } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';
import { findBundle, named, type RegistryOptions, useRegistry, withRegistry } from '../registry.ts';

interface Options extends PresentationOptions, RegistryOptions {
  readonly snapshot: string;
  readonly limit: number;
}

export const modelEvaluate = (): Command =>
  withPresentation(
    withRegistry(
      required(
        new Command('evaluate')
          .description(
            'Score comparisons of a snapshot with a bundle, and put on record how often people agree',
          )
          .argument('<bundle>', 'NAME@VERSION, or NAME for the newest'),
        '--snapshot <snapshot>',
        'an id or a tag',
      ).option('--limit <count>', 'comparisons, one a prompt', positiveWholeNumber, 200),
    ),
    'plaudit model evaluate support@2 --snapshot november',
  ).action((reference: string, options: Options) =>
    present(options, ({ signal }) =>
      useRegistry(options, false, async ({ store, registry }) => {
        const bundle = await findBundle(store, reference);
        const document = await registry.evaluate(bundle, options.snapshot, options.limit, signal);
        const { comparisons, accuracy, interval, alsoTrainedOn } = document;
        return {
          document,
          text: `${named(bundle)} orders ${percent(accuracy)} of ${plural(comparisons, 'comparison')} as people do (${between([...interval])}).
${alsoTrainedOn > 0 ? `It was trained on ${plural(alsoTrainedOn, 'judgement')} of this snapshot: that flatters it.\n` : ''}Next: plaudit model promote ${shellWord(named(bundle))} --deployment live
`,
        };
      }),
    ),
  );
