/** @file `plaudit data export`: a snapshot as a file of any format that is read, with its card. */
import type { ExportFormatName, ExportReport } from '@plaudit/feedback';
import { Command } from 'commander';
import { type StoreOptions, useStore, withStore } from '../open-store.ts';
import { required, withPresentation } from '../options.ts';
import { aligned, count, plural } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';

interface Options extends PresentationOptions, StoreOptions {
  readonly snapshot: string;
  readonly format: string;
  readonly out: string;
  readonly card?: string;
  readonly licence: string;
}

/** Written out, because help must not wait for the writers; a test compares it with them. */
export const exportFormatsText =
  'plaudit, trl-preference, trl-unpaired, trl-stepwise, trl-prompt-only, hh, arena, alpacaeval, llama-factory, llama-factory-kto, openrlhf, openrlhf-kto or ratings';

export const dataExport = (): Command =>
  withPresentation(
    withStore(
      required(
        required(
          new Command('export').description(
            'Write a snapshot as a file, and say what the format could not hold',
          ),
          '--snapshot <name>',
          'by id or tag',
        ),
        '--out <file>',
        'its ending says the container: .jsonl, .json or .csv, also with .gz or .zst, or .parquet',
      )
        .option('--format <name>', exportFormatsText, 'plaudit')
        .option('--card <file>', 'write a card of the data set too, in Markdown')
        .option('--licence <name>', 'what the card says about the licence', 'not stated'),
    ),
    'plaudit data export --snapshot november --format trl-preference --out november.parquet',
  ).action((options: Options) =>
    present(options, async ({ onProgress }) => {
      const { datasetCard, exportJudgements, snapshotFacts } = await import('@plaudit/feedback');
      const { writeFile } = await import('node:fs/promises');
      const document = await useStore(options, false, async (store) => {
        const snapshot = await store.snapshots.find(options.snapshot);
        const rows = async function* () {
          let done = 0;
          for await (const judgement of store.snapshots.rows(snapshot.id)) {
            if (++done % 1000 === 0) onProgress({ phase: 'export', step: done, totalSteps: snapshot.rows });
            yield judgement;
          }
        };
        const report = await exportJudgements(options.out, rows(), {
          format: options.format as ExportFormatName,
        });
        if (options.card !== undefined) {
          const facts = await snapshotFacts(store.snapshots.rows(snapshot.id));
          const name = snapshot.query.datasets.join(', ');
          await writeFile(
            options.card,
            datasetCard(facts, { name, snapshot: snapshot.id, licence: options.licence }),
          );
        }
        return { snapshot: snapshot.id, out: options.out, ...report };
      });
      return { document, text: exportText(document) };
    }),
  );

const exportText = (document: ExportReport & { readonly out: string }): string => {
  const rows: [string, string][] = [
    ['written', `${plural(document.written, 'judgement')} as ${document.format}`],
  ];
  for (const [reason, left] of Object.entries(document.leftOut))
    rows.push(['left out', `${count(left)}: ${reason.replaceAll('_', ' ')}`]);
  const lost = Object.entries(document.fieldsLost);
  if (lost.length > 0)
    rows.push([
      'not kept',
      `${lost.map(([field, times]) => `${field} (${count(times)})`).join(', ')}: the format has no place for them`,
    ]);
  return `${aligned(rows)}\nWritten to ${document.out}.\n`;
};
