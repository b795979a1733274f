/** @file How fast people judge, held against how long others take for the same. */
import { type Interval, wilsonInterval } from '../../statistics/bootstrap.ts';
import { median, robustScale } from '../../statistics/robust.ts';

/** One judgement with the seconds from showing to answering. */
export interface TimedJudgement {
  readonly annotator: string;
  readonly unit: string;
  readonly seconds: number;
}

export interface SpeedOptions {
  /** Robust deviations of the logarithm of time below which a judgement is too fast. Default 3. */
  readonly deviations?: number;
  /** Share of too fast judgements that an annotator may have. Default 0.05. */
  readonly share?: number;
}

export interface AnnotatorSpeed {
  readonly annotator: string;
  readonly timed: number;
  readonly medianSeconds: number;
  readonly tooFast: number;
  readonly tooSlow: number;
  /** Of the share that is too fast: Wilson's, at 95 %. */
  readonly interval: Interval;
  /** The whole interval lies above the allowed share. */
  readonly hasty: boolean;
}

export interface Speeds {
  readonly annotators: readonly AnnotatorSpeed[];
  /** Times of 0 or less, or not finite: a clock that went wrong. */
  readonly unusable: number;
}

/** A unit that so many people timed has a usual time of its own. */
const fewestTimes = 3;

/**
 * Robust z-scores of ln seconds around the median of the same unit, or of all where fewer than three people timed it.
 * Slow judgements are counted, and nothing follows from them: people take breaks.
 */
export const judgingSpeeds = (timed: Iterable<TimedJudgement>, options: SpeedOptions = {}): Speeds => {
  const { deviations = 3, share = 0.05 } = options;
  const all = [...timed];
  const usable = all.filter(({ seconds }) => seconds > 0 && Number.isFinite(seconds));
  if (usable.length === 0) return { annotators: [], unusable: all.length };
  const usual = median(usable.map(({ seconds }) => Math.log(seconds)));
  const usualOf = new Map(
    [...Map.groupBy(usable, ({ unit }) => unit)].map(([unit, times]) => [
      unit,
      times.length < fewestTimes ? usual : median(times.map(({ seconds }) => Math.log(seconds))),
    ]),
  );
  const leads = usable.map(({ annotator, unit, seconds }) => ({
    annotator,
    seconds,
    lead: Math.log(seconds) - usualOf.get(unit)!,
  }));
  const { centre, spread } = robustScale(leads.map(({ lead }) => lead));
  const annotators = [...Map.groupBy(leads, ({ annotator }) => annotator)].map(([annotator, times]) => {
    const beyond = (side: 1 | -1): number =>
      times.filter(({ lead }) => side * (lead - centre) > deviations * spread && spread > 0).length;
    const tooFast = beyond(-1);
    const interval = wilsonInterval(tooFast / times.length, times.length);
    return {
      annotator,
      timed: times.length,
      medianSeconds: median(times.map(({ seconds }) => seconds)),
      tooFast,
      tooSlow: beyond(1),
      interval,
      hasty: interval[0] > share,
    };
  });
  return { annotators, unusable: all.length - usable.length };
};
