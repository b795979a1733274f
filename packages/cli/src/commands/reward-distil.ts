/** @file `plaudit reward distil`: a thorough reward model in, a quick one that learned its rewards out. */
import type { DistillationDocument, TrainingSettings } from '@plaudit/reward';
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
import { aligned, between, count, percent, plural, shellWord } from '../output/text.ts';
import { validationText } from '../output/validation.ts';
import { type PresentationOptions, present } from '../present.ts';

/** Settings of the proxy that the command has options for. */
const settingNames = ['base', 'l2', 'head', 'hidden', 'pooling', 'depth', 'rank', 'maxLength'] as const;

interface Options extends PresentationOptions, Partial<Record<(typeof settingNames)[number], unknown>> {
  readonly teacher: string;
  readonly data: string[];
  readonly format: string;
  readonly responses?: string[];
  readonly kind: string;
  readonly out: string;
  readonly seed: number;
  readonly validation: number;
  readonly test: number;
  readonly provider?: string;
  readonly threads?: number;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
}

const example = `plaudit reward distil --teacher my-ensemble --data preferences.jsonl --kind linear --out quick
plaudit reward distil --teacher my-judge --data preferences.jsonl --kind probe --base ./all-MiniLM-L6-v2 --out quick`;

export const rewardDistil = (): Command => {
  const command = required(
    withData(
      required(
        new Command('distil').description(
          "Train a quick reward model on a thorough one's rewards, and measure it beside its teacher and people",
        ),
        '--teacher <folder>',
        'a saved reward model of any kind',
      ),
    ),
    '--out <folder>',
    'the folder to make; it holds the model and its report',
  )
    .option('--responses <file...>', 'more responses to the same prompts, that nobody judged')
    .option('--kind <kind>', 'of the quick model: linear, or probe with --base', 'linear')
    .option('--seed <number>', 'of the split, the training and the intervals', wholeNumber, 0)
    .option('--validation <share>', 'of the comparisons, to choose settings and calibrate', number, 0.1)
    .option('--test <share>', 'of the comparisons, never taught', number, 0.2)
    .option('--resume', 'go on with what the teacher has scored in the same run that was stopped')
    .option('--overwrite', 'replace the reward model at --out, and without --resume an unfinished run too')
    .option('--l2 <strengths>', 'L2 strengths to try, separated by commas', numberList)
    .optionsGroup('Probe:')
    .option('--base <path>', 'a checkpoint folder, a .gguf file, or hf:ORGANISATION/NAME')
    .option('--head <kind>', 'linear, bilinear (response times prompt) or mlp')
    .option('--hidden <units>', "units of an mlp's hidden layer", positiveWholeNumber)
    .option('--rank <count>', "of a bilinear probe's product", positiveWholeNumber)
    .option('--pooling <names>', 'tokens whose mean is read, as in reward train', list)
    .option('--depth <blocks>', 'read the base after so many blocks, not after all', positiveWholeNumber)
    .option('--max-length <tokens>', 'of prompt and response together', positiveWholeNumber)
    .optionsGroup('Options:');
  return withPresentation(withEngine(command), example).action((options: Options) =>
    present(options, async ({ signal, onProgress }) => {
      const { distilRewardModel } = await import('@plaudit/reward');
      const { teacher, data, format, responses, kind, out, seed, validation, test } = options;
      const settings = Object.fromEntries(
        settingNames.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
      ) as TrainingSettings;
      const engine = {
        ...(options.provider !== undefined && { provider: options.provider }),
        ...(options.threads !== undefined && { threads: options.threads }),
      };
      const document = await namingFlags(() =>
        distilRewardModel({
          ...{ teacher, data, format, kind, out, seed, fractions: { validation, test } },
          ...(responses && { responses }),
          settings: { ...settings, ...(kind === 'probe' && engine) },
          loading: engine,
          resume: options.resume ?? false,
          overwrite: options.overwrite ?? false,
          ...{ signal, onProgress },
        }),
      );
      return { document, text: distillationText(document), warnings: document.warnings };
    }),
  );
};

/** The summary for people. */
const distillationText = ({
  kind,
  out,
  teacher,
  data,
  fidelity,
  test,
  besideTeacher,
  seconds,
}: DistillationDocument): string => {
  const rows: [string, string][] = [
    ['same order', `${percent(fidelity.agreement)}  (${between(fidelity.agreementInterval)})`],
    ['Kendall tau', fidelity.kendallTau.toFixed(3)],
    ['correlation', fidelity.correlation === null ? 'none' : fidelity.correlation.toFixed(3)],
    ['probabilities', `${fidelity.probabilityError.toFixed(3)} apart on average`],
  ];
  const beside =
    besideTeacher === null
      ? ''
      : `On the same judgements its teacher is right in ${percent(besideTeacher.accuracyA)}, the ${kind} model in ${percent(besideTeacher.accuracyB)}.\n`;
  return `Distilled a reward model of kind ${teacher.kind} into a ${kind} one in ${duration(seconds)}: ${plural(data.responses, 'response')} to ${plural(data.prompts, 'prompt')}${data.unjudged > 0 ? `, ${count(data.unjudged)} of which nobody judged` : ''}.

Beside its teacher, on ${plural(fidelity.pairs, 'pair')} of responses to ${plural(fidelity.prompts, 'prompt')} that it was not taught:
${aligned(rows)}${test === null ? '' : `\nBeside people, on the same prompts:\n${validationText(test)}${beside}`}
Saved in ${out}.
Next: plaudit reward score --model ${shellWord(out)} --input ROWS
`;
};
