/** @file Calibrating a saved reward model anew, on comparisons of the use that it is put to. */
import { plauditError } from '@plaudit/contract';
import { isMeasured } from '../built/card.ts';
import { type JudgeUsage, usageWarnings } from '../judge/usage.ts';
import { type Calibration, type ModelCard, writeModelCard } from '../model.ts';
import {
  type Confidence,
  expectedCalibrationError,
  logLoss,
  reliability,
} from '../validation/calibration.ts';
import { fitCalibration, probabilityOfPreferred } from '../validation/fit-calibration.ts';
import { headline } from '../validation/headline.ts';
import { pairAccuracy, scorePairs } from '../validation/pairs.ts';
import { spread } from '../validation/spread.ts';
import { type LoadOptions, loadRewardModel } from './kinds.ts';
import { writing } from './output-folder.ts';
import { type PreferenceData, pairsIn, readPreferenceData } from './preference-data.ts';
import type { OnProgress } from './progress.ts';
import { readCard } from './reading.ts';
import { writeModelCardText } from './run-files.ts';
import { overlapWarnings, readingWarnings, truncation } from './warnings.ts';

export interface CalibrationOptions extends LoadOptions {
  readonly data: readonly string[];
  readonly format?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/** How well stated probabilities fit the comparisons. */
interface Fit {
  readonly calibration: Calibration | null;
  /** Mean -ln p(preferred), nats. */
  readonly logLoss: number;
  readonly ece: number;
}

export interface CalibrationDocument {
  readonly model: string;
  readonly kind: string;
  readonly data: {
    readonly sources: PreferenceData['sources'];
    readonly rows: number;
    readonly rejects: number;
    readonly pairs: number;
  };
  /** Share of the comparisons that the model orders as people did; calibrating does not change it. */
  readonly accuracy: number;
  readonly before: Fit;
  /** On the very comparisons that the temperature was fitted on. */
  readonly after: Fit;
  readonly judges: readonly JudgeUsage[];
  readonly seconds: number;
  readonly warnings: readonly string[];
}

const fewestPairs = 5;

/**
 * Fits the temperature of a saved model on preference files and writes it into its card. Rewards stay as they are, and
 * so do the weights and the metrics of the card.
 *
 * @throws As `evaluateRewardModel`; output.disk_full, output.not_writable
 */
export const calibrateRewardModel = async (
  directory: string,
  options: CalibrationOptions,
): Promise<CalibrationDocument> => {
  const started = performance.now();
  const { signal, onProgress } = options;
  const card = await readCard(directory);
  const data = await readPreferenceData(options.data, options);
  const pairs = pairsIn(data.trees);
  if (pairs < fewestPairs)
    throw plauditError('reward.too_few_pairs', { split: 'calibration', pairs, needed: fewestPairs });
  const model = await loadRewardModel(directory, { ...options, keepFeatures: true });
  const judges: JudgeUsage[] = [];
  const { onTruncated, warnings } = truncation();
  try {
    const scores = await model.score(data.trees, {
      onTruncated,
      onJudged: (usage) => judges.push(usage),
      ...(signal && { signal }),
      ...(onProgress && {
        onProgress: (step, totalSteps) => onProgress({ phase: 'calibrate', step, totalSteps }),
      }),
    });
    const scored = scorePairs(data.trees, scores);
    const fit = (calibration: Calibration | null): Fit => {
      const confidence: Confidence =
        calibration === null ? 1 : probabilityOfPreferred(calibration.method ?? 'temperature', calibration);
      return {
        calibration,
        logLoss: logLoss(scored, confidence),
        ece: expectedCalibrationError(reliability(scored, confidence)),
      };
    };
    const normaliser = spread(scores.flat().map(({ reward }) => reward));
    const { criteria } = card;
    const calibration = fitCalibration(
      headline(data.trees, scores, { criteria }),
      { reference: normaliser.mean },
      { seed: card.seed },
    );
    const sources = data.sources.map(({ name, sha256 }) => ({ name, sha256 }));
    const calibrated: ModelCard = {
      ...card,
      calibration,
      // A model that was trained keeps the mean and spread of its training.
      ...(!isMeasured(card) && { normaliser }),
      calibratedOn: { sources, pairs },
    };
    await writing(directory, async () => {
      await writeModelCard(directory, calibrated);
      await writeModelCardText(directory, calibrated, directory);
    });
    return {
      model: directory,
      kind: card.kind,
      data: { sources: data.sources, rows: data.rows, rejects: data.rejects.length, pairs },
      accuracy: pairAccuracy(scored),
      before: fit(card.calibration),
      after: fit(calibration),
      judges,
      seconds: (performance.now() - started) / 1000,
      warnings: [
        ...readingWarnings(data),
        ...overlapWarnings(card, data.sources, directory),
        ...warnings,
        ...judges.flatMap(usageWarnings),
      ],
    };
  } finally {
    await model.close();
  }
};
