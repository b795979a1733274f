/** @file The curves of a run over its updates. What a method does not measure is left out. */
import {
  axes,
  type Curve,
  curveFigure,
  figure,
  type Html,
  horizontal,
  html,
  percent,
  short,
  vertical,
} from '@plaudit/reward';
import type { PolicyRecord } from '../trainer/record.ts';
import { evaluationsOf, type HeldOut, pointsOf, rolloutSeries, thinned } from './series.ts';

/** What a run was steered to. */
export interface Steering {
  /** Nats. */
  readonly klTarget: number | null;
  readonly klLimit: number | null;
  readonly costLimit: number | null;
  /** Update whose weights were kept. */
  readonly keptStep: number | null;
}

const share = (value: number): string => percent(value, 0);

/** Learning rates are too small for three decimals. */
const scientific = (value: number): string =>
  value === 0 ? '0' : value.toExponential(1).replace('.0e', 'e').replace('e-', 'e−').replace('e+', 'e');

const over = (title: string, id: string, rest: Omit<Curve, 'id' | 'title' | 'x'>): Html | null =>
  curveFigure({ id, title, x: 'update', ...rest });

/** Of curves in one picture. */
const styles = ['one', 'two', 'three', 'four'] as const;

/** Reward and gold, on rollouts and on held-out prompts. */
export const rewardFigures = (
  records: readonly PolicyRecord[],
  start: HeldOut | null,
  { keptStep }: Steering,
): (Html | null)[] => {
  const evaluations = thinned(evaluationsOf(records, start));
  const marks = keptStep === null ? [] : [{ axis: 'x', at: keptStep, name: 'kept' } as const];
  const names = [...new Set(records.flatMap(({ rollout }) => Object.keys(rollout?.parts ?? {})))];
  return [
    over('Trained reward', 'reward', {
      y: 'reward',
      caption: 'What the run maximises: the mean of the responses of each update, and of held-out prompts.',
      series: [
        rolloutSeries(records, 'rollouts', 'one', ({ reward }) => reward),
        {
          name: 'held out',
          style: 'two',
          drawn: 'dotted line',
          points: evaluations.map(({ step, heldOut }) => [step, heldOut.reward]),
        },
      ],
      marks,
    }),
    over('Gold reward', 'gold', {
      y: 'gold reward',
      caption:
        'What the run never sees. Bars are one standard error; where it falls while the trained reward rises, the policy exploits the reward.',
      series: [
        rolloutSeries(records, 'rollouts', 'one', ({ gold }) => gold),
        {
          name: 'held out',
          style: 'two',
          drawn: 'dotted line',
          points: evaluations.flatMap(({ step, heldOut: { gold, goldError } }) =>
            gold === undefined ? [] : [[step, gold, goldError] as const],
          ),
        },
      ],
      marks,
    }),
    over('Parts of the reward', 'parts', {
      y: 'mean',
      caption: `The parts that the reward names, before they are added up${names.length > styles.length ? `: the first ${styles.length} of ${names.length}` : ''}.`,
      series: names
        .slice(0, styles.length)
        .map((name, i) => rolloutSeries(records, name, styles[i]!, ({ parts }) => parts[name])),
    }),
  ];
};

/** How far and in what way the policy has moved. */
export const policyFigures = (
  records: readonly PolicyRecord[],
  start: HeldOut | null,
  steering: Steering,
): (Html | null)[] => {
  const evaluations = thinned(evaluationsOf(records, start));
  const { klTarget, klLimit } = steering;
  return [
    over('Divergence from the reference', 'kl', {
      y: 'nats a response',
      zero: true,
      caption:
        'Exact at every token, summed over a response; the penalty counts the sampled tokens, whose estimate can be negative.',
      series: [
        rolloutSeries(records, 'exact', 'one', ({ kl }) => kl),
        rolloutSeries(records, 'sampled', 'two', ({ klSampled }) => klSampled),
      ],
      marks: [
        ...(klTarget === null ? [] : [{ axis: 'y', at: klTarget, name: 'target' } as const]),
        ...(klLimit === null ? [] : [{ axis: 'y', at: klLimit, name: 'limit' } as const]),
      ],
    }),
    over('Coefficient of the divergence', 'kl-coefficient', {
      y: 'coefficient',
      zero: true,
      caption: 'What a nat of divergence costs in reward.',
      series: [rolloutSeries(records, 'coefficient', 'one', ({ klCoefficient }) => klCoefficient)],
    }),
    over('Entropy', 'entropy', {
      y: 'nats a token',
      zero: true,
      caption: 'Near 0 the policy says the same every time and explores no more.',
      series: [rolloutSeries(records, 'entropy', 'one', ({ entropy }) => entropy)],
    }),
    over('Length', 'length', {
      y: 'tokens a response',
      zero: true,
      caption: 'A reward that likes length shows here first.',
      series: [
        rolloutSeries(records, 'rollouts', 'one', ({ length }) => length),
        {
          name: 'held out',
          style: 'two',
          drawn: 'dotted line',
          points: evaluations.map(({ step, heldOut }) => [step, heldOut.length]),
        },
      ],
    }),
    over('Length and reward', 'length-correlation', {
      y: 'correlation',
      caption: 'Correlation among responses to one prompt: what the reward pays for length itself.',
      series: [rolloutSeries(records, 'correlation', 'one', ({ lengthCorrelation }) => lengthCorrelation)],
    }),
    over('Ended and repeated', 'ended', {
      y: 'share',
      zero: true,
      caption: 'Responses that end by themselves, and word four-grams that a response has said before.',
      series: [
        rolloutSeries(records, 'ended', 'one', ({ ended }) => ended),
        rolloutSeries(records, 'repeated', 'two', ({ repetition }) => repetition),
      ],
      show: share,
    }),
    over('Spread of the rewards', 'deviation', {
      y: 'standard deviation',
      zero: true,
      caption: 'Where responses to one prompt are all worth the same, there is nothing to learn from them.',
      series: [
        rolloutSeries(records, 'all', 'one', ({ rewardDeviation }) => rewardDeviation),
        rolloutSeries(
          records,
          'within prompts',
          'two',
          ({ rewardDeviationWithinPrompts }) => rewardDeviationWithinPrompts,
        ),
      ],
    }),
  ];
};

/** Losses, rates and what the optimiser did. */
export const learningFigures = (
  records: readonly PolicyRecord[],
  { costLimit }: Steering,
): (Html | null)[] => {
  return [
    over('Loss', 'loss', {
      y: 'loss',
      caption: records.some(({ rollout }) => rollout)
        ? 'In reinforcement learning the loss need not fall.'
        : 'Lower is better. A validation loss that turns up has begun to learn by heart.',
      series: [
        { name: 'training', style: 'one', points: pointsOf(records, ({ loss }) => loss) },
        {
          name: 'validation',
          style: 'two',
          drawn: 'dotted line',
          points: pointsOf(records, ({ validationLoss }) => validationLoss),
        },
      ],
    }),
    over('Accuracy', 'accuracy', {
      y: 'share of pairs',
      caption: 'Pairs whose chosen response has the larger implied reward; a coin gives 50 %.',
      series: [
        { name: 'training', style: 'one', points: pointsOf(records, ({ accuracy }) => accuracy) },
        {
          name: 'validation',
          style: 'two',
          drawn: 'dotted line',
          points: pointsOf(records, ({ validationAccuracy }) => validationAccuracy),
        },
      ],
      show: share,
    }),
    over('Margin', 'margin', {
      y: 'implied reward',
      caption: 'How much larger the implied reward of the chosen response is.',
      series: [{ name: 'margin', style: 'one', points: pointsOf(records, ({ margin }) => margin) }],
    }),
    over('Clipped', 'clipped', {
      y: 'share of tokens',
      zero: true,
      caption:
        'Tokens whose probability has left the range that the clip allows. Much of it: the updates are too large for one rollout.',
      series: [rolloutSeries(records, 'clipped', 'one', ({ clipped }) => clipped)],
      show: percent,
    }),
    over('Explained variance', 'explained-variance', {
      y: 'share',
      caption: 'How much of the returns the value function foresees; below 0 it does harm.',
      series: [rolloutSeries(records, 'explained', 'one', ({ explainedVariance }) => explainedVariance)],
    }),
    over('Loss of the value function', 'value-loss', {
      y: 'loss',
      zero: true,
      caption: 'Mean squared error of the predicted returns.',
      series: [rolloutSeries(records, 'value loss', 'one', ({ valueLoss }) => valueLoss)],
    }),
    over('Cost', 'cost', {
      y: 'cost',
      caption: 'What the constraint bounds.',
      series: [rolloutSeries(records, 'cost', 'one', ({ cost }) => cost)],
      marks: costLimit === null ? [] : [{ axis: 'y', at: costLimit, name: 'limit' }],
    }),
    over('Multiplier of the cost', 'multiplier', {
      y: 'multiplier',
      zero: true,
      caption: 'What a unit of cost weighs against reward: it rises while the limit is broken.',
      series: [rolloutSeries(records, 'multiplier', 'one', ({ multiplier }) => multiplier)],
    }),
    over('Learning rate', 'learning-rate', {
      y: 'learning rate',
      zero: true,
      caption: 'The schedule.',
      series: [
        {
          name: 'learning rate',
          style: 'one',
          points: pointsOf(records, ({ learningRate }) => learningRate),
        },
      ],
      show: scientific,
    }),
    over('Norm of the gradient', 'gradient-norm', {
      y: 'norm',
      zero: true,
      caption: 'Before clipping. Spikes are updates that went wrong.',
      series: [{ name: 'norm', style: 'one', points: pointsOf(records, ({ gradientNorm }) => gradientNorm) }],
    }),
    over('Dropped responses', 'dropped', {
      y: 'responses',
      zero: true,
      caption: 'No reward could be had for them.',
      series: records.some(({ rollout }) => rollout && rollout.dropped > 0)
        ? [rolloutSeries(records, 'dropped', 'one', ({ dropped }) => dropped)]
        : [],
    }),
    phasesFigure(records),
  ];
};

const phases = ['rollout', 'scoring', 'learning'] as const;

/** Seconds of each phase, on top of each other. */
const phasesFigure = (records: readonly PolicyRecord[]): Html | null => {
  const online = thinned(records).flatMap(({ step, rollout }) =>
    rollout ? [{ step, phases: rollout.phases }] : [],
  );
  if (online.length < 2) return null;
  const tops = online.map(({ phases: own }) => {
    let sum = 0;
    return phases.map((name) => (sum += own[name]));
  });
  const x = horizontal(online[0]!.step, online.at(-1)!.step);
  const y = vertical(0, Math.max(...tops.map((own) => own[2]!)) || 1);
  const edge = (phase: number): (readonly [number, number])[] =>
    online.map(({ step }, i) => [x.at(step), y.at(phase < 0 ? 0 : tops[i]![phase]!)]);
  const seconds = phases.map((name) => online.reduce((sum, one) => sum + one.phases[name], 0));
  const total = seconds.reduce((sum, value) => sum + value, 0) || 1;
  const said = phases.map((name, i) => `${name} ${share(seconds[i]! / total)}`).join(', ');
  return figure({
    id: 'phases',
    title: 'Where the time goes',
    description: `Seconds of an update by phase: ${said}.`,
    legend: phases.map((name, i) => ({ name, style: styles[i]! })),
    drawing: html`${axes(x, y, { x: 'update', y: 'seconds an update' })}${phases.map(
      (_, i) =>
        html`<polygon class="area ${styles[i]!}" points="${[...edge(i), ...edge(i - 1).toReversed()].map(([a, b]) => `${a},${b}`).join(' ')}"/>`,
    )}`,
    caption: `Of all: ${said}.`,
    table: {
      head: ['Update', ...phases],
      rows: online.map(({ step, phases: own }) => [step, ...phases.map((name) => short(own[name]))]),
    },
  });
};
