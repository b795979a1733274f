/** @file `plaudit data privacy-report`: how much of what is personal the recognisers find, measured on labelled texts. */
import type { DetectionReport, TypeDetection } from '@plaudit/feedback';
import { Command } from 'commander';
import { positiveWholeNumber, wholeNumber, withPresentation } from '../options.ts';
import { count, percent, plural } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';

interface Options extends PresentationOptions {
  readonly perType: number;
  readonly negatives: number;
  readonly seed: number;
}

export const dataPrivacyReport = (): Command =>
  withPresentation(
    new Command('privacy-report')
      .description('Measure what share of personal data is found, and how much is found wrongly, by type')
      .option('--per-type <number>', 'labelled texts of each type', positiveWholeNumber, 40)
      .option(
        '--negatives <number>',
        'texts in which nothing is personal, many of which look as if',
        wholeNumber,
        1500,
      )
      .option('--seed <number>', 'other texts for another seed', wholeNumber, 0),
    'plaudit data privacy-report',
  ).action((options: Options) =>
    present(options, async () => {
      const { perType, negatives, seed } = options;
      const { createDetector, detectionReport, privacyFixture } = await import('@plaudit/feedback');
      const texts = privacyFixture({ seed, set: 'evaluation', perType, negatives });
      const report = detectionReport(texts, createDetector());
      return { document: { seed, perType, negatives, ...report }, text: reportText(report, negatives) };
    }),
  );

const share = (value: number | undefined): string => (value === undefined ? '' : percent(value));

const reportText = ({ texts, overall, types }: DetectionReport, negatives: number): string => {
  const head = ['', 'labelled', 'reported', 'precision', 'recall', 'covered'];
  const row = ({ type, labelled, reported, precision, recall, covered }: TypeDetection): string[] => [
    type,
    count(labelled),
    count(reported),
    ...[precision, recall, covered].map(share),
  ];
  const table = [head, ...types.map(row), row(overall)];
  const widths = head.map((_, column) => Math.max(...table.map((cells) => cells[column]!.length)));
  const lines = table.map(
    ([name, ...cells]) =>
      `  ${name!.padEnd(widths[0]!)}  ${cells.map((cell, i) => cell.padStart(widths[i + 1]!)).join('  ')}\n`,
  );
  return `${plural(texts, 'text')} made for this, in twelve languages, ${count(negatives)} of them with nothing personal.
${lines.join('')}Right is the very type and the very characters; covered is all characters, whatever the type: what scrubbing takes out.
The texts are made and not collected: on yours, count on less.
`;
};
