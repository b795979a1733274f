/** @file `plaudit data select`: the pairs of responses to have judged next, with the probability that each was chosen. */
import { stat } from 'node:fs/promises';
import { plauditError } from '@plaudit/contract';
import type { SelectionPurpose, SelectionRule } from '@plaudit/feedback';
import type { NextItemsDocument } from '@plaudit/reward';
import { Command, Option } from 'commander';
import {
  namingFlags,
  positiveWholeNumber,
  required,
  share,
  wholeNumber,
  withBase,
  withPresentation,
} from '../options.ts';
import { writing } from '../output/errors.ts';
import { aligned, count, plural } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';

interface Options extends PresentationOptions {
  readonly model: string;
  readonly data: string;
  readonly out: string;
  readonly rule: SelectionRule;
  readonly purpose: SelectionPurpose;
  readonly count: number;
  readonly perPrompt: number;
  readonly control: number;
  readonly temperature: number;
  readonly seed: number;
  readonly overwrite?: boolean;
  readonly provider?: string;
  readonly threads?: number;
  readonly base?: string;
}

/** Written out, because help must not wait for the libraries; a test compares the two. */
const rules = [
  'd-optimal',
  'delta-ucb',
  'double-thompson',
  'info-max',
  'entropy',
  'bald',
  'random',
] satisfies SelectionRule[];

const example = `plaudit data select --model my-probe --data rows.jsonl --count 100 --out next.jsonl

A row of the data holds a prompt (text or chat messages) and responses that nobody has compared:
{"prompt": "My watch is dead.", "responses": ["Try another socket.", "Too bad.", "Charge it for an hour."]}`;

export const dataSelect = (): Command =>
  withPresentation(
    withBase(
      required(
        required(
          required(
            new Command('select').description(
              'Select the pairs of responses that are worth judging next, part of them evenly as a control',
            ),
            '--model <folder>',
            'a saved probe or ensemble; for the rules entropy and random any reward model',
          ),
          '--data <file>',
          'rows with a prompt and responses',
        ),
        '--out <file>',
        'the JSONL file to make: one pair a line',
      )
        .addOption(new Option('--rule <name>', 'what pairs are chosen by').choices(rules).default('entropy'))
        .addOption(
          new Option('--purpose <name>', 'what the judgements are for; a policy learns from large gaps')
            .choices(['reward', 'policy'])
            .default('reward'),
        )
        .option('--count <number>', 'pairs, those of the control among them', positiveWholeNumber, 100)
        .option(
          '--per-prompt <number>',
          'most pairs of a prompt and its near-duplicates',
          positiveWholeNumber,
          1,
        )
        .option('--control <share>', 'of the pairs that is drawn evenly', share, 0.25)
        .option('--temperature <number>', 'chance in the choice of the rule, 0 to 1', share, 0.25)
        .option('--seed <number>', 'the same seed selects the same pairs', wholeNumber, 0)
        .option('--overwrite', 'replace the file if it is there'),
    ),
    example,
  ).action((options: Options) =>
    present(options, async ({ signal, onProgress }) => {
      const { model, data, out, overwrite = false, ...rest } = options;
      if (!overwrite && (await stat(out).catch(() => undefined)))
        throw plauditError('output.would_replace', { path: out });
      const { selectNext } = await import('@plaudit/reward');
      const selected = await namingFlags(() => selectNext(model, data, { ...rest, signal, onProgress }));
      await writeItems(out, selected);
      const { items, ...document } = selected;
      return {
        document: {
          ...document,
          out,
          selected: items.length,
          control: items.filter(({ control }) => control).length,
        },
        text: selectedText(selected, out),
        warnings: selected.warnings,
      };
    }),
  );

/** Whole or not at all. */
const writeItems = async (path: string, { items }: NextItemsDocument): Promise<void> => {
  const { writeFileAtomic } = await import('@plaudit/models');
  await writing(path, () => writeFileAtomic(path, items.map((item) => `${JSON.stringify(item)}\n`).join('')));
};

const selectedText = ({ items, pool, rule, model, kind }: NextItemsDocument, out: string): string => {
  const probabilities = items.map(({ selectionProbability }) => selectionProbability);
  const control = items.filter((item) => item.control).length;
  return `Selected ${plural(items.length, 'pair')} with ${model} (${kind}) by ${rule} and wrote them to ${out}.
${aligned([
  [
    'from',
    `${plural(pool.pairs, 'pair')} of ${plural(pool.prompts, 'prompt')}, ${count(pool.prompts - pool.groups)} of them near-duplicates of others`,
  ],
  ['control', `${plural(control, 'pair')} drawn evenly`],
  [
    'probability',
    `${Math.min(...probabilities).toPrecision(2)} to ${Math.max(...probabilities).toPrecision(2)} of being selected`,
  ],
])}
Keep selectionProbability with each judgement: one over it is the weight that makes sums over them unbiased.
`;
};
