/** @file `plaudit data snapshot`: an immutable version of data sets, under the hash of its rows. */
import { writeFile } from 'node:fs/promises';
import { plauditError } from '@plaudit/contract';
import { Command } from 'commander';
import { type StoreOptions, useStore, withStore } from '../open-store.ts';
import { required, withPresentation } from '../options.ts';
import { writing } from '../output/errors.ts';
import { qualityText } from '../output/quality.ts';
import { plural, shellWord } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';
import { gatesOf } from '../snapshot-gates.ts';

interface Options extends PresentationOptions, StoreOptions {
  readonly dataset: string[];
  readonly tag?: string;
  readonly parent?: string;
  readonly kind?: string[];
  readonly criterion?: string[];
  readonly language?: string[];
  readonly gates: boolean;
  readonly report?: string;
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
        .option('--language <name...>', 'only judgements in these languages')
        .option('--report <file>', 'write the quality gates as a page, with pictures')
        .option('--no-gates', 'leave the quality gates to the first training on it'),
    ),
    'plaudit data snapshot --dataset support --tag november',
  ).action((options: Options) =>
    present(options, async ({ signal, onProgress }) => {
      const { dataset, tag, parent, kind, criterion, language, report } = options;
      if (!options.gates && report !== undefined)
        throw plauditError('cli.usage', {
          problem: '--report shows the gates, which --no-gates leaves out.',
        });
      const { snapshot, gates } = await useStore(options, false, async (store) => {
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
        return {
          snapshot: made,
          gates: options.gates ? await gatesOf(store, made, { signal, onProgress }) : null,
        };
      });
      if (gates && report !== undefined) {
        const { renderQualityReport } = await import('@plaudit/feedback');
        await writing(report, () => writeFile(report, renderQualityReport(gates)));
      }
      const name = tag ?? snapshot.id;
      return {
        document: { ...snapshot, gates, ...(tag !== undefined && { tag }) },
        text: `${plural(snapshot.rows, 'judgement')} in snapshot ${snapshot.id}${tag === undefined ? '' : `, tagged ${tag}`}.
${gates ? qualityText(gates) : 'The quality gates were left out.\n'}Next: plaudit data export --snapshot ${shellWord(name)} --format plaudit --out FILE
      plaudit reward train --dataset ${shellWord(`${dataset[0]}@${name}`)} --out my-model
`,
      };
    }),
  );
