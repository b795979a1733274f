/** @file The report's pictures of a validation document and of the records of a training run. */
import type { ReliabilityBin, ValidationDocument } from '../validation/document.ts';
import { curveFigure } from './curve.ts';
import { axes, dots, figure, horizontal, outline, percent, polyline, short, vertical } from './figures.ts';
import { type Html, html } from './html.ts';

/** One point of a training run. */
export interface LearningRecord {
  readonly step: number;
  readonly loss: number;
  readonly accuracy?: number;
  readonly validationLoss?: number;
  readonly validationAccuracy?: number;
  /** What the step processed and how long it took. */
  readonly tokens?: number;
  readonly seconds?: number;
}

/** Accuracy against confidence before and after the temperature; the area of a dot is the number of pairs. */
export const reliabilityFigure = (v: ValidationDocument): Html => {
  const x = horizontal(0.5, 1);
  const filled = (bins: readonly ReliabilityBin[]) =>
    bins.flatMap((bin) =>
      bin.confidence === null || bin.accuracy === null
        ? []
        : [{ pairs: bin.pairs, confidence: bin.confidence, accuracy: bin.accuracy }],
    );
  const after = filled(v.reliability.calibrated);
  const before = filled(v.reliability.uncalibrated);
  const lowest = Math.min(0.5, ...[...after, ...before].filter((b) => b.pairs > 4).map((b) => b.accuracy));
  const y = vertical(Math.max(0, Math.floor(lowest * 10) / 10), 1);
  const place = (bins: ReturnType<typeof filled>) =>
    bins.map((bin) => ({
      x: x.at(bin.confidence),
      y: y.at(Math.max(y.low, bin.accuracy)),
      radius: Math.round(10 * (2 + 14 * Math.sqrt(bin.pairs / v.pairs))) / 10,
    }));
  const share = (value: number): string => percent(value, 0);
  return figure({
    id: 'reliability',
    title: 'Does it know when it is unsure?',
    description: `Reliability diagram. Calibration error ${v.eceUncalibrated.toFixed(3)} before and ${v.ece.toFixed(3)} after temperature ${short(v.temperature)}.`,
    legend: [
      { name: `at temperature ${short(v.temperature)}`, style: 'one' },
      { name: 'before', style: 'two' },
      { name: 'perfect', style: 'ideal' },
    ],
    drawing: html`${axes(x, y, { x: 'how sure the model is', y: 'how often it is right' }, { x: share, y: share })}${polyline(
      [
        [x.at(0.5), y.at(0.5)],
        [x.at(1), y.at(1)],
      ],
      'ideal',
    )}${dots(place(before), 'two')}${dots(place(after), 'one')}`,
    caption:
      'Dots on the line are honest; below it the model is too sure of itself. Larger dots hold more pairs.',
    table: {
      head: ['Confidence', 'Pairs', 'Right', 'Pairs before', 'Right before'],
      rows: v.reliability.calibrated.map((bin, i) => {
        const other = v.reliability.uncalibrated[i]!;
        const right = (value: number | null): string => (value === null ? '' : percent(value));
        return [
          `${percent(bin.low)} to ${percent(bin.high)}`,
          bin.pairs,
          right(bin.accuracy),
          other.pairs,
          right(other.accuracy),
        ];
      }),
    },
  });
};

/** Rewards of preferred and other responses over each other. */
export const distributionFigure = (v: ValidationDocument): Html => {
  const { edges, chosen, rejected } = v.rewardDistribution;
  const x = horizontal(edges[0]!, edges.at(-1)!);
  const y = vertical(0, Math.max(1, ...chosen, ...rejected));
  const [good, bad, what] = {
    pairs: ['preferred', 'other', 'answers'],
    labels: ['desirable', 'undesirable', 'answers'],
    steps: ['right', 'wrong', 'steps'],
  }[v.judged ?? 'pairs'] as [string, string, string];
  return figure({
    id: 'distribution',
    title: `Rewards of ${good} and ${bad} ${what}`,
    description:
      'Two histograms of rewards over each other; the further apart, the better the model tells them.',
    legend: [
      { name: good, style: 'one' },
      { name: bad, style: 'two' },
    ],
    drawing: html`${axes(x, y, { x: 'reward', y: what })}${outline(edges, rejected, x, y, 'two')}${outline(edges, chosen, x, y, 'one')}`,
    caption:
      (v.judged ?? 'pairs') === 'pairs'
        ? 'Only differences between answers to one prompt count, so some overlap is expected.'
        : `Each is judged by itself: ${good} above 0, ${bad} below.`,
    table: {
      head: ['Reward from', 'to', good, bad],
      rows: chosen.map((count, i) => [short(edges[i]!), short(edges[i + 1]!), count, rejected[i]!]),
    },
  });
};

const widest = 400;

/** Every n-th record, the last one and every evaluation always, so that a long run stays a small page. */
const thinned = (records: readonly LearningRecord[]): LearningRecord[] => {
  const every = Math.ceil(records.length / widest);
  return records.filter(
    (record, i) =>
      i % every === 0 ||
      i === records.length - 1 ||
      record.validationLoss !== undefined ||
      record.validationAccuracy !== undefined,
  );
};

const tokensPerSecond = ({ tokens, seconds }: LearningRecord): number | undefined =>
  tokens === undefined || seconds === undefined ? undefined : tokens / seconds;

/** Loss and accuracy over the steps of training; a curve that was not recorded is left out. */
export const learningFigures = (records: readonly LearningRecord[]): (Html | null)[] => {
  const kept = thinned(records);
  const points = (value: (record: LearningRecord) => number | undefined): (readonly [number, number])[] =>
    kept.flatMap((record) => {
      const found = value(record);
      return found === undefined || !Number.isFinite(found) ? [] : [[record.step, found] as const];
    });
  return [
    curveFigure({
      id: 'loss',
      title: 'Loss',
      y: 'loss',
      caption: 'Lower is better. A validation curve that turns up has begun to learn by heart.',
      series: [
        { name: 'training', style: 'one', points: points((r) => r.loss) },
        { name: 'validation', style: 'two', points: points((r) => r.validationLoss) },
      ],
    }),
    curveFigure({
      id: 'accuracy',
      title: 'Accuracy',
      y: 'right',
      caption: 'Training accuracy far above validation accuracy means that more data would help.',
      series: [
        { name: 'training', style: 'one', points: points((r) => r.accuracy) },
        { name: 'validation', style: 'two', points: points((r) => r.validationAccuracy) },
      ],
      show: (value) => percent(value, 0),
    }),
    curveFigure({
      id: 'speed',
      title: 'Speed',
      y: 'tokens a second',
      caption: 'Tokens a second.',
      series: [{ name: 'tokens a second', style: 'one', points: points(tokensPerSecond) }],
    }),
  ];
};
