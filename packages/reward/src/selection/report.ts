/** @file A simulation of selection for people: a table in Markdown, and a page with the learning curves. */
import { type Curve, curveFigure } from '../report/curve.ts';
import { percent } from '../report/figures.ts';
import { type Html, html } from '../report/html.ts';
import { styleSheet } from '../report/style.ts';
import type { Estimate, Reached } from './curves.ts';
import type { RuleResult, SelectionSimulationDocument } from './simulate-selection.ts';

const count = (value: number): string => Math.round(value).toLocaleString('en');
const signed = (value: number, digits: number): string =>
  `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;

const percentOf = (share: number): string => `${signed(100 * share, 0)} %`;

/** Where one of the two did not get there, what its last label bounds. */
const savedText = ({ saved, labels, randomLabels }: Reached, last: number): string => {
  if (saved === null) {
    if (randomLabels !== null) return `below ${percentOf(1 - last / randomLabels)}`;
    return labels === null ? 'neither got there' : `above ${percentOf(1 - labels / last)}`;
  }
  const [low, high] = saved.interval.map((end) => (end === null ? 'open' : signed(100 * end, 0)));
  return `${percentOf(saved.value)} (${low} to ${high})`;
};

const labelsText = ({ labels }: Reached, [first]: readonly number[], last: number): string => {
  if (labels === null) return `over ${count(last)}`;
  return labels <= first! ? `at most ${count(labels)}` : count(labels);
};

const areaText = ({ value, interval }: Estimate): string =>
  `${signed(100 * value, 2)} (${interval.map((end) => signed(100 * end, 2)).join(' to ')})`;

/** What may be said of a rule, by the interval of its area. */
const verdictOf = ({ area }: Pick<RuleResult, 'area'>): 'better' | 'worse' | 'not told apart' =>
  area.interval[0] > 0 ? 'better' : area.interval[1] < 0 ? 'worse' : 'not told apart';

const head = ({ rules }: SelectionSimulationDocument): string[] => [
  'rule',
  ...rules[0]!.reached.flatMap(({ share }) => [
    `labels for ${percent(share, 0)} of the gain`,
    'saved (95 % interval)',
  ]),
  'area over random, points (95 % interval)',
  'beside random',
];

const rows = ({ rules, labels }: SelectionSimulationDocument): string[][] =>
  rules.map((result) => {
    const isRandom = result.rule === 'random';
    const last = labels.at(-1)!;
    return [
      result.rule,
      ...result.reached.flatMap((reached) => [
        labelsText(reached, labels, last),
        isRandom ? '' : savedText(reached, last),
      ]),
      isRandom ? '' : areaText(result.area),
      isRandom ? '' : verdictOf(result),
    ];
  });

/** The result as a Markdown table, random first. */
export const selectionTable = (document: SelectionSimulationDocument): string =>
  [head(document), head(document).map(() => '---'), ...rows(document)]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');

/** What was simulated, in sentences. */
export const selectionSetting = (document: SelectionSimulationDocument): string[] => {
  const { data, features, annotators, seeds, plan, allLabels } = document;
  const files =
    data.sources.length > 3
      ? `${data.sources.length} files`
      : data.sources.map(({ name }) => name).join(', ');
  const truth =
    annotators.gold === null
      ? `The file is the truth; annotators say what it says in ${percent(annotators.accuracy)} of the pairs.`
      : `The reward model ${annotators.gold} is the truth; annotators say what is true in ${percent(annotators.accuracy)} of the pairs.`;
  const most = plan.most === null ? '' : `, and no more than ${count(plan.most)} labels`;
  return [
    `${files}: ${count(data.pairs)} pairs of ${count(data.prompts)} prompts; ${count(data.leftOut)} judgements are no such pair, ${count(data.undecided)} pairs have no answer.`,
    `${truth} Features: ${features.base ?? 'hashed words'} (${features.width} numbers).`,
    `${seeds.count} seeds from ${seeds.first}. For each about ${count(document.pool)} pairs are the pool and ${count(document.heldOutPairs)} pairs of other prompts are held out. ${plan.start} labels are drawn evenly, then ${plan.batch} a round or ${percent(plan.growth, 0)} of those there are${most}; at most ${plan.perPrompt} of a prompt in a round; ${percent(plan.control, 0)} of a round are control; temperature ${plan.temperature}; for a ${plan.purpose === 'reward' ? 'reward model' : 'policy'}.`,
    `All labels of the pool give an accuracy of ${percent(allLabels.accuracy)} (${percent(allLabels.range[0])} to ${percent(allLabels.range[1])} over seeds). The gain is what that has over a coin.`,
  ];
};

/** What the numbers are and are not. */
export const selectionNotes: readonly string[] = [
  'Labels are read off the mean curve over seeds, made to rise. What is saved is a share of the labels that random needs; below 0 the rule needs more.',
  'Intervals are over resamples of seeds, each seed with the same split, first labels and answers for all rules. They hold for this file: they do not say how another would come out, and none is corrected for there being several rules.',
  'The area is the mean accuracy over the logarithm of labels, less random’s; a rule is better or worse than random where its interval leaves 0 out.',
];

const curveOf = ({ labels, rules, seeds }: SelectionSimulationDocument, result: RuleResult): Html | null => {
  const points = (accuracy: readonly number[]): Curve['series'][number]['points'] =>
    labels.map((at, i) => [Math.log2(at), accuracy[i]!] as const);
  const random = rules[0]!;
  return curveFigure({
    id: `curve-${result.rule}`,
    title: `${result.rule}: ${verdictOf(result) === 'not told apart' ? 'not told apart from random' : `${verdictOf(result)} than random`}`,
    x: 'labels, as a power of two',
    y: 'held-out accuracy',
    caption: `Mean over ${seeds.count} seeds.`,
    show: percent,
    series: [
      { name: result.rule, style: 'one', points: points(result.accuracy) },
      { name: 'random', style: 'two', points: points(random.accuracy) },
    ],
    table: {
      head: ['Labels', result.rule, 'Random'],
      rows: labels.map((at, i) => [count(at), percent(result.accuracy[i]!), percent(random.accuracy[i]!)]),
    },
  });
};

/**
 * Renders the page. It loads nothing from anywhere, runs no script and holds no text of the data.
 *
 * @example await writeFile('selection.html', renderSelectionReport(await simulateSelection({ data })))
 */
export const renderSelectionReport = (document: SelectionSimulationDocument): string =>
  html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Selection of what to label next</title><style>${styleSheet}</style></head><body>
<main>
<h1>Selection of what to label next</h1>
${selectionSetting(document).map((sentence) => html`<p>${sentence}</p>`)}
<div class="scroll"><table><thead><tr>${head(document).map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead><tbody>${rows(
    document,
  ).map(
    ([name, ...cells]) =>
      html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`,
  )}</tbody></table></div>
${selectionNotes.map((note) => html`<p class="quiet">${note}</p>`)}
<div class="figures">${document.rules.slice(1).map((result) => curveOf(document, result))}</div>
</main></body></html>
`.text;
