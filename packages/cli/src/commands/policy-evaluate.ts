/** @file `plaudit policy evaluate`: how good a policy's responses are, and whether they beat another policy's. */
import type { EvaluatePolicyDocument, PolicyComparison, PolicyStatistics } from '@plaudit/policy';
import { Command } from 'commander';
import {
  atLeastZero,
  namingFlags,
  positiveWholeNumber,
  required,
  share,
  wholeNumber,
  withBase,
  withPresentation,
} from '../options.ts';
import { aligned, between, percent, plural } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';

interface Options extends PresentationOptions {
  readonly policy: string;
  readonly against?: string;
  readonly prompts: string[];
  readonly reward: string;
  readonly gold?: string;
  readonly limit?: number;
  readonly samples: number;
  readonly maxNewTokens?: number;
  readonly maxLength?: number;
  readonly temperature: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  readonly seed: number;
  readonly int8?: boolean;
  readonly provider?: string;
  readonly threads?: number;
  readonly base?: string;
}

const example = 'plaudit policy evaluate --policy ppo --against sft --prompts fresh.jsonl --reward my-model';

export const policyEvaluate = (): Command =>
  withPresentation(
    withBase(
      required(
        required(
          required(
            new Command('evaluate').description(
              'Reward what a policy writes, alone or against another policy',
            ),
            '--policy <path>',
            'a saved policy, a checkpoint folder, a .gguf file, or hf:ORGANISATION/NAME',
          ),
          '--prompts <file...>',
          'rows with a prompt, or preference files; prompts that it was not trained on',
        ),
        '--reward <reference>',
        'a saved reward model (a judge too), an http address (OpenRLHF), a .ts file with a function, or gold',
      )
        .option('--against <path>', 'another policy that answers the same prompts')
        .option('--gold <reference>', 'a second reward')
        .option('--limit <count>', 'prompts at most', positiveWholeNumber)
        .option('--samples <count>', 'responses to each prompt', positiveWholeNumber, 1)
        .option('--max-new-tokens <count>', 'of a response', positiveWholeNumber)
        .option('--max-length <tokens>', 'of prompt and response together', positiveWholeNumber)
        .option('--temperature <number>', '0 always takes the likeliest token', atLeastZero, 1)
        .option('--top-k <count>', 'only the likeliest tokens', positiveWholeNumber)
        .option('--top-p <share>', 'only the likeliest tokens with this probability together', share)
        .option('--min-p <share>', 'only tokens with this share of the likeliest one', share)
        .option('--seed <number>', 'of sampling and intervals', wholeNumber, 0)
        .option('--int8', 'compute with int8 weights: faster, and a little different'),
    ),
    example,
  ).action((options: Options) =>
    present(options, async ({ signal, onProgress }) => {
      const { evaluatePolicy } = await import('@plaudit/policy');
      const { json: _, quiet: __, ...rest } = options;
      const document = await namingFlags(() => evaluatePolicy({ ...rest, signal, onProgress }));
      return { document, text: evaluationText(document), warnings: document.warnings };
    }),
  );

const measured = ({ mean, interval }: PolicyStatistics['reward'], digits = 3): string =>
  `${mean.toFixed(digits)}${interval ? `  (${interval.map((end) => end.toFixed(digits)).join(' to ')})` : ''}`;

const statisticsText = (
  name: string,
  { reward, gold, length, ended, repetition }: PolicyStatistics,
): string =>
  `${name}\n${aligned([
    ['reward', measured(reward)],
    ...(gold ? [['gold', measured(gold)] as const] : []),
    ['length', `${measured(length, 1)} tokens`],
    ['ended', percent(ended.mean)],
    ['repetition', percent(repetition.mean)],
  ])}`;

const comparisonText = (
  under: string,
  { winRate, winRateInterval, lengthControlled, rewards, better }: PolicyComparison,
  { policy, against }: EvaluatePolicyDocument,
): string => {
  const verdict =
    better === 'neither'
      ? 'neither is ahead beyond chance'
      : `${better === 'a' ? policy : against} is ahead beyond chance`;
  const difference = `${rewards.difference.toFixed(3)}${rewards.interval ? `  (${rewards.interval.map((end) => end.toFixed(3)).join(' to ')})` : ''}`;
  return `${policy} against ${against}, under ${under}: ${verdict}.\n${aligned([
    ['win rate', `${percent(winRate)}  (${between(winRateInterval)})`],
    ...(lengthControlled
      ? [
          [
            'at equal length',
            `${percent(lengthControlled.winRate)}${lengthControlled.interval ? `  (${between([...lengthControlled.interval])})` : ''}`,
          ] as const,
        ]
      : []),
    ['reward difference', difference],
  ])}`;
};

const evaluationText = (document: EvaluatePolicyDocument): string => {
  const { policy, against, prompts, samples, statistics, other, comparison, goldComparison, reward, gold } =
    document;
  return `${[
    `${plural(prompts, 'prompt')}, ${plural(samples, 'response')} to each.\n`,
    statisticsText(policy, statistics),
    other && statisticsText(against!, other),
    comparison && comparisonText(reward, comparison, document),
    goldComparison && comparisonText(gold!, goldComparison, document),
  ]
    .filter(Boolean)
    .join('\n')}`;
};
