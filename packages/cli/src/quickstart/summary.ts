/** @file What a finished quickstart found, in a few lines. */
import { aligned, percent } from '../output/text.ts';
import { badCanaryStep, canaryStep } from './deploying.ts';
import { gatesStep, importStep } from './feedback.ts';
import { badLabelsStep, evaluateStep, readerStep, wordsStep } from './models.ts';
import type { Quickstart } from './step.ts';
import { driftStep, experimentStep } from './watching.ts';

export const summaryText = (found: Quickstart['found']): string => {
  const { leastAble } = found(gatesStep);
  const { gold } = found(evaluateStep);
  const [good, bad] = [found(canaryStep), found(badCanaryStep)];
  const { content } = found(experimentStep);
  const { auc } = found(driftStep);
  const share = (of: number | null): string => (of === null ? '?' : percent(of));
  return aligned([
    ['least able annotator', `${leastAble.annotator}, right in ${percent(leastAble.ability)}`],
    [
      'accuracy',
      `${percent(found(wordsStep).accuracy)} linear, ${percent(found(readerStep).accuracy)} transformer, ${percent(1 - found(badLabelsStep).accuracy)} with swapped labels; at most ${percent(found(importStep).goldAgreement)}`,
    ],
    [
      'true quality',
      `${gold.sft.toFixed(2)} before and ${gold.ppo.toFixed(2)} after learning from the reward`,
    ],
    ['canaries', `${good.bundle.name} ${told(good.status)}, ${bad.bundle.name} ${told(bad.status)}`],
    ['content customers', `${share(content.sft)} supervised, ${share(content.ppo)} steered`],
    ['alert', `another topic, told apart with an area of ${auc?.toFixed(2) ?? '?'}`],
  ]);
};

const told = (status: string): string => status.replace('_', ' ');
