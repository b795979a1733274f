/** @file `plaudit data lineage`: what was made from a row, a snapshot, a run or a model. */
import { plauditError } from '@plaudit/contract';
import type { LineageStart } from '@plaudit/store';
import { Command } from 'commander';
import { type StoreOptions, useStore, withStore } from '../open-store.ts';
import { withPresentation } from '../options.ts';
import { aligned } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';

interface Options extends PresentationOptions, StoreOptions {
  readonly row?: string;
  readonly snapshot?: string;
  readonly run?: string;
  readonly model?: string;
}

export const dataLineage = (): Command =>
  withPresentation(
    withStore(
      new Command('lineage')
        .description('Say what was made from a row, a snapshot, a run or a model')
        .option('--row <id>', 'a judgement')
        .option('--snapshot <name>', 'by id or tag')
        .option('--run <id>')
        .option('--model <id>'),
    ),
    'plaudit data lineage --snapshot november',
  ).action((options: Options) =>
    present(options, async () => {
      const { row, snapshot, run, model } = options;
      const given = Object.entries({ row, snapshot, run, model }).filter(([, value]) => value !== undefined);
      if (given.length !== 1)
        throw plauditError('cli.usage', { problem: 'Give one of --row, --snapshot, --run and --model.' });
      const document = await useStore(options, false, async (store) => {
        const id = snapshot === undefined ? given[0]![1] : (await store.snapshots.find(snapshot)).id;
        return store.lineage.downstream({ [given[0]![0]]: id } as unknown as LineageStart);
      });
      const rows = Object.entries(document).map(([name, ids]): [string, string] => [
        name,
        (ids as readonly string[]).join(', ') || 'none',
      ]);
      return { document, text: aligned(rows) };
    }),
  );
