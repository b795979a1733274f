/** @file `plaudit data list`: the data sets, snapshots and tags of a project. */
import { Command } from 'commander';
import { type StoreOptions, useStore, withStore } from '../open-store.ts';
import { withPresentation } from '../options.ts';
import { aligned, plural } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';

interface Options extends PresentationOptions, StoreOptions {}

export const dataList = (): Command =>
  withPresentation(
    withStore(new Command('list').description('Show data sets, snapshots and tags')),
    'plaudit data list',
  ).action((options: Options) =>
    present(options, async () => {
      const document = await useStore(options, false, async (store) => {
        const names = (await store.datasets.list()).map(({ name }) => name);
        const datasets = await Promise.all(
          names.map(async (name) => ({ name, rows: (await store.datasets.get(name)).rows })),
        );
        const tags = await store.tags.list();
        const snapshots = (await store.snapshots.list()).map((snapshot) => ({
          id: snapshot.id,
          rows: snapshot.rows,
          datasets: snapshot.query.datasets,
          tags: tags.filter((tag) => tag.snapshot === snapshot.id).map(({ name }) => name),
          createdAt: snapshot.createdAt,
          erasedRows: snapshot.erasedRows,
          successor: snapshot.successor,
        }));
        return { project: options.project, datasets, snapshots };
      });
      return { document, text: listText(document) };
    }),
  );

interface ListDocument {
  readonly datasets: readonly { readonly name: string; readonly rows: number }[];
  readonly snapshots: readonly {
    readonly id: string;
    readonly rows: number;
    readonly datasets: readonly string[];
    readonly tags: readonly string[];
    readonly erasedRows: number;
  }[];
}

const listText = ({ datasets, snapshots }: ListDocument): string => {
  if (datasets.length === 0) return 'Nothing is here yet.\nNext: plaudit data import FILE --dataset NAME\n';
  const sets = datasets.map(({ name, rows }): [string, string] => [name, plural(rows, 'judgement')]);
  const versions = snapshots.map((snapshot): [string, string] => [
    snapshot.id.slice(0, 12),
    [
      plural(snapshot.rows, 'judgement'),
      `of ${snapshot.datasets.join(', ')}`,
      ...(snapshot.tags.length > 0 ? [`tagged ${snapshot.tags.join(', ')}`] : []),
      ...(snapshot.erasedRows > 0 ? [`${plural(snapshot.erasedRows, 'row')} erased`] : []),
    ].join(', '),
  ]);
  return `Data sets:\n${aligned(sets)}${versions.length > 0 ? `Snapshots, the newest first:\n${aligned(versions)}` : ''}`;
};
