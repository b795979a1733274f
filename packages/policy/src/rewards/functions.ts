/** @file Functions as rewards: of a file, in a thread of its own; of a library's user, in this one; the simulated desk's. */
import { type Prompt, plauditError } from '@plaudit/contract';
import { goldReward } from '@plaudit/feedback';
import { openRewardFunction, type RewardFunctionLimits } from '@plaudit/reward';
import { countable, digestOf, inPieces, type RewardScore, type RewardSource } from './source.ts';

/** Gives the reward of a response, or named parts of which it is the sum. What it throws is a failure. */
export type RewardFunction = (
  prompt: Prompt,
  response: string,
  signal: AbortSignal | undefined,
) => number | Readonly<Record<string, number>> | Promise<number | Readonly<Record<string, number>>>;

export interface RewardFunctionOptions {
  /** For messages; the function's own name by default. */
  readonly name?: string;
  /** What identifies the function; its source by default, which says nothing of the values that it closes over. */
  readonly digest?: string;
  /** Responses that it is asked about at once, 1 by default. */
  readonly concurrency?: number;
}

/** @throws TypeError for what is no reward, in words without what the function was given */
const scoreOf = (value: unknown): RewardScore => {
  const isNumber = typeof value === 'number';
  if (!isNumber && (typeof value !== 'object' || value === null))
    throw new TypeError(`it gave no number but ${value === null ? 'null' : typeof value}`);
  const parts = (isNumber ? {} : { ...value }) as Record<string, unknown>;
  const values = isNumber ? [value] : Object.values(parts);
  if (values.length === 0) throw new TypeError('it gave an object without parts');
  const wrong = values.find((part) => typeof part !== 'number' || !Number.isFinite(part));
  if (wrong !== undefined || values.includes(undefined))
    throw new TypeError(`it gave ${typeof wrong === 'number' ? wrong : `a part that is ${typeof wrong}`}`);
  const reward = (values as number[]).reduce((sum, part) => sum + part, 0);
  if (!Number.isFinite(reward)) throw new TypeError('its parts add up to more than a number holds');
  return { reward, parts: parts as Record<string, number>, uncertainty: null };
};

/** What went wrong, in words that quote no response: a thrown error's class, or what `scoreOf` says. */
const problemOf = (error: unknown, thrown: boolean): string =>
  thrown
    ? `it threw ${error instanceof Error ? error.constructor.name.slice(0, 60) : `a ${typeof error}`}`
    : (error as Error).message;

/** A function of this process as a reward. It has no time limit. */
export const functionReward = (
  reward: RewardFunction,
  { name = reward.name || 'the function', digest, concurrency = 1 }: RewardFunctionOptions = {},
): RewardSource => ({
  name,
  digest: digest ?? digestOf('function', reward.toString()),
  normaliser: null,
  score: (items, options = {}) =>
    inPieces(items, { most: concurrency, size: 1 }, options, async ([place]) => {
      const { prompt, responses } = items[place!.item]!;
      let thrown = true;
      try {
        const value = await reward(prompt, responses[place!.response]!, options.signal);
        thrown = false;
        return [scoreOf(value)];
      } catch (error) {
        options.signal?.throwIfAborted();
        const at = { item: place!.item + 1, response: place!.response + 1 };
        const problem = problemOf(error, thrown);
        return [{ failed: plauditError('reward.function_failed', { name, ...at, problem }, error) }];
      }
    }),
  close: async () => undefined,
});

/**
 * A file with a function as a reward.
 *
 * @throws reward.function_unusable
 */
export const openFunctionFile = async (
  path: string,
  limits?: RewardFunctionLimits,
): Promise<RewardSource> => {
  const file = await openRewardFunction(path, limits);
  return {
    name: path,
    digest: digestOf('file', file.digest),
    normaliser: null,
    score: (items, options = {}) =>
      inPieces(items, { most: 1, size: 1 }, options, async ([place]) => {
        const { prompt, responses } = items[place!.item]!;
        try {
          const { reward, perObjective } = await file.evaluate(prompt, responses[place!.response]!, place!);
          return [{ reward, parts: perObjective, uncertainty: null }];
        } catch (error) {
          return [{ failed: countable(error, options.signal) }];
        }
      }),
    close: () => file.close(),
  };
};

/** What the simulated support desk is truly after. */
export const goldSource = (): RewardSource =>
  functionReward((prompt, response) => goldReward(prompt, response), {
    name: 'the gold reward of the simulated support desk',
    digest: digestOf('gold', 'support desk 1'),
  });
