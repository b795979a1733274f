/** @file Labels: does the reward lie on the right side of 0, and how well does it order desirable before undesirable? */
import type { PreferenceTree } from '@plaudit/feedback';
import { accuracyWithInterval, type BootstrapOptions, rocAuc } from '@plaudit/feedback';
import {
  brierScore,
  type Confidence,
  expectedCalibrationError,
  logLoss,
  reliability,
} from './calibration.ts';
import { isDesirable, judgedReward, scoreLabels } from './headline.ts';
import { correctness, countPrompts, type JoinOptions, type ResponseScore, type ScoredPair } from './pairs.ts';
import type { JudgementSections } from './sections.ts';

/** The better of always saying yes and always saying no. */
export const majorityShare = (judged: readonly ScoredPair[]): number => {
  const positives = judged.filter(isDesirable).length;
  return Math.max(positives, judged.length - positives) / judged.length;
};

/**
 * @param confidence A temperature, or the probability of what was said, fitted on other labels.
 */
export const labelSection = (
  trees: readonly PreferenceTree[],
  scores: readonly (readonly ResponseScore[])[],
  confidence: Confidence,
  options: JoinOptions,
  bootstrap: BootstrapOptions,
): JudgementSections['labels'] => {
  const judged = scoreLabels(trees, scores, options);
  if (judged.length === 0) return undefined;
  return {
    labels: judged.length,
    prompts: countPrompts(judged),
    positives: judged.filter(isDesirable).length,
    ...accuracyWithInterval(judged, correctness, bootstrap),
    majorityBaseline: majorityShare(judged),
    rocAuc: rocAuc(judged.map(judgedReward), judged.map(isDesirable)),
    ece: expectedCalibrationError(reliability(judged, confidence)),
    brier: brierScore(judged, confidence),
    logLoss: logLoss(judged, confidence),
  };
};
