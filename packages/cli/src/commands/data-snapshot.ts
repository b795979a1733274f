/** @file `plaudit data snapshot`: an immutable version of data sets, under the hash of its rows. */
import { Command } from 'commander';
import { type StoreOptions, useStore, withStore } from '../open-store.ts';
import { required, withPresentation } from '../options.ts';
import { plural, shellWord } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';

interface Options extends PresentationOptions, StoreOptions {
  readonly dataset: string[];
  readonly tag?: string;
  readonly parent?: string;
  readonly kind?: string[];
  readonly criterion?: string[];
  readonly language?: string[];
}

type Kind = 'comparison' | 'ranking' | 'rating' | 'label' | 'edit' | 'steps';

export const dataSnapshot = (): Command =>
  withPresentation(
    withStore(
      required(
        new Command('snapshot').description(
          'Fix what data sets hold now: an immutable version of their rows',
        ),
        '--dataset <name...>',
        'the data sets it takes rows from',
      )
        .option('--tag <name>', 'a name that points at it, and can be moved')
        .option('--parent <snapshot>', 'the snapshot that it follows, by id or tag')
        .option('--kind <name...>', 'only comparisons, rankings, ratings, labels, edits or steps (singular)')
        .option('--criterion <name...>', 'only judgements by these criteria')
        .option('--language <name...>', 'only judgements in these languages'),
    ),
    'plaudit data snapshot --dataset support --tag november',
  ).action((options: Options) =>
    present(options, async () => {
      const { dataset, tag, parent, kind, criterion, language } = options;
      const snapshot = await useStore(options, false, async (store) => {
        const made = await store.snapshots.create(
          {
            datasets: dataset,
            ...(kind && { kinds: kind as Kind[] }),
            ...(criterion && { criteria: criterion }),
            ...(language && { languages: language }),
          },
          parent === undefined ? {} : { parent: (await store.snapshots.find(parent)).id },
        );
        if (tag !== undefined) await store.tags.set(tag, made.id);
        return made;
      });
      const name = tag ?? snapshot.id;
      return {
        document: { ...snapshot, ...(tag !== undefined && { tag }) },
        text: `${plural(snapshot.rows, 'judgement')} in snapshot ${snapshot.id}${tag === undefined ? '' : `, tagged ${tag}`}.
Next: plaudit data export --snapshot ${shellWord(name)} --format plaudit --out FILE
      plaudit reward train --dataset ${shellWord(`${dataset[0]}@${name}`)} --out my-model
`,
      };
    }),
  );
