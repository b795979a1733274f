/** @file `plaudit reward train`: preference files in, a validated reward model out. */
import { plauditError } from '@plaudit/contract';
import type { EnsembleDocument, SettingName, TrainingDocument, TrainingSettings } from '@plaudit/reward';
import { Command, InvalidArgumentError } from 'commander';
import { type StoreOptions, withStore } from '../open-store.ts';
import {
  atLeastZero,
  formatDescription,
  list,
  namingFlags,
  number,
  numberList,
  positiveWholeNumber,
  required,
  wholeNumber,
  withEngine,
  withPresentation,
} from '../options.ts';
import { duration } from '../output/progress.ts';
import { count, percent, plural, shellWord } from '../output/text.ts';
import { validationText } from '../output/validation.ts';
import { type CommandResult, type PresentationOptions, present } from '../present.ts';
import { trainFromStore } from '../train-from-store.ts';

interface Options extends PresentationOptions, StoreOptions, Partial<Record<SettingName, unknown>> {
  readonly data?: string[];
  readonly dataset?: string;
  readonly despiteGates?: boolean;
  readonly format: string;
  readonly kind: string;
  readonly out: string;
  readonly seed: number;
  readonly validation: number;
  readonly test: number;
  readonly limitPairs?: number;
  readonly weight?: Record<string, number>;
  readonly members?: number;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
}

const example = `plaudit reward train --data preferences.jsonl --kind linear --seed 1 --out my-model
plaudit reward train --data preferences.jsonl --kind probe --base ./all-MiniLM-L6-v2 --out my-model
plaudit reward train --data preferences.jsonl --kind transformer --base ./SmolLM2-135M-Instruct --out my-model`;

export const rewardTrain = (): Command => {
  const command = required(
    withStore(
      new Command('train')
        .description('Train, validate and save a reward model from judgements')
        .option('--data <file...>', 'preference files, folders of them or patterns; all of one format')
        .option('--format <name>', formatDescription, 'auto')
        .option('--dataset <name@snapshot>', 'a snapshot of the store, in the place of files')
        .option('--despite-gates', 'train on a snapshot that failed quality gates, and say so in the record'),
    ),
    '--out <folder>',
    'the folder to make; it holds the model and its report',
  )
    .option(
      '--kind <kind>',
      'linear (seconds, no download), probe (a head on a frozen base) or transformer',
      'linear',
    )
    .option('--seed <number>', 'of the split, the training and the intervals', wholeNumber, 0)
    .option('--validation <share>', 'of the comparisons, to choose settings and calibrate', number, 0.1)
    .option('--test <share>', 'of the comparisons, never trained on', number, 0.2)
    .option('--limit-pairs <count>', 'train on at most so many comparisons', positiveWholeNumber)
    .option(
      '--weight <kind=number...>',
      'what comparisons count by who gave them: human, model, program, implicit or simulated',
      annotatorWeight,
    )
    .option(
      '--members <count>',
      'train so many models with seeds from --seed on, and save their ensemble',
      positiveWholeNumber,
    )
    .option('--resume', 'go on from the checkpoints of the same run that was stopped')
    .option('--overwrite', 'replace the reward model at --out, and without --resume an unfinished run too')
    .option(
      '--objective <name>',
      'what is learned: an objective such as plackett-luce, or a JSON file with a plan of heads and terms',
    )
    .option('--label-smoothing <share>', 'probability that a judgement is wrong, 0 to 0.5', number)
    .option('--margin <factor>', 'multiplies the margins that the data carry; 0 ignores them', number)
    .optionsGroup('Linear and probe:')
    .option('--l2 <strengths>', 'L2 strengths to try, separated by commas', numberList)
    .optionsGroup('Probe:')
    .option('--head <kind>', 'linear, bilinear (response times prompt) or mlp; --base names what it reads')
    .option('--hidden <units>', "units of an mlp's hidden layer", positiveWholeNumber)
    .option(
      '--pooling <names>',
      'tokens whose mean is read: last or mean (causal), mean, first, all or alone (bidirectional)',
      list,
    )
    .option('--depth <blocks>', 'read the base after so many blocks, not after all', positiveWholeNumber)
    .optionsGroup('Transformer:')
    .option(
      '--base <path>',
      'a checkpoint folder, a .gguf file, hf:ORGANISATION/NAME, or new: trained from nothing',
    )
    .option('--full', 'train all weights, not a LoRA adapter')
    .option(
      '--rank <count>',
      "rank of the LoRA adapter, or of a bilinear probe's product",
      positiveWholeNumber,
    )
    .option('--alpha <number>', 'scale of the adapter: alpha / rank', number)
    .option('--targets <names>', 'linear layers that get an adapter, separated by commas', list)
    .option('--dropout <share>', "share of the adapter's inputs set to 0 in training", number)
    .option('--merge', 'save the adapter added into its base: a model that stands alone')
    .option('--int8', 'keep the frozen weights as int8')
    .option('--half', 'keep the frozen weights as float16; not on the provider cpu')
    .option('--recompute', 'less memory, more time; by default where memory would be short')
    .option('--no-recompute', 'keep what the backward pass needs, whatever the memory')
    .option('--epochs <number>', 'passes over the training side', number)
    .option('--learning-rate <number>', 'largest learning rate', number)
    .option('--batch-size <count>', 'comparisons per update', positiveWholeNumber)
    .option('--max-length <tokens>', 'of prompt and response together', positiveWholeNumber)
    .option('--evaluate-every <updates>', 'evaluate on the validation side so often', positiveWholeNumber)
    .option('--patience <count>', 'stop after so many evaluations without improvement', positiveWholeNumber)
    .option('--centring <weight>', 'keeps rewards around 0', number);
  return withPresentation(withEngine(command).optionsGroup('Options:'), example).action((options: Options) =>
    present(options, async ({ signal, onProgress }) => {
      const { trainEnsemble, trainingSettings, trainRewardModel } = await import('@plaudit/reward');
      const names = Object.keys(trainingSettings.shape) as SettingName[];
      const settings = Object.fromEntries(
        names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
      ) as TrainingSettings;
      const { dataset, format, kind, out, seed, validation, test, limitPairs } = options;
      const { members, resume = false } = options;
      if ((options.data === undefined) === (dataset === undefined))
        throw plauditError('cli.usage', { problem: 'Give --data with files, or --dataset with a snapshot.' });
      const configuration = {
        kind,
        seed,
        fractions: { validation, test },
        ...(limitPairs !== undefined && { limitPairs }),
        ...(options.weight && { annotatorWeights: options.weight }),
        settings,
      };
      const train = async (data: readonly string[]): Promise<CommandResult> => {
        const run = {
          ...configuration,
          data,
          format: dataset === undefined ? format : 'plaudit',
          out,
          overwrite: options.overwrite ?? false,
          signal,
          onProgress,
        };
        if (members !== undefined) {
          const document = await namingFlags(() => trainEnsemble({ ...run, members, resume }));
          return { document, text: ensembleText(document, kind), warnings: document.warnings };
        }
        const document = await namingFlags(() => trainRewardModel({ ...run, resume }));
        return { document, text: trainingText(document), warnings: document.warnings };
      };
      if (dataset === undefined) return train(options.data!);
      const { store, project } = options;
      return trainFromStore(
        {
          ...{ store, project, dataset, kind: 'reward.train', role: 'reward', out, config: configuration },
          despiteGates: options.despiteGates ?? false,
          ...{ signal, onProgress },
        },
        async (path, from) => {
          const result = await train([path]);
          const { failedGates } = from;
          const warning = `The snapshot failed quality gates: ${failedGates.join(', ')}. The record of the run says so.`;
          return {
            ...result,
            document: { ...result.document, ...from },
            warnings: [...(result.warnings ?? []), ...(failedGates.length > 0 ? [warning] : [])],
          };
        },
      );
    }),
  );
};

/** One KIND=NUMBER of several. */
const annotatorWeight = (text: string, before: Record<string, number> = {}): Record<string, number> => {
  const [kind, value, ...rest] = text.split('=');
  if (!kind || value === undefined || rest.length > 0)
    throw new InvalidArgumentError('It has to be a kind of annotator and a number, such as model=0.3.');
  return { ...before, [kind]: atLeastZero(value) };
};

/** The summary of an ensemble for people. */
const ensembleText = ({ members, out, test, seconds }: EnsembleDocument, kind: string): string =>
  `Trained an ensemble of ${members.length} ${kind} reward models in ${duration(seconds)}.
Alone they reach ${members.map((member) => percent(member.test.accuracy)).join(', ')}.

Together, on prompts that none of them saw:
${test === null ? '' : validationText(test)}
Saved in ${out}. Open ${out}/report.html to see where it is right and where it is wrong.
`;

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
