/** @file `plaudit data annotators`: how far people agree, how able each of them is, and soft labels made of all their votes. */
import { plauditError } from '@plaudit/contract';
import type { AnnotatorModel } from '@plaudit/feedback';
import { Command } from 'commander';
import { formatDescription, positiveWholeNumber, wholeNumber, withPresentation } from '../options.ts';
import { annotatorsText } from '../output/annotators.ts';
import { refuseToReplace, writePage } from '../output/files.ts';
import { plural, shellWord } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';

interface Options extends PresentationOptions {
  readonly format: string;
  readonly gold?: string[];
  readonly attention?: string[];
  readonly model: string;
  readonly resamples: number;
  readonly seed: number;
  readonly softLabels?: string;
  readonly report?: string;
  readonly rejects?: string;
  readonly overwrite?: boolean;
}

/** Written out, because help must not wait for the models; a test compares it with them. */
export const annotatorModelsText = 'one-coin, dawid-skene, mace, glad, crowd-bradley-terry, majority or wawa';

export const dataAnnotators = (): Command =>
  withPresentation(
    new Command('annotators')
      .description('Say how far annotators agree, how able each is, and whose judgements to look at')
      .argument('<file...>', 'judgements with the names of their annotators; all of one format')
      .option('--format <name>', formatDescription, 'auto')
      .option(
        '--gold <file...>',
        'what experts said of items that were mixed in: checks people, helps the model',
      )
      .option('--attention <file...>', 'items that anybody who reads them answers rightly')
      .option('--model <name>', annotatorModelsText, 'one-coin')
      .option('--resamples <number>', 'of the intervals of agreement', positiveWholeNumber, 1000)
      .option('--seed <number>', 'of the resamples', wholeNumber, 0)
      .option(
        '--soft-labels <file>',
        'write one comparison for each pair, its preference what the model makes of all votes',
      )
      .option('--report <file>', 'write the same as a page, with pictures')
      .option('--rejects <file>', 'write what was set aside as JSONL')
      .option('--overwrite', 'replace the file of soft labels if it is there'),
    `plaudit data annotators votes.jsonl --gold experts.jsonl --soft-labels soft.jsonl --report annotators.html
plaudit reward train --data soft.jsonl --out my-model`,
  ).action((files: string[], options: Options) =>
    present(options, async ({ signal }) => {
      const { softLabels, report, rejects, overwrite, resamples, seed } = options;
      if (softLabels !== undefined) await refuseToReplace(softLabels, overwrite);
      const feedback = await import('@plaudit/feedback');
      const model = feedback.annotatorModels.find((name) => name === options.model);
      if (model === undefined)
        throw plauditError('cli.usage', { problem: `--model takes ${annotatorModelsText}.` });
      const read = async (paths: readonly string[], format: string) =>
        feedback.readJudgements(paths, { format: format as 'auto', signal });
      const data = await read(files, options.format);
      if (rejects !== undefined) await feedback.writeRejects(rejects, data.rejects);
      if (softLabels !== undefined && data.counts.kinds.comparison === 0)
        throw plauditError('cli.usage', { problem: '--soft-labels needs comparisons, and there are none.' });
      const known = async (paths: readonly string[] | undefined) =>
        paths && (await read(paths, 'auto')).judgements;
      const gold = await known(options.gold);
      const attention = await known(options.attention);
      const { study, soft } = feedback.studyAnnotators(data.judgements, {
        model: model as AnnotatorModel,
        ...(gold && { gold }),
        ...(attention && { attention }),
        resamples,
        seed,
      });
      if (report !== undefined) await writePage(report, feedback.renderAnnotatorReport(study));
      const written = softLabels === undefined ? null : await writeSoft(softLabels, soft());
      const { rows, read: rowsRead, rejected } = data.counts;
      const document = {
        format: data.format,
        rows,
        read: rowsRead,
        rejected,
        ...study,
        ...(written && { softLabels: written }),
      };
      return {
        document,
        text: `${annotatorsText(study, feedback)}${rejected > 0 ? `${plural(rejected, 'row')} set aside.\n` : ''}${written ? softText(written) : ''}`,
      };
    }),
  );

interface Written {
  readonly out: string;
  readonly comparisons: number;
  /** Comparisons that name nobody, written as they are. */
  readonly untouched: number;
}

const writeSoft = async (
  out: string,
  { comparisons, untouched }: ReturnType<import('@plaudit/feedback').StudiedAnnotators['soft']>,
): Promise<Written> => {
  const { writeJudgements } = await import('@plaudit/feedback');
  await writeJudgements(out, [...comparisons, ...untouched]);
  return { out, comparisons: comparisons.length, untouched: untouched.length };
};

const softText = ({ out, comparisons, untouched }: Written): string =>
  `Wrote ${plural(comparisons, 'comparison')} with soft labels to ${out}${untouched > 0 ? `, and ${plural(untouched, 'comparison')} that name nobody as they are` : ''}.
Next: plaudit reward train --data ${shellWord(out)} --out my-model
`;
