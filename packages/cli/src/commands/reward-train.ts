/** @file `plaudit reward train`: preference files in, a validated reward model out. */
import type { SettingName, TrainingDocument, TrainingSettings } from '@plaudit/reward';
import { Command } from 'commander';
import {
  list,
  namingFlags,
  number,
  numberList,
  positiveWholeNumber,
  required,
  wholeNumber,
  withData,
  withEngine,
  withPresentation,
} from '../options.ts';
import { duration } from '../output/progress.ts';
import { count, plural, shellWord, validationText } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';

interface Options extends PresentationOptions, Partial<Record<SettingName, unknown>> {
  readonly data: string[];
  readonly format: string;
  readonly kind: string;
  readonly out: string;
  readonly seed: number;
  readonly validation: number;
  readonly test: number;
  readonly limitPairs?: number;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
}

const example = `plaudit reward train --data preferences.jsonl --kind linear --seed 1 --out my-model
plaudit reward train --data preferences.jsonl --kind transformer --base ./SmolLM2-135M-Instruct --out my-model`;

export const rewardTrain = (): Command => {
  const command = required(
    withData(
      new Command('train').description('Train, validate and save a reward model from preference files'),
    ),
    '--out <folder>',
    'the folder to make; it holds the model and its report',
  )
    .option('--kind <kind>', 'linear (seconds, no download) or transformer', 'linear')
    .option('--seed <number>', 'of the split, the training and the intervals', wholeNumber, 0)
    .option('--validation <share>', 'of the comparisons, to choose settings and calibrate', number, 0.1)
    .option('--test <share>', 'of the comparisons, never trained on', number, 0.2)
    .option('--limit-pairs <count>', 'train on at most so many comparisons', positiveWholeNumber)
    .option('--resume', 'go on from the checkpoints of the same run that was stopped')
    .option('--overwrite', 'replace the reward model at --out, and without --resume an unfinished run too')
    .option('--label-smoothing <share>', 'probability that a judgement is wrong, 0 to 0.5', number)
    .option('--margin <factor>', 'multiplies the margins that the data carry; 0 ignores them', number)
    .optionsGroup('Linear:')
    .option('--l2 <strengths>', 'L2 strengths to try, separated by commas', numberList)
    .optionsGroup('Transformer:')
    .option('--base <path>', 'a checkpoint folder or .gguf file, or new: trained from nothing')
    .option('--full', 'train all weights, not a LoRA adapter')
    .option('--rank <count>', 'rank of the LoRA adapter', positiveWholeNumber)
    .option('--alpha <number>', 'scale of the adapter: alpha / rank', number)
    .option('--targets <names>', 'linear layers that get an adapter, separated by commas', list)
    .option('--dropout <share>', "share of the adapter's inputs set to 0 in training", number)
    .option('--merge', 'save the adapter added into its base: a model that stands alone')
    .option('--int8', 'keep the frozen weights as int8')
    .option('--epochs <number>', 'passes over the training side', number)
    .option('--learning-rate <number>', 'largest learning rate', number)
    .option('--batch-size <count>', 'comparisons per update', positiveWholeNumber)
    .option('--max-length <tokens>', 'of prompt and response together', positiveWholeNumber)
    .option('--evaluate-every <updates>', 'evaluate on the validation side so often', positiveWholeNumber)
    .option('--patience <count>', 'stop after so many evaluations without improvement', positiveWholeNumber)
    .option('--centring <weight>', 'keeps rewards around 0', number);
  return withPresentation(withEngine(command).optionsGroup('Options:'), example).action((options: Options) =>
    present(options, async ({ signal, onProgress }) => {
      const { trainingSettings, trainRewardModel } = await import('@plaudit/reward');
      const names = Object.keys(trainingSettings.shape) as SettingName[];
      const settings = Object.fromEntries(
        names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
      ) as TrainingSettings;
      const { data, format, kind, out, seed, validation, test, limitPairs } = options;
      const document = await namingFlags(() =>
        trainRewardModel({
          data,
          format,
          kind,
          out,
          seed,
          fractions: { validation, test },
          ...(limitPairs !== undefined && { limitPairs }),
          settings,
          resume: options.resume ?? false,
          overwrite: options.overwrite ?? false,
          signal,
          onProgress,
        }),
      );
      return { document, text: trainingText(document), warnings: document.warnings };
    }),
  );
};

/** The summary of a training run for people. */
const trainingText = (document: TrainingDocument): string => {
  const { kind, out, data, seconds, test } = document;
  const setAside = data.rejects > 0 ? `, ${count(data.rejects)} set aside` : '';
  const ties = data.ties > 0 ? `, ${plural(data.ties, 'tie')}` : '';
  return `Trained a ${kind} reward model on ${plural(data.pairs.train, 'comparison')} in ${duration(seconds)}.
${plural(data.rows, 'row')} read as ${data.format}${setAside}${ties}.

On prompts that it never saw:
${validationText(test)}
Saved in ${out}. Open ${out}/report.html to see where it is right and where it is wrong.
Next: plaudit reward evaluate --model ${shellWord(out)} --data OTHER_FILE
      plaudit reward score --model ${shellWord(out)} --input ROWS
`;
};
