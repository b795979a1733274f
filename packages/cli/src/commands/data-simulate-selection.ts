/** @file `plaudit data simulate-selection`: how many labels each rule of selection would have saved on a file of judgements. */
import { stat } from 'node:fs/promises';
import { plauditError } from '@plaudit/contract';
import type { SelectionPurpose, SelectionRule } from '@plaudit/feedback';
import type { SelectionSimulationDocument } from '@plaudit/reward';
import { Command, Option } from 'commander';
import {
  atLeastZero,
  list,
  namingFlags,
  positiveWholeNumber,
  share,
  wholeNumber,
  withData,
  withEngine,
  withPresentation,
} from '../options.ts';
import { writing } from '../output/errors.ts';
import { type PresentationOptions, present } from '../present.ts';

interface Options extends PresentationOptions {
  readonly data: string[];
  readonly format: string;
  readonly criterion?: string;
  readonly rules?: string[];
  readonly base?: string;
  readonly pooling?: string[];
  readonly maxLength?: number;
  readonly gold?: string;
  readonly noise?: number;
  readonly annotatorAccuracy?: number;
  readonly seeds: number;
  readonly seed: number;
  readonly heldOut: number;
  readonly start: number;
  readonly batch: number;
  readonly growth: number;
  readonly labels?: number;
  readonly control: number;
  readonly perPrompt: number;
  readonly temperature: number;
  readonly purpose: SelectionPurpose;
  readonly report?: string;
  readonly overwrite?: boolean;
  readonly provider?: string;
  readonly threads?: number;
}

const example = `plaudit data simulate-selection --data preferences.jsonl --base all-MiniLM-L6-v2 --report selection.html

With annotators who are right in four of five cases, on features that need no checkpoint:
plaudit data simulate-selection --data preferences.jsonl --annotator-accuracy 0.8 --rules d-optimal,bald`;

export const dataSimulateSelection = (): Command =>
  withPresentation(
    withEngine(
      withData(
        new Command('simulate-selection').description(
          'Play the labelling of a file again, to see how many labels each rule of selection needs beside random',
        ),
      )
        .option('--criterion <name>', 'whose judgements; without it those of no criterion')
        .option('--rules <names>', 'separated by commas; without it all', list)
        .option('--base <checkpoint>', 'an encoder or decoder for features; without it hashed words')
        .option('--pooling <names>', 'which tokens its features are the mean of, separated by commas', list)
        .option('--max-length <tokens>', 'of prompt and response together', positiveWholeNumber)
        .option('--gold <folder>', 'a reward model that is the truth in place of the file')
        .option(
          '--noise <scale>',
          'of annotators behind a gold reward, in its units (default: 1)',
          atLeastZero,
        )
        .option(
          '--annotator-accuracy <share>',
          'how often annotators say what the file says (default: 1)',
          share,
        )
        .option('--seeds <count>', 'trials of each rule', positiveWholeNumber, 10)
        .option('--seed <number>', 'the first seed', wholeNumber, 1)
        .option('--held-out <share>', 'of the pairs that is kept for measuring', share, 0.3)
        .option('--start <count>', 'labels drawn evenly before the first round', positiveWholeNumber, 40)
        .option('--batch <count>', 'least labels of a round', positiveWholeNumber, 20)
        .option('--growth <share>', 'of the labels so far, where a round has more', atLeastZero, 0.2)
        .option('--labels <count>', 'labels at which a trial ends; without it all', positiveWholeNumber)
        .option('--control <share>', 'of a round that is drawn evenly', share, 0.25)
        .option('--per-prompt <number>', 'most pairs of a prompt in a round', positiveWholeNumber, 1)
        .option('--temperature <number>', 'chance in the choice of a rule, 0 to 1', share, 0.25)
        .addOption(
          new Option('--purpose <name>', 'what the judgements are for')
            .choices(['reward', 'policy'])
            .default('reward'),
        )
        .option('--report <file>', 'also write the table and the learning curves as an HTML page')
        .option('--overwrite', 'replace the report if it is there'),
    ),
    example,
  ).action((options: Options) =>
    present(options, async ({ signal, onProgress }) => {
      const { report, overwrite = false } = options;
      if (report !== undefined && !overwrite && (await stat(report).catch(() => undefined)))
        throw plauditError('output.would_replace', { path: report });
      const { selectionNotes, selectionSetting, selectionTable, simulateSelection } = await import(
        '@plaudit/reward'
      );
      const { start, batch, growth, control, perPrompt, temperature, purpose, labels, ...rest } = options;
      const { pooling, maxLength, provider, threads, rules, ...given } = rest;
      const settings = { pooling, maxLength, provider, threads };
      const document = await namingFlags(() =>
        simulateSelection({
          ...given,
          ...(rules && { rules: rules as SelectionRule[] }),
          settings: Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)),
          ...(threads !== undefined && { threads }),
          plan: {
            ...{ start, batch, growth, control, perPrompt, temperature, purpose },
            ...(labels !== undefined && { most: labels }),
          },
          signal,
          onProgress,
        }),
      );
      if (report !== undefined) await writeReport(report, document);
      const text = [
        ...selectionSetting(document),
        '',
        selectionTable(document),
        ...selectionNotes,
        ...(report === undefined ? [] : ['', `The learning curves are in ${report}.`]),
      ];
      return { document, text: `${text.join('\n')}\n`, warnings: document.warnings };
    }),
  );

const writeReport = async (path: string, document: SelectionSimulationDocument): Promise<void> => {
  const { writeFileAtomic } = await import('@plaudit/models');
  const { renderSelectionReport } = await import('@plaudit/reward');
  await writing(path, () => writeFileAtomic(path, renderSelectionReport(document)));
};
