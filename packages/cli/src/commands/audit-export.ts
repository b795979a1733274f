/** @file `plaudit audit export`: writes the audit log of a project as lines that `plaudit audit verify` checks. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import { type StoreOptions, useStore, withStore } from '../open-store.ts';
import { required, withPresentation } from '../options.ts';
import { writing } from '../output/errors.ts';
import { refuseToReplace } from '../output/files.ts';
import { aligned, count } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';

interface Options extends PresentationOptions, StoreOptions {
  readonly out: string;
}

const entriesAtOnce = 1000;

export const auditExport = (): Command =>
  withPresentation(
    required(
      withStore(new Command('export').description('Write the audit log of a project, one JSON entry a line')),
      '--out <file>',
      'the file to make',
    ),
    'plaudit audit export --out audit.jsonl',
  ).action((options: Options) =>
    present(options, async () => {
      await refuseToReplace(options.out);
      const document = await useStore(options, false, async (store) => {
        let [entries, last] = [0, ''];
        const lines = async function* (): AsyncGenerator<string> {
          for (let seq = 0, more = true; more; ) {
            const page = await store.audit.entries(seq, entriesAtOnce);
            for (const { at, ...entry } of page) {
              yield `${JSON.stringify({ project: store.project.id, at: at.toISOString(), ...entry })}\n`;
              entries++;
              last = entry.hash;
            }
            seq = page.at(-1)?.seq ?? seq;
            more = page.length === entriesAtOnce;
          }
        };
        await writing(options.out, () => pipeline(Readable.from(lines()), createWriteStream(options.out)));
        return { out: options.out, entries, last: last === '' ? null : last };
      });
      return {
        document,
        text: aligned([
          ['entries', count(document.entries)],
          ['last', document.last ?? 'none'],
          ['out', document.out],
        ]),
      };
    }),
  );
