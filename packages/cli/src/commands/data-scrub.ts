/** @file `plaudit data scrub`: files of judgements without what is personal in them, for whoever keeps no store. */
import type { PrivacyPolicy, Reject } from '@plaudit/feedback';
import { Command } from 'commander';
import { formatDescription, required, withPresentation } from '../options.ts';
import { refuseToReplace } from '../output/files.ts';
import { aligned, count, plural } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';
import { nothingScrubbed, policyOfProject, type Scrubbed, scrubbedText, tally } from '../scrubbing.ts';

interface Options extends PresentationOptions {
  readonly store: string;
  readonly project: string;
  readonly format: string;
  readonly out: string;
  readonly rejects?: string;
  readonly overwrite?: boolean;
}

export const dataScrub = (): Command =>
  withPresentation(
    required(
      new Command('scrub')
        .description('Take what is personal out of files, as data import does, without a store')
        .argument('<file...>', 'files of judgements, folders of them or patterns; all of one format'),
      '--out <file>',
      'where they go, as JSONL of the format plaudit; also with .gz or .zst',
    )
      .option('--format <name>', formatDescription, 'auto')
      .option(
        '--store <folder>',
        'where the key of the pseudonyms lies; made where it is not there',
        '.plaudit',
      )
      .option('--project <name>', 'whose pseudonyms: projects cannot be joined by them', 'default')
      .option('--rejects <file>', 'write what was set aside as JSONL')
      .option('--overwrite', 'replace the file if it is there'),
    'plaudit data scrub chats.jsonl --out clean.jsonl',
  ).action((files: string[], options: Options) =>
    present(options, async ({ signal, onProgress }) => {
      const { out } = options;
      await refuseToReplace(out, options.overwrite);
      const { scrubJudgement, streamJudgements, writeJudgements, writeRejects } = await import(
        '@plaudit/feedback'
      );
      const policy: PrivacyPolicy = await policyOfProject(options);
      const scrubbed = nothingScrubbed();
      const rejects: Reject[] = [];
      let rows = 0;
      let written = 0;
      const clean = async function* () {
        for await (const batch of streamJudgements(files, { format: options.format as 'auto', signal })) {
          rejects.push(...batch.rejects);
          rows += batch.rows;
          onProgress({ phase: 'scrub', step: rows, totalSteps: 0 });
          for (const judgement of batch.judgements) {
            const one = scrubJudgement(judgement, policy);
            tally(scrubbed, one);
            written++;
            yield one.judgement;
          }
        }
      };
      await writeJudgements(out, clean());
      if (options.rejects !== undefined) await writeRejects(options.rejects, rejects);
      const document = { out, rows, rejected: rejects.length, judgements: written, scrubbed };
      return { document, text: scrubText(document) };
    }),
  );

const scrubText = (document: {
  readonly out: string;
  readonly rows: number;
  readonly rejected: number;
  readonly judgements: number;
  readonly scrubbed: Scrubbed;
}): string => {
  const { out, rows, rejected, judgements, scrubbed } = document;
  const lines: [string, string][] = [
    ['rows', `${count(rows)} read, ${count(rejected)} set aside`],
    ['written', `${plural(judgements, 'judgement')} to ${out}`],
    ['scrubbed', scrubbedText(scrubbed)],
  ];
  if (scrubbed.equal > 0)
    lines.push([
      'equal now',
      `${plural(scrubbed.equal, 'row')}: the responses differed only in what was taken out`,
    ]);
  return `${aligned(lines)}Names and postal addresses in running text are not found by rules: read a sample before you hand the file on.\n`;
};
