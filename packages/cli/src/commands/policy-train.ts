/** @file `plaudit policy train`: judgements, or prompts and a reward, in; a policy out. */
import { plauditError } from '@plaudit/contract';
import type { PolicyDocument, PolicySettingName, PolicySettings } from '@plaudit/policy';
import type { Combination } from '@plaudit/reward';
import { Command } from 'commander';
import {
  atLeastZero,
  list,
  namingFlags,
  number,
  positiveWholeNumber,
  required,
  share,
  wholeNumber,
  withEngine,
  withPresentation,
} from '../options.ts';
import { liveView } from '../output/live.ts';
import { duration } from '../output/progress.ts';
import { aligned, count, plural, shellWord } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';

interface Options extends PresentationOptions, Partial<Record<PolicySettingName, unknown>> {
  readonly method: string;
  readonly policy: string;
  readonly data?: string[];
  readonly format?: string;
  readonly prompts?: string[];
  readonly heldOutPrompts?: string[];
  readonly reward?: string;
  readonly gold?: string;
  readonly rewardCombine?: string;
  readonly rewardLambda?: number;
  readonly out: string;
  readonly seed: number;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
}

const example = `plaudit policy train --method sft --policy new --data feedback.jsonl --out sft
plaudit policy train --method ppo --policy sft --reward my-model --prompts feedback.jsonl --out ppo
plaudit policy train --method dpo --policy ./SmolLM2-135M-Instruct --data preferences.jsonl --out dpo`;

/** Written out, because help must not wait for the trainers; a test compares it with them. */
export const policyMethodsText =
  'sft, dpo, simpo, cpo, orpo, kto, bco, ppo, rloo, reinforce, grpo, online-dpo or best-of-n';

export const policyTrain = (): Command => {
  const command = required(
    required(
      required(
        new Command('train').description('Train a policy on what people prefer, or against a reward'),
        '--method <name>',
        policyMethodsText,
      ),
      '--policy <path>',
      'what to start from: a saved policy, a checkpoint folder, a .gguf file, hf:ORGANISATION/NAME, or new',
    ),
    '--out <folder>',
    'the folder to make; it holds the policy and its report',
  )
    .option('--seed <number>', 'of everything that is random', wholeNumber, 0)
    .option('--resume', 'go on from the checkpoints of the same run that was stopped')
    .option('--overwrite', 'replace what is at --out, and without --resume an unfinished run too')
    .option('--full', 'train all weights, not a LoRA adapter')
    .option('--rank <count>', 'of the adapter', positiveWholeNumber)
    .option('--alpha <number>', 'scale of the adapter: alpha / rank', number)
    .option('--targets <names>', 'linear layers that get an adapter, separated by commas', list)
    .option('--int8', 'keep the frozen weights as int8')
    .option('--learning-rate <number>', 'largest learning rate', number)
    .option('--schedule <shape>', 'of the learning rate: constant, linear or cosine')
    .option('--max-length <tokens>', 'of prompt and response together', positiveWholeNumber)
    .option('--evaluate-every <updates>', 'look at what is held out so often', positiveWholeNumber)
    .optionsGroup('Learning from data (sft, dpo, simpo, cpo, orpo, kto, bco):')
    .option('--data <file...>', 'judgements of any format, or rows of prompts with responses for sft')
    .option('--format <name>', 'of the data: auto, demonstrations, or a format as in reward train')
    .option('--epochs <number>', 'passes over the data', number)
    .option('--batch-size <count>', 'pairs, labels or responses of an update', positiveWholeNumber)
    .option('--patience <count>', 'stop after so many evaluations without improvement', positiveWholeNumber)
    .option('--loss <name>', 'of dpo: sigmoid, hinge, ipo, robust, and more (docs/policies.md)')
    .option('--beta <number>', 'how strongly preferences count against staying as it was', number)
    .option('--label-smoothing <share>', 'probability that a judgement is wrong, 0 to 0.5', number)
    .option('--gamma <number>', 'simpo: the margin that is aimed at, as a share of beta', number)
    .option('--supervised <weight>', 'of the likelihood of chosen responses beside the loss', atLeastZero)
    .optionsGroup('Learning from a reward (ppo, rloo, reinforce, grpo, online-dpo, best-of-n):')
    .option('--prompts <file...>', 'files whose rows hold a prompt; some are held out')
    .option('--held-out-prompts <file...>', 'prompts to hold out, in the place of some of --prompts')
    .option(
      '--reward <reference>',
      'a saved reward model, an http address (OpenRLHF), a .ts file with a function, or gold',
    )
    .option('--reward-combine <way>', 'of an ensemble: mean, worst, or mean-minus-variance')
    .option('--reward-lambda <number>', 'what the variance of its members counts', atLeastZero)
    .option('--gold <reference>', 'a second reward that is only looked at: it says when to stop')
    .option('--steps <count>', 'rollouts', positiveWholeNumber)
    .option('--prompts-per-step <count>', 'prompts of a rollout', positiveWholeNumber)
    .option('--samples <count>', 'responses to each prompt', positiveWholeNumber)
    .option('--max-new-tokens <count>', 'of a response', positiveWholeNumber)
    .option('--temperature <number>', 'of the sampling', number)
    .option('--top-k <count>', 'sample from the likeliest tokens only', positiveWholeNumber)
    .option('--top-p <share>', 'sample from the likeliest tokens with this probability together', share)
    .option('--min-p <share>', 'sample from tokens with this share of the likeliest one', share)
    .option('--inner-epochs <count>', 'passes over a rollout', positiveWholeNumber)
    .option('--minibatches <count>', 'updates in each pass', positiveWholeNumber)
    .option('--clip <share>', 'how far a probability may move in one rollout', number)
    .option('--clip-high <share>', 'the same upwards, where it differs', number)
    .option('--dual-clip <ratio>', 'bound of the ratio where the advantage is negative', number)
    .option('--kl <coefficient>', 'price of leaving the policy that the run started from', atLeastZero)
    .option('--kl-target <nats>', 'adapt that price to this divergence of a response', number)
    .option('--kl-horizon <responses>', 'in which the price may change by a fifth', number)
    .option('--kl-estimator <name>', 'k1 or k3')
    .option('--kl-limit <nats>', 'end the run where the divergence is larger', number)
    .option('--entropy <coefficient>', 'bonus for undecided distributions', atLeastZero)
    .option('--discount <share>', 'ppo: of a later reward', share)
    .option('--lambda <share>', 'ppo: of generalised advantage estimation', share)
    .option('--value-clip <number>', 'ppo: how far a value may move in one rollout', number)
    .option('--value-coefficient <number>', 'ppo: weight of the value loss', atLeastZero)
    .option('--whiten-rewards', 'ppo: rewards of a rollout to unit deviation')
    .option('--no-whiten-advantages', 'advantages as they are')
    .option('--normalisation <name>', 'grpo: what tokens weigh: token, response or length')
    .option('--scale-rewards <name>', 'grpo: by the deviation of the group, the batch, or none')
    .option('--importance <name>', 'grpo: ratios of each token, or of the whole sequence')
    .option('--reward-clip <number>', 'largest reward either way', number)
    .option('--missing-end-penalty <number>', 'taken off a response that did not end by itself', atLeastZero)
    .option('--on-reward-failure <what>', 'stop, or drop the responses that got no reward')
    .option('--reward-retries <count>', 'how often a failed reward is asked again', wholeNumber)
    .option('--cost <reference>', 'a reward that says how harmful a response is, to be kept low')
    .option('--cost-limit <number>', 'what its mean may be', number)
    .option('--held-out <count>', 'prompts that are held out', positiveWholeNumber)
    .option('--past-peak', 'go on where the gold reward falls')
    .optionsGroup('Options:');
  return withPresentation(withEngine(command), example).action((options: Options) =>
    present(options, async ({ signal, onProgress }) => {
      const { driftWarnings, liveLines, policySettings, trainPolicy } = await import('@plaudit/policy');
      const { method, policy, data, format, prompts, heldOutPrompts, reward, gold, out, seed } = options;
      const names = Object.keys(policySettings.shape) as PolicySettingName[];
      const settings = Object.fromEntries(
        names.filter((name) => given(command, name, options)).map((name) => [name, options[name]]),
      ) as PolicySettings;
      const combination = combinationOf(options);
      const view = liveView(process.stderr);
      const live = process.stderr.isTTY && !options.quiet && !options.json;
      let totalSteps = 0;
      const document = await namingFlags(() =>
        trainPolicy({
          method,
          policy,
          ...(data && { data }),
          ...(format !== undefined && { format }),
          ...(prompts && { prompts }),
          ...(heldOutPrompts && { heldOutPrompts }),
          ...(reward !== undefined && { reward }),
          ...(combination && { rewardCombination: combination }),
          ...(gold !== undefined && { gold }),
          out,
          seed,
          settings,
          resume: options.resume ?? false,
          overwrite: options.overwrite ?? false,
          signal,
          onProgress: (progress) => {
            if (progress.phase === 'train') totalSteps = progress.totalSteps;
            if (!live || progress.phase !== 'train') onProgress(progress);
          },
          onRecord: (_, records) => {
            if (!live) return;
            view.show(() =>
              liveLines(records, {
                totalSteps,
                columns: process.stderr.columns,
                drift: driftWarnings(records),
              }),
            );
          },
        }),
      );
      view.end();
      return { document, text: policyText(document), warnings: document.warnings };
    }),
  );
};

/** Lambda 0.5 as Coste et al. 2023 have it. */
const combinationOf = ({ rewardCombine: combine, rewardLambda: lambda }: Options): Combination | null => {
  if (combine === 'mean-minus-variance') return { combine, lambda: lambda ?? 0.5 };
  if (lambda !== undefined)
    throw plauditError('cli.usage', {
      problem: '--reward-lambda belongs to --reward-combine mean-minus-variance',
    });
  if (combine === undefined) return null;
  if (combine === 'mean' || combine === 'worst') return { combine };
  throw plauditError('cli.usage', { problem: '--reward-combine takes mean, worst or mean-minus-variance' });
};

/** Commander sets `--no-…` options without being told to; only what was typed is a setting. */
const given = (command: Command, name: string, options: Options): boolean =>
  options[name as PolicySettingName] !== undefined && command.getOptionValueSource(name) !== 'default';

const signed = (value: number): string => value.toFixed(3).replace('-', '−');

const heldOutRows = ({ start, kept }: PolicyDocument): [string, string][] => {
  if (!kept) return [];
  const from = (read: (one: NonNullable<PolicyDocument['kept']>) => number | undefined): string => {
    const [before, after] = [start && read(start), read(kept)];
    return before === undefined || before === null
      ? signed(after!)
      : `${signed(after!)}  (was ${signed(before)})`;
  };
  return [
    ['reward', from(({ reward }) => reward)],
    ...(kept.gold === undefined
      ? []
      : ([['gold', `${from(({ gold }) => gold)}, standard error ${kept.goldError?.toFixed(3)}`]] as [
          string,
          string,
        ][])),
    ['KL', `${kept.kl.toFixed(2)} nats from where it started`],
    ['length', from(({ length }) => length)],
  ];
};

/** The summary of a run for people. */
const policyText = (document: PolicyDocument): string => {
  const { method, out, data, updates, keptStep, stopped, seconds, kept, lastRecord } = document;
  const validated = lastRecord?.validationLoss;
  const measured = kept
    ? `On ${plural(kept.prompts, 'prompt')} that it was not trained on:\n${aligned(heldOutRows(document))}`
    : validated === undefined
      ? ''
      : `On ${plural(data.heldOut, 'conversation')} that it was not trained on the loss is ${validated.toFixed(3)}.\n`;
  const kind = method.toUpperCase();
  return `Trained with ${kind} on ${plural(data.train, method === 'sft' || !document.reward ? 'conversation' : 'prompt')} in ${duration(seconds)}: ${plural(updates, 'update')}${keptStep === updates ? '' : `, of which the weights of update ${count(keptStep)} were kept`}.
${stopped === null ? '' : `${stopped}\n`}
${measured}
Saved in ${out}. Open ${out}/report.html to see how it went.
Next: plaudit policy generate --policy ${shellWord(out)} --prompts PROMPTS
`;
};
