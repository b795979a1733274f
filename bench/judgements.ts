/**
 * @file Every kind and objective on real judgements: one table of accuracy with interval, calibration and cost, beside
 * length. `npm run bench -- judgements ENCODER [DATA [OUT [NAME]]]`: an encoder's folder, the folder of the data, where
 * models and table go, and a dataset's name for that one alone.
 */
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { splitByPrompt } from '@plaudit/feedback';
import {
  compareRewardModels,
  loadRewardModel,
  readPreferenceData,
  type TrainingDocument,
  type TrainingSettings,
  trainEnsemble,
  trainRewardModel,
  type ValidationDocument,
} from '@plaudit/reward';

const seed = 7;
const members = 5;

/** A way of learning from a dataset. */
interface Way {
  readonly name: string;
  readonly kind: 'linear' | 'probe' | 'transformer';
  readonly settings?: TrainingSettings;
}

interface Dataset {
  readonly name: string;
  readonly data: readonly string[];
  readonly limitPairs?: number;
  readonly ways: readonly Way[];
  /** Two ways that are compared pair by pair: whether the second beats the first. */
  readonly compare?: readonly [string, string];
  /** Whether an ensemble of probes is trained and compared with one of them. */
  readonly ensemble?: true;
  /** Whether the share of prompts whose best response by reward is right is asked for. */
  readonly bestOf?: boolean;
}

const linear: Way = { name: 'linear', kind: 'linear' };
const probe = (name: string, settings: TrainingSettings = {}): Way => ({
  name: `probe, ${name}`,
  kind: 'probe',
  settings,
});

/** Pairs of every criterion on a head of its own, in the place of its ratings. */
const aspects = ['informativeness', 'naturalness', 'overall'];
const pairsOfAspects: TrainingSettings = {
  objective: {
    heads: aspects,
    sums: { reward: Object.fromEntries(aspects.map((aspect) => [aspect, 1 / aspects.length])) },
    terms: aspects.map((aspect) => ({ on: aspect, objective: 'bradley-terry', criterion: aspect })),
    reward: 'reward',
  },
};

const datasets: readonly Dataset[] = [
  {
    name: 'HH-RLHF harmless',
    ensemble: true,
    data: ['text-pairs/hh-harmless-test.open.jsonl.gz'],
    ways: [
      linear,
      probe('Bradley-Terry'),
      probe('bilinear', { head: 'bilinear' }),
      probe('hinge', { objective: 'hinge' }),
      probe('label smoothing 0.1', { labelSmoothing: 0.1 }),
    ],
  },
  {
    name: 'Auto-J',
    ensemble: true,
    compare: ['probe, Bradley-Terry', 'probe, Davidson (ties)'],
    data: ['text-pairs/autoj_pairwise_en.open.jsonl.gz'],
    ways: [
      linear,
      probe('Bradley-Terry', { objective: 'bradley-terry' }),
      probe('Davidson (ties)', { objective: 'davidson' }),
      probe('Rao-Kupper (ties)', { objective: 'rao-kupper' }),
    ],
  },
  {
    name: 'PandaLM',
    ensemble: true,
    compare: ['probe, majority', 'probe, votes as soft labels'],
    data: ['text-pairs/pandalm-testset-v1.open.json'],
    ways: [
      linear,
      probe('votes as soft labels'),
      probe('majority', {
        objective: {
          heads: ['preference'],
          terms: [{ on: 'preference', objective: 'bradley-terry', options: { soft: false } }],
          reward: 'preference',
        },
      }),
    ],
  },
  {
    // Six of 22 systems, each against text-davinci-003: features of all of them would take an hour.
    name: 'AlpacaEval-1',
    data: ['alpaca-7b', 'claude', 'gpt4', 'llama-2-7b-chat-hf', 'text_davinci_001', 'vicuna-13b'].map(
      (system) => `text-llm-judged/alpacaeval1-gpt4/${system}.open.json.gz`,
    ),
    ensemble: true,
    ways: [linear, probe('Bradley-Terry', { maxLength: 256 })],
  },
  {
    name: 'Open-Assistant',
    ensemble: true,
    compare: ['probe, all pairs', 'probe, Plackett-Luce'],
    data: ['text-kway/oasst-en_100_tree.jsonl.gz'],
    ways: [
      linear,
      probe('Plackett-Luce', { objective: 'plackett-luce' }),
      probe('all pairs', { objective: 'bradley-terry' }),
    ],
  },
  {
    name: 'SFHOT',
    data: ['graded/sfhot.json'],
    ways: [
      linear,
      probe('a regression for each criterion'),
      probe('pairs of each criterion', pairsOfAspects),
    ],
  },
  {
    name: 'SFRES',
    data: ['graded/sfres.json'],
    ways: [
      linear,
      probe('a regression for each criterion'),
      probe('pairs of each criterion', pairsOfAspects),
    ],
  },
  {
    name: 'GSM8K solutions',
    ensemble: true,
    data: ['verifiable/gsm8k-example_model_solutions.jsonl.gz'],
    bestOf: true,
    ways: [linear, probe('binary labels'), probe('pairs', { objective: 'bradley-terry' })],
  },
  {
    name: 'BIG-Bench-Mistake',
    data: [
      'process/big-bench-mistake-multistep_arithmetic.jsonl',
      'process/big-bench-mistake-tracking_shuffled_objects.jsonl',
      'process/big-bench-mistake-word_sorting.jsonl.gz',
    ],
    ways: [{ name: 'transformer, steps', kind: 'transformer', settings: { maxLength: 512, epochs: 3 } }],
  },
];

const percent = (value: number): string => (100 * value).toFixed(1);
const between = ([low, high]: readonly [number, number], digits: number): string =>
  `${low.toFixed(digits)} to ${high.toFixed(digits)}`;

/** What a dataset's judgements say beside pairs. */
const beside = ({ rankings, labels, ratings = [], steps }: ValidationDocument): string =>
  [
    rankings && `Kendall ${rankings.kendallTau.toFixed(2)} (${between(rankings.kendallTauInterval, 2)})`,
    labels && `labels ${percent(labels.accuracy)} (always the same ${percent(labels.majorityBaseline)})`,
    ...ratings.map(({ criterion, spearman }) => `${criterion} ρ ${spearman?.toFixed(2) ?? 'none'}`),
    steps &&
      `first mistake ${percent(steps.firstMistakeAccuracy)} (never one ${percent(steps.neverMistaken)}), AUC ${steps.rocAuc?.toFixed(2) ?? 'none'}`,
  ]
    .filter(Boolean)
    .join('; ');

const row = (dataset: string, model: string, test: ValidationDocument, seconds: number, more = ''): string =>
  `| ${[
    dataset,
    model,
    `${test.pairs} (${test.prompts})`,
    percent(test.lengthBaseline),
    `${percent(test.accuracy)} (${test.accuracyInterval.map(percent).join(' to ')})`,
    test.ece.toFixed(3),
    [beside(test), more].filter(Boolean).join('; '),
    `${Math.round(seconds)} s`,
  ].join(' | ')} |`;

/** The share of the test side's prompts whose best response by reward is right, beside chance and the best possible. */
const bestOf = async (model: string, sources: TrainingDocument['data']['sources']): Promise<string> => {
  const { trees } = await readPreferenceData(sources.map(({ path }) => path));
  const { test } = splitByPrompt(trees, { seed, validation: 0.1, test: 0.2 });
  const open = await loadRewardModel(model);
  const scores = await open.score(test);
  await open.close();
  let best = 0;
  let mean = 0;
  let oracle = 0;
  test.forEach(({ labels = [], responses }, i) => {
    const right = responses.map((_, k) =>
      labels.some(({ response, desirable }) => response === k && desirable) ? 1 : 0,
    );
    const rewards = scores[i]!.map(({ reward }) => reward);
    best += right[rewards.indexOf(Math.max(...rewards))]!;
    mean += right.reduce<number>((a, b) => a + b, 0) / right.length;
    oracle += Math.max(...right);
  });
  const share = (sum: number): string => (sum / test.length).toFixed(3);
  return `best of up to 4: ${share(best)} (mean ${share(mean)}, oracle ${share(oracle)})`;
};

/** Trains each way, and where it is asked for five probes that make an ensemble; writes rows as they come. */
export const benchJudgements = async ([
  encoder,
  folder = '../shared/data',
  out = 'judgements-bench',
  only,
]: readonly string[]): Promise<void> => {
  if (encoder === undefined) throw new Error('An encoder is needed: a folder such as all-MiniLM-L6-v2.');
  await mkdir(out, { recursive: true });
  const print = async (line: string): Promise<void> => {
    process.stdout.write(`${line}\n`);
    await appendFile(join(out, 'table.md'), `${line}\n`);
  };
  const options = ({ name, data, limitPairs }: Dataset, way: Way, to: string) => {
    process.stderr.write(`${name}: ${way.name}\n`);
    return {
      data: data.map((file) => join(folder, file)),
      kind: way.kind,
      out: to,
      seed,
      ...(limitPairs !== undefined && { limitPairs }),
      settings: { ...(way.kind !== 'linear' && { base: encoder }), ...way.settings },
      overwrite: true,
    };
  };
  await print('| data | model | test judgements (prompts) | length | accuracy, % | ECE | beside | time |');
  await print('| --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const dataset of datasets) {
    if (only !== undefined && !dataset.name.includes(only)) continue;
    const at = (name: string): string => join(out, `${dataset.name} ${name}`.replaceAll(/\W+/g, '-'));
    const trained = async (way: Way): Promise<TrainingDocument> => {
      const document = await trainRewardModel(options(dataset, way, at(way.name)));
      const more = dataset.bestOf ? await bestOf(at(way.name), document.data.sources) : '';
      await print(row(dataset.name, way.name, document.test, document.seconds, more));
      return document;
    };
    const over = async (a: string, b: string, data: readonly string[]): Promise<string> => {
      const { difference, interval } = await compareRewardModels(a, b, { data, split: 'test', seed });
      return `${percent(difference)} (${interval.map(percent).join(' to ')})`;
    };
    let files: readonly string[] = [];
    for (const way of dataset.ways) files = (await trained(way)).data.sources.map(({ path }) => path);
    if (dataset.compare) {
      const [a, b] = dataset.compare;
      await print(`| ${dataset.name} | ${b} over ${a}: ${await over(at(a), at(b), files)} | | | | | | |`);
    }
    if (!dataset.ensemble) continue;
    const single = probe('small network', { head: 'mlp' });
    await trained(single);
    const to = at('ensemble');
    const ensemble = await trainEnsemble({ ...options(dataset, single, to), members });
    const difference = `over one: ${await over(at(single.name), to, files)}`;
    await print(row(dataset.name, `ensemble of ${members}`, ensemble.test!, ensemble.seconds, difference));
  }
};
