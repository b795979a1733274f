/** @file `plaudit audit verify`: checks an exported audit log by itself. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { plauditError } from '@plaudit/contract';
import { Command, InvalidArgumentError } from 'commander';
import { verifyChain } from '../audit-chain.ts';
import { withPresentation } from '../options.ts';
import { aligned, count } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';

interface Options extends PresentationOptions {
  readonly last?: string;
  readonly after?: string;
}

const hash = (text: string): string => {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError('It has to be 64 hexadecimal digits.');
  return text;
};

export const auditVerify = (): Command =>
  withPresentation(
    new Command('verify')
      .description('Check that no entry of an exported audit log was changed, left out or moved')
      .argument('<file>', 'the log as it was exported, one JSON entry a line')
      .option('--last <hash>', 'a hash that was kept elsewhere: it has to be in the log', hash)
      .option('--after <hash>', 'of the entry before the first, for an export that goes on', hash),
    'plaudit audit verify audit.jsonl --last 4f1c…',
  ).action((path: string, options: Options) =>
    present(options, async () => {
      const isFile = await stat(path).then(
        (found) => found.isFile(),
        () => false,
      );
      if (!isFile) throw plauditError('data.file_missing', { path });
      const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
      const verdict = await verifyChain(lines, {
        ...(options.last !== undefined && { last: options.last }),
        ...(options.after !== undefined && { after: options.after }),
      });
      if (!verdict.intact) {
        const { line, seq, problem } = verdict;
        throw seq === null
          ? plauditError('audit.unreadable', { path, line, problem })
          : plauditError('audit.broken', { seq, problem });
      }
      const { entries, last } = verdict;
      return {
        document: { path, ...verdict },
        text: aligned([
          ['intact', `${count(entries)} entries`],
          ['last', last ?? 'none'],
        ]),
        warnings:
          options.last === undefined
            ? [
                'Without --last nobody can say whether the newest entries were cut off, or the whole log made anew. Keep the last hash outside of the database.',
              ]
            : [],
      };
    }),
  );
