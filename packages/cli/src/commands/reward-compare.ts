/** @file `plaudit reward compare`: does reward model B beat reward model A on the same comparisons? */
import type { ComparisonDocument } from '@plaudit/reward';
import { Command } from 'commander';
import { namingFlags, required, withPresentation } from '../options.ts';
import { aligned, percent, plural } from '../output/text.ts';
import { present } from '../present.ts';
import { type EvaluationCommandOptions, withEvaluation } from './reward-evaluate.ts';

export const rewardCompare = (): Command =>
  withPresentation(
    withEvaluation(
      required(
        required(
          new Command('compare').description(
            'Say whether reward model B is better than A on the same comparisons',
          ),
          '--a <folder>',
          'the model in use',
        ),
        '--b <folder>',
        'the model that may take its place',
      ),
    ),
    'plaudit reward compare --a old-model --b new-model --data fresh.jsonl',
  ).action((options: EvaluationCommandOptions & { readonly a: string; readonly b: string }) =>
    present(options, async ({ signal, onProgress }) => {
      const { compareRewardModels } = await import('@plaudit/reward');
      const document = await namingFlags(() =>
        compareRewardModels(options.a, options.b, { ...options, signal, onProgress }),
      );
      return { document, text: comparisonText(document), warnings: document.warnings };
    }),
  );

const points = (difference: number): string =>
  `${difference >= 0 ? '+' : ''}${(100 * difference).toFixed(1)}`;

const comparisonText = (document: ComparisonDocument): string => {
  const { a, b, accuracyA, accuracyB, difference, interval, probabilityB, better, pairs } = document;
  const verdict = {
    a: `${a} is better.`,
    b: `${b} is better.`,
    neither: 'The data do not say which one is better.',
  }[better];
  return `${verdict}

${aligned([
  [`A  ${a}`, percent(accuracyA)],
  [`B  ${b}`, percent(accuracyB)],
  ['B - A', `${points(difference)} points  (95 % interval ${interval.map(points).join(' to ')})`],
  ['B is better', `with probability ${percent(probabilityB)}`],
  ['measured on', plural(pairs, 'comparison')],
])}`;
};
