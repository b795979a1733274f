/** @file A run while it goes on, as lines of text: a line for a log, or a few lines with sparklines for a terminal. */
import { percent } from '@plaudit/reward';
import type { DriftWarning } from '../drift/index.ts';
import type { PolicyRecord } from '../trainer/record.ts';
import { evaluationsOf, type HeldOut } from './series.ts';
import { duration, number } from './words.ts';

const levels = '▁▂▃▄▅▆▇█';

/** One character for each of at most `width` stretches of the values, by their means; a flat line where nothing varies. */
export const sparkline = (values: readonly number[], width = 24): string => {
  const finite = values.filter(Number.isFinite);
  const count = Math.min(width, finite.length);
  const means = Array.from({ length: count }, (_, i) => {
    const own = finite.slice(
      Math.floor((i * finite.length) / count),
      Math.floor(((i + 1) * finite.length) / count),
    );
    return own.reduce((sum, value) => sum + value, 0) / own.length;
  });
  const low = Math.min(...means);
  const span = Math.max(...means) - low;
  return means
    .map((mean) => levels[span > 0 ? Math.round(((mean - low) / span) * (levels.length - 1)) : 3])
    .join('');
};

const share = (value: number): string => percent(value, 0);

const ofTotal = (step: number, total: number | undefined): string =>
  total === undefined ? `update ${step}` : `update ${step} of ${total}`;

/**
 * What an update did, in one line.
 *
 * @example liveLine(record, 200) // update 42 of 200  reward 1.23  KL 4.1  entropy 1.31  length 128  ended 93 %
 */
export const liveLine = (record: PolicyRecord, total?: number): string => {
  const { step, loss, rollout, heldOut, accuracy, margin, validationLoss, validationAccuracy } = record;
  const parts = [
    ofTotal(step, total),
    rollout && `reward ${number(rollout.reward)}`,
    rollout?.gold !== undefined && `gold ${number(rollout.gold)}`,
    rollout && `KL ${number(rollout.kl)}`,
    rollout && `entropy ${number(rollout.entropy)}`,
    rollout && `length ${number(rollout.length)}`,
    rollout && `ended ${share(rollout.ended)}`,
    `loss ${number(loss)}`,
    accuracy !== undefined && `accuracy ${share(accuracy)}`,
    margin !== undefined && `margin ${number(margin)}`,
    validationLoss !== undefined && `validation loss ${number(validationLoss)}`,
    validationAccuracy !== undefined && `validation accuracy ${share(validationAccuracy)}`,
    heldOut && `held-out reward ${number(heldOut.reward)}`,
    heldOut?.gold !== undefined && `held-out gold ${number(heldOut.gold)}`,
  ];
  return parts.filter((part) => part !== false && part !== undefined).join('  ');
};

export interface LiveOptions {
  readonly totalSteps?: number;
  /** Characters of a line. Default 100. */
  readonly columns?: number;
  /** Held-out prompts before the first update. */
  readonly start?: HeldOut | null;
  readonly klTarget?: number | null;
  readonly drift?: readonly DriftWarning[];
}

interface Row {
  readonly name: string;
  readonly values: readonly number[];
  readonly show: (value: number) => string;
  readonly note?: string;
}

/** Updates whose pace tells the time left. */
const recent = 10;

const heading = (records: readonly PolicyRecord[], total: number | undefined): string => {
  const { step } = records.at(-1)!;
  const last = records.slice(-recent);
  const pace = last.reduce((sum, { seconds }) => sum + seconds, 0) / last.length;
  const left = total === undefined ? '' : `, ${duration(pace * Math.max(0, total - step))} left`;
  return `${ofTotal(step, total)}  ${number(pace)} s each${left}`;
};

const rowsOf = (records: readonly PolicyRecord[], { start = null, klTarget = null }: LiveOptions): Row[] => {
  const rollouts = records.flatMap(({ rollout }) => rollout ?? []);
  const evaluations = evaluationsOf(records, start).map(({ heldOut }) => heldOut);
  const last = rollouts.at(-1);
  const lastHeldOut = evaluations.at(-1);
  const present = (value: (record: PolicyRecord) => number | undefined): number[] =>
    records.flatMap((record) => value(record) ?? []);
  const error = lastHeldOut?.goldError;
  return [
    { name: 'reward', values: rollouts.map(({ reward }) => reward), show: number },
    { name: 'held out', values: evaluations.map(({ reward }) => reward), show: number },
    {
      name: 'gold',
      values: evaluations.flatMap(({ gold }) => gold ?? []),
      show: number,
      ...(error !== undefined && { note: `± ${number(error)}` }),
    },
    {
      name: 'KL',
      values: rollouts.map(({ kl }) => kl),
      show: number,
      ...(last && {
        note: `coefficient ${number(last.klCoefficient)}${klTarget === null ? '' : `, target ${number(klTarget)}`}`,
      }),
    },
    { name: 'entropy', values: rollouts.map(({ entropy }) => entropy), show: number },
    { name: 'length', values: rollouts.map(({ length }) => length), show: number },
    { name: 'ended', values: rollouts.map(({ ended }) => ended), show: share },
    { name: 'cost', values: rollouts.flatMap(({ cost }) => cost ?? []), show: number },
    { name: 'loss', values: records.map(({ loss }) => loss), show: number },
    { name: 'accuracy', values: present(({ accuracy }) => accuracy), show: share },
    { name: 'margin', values: present(({ margin }) => margin), show: number },
    { name: 'val. loss', values: present(({ validationLoss }) => validationLoss), show: number },
    { name: 'val. acc.', values: present(({ validationAccuracy }) => validationAccuracy), show: share },
  ];
};

const nameWidth = 10;
const valueWidth = 9;

/**
 * The run so far: where it is, a row for each number that the method has, where the time goes, and what goes wrong. Empty
 * before the first update. No line is wider than the terminal, so that lines can be drawn over the ones before.
 *
 * @param records From the first update.
 */
export const liveLines = (records: readonly PolicyRecord[], options: LiveOptions = {}): string[] => {
  if (records.length === 0) return [];
  const { totalSteps, columns = 100, drift = [] } = options;
  const width = Math.max(8, Math.min(40, columns - nameWidth - valueWidth - 32));
  const rows = rowsOf(records, options).flatMap(({ name, values, show, note = '' }) =>
    values.length === 0
      ? []
      : [
          `${name.padEnd(nameWidth)}${show(values.at(-1)!).padStart(valueWidth)}  ${sparkline(values, width).padEnd(width)}  ${note}`,
        ],
  );
  const phases = records.at(-1)!.rollout?.phases;
  const total = phases ? phases.rollout + phases.scoring + phases.learning : 0;
  const time =
    phases && total > 0
      ? [
          `${'time'.padEnd(nameWidth)} rollout ${share(phases.rollout / total)}, scoring ${share(phases.scoring / total)}, learning ${share(phases.learning / total)}`,
        ]
      : [];
  const warnings = drift
    .filter(({ ongoing }) => ongoing)
    .map(({ code, step }) => `! ${code.replaceAll('_', ' ')} since update ${step}`);
  return [heading(records, totalSteps), ...rows, ...time, ...warnings].map((line) =>
    line.trimEnd().slice(0, Math.max(20, columns - 1)),
  );
};
