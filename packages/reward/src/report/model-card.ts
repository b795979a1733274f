/** @file The model card: MODEL_CARD.md, what a person should know before using a saved reward model, from its record alone. */
import type { ModelCard } from '../model.ts';
import type { ValidationDocument } from '../validation/document.ts';
import {
  baselineInWords,
  baselineName,
  baselineSays,
  between,
  judgedCount,
  judgedDetail,
  methodNames,
  noiseCeilingInWords,
  percent,
} from '../validation/words.ts';
import { warningsOf } from './warnings.ts';

export const modelCardText = 'MODEL_CARD.md';

export interface ModelCardInput {
  /** What the model is called: the name of its folder. */
  readonly name: string;
  readonly card: ModelCard;
  /** Of its run; by default what its metrics warn of. */
  readonly warnings?: readonly string[] | undefined;
}

/** Of a path to a place on this machine, such as a base checkpoint's, only the name is told. */
const portable = (_key: string, value: unknown): unknown =>
  typeof value === 'string' && /^(?:\/|~|\.\.?\/|[A-Za-z]:\\)[^\n]*$/.test(value)
    ? (value.split(/[/\\]/).findLast((part) => part !== '') ?? value)
    : value;

/** Text from data inside Markdown: no markup, no cell or line ends. */
const plain = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]|#~]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;');

const number = (value: number, digits = 3): string => value.toFixed(digits).replace('-', '−');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const fenced = (language: string, text: string): string => {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
};

const summary = ({ kind, metrics }: ModelCard): string => {
  if (metrics === null)
    return `A reward model of kind ${plain(kind)}. It has not been measured on any judgements.`;
  const detail = judgedDetail(metrics);
  const ceiling = noiseCeilingInWords(metrics);
  return `A reward model of kind ${plain(kind)}. It is right on **${percent(metrics.accuracy)}** of ${judgedCount(metrics)}${detail && ` (${plain(detail)})`} that it had not seen (95 % interval ${between(metrics.accuracyInterval)}). ${baselineSays(metrics)} is right on **${percent(metrics.lengthBaseline)}**.${ceiling === undefined ? '' : ` What the judgements' own disagreement allows: ${ceiling.replace(/ {2}/g, ' ')}.`}`;
};

const dataSection = ({ data, calibratedOn }: ModelCard): string => {
  const { train, validation, test } = data.split.fractions;
  const sources =
    data.sources.length === 0
      ? 'It was made without data.'
      : `${table(
          ['File', 'SHA-256'],
          data.sources.map(({ name, sha256 }) => [plain(name), `\`${sha256}\``]),
        )}

${data.rows.toLocaleString('en')} rows were read and ${data.rejects.toLocaleString('en')} of them set aside. Prompts that are near-copies of each other are on one side of the split only.

${table(
  ['Side', 'Share', 'Comparisons'],
  [
    [validation > 0 ? 'training' : 'calibration', percent(train, 0), data.pairs.train.toLocaleString('en')],
    ...(validation > 0
      ? [['validation', percent(validation, 0), data.pairs.validation.toLocaleString('en')]]
      : []),
    ['test', percent(test, 0), data.pairs.test.toLocaleString('en')],
  ],
)}

Split seed ${data.split.seed}.`;
  const later =
    calibratedOn === undefined
      ? ''
      : `\n\nIt was calibrated afterwards on ${calibratedOn.pairs.toLocaleString('en')} comparisons of ${calibratedOn.sources.map(({ name, sha256 }) => `${plain(name)} (\`${sha256}\`)`).join(', ')}.`;
  return `${sources}${later}`;
};

const rowsOf = (v: ValidationDocument): string[][] => {
  const ceiling = noiseCeilingInWords(v);
  return [
    ['accuracy', percent(v.accuracy), between(v.accuracyInterval)],
    [baselineName(v), percent(v.lengthBaseline), plain(baselineInWords(v))],
    [
      'lead over the baseline',
      `${number(100 * v.overLengthBaseline.difference, 1)} points`,
      v.overLengthBaseline.interval.map((end) => number(100 * end, 1)).join(' to '),
    ],
    ...(ceiling === undefined
      ? []
      : v.noiseCeiling
        ? [['noise ceiling', percent(v.noiseCeiling.ceiling), between(v.noiseCeiling.interval)]]
        : [['noise ceiling', 'not known', 'too few comparisons were judged more than once']]),
    [
      'calibration error',
      number(v.ece),
      `${number(v.eceUncalibrated)} before temperature ${number(v.temperature, 2)}`,
    ],
    ['Brier score', number(v.brier), 'saying one half always has 0.250'],
    ['log loss, nats', number(v.logLoss), 'saying one half always has 0.693'],
    [
      'rank correlation with length',
      v.lengthCorrelation === null ? 'none' : number(v.lengthCorrelation, 2),
      '0 is best',
    ],
  ];
};

const otherJudgements = (v: ValidationDocument): string[] => {
  const { labels, rankings, ratings = [], steps, criteria = [] } = v;
  return [
    ...(labels
      ? [
          `Labels: ${percent(labels.accuracy)} of ${labels.labels.toLocaleString('en')} on the right side of 0 (${between(labels.accuracyInterval)}; the more frequent answer ${percent(labels.majorityBaseline)}), area under the ROC curve ${labels.rocAuc === null ? 'unknown' : number(labels.rocAuc)}.`,
        ]
      : []),
    ...(rankings
      ? [
          `Rankings: Kendall's tau-b ${number(rankings.kendallTau)} (${rankings.kendallTauInterval.map((end) => number(end)).join(' to ')}) over ${rankings.rankings.toLocaleString('en')}; the best one first in ${percent(rankings.top1)} (by chance ${percent(rankings.top1Chance)}).`,
        ]
      : []),
    ...ratings.map(
      (rating) =>
        `Ratings ${rating.criterion === null ? 'overall' : `of ${plain(rating.criterion)}`}: Spearman ${rating.spearman === null ? 'unknown' : number(rating.spearman)} over ${rating.ratings.toLocaleString('en')} responses.`,
    ),
    ...(steps
      ? [
          `Steps: ${percent(steps.accuracy)} of ${steps.steps.toLocaleString('en')} on the right side of 0 (the more frequent answer ${percent(steps.majorityBaseline)}); the first mistake found in ${percent(steps.firstMistakeAccuracy)} (saying never ${percent(steps.neverMistaken)}).`,
        ]
      : []),
    ...criteria.map(
      (one) =>
        `By ${plain(one.criterion)}: ${percent(one.accuracy)} of ${one.pairs.toLocaleString('en')} comparisons (${between(one.accuracyInterval)}), by ${one.objective === null ? 'the reward' : `the objective ${plain(one.objective)}`}.`,
    ),
  ];
};

const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');

const canaries = ({ canaries: found }: ValidationDocument): string => {
  const failed = Object.entries(found).filter(([, canary]) => canary?.passed === false);
  return failed.length === 0
    ? 'Every check of the evaluation itself passed.'
    : `**A check of the evaluation itself failed (${failed.map(([name]) => name).join(', ')}): these numbers cannot be trusted.**`;
};

const measured = ({ metrics }: ModelCard): string => {
  if (metrics === null) return 'Not measured.';
  const others = otherJudgements(metrics);
  const detail = judgedDetail(metrics);
  return `On ${judgedCount(metrics)} of ${metrics.prompts.toLocaleString('en')} prompts${detail && ` (${plain(detail)})`}, none of which it was trained on. Intervals are 95 %, over resamples of whole prompts.

${table(['Measure', 'Value', 'Interval or comparison'], rowsOf(metrics))}
${others.length === 0 ? '' : `\n${bullets(others)}\n`}
${canaries(metrics)}`;
};

const calibrationSection = ({ calibration, metrics, data, calibratedOn }: ModelCard): string => {
  if (calibration === null) return 'Not calibrated: differences of rewards are no probabilities.';
  const { temperature, reference, method = 'temperature', on = 'pairs' } = calibration;
  const fitted = { pairs: 'comparisons', labels: 'labels', steps: 'labelled steps' }[on];
  // What was measured on the test side was measured before a later calibration.
  const tested = new Map(calibratedOn ? [] : metrics?.calibration?.methods.map((one) => [one.method, one]));
  const side = calibratedOn
    ? 'the files that it was calibrated on afterwards'
    : data.split.fractions.validation > 0
      ? 'the validation side'
      : 'the side that calibrated';
  const crossed = new Map(calibration.crossValidation?.methods.map((one) => [one.method, one.logLoss]));
  const methods = [...new Set([...crossed.keys(), ...tested.keys()])];
  const compared =
    methods.length === 0
      ? ''
      : `\n\n${table(
          ['Method', 'log loss, cross-validated', 'log loss, test', 'Brier, test', 'calibration error, test'],
          methods.map((name) => {
            const test = tested.get(name);
            const shown = (value: number | undefined): string => (value === undefined ? '' : number(value));
            return [
              methodNames[name],
              shown(crossed.get(name)),
              shown(test?.logLoss),
              shown(test?.brier),
              shown(test?.ece),
            ];
          }),
        )}`;
  return `Fitted on ${fitted} of ${side}. Temperature ${number(temperature, 4)}, mean training reward ${number(reference, 4)}. Probabilities come from: ${methodNames[method]}.${compared}`;
};

const slicesSection = ({ metrics }: ModelCard): string => {
  const slices = metrics?.slices;
  if (!slices?.worst) return 'No slice was large enough to be looked at (30 judgements of 10 prompts).';
  const { worst, belowRest, tested } = slices;
  const rows = [
    worst,
    ...belowRest.filter((one) => one.segment !== worst.segment || one.group !== worst.group),
  ];
  return `Of ${tested} slices, ${rows.length > 1 ? 'the first has' : 'this one has'} the lowest lower end of its interval${rows.length > 1 ? '; the others are below the rest beyond chance' : ''}. p is corrected for the number of slices (Holm).

${table(
  ['Slice', 'Judgements', 'Accuracy', '95 % interval', 'The rest', 'Corrected p'],
  rows.map((one) => [
    `${plain(one.segment)}: ${plain(one.group)}`,
    one.pairs.toLocaleString('en'),
    percent(one.accuracy),
    between(one.accuracyInterval),
    percent(one.rest),
    one.adjustedP < 0.001 ? '< 0.001' : number(one.adjustedP),
  ]),
)}`;
};

const limits = (card: ModelCard, warnings: readonly string[]): string =>
  bullets([
    ...warnings.map(plain),
    'Only differences between rewards of responses to one prompt have a meaning; rewards of different prompts share no scale.',
    'It says what the people behind its data prefer, on prompts like theirs. `plaudit reward inspect` measures what else it prefers: length, format, agreement, language.',
    ...(card.calibration === null
      ? []
      : ['Probabilities hold for data like those that it was calibrated on.']),
  ]);

const lineage = ({
  lineage: { base, hub, parts = [] },
  formattingDigest,
  createdBy,
  seed,
}: ModelCard): string =>
  bullets([
    `Made by Plaudit ${plain(createdBy)}, seed ${seed}.`,
    base === null
      ? 'Trained or built from no checkpoint.'
      : `Base checkpoint: SHA-256 \`${base}\`${hub ? `, ${plain(hub.id)} at \`${hub.commit}\`` : ''}.`,
    ...(formattingDigest === null ? [] : [`Template, tokenizer and limits: digest \`${formattingDigest}\`.`]),
    ...parts.map(({ name, sha256 }) => `Part ${plain(name)}: card SHA-256 \`${sha256}\`.`),
  ]);

const distilled = ({ distillation }: ModelCard): string[] => {
  if (!distillation) return [];
  const { teacher, fidelity } = distillation;
  return [
    `Distilled from a reward model of kind ${plain(teacher.kind)} (card's SHA-256 \`${teacher.sha256.slice(0, 16)}…\`). It orders **${percent(fidelity.agreement)}** of ${fidelity.pairs.toLocaleString('en')} pairs of responses to ${fidelity.prompts.toLocaleString('en')} prompts that it was not taught as its teacher does (95 % interval ${between(fidelity.agreementInterval)}); Kendall's tau within prompts is ${number(fidelity.kendallTau)}.`,
  ];
};

/**
 * The card as Markdown. It follows from the record of the run alone: no time, no machine and no path is in it, so that the
 * same run gives the same card.
 */
export const renderModelCard = (input: ModelCardInput): string => {
  const { name, card } = input;
  const { criteria = {}, command, metrics } = card;
  const warnings = input.warnings ?? (metrics === null ? [] : warningsOf(metrics));
  const spoken = Object.entries(criteria).map(
    ([criterion, objective]) => `${plain(criterion)} by ${plain(objective)}`,
  );
  return `# ${plain(name)}

${summary(card)}

## What it is

${bullets([
  `Kind: ${plain(card.kind)}.`,
  `Objectives: ${card.objectives.map(plain).join(', ')}.`,
  ...(spoken.length === 0 ? [] : [`Criteria: ${spoken.join(', ')}.`]),
  `Rewards of training responses: mean ${number(card.normaliser.mean)}, standard deviation ${number(card.normaliser.std)}.`,
  ...distilled(card),
])}

## Data

${dataSection(card)}

## How good it is

${measured(card)}

## Calibration

${calibrationSection(card)}

## Where it is worst

${slicesSection(card)}

## Limits

${limits(card, warnings)}

## How to use it

${fenced('sh', 'plaudit reward score --model FOLDER --input ROWS\nplaudit reward evaluate --model FOLDER --data FILE')}

${fenced('ts', "import { loadRewardModel } from '@plaudit/reward';\n\nconst model = await loadRewardModel('FOLDER');\nconst [scores] = await model.score([{ prompt: [{ role: 'user', content: '…' }], responses: ['…', '…'] }]);")}

## Where it comes from

${lineage(card)}
${command === undefined ? '' : `\nTo make it again, with the files above in the current folder:\n\n${fenced('sh', command)}\n`}
${fenced('json', JSON.stringify(card.configuration, portable, 2))}
`;
};
