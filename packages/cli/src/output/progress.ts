/** @file Progress on stderr: one bar that redraws itself on a terminal, JSON lines anywhere else. */
import type { OnProgress, RunProgress } from '@plaudit/reward';
import { bytes } from './text.ts';

export interface ProgressDisplay {
  readonly report: OnProgress;
  /** Takes the bar away, so that other text can be written. */
  clear(): void;
}

/** The part of a stream that a bar needs. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const barWidth = 24;
/** Milliseconds between two redraws, and between two JSON lines. */
const redrawEvery = 100;
const lineEvery = 1000;

export const duration = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
};

/** One line: phase, bar, steps, then whatever of loss, accuracy, speed and time left is known. */
export const progressLine = (progress: RunProgress, columns = 100): string => {
  const { phase, step, totalSteps, unit, loss, accuracy, validationAccuracy, tokensPerSecond, secondsLeft } =
    progress;
  const share = totalSteps > 0 ? Math.min(1, step / totalSteps) : 0;
  const filled = Math.round(share * barWidth);
  const steps =
    unit === 'bytes'
      ? `${bytes(step)} of ${bytes(totalSteps)}`
      : totalSteps > 0
        ? `${step}/${totalSteps}`
        : `${step}`;
  const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;
  const parts = [
    `${phase.padEnd(9)} ${'━'.repeat(filled)}${'╌'.repeat(barWidth - filled)} ${steps}`,
    loss !== undefined && `loss ${loss.toFixed(4)}`,
    accuracy !== undefined && `accuracy ${percent(accuracy)}`,
    validationAccuracy !== undefined && `validation ${percent(validationAccuracy)}`,
    tokensPerSecond !== undefined && `${Math.round(tokensPerSecond)} tokens/s`,
    secondsLeft !== undefined && `${duration(secondsLeft)} left`,
  ];
  return parts
    .filter(Boolean)
    .join('  ')
    .slice(0, Math.max(20, columns - 1));
};

/**
 * A display for one command.
 *
 * @param now Milliseconds of a clock that only goes forward.
 */
export const progressDisplay = (
  stream: ProgressStream,
  options: { readonly quiet: boolean; readonly now?: () => number },
): ProgressDisplay => {
  const { quiet, now = () => performance.now() } = options;
  if (quiet) return { report: () => {}, clear: () => {} };
  const interval = stream.isTTY ? redrawEvery : lineEvery;
  // The first line waits too: what fails at once, or is done at once, shows nothing but its result.
  let shownAt = now();
  let phase = { name: '', since: 0 };
  let drawn = false;
  /** Of this phase: evaluations are rare, and their result has to stay on the bar until the next one. */
  let validationAccuracy: number | undefined;
  /** Whether the record before was an evaluation too: then they come with every step, and are nothing to hurry for. */
  let measuredBefore = false;

  const withTimeLeft = (progress: RunProgress): RunProgress => {
    if (progress.secondsLeft !== undefined || progress.step === 0 || progress.totalSteps === 0)
      return progress;
    const perStep = (now() - phase.since) / 1000 / progress.step;
    return {
      ...progress,
      secondsLeft: Math.round(perStep * (progress.totalSteps - progress.step) * 10) / 10,
    };
  };

  return {
    report(progress) {
      if (progress.phase !== phase.name) {
        phase = { name: progress.phase, since: now() };
        validationAccuracy = undefined;
        measuredBefore = false;
      }
      const measured = progress.validationAccuracy !== undefined;
      if (measured) validationAccuracy = progress.validationAccuracy;
      const rare = measured && !measuredBefore;
      measuredBefore = measured;
      if (!rare && now() - shownAt < interval) return;
      shownAt = now();
      const shown = withTimeLeft(progress);
      const remembered = validationAccuracy === undefined ? shown : { ...shown, validationAccuracy };
      if (stream.isTTY) stream.write(`\r\u001b[2K${progressLine(remembered, stream.columns)}`);
      else stream.write(`${JSON.stringify({ progress: shown })}\n`);
      drawn = true;
    },
    clear() {
      if (drawn && stream.isTTY) stream.write('\r\u001b[2K');
      drawn = false;
    },
  };
};
