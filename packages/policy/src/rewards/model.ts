/** @file A saved reward model of any kind as a reward. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '@plaudit/contract';
import {
  isMeasured,
  type LoadOptions,
  loadRewardModel,
  modelCardFile,
  type RewardModel,
  type Score,
} from '@plaudit/reward';
import {
  countable,
  digestOf,
  type RewardItem,
  type RewardOptions,
  type RewardOutcome,
  type RewardScore,
  type RewardSource,
} from './source.ts';

/** Contributions of the parts where there are any, or else the objectives. */
const scoreOf = ({ reward, perObjective, parts, uncertainty }: Score): RewardScore => ({
  reward,
  parts: parts
    ? Object.fromEntries(parts.map(({ name, contribution }) => [name, contribution]))
    : { ...perObjective },
  uncertainty,
});

const scoresOf = async (
  model: RewardModel,
  items: readonly RewardItem[],
  { signal }: RewardOptions,
): Promise<RewardScore[][]> => {
  const scores = await model.score(items, signal ? { signal } : {});
  return scores.map((row) => row.map(scoreOf));
};

/**
 * All items at once; where that fails, one after the other, to find those that are at fault. The responses of one prompt
 * fail together, for a judge that compares them gives no reward to one alone.
 */
const outcomesOf = async (
  model: RewardModel,
  items: readonly RewardItem[],
  options: RewardOptions,
): Promise<RewardOutcome[][]> => {
  const { signal, giveUpAfter = Number.POSITIVE_INFINITY } = options;
  try {
    return await scoresOf(model, items, options);
  } catch (error) {
    let last = countable(error, signal);
    const outcomes: RewardOutcome[][] = [];
    let failures = 0;
    for (const item of items) {
      const fail = (): RewardOutcome[] => item.responses.map(() => ({ failed: last }));
      if (items.length === 1 || failures >= giveUpAfter) {
        outcomes.push(fail());
        continue;
      }
      try {
        outcomes.push(...(await scoresOf(model, [item], options)));
      } catch (cause) {
        last = countable(cause, signal);
        failures += item.responses.length;
        outcomes.push(fail());
      }
    }
    return outcomes;
  }
};

/**
 * Opens a saved model. Its digest is that of its card, and of the way in which an ensemble is asked to combine.
 *
 * @throws reward.*, model.*, engine.*
 */
export const openModelReward = async (
  directory: string,
  options: LoadOptions = {},
): Promise<RewardSource> => {
  const model = await loadRewardModel(directory, options);
  try {
    const card = await readFile(join(directory, modelCardFile));
    return {
      name: directory,
      digest: digestOf('model', card, canonicalJson(options.combine ?? null)),
      normaliser: isMeasured(model.card) ? model.card.normaliser : null,
      score: (items, scoring = {}) => outcomesOf(model, items, scoring),
      close: () => model.close(),
    };
  } catch (error) {
    await model.close();
    throw error;
  }
};
