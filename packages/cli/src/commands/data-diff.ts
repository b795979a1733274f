/** @file `plaudit data diff`: what changed between two snapshots, row by row. */
import type { Judgement } from '@plaudit/contract';
import { Command } from 'commander';
import { type StoreOptions, useStore, withStore } from '../open-store.ts';
import { withPresentation } from '../options.ts';
import { aligned, count } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';

interface Options extends PresentationOptions, StoreOptions {
  readonly rows?: boolean;
}

export const dataDiff = (): Command =>
  withPresentation(
    withStore(
      new Command('diff')
        .description('Say what changed between two snapshots, row by row')
        .argument('<from>', 'the earlier snapshot, by id or tag')
        .argument('<to>', 'the later snapshot')
        .option('--rows', 'list the ids of the rows too'),
    ),
    'plaudit data diff october november',
  ).action((from: string, to: string, options: Options) =>
    present(options, async () => {
      const { changedRows } = await import('@plaudit/feedback');
      const document = await useStore(options, false, async (store) => {
        const [before, after] = [await store.snapshots.find(from), await store.snapshots.find(to)];
        const { kept, addedRows, removedRows } = await store.snapshots.diff(before.id, after.id);
        const read = async (ids: AsyncIterable<string>) => {
          const rows: { id: string; judgement: Judgement }[] = [];
          for await (const id of ids) {
            const { judgement } = await store.judgements.get(id);
            if (judgement) rows.push({ id, judgement });
          }
          return rows;
        };
        const changes = changedRows(await read(removedRows()), await read(addedRows()));
        const idsOf = (rows: readonly { readonly id: string }[]): string[] => rows.map(({ id }) => id);
        const pairsOf = (rows: typeof changes.relabelled) =>
          rows.map((row) => ({ before: row.before.id, after: row.after.id }));
        return {
          from: before.id,
          to: after.id,
          unchanged: kept,
          added: changes.added.length,
          removed: changes.removed.length,
          relabelled: changes.relabelled.length,
          restated: changes.restated.length,
          ...(options.rows && {
            rows: {
              added: idsOf(changes.added),
              removed: idsOf(changes.removed),
              relabelled: pairsOf(changes.relabelled),
              restated: pairsOf(changes.restated),
            },
          }),
        };
      });
      const text = `${aligned([
        ['unchanged', count(document.unchanged)],
        ['added', count(document.added)],
        ['removed', count(document.removed)],
        [
          'relabelled',
          `${count(document.relabelled)}: the same annotator says something else of the same responses`,
        ],
        ['restated', `${count(document.restated)}: the same outcome, said of another file, time or segment`],
      ])}${document.rows ? `\n${rowsText(document.rows)}` : ''}`;
      return { document, text };
    }),
  );

const rowsText = (rows: {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly relabelled: readonly { readonly before: string; readonly after: string }[];
}): string =>
  [
    ...rows.added.map((id) => `+ ${id}`),
    ...rows.removed.map((id) => `- ${id}`),
    ...rows.relabelled.map(({ before, after }) => `~ ${before} ${after}`),
  ]
    .map((line) => `${line}\n`)
    .join('');
