/** @file Opening a reward by what names it. */
import { stat } from 'node:fs/promises';
import { plauditError } from '@plaudit/contract';
import type { LoadOptions, RewardFunctionLimits } from '@plaudit/reward';
import { type EndpointOptions, openEndpoint } from './endpoint.ts';
import {
  functionReward,
  goldSource,
  openFunctionFile,
  type RewardFunction,
  type RewardFunctionOptions,
} from './functions.ts';
import { openModelReward } from './model.ts';
import type { RewardSource } from './source.ts';

/** For each way of rewarding its own; the others are not looked at. */
export interface OpenRewardOptions {
  /** Of saved models: provider, threads, base, and how an ensemble combines its members. */
  readonly model?: LoadOptions;
  readonly endpoint?: EndpointOptions;
  /** Of a file with a function. */
  readonly file?: RewardFunctionLimits;
  /** Of a function of this process. */
  readonly function?: RewardFunctionOptions;
}

/**
 * Opens a reward: the folder of a saved model of any kind, the http or https address of an endpoint that speaks OpenRLHF's
 * /get_reward, a .ts, .mts, .js or .mjs file with a function, `gold` for the true reward of the simulated support desk, or
 * a function. A folder that is called gold is named ./gold.
 *
 * @example const reward = await openReward('support-desk'); const [[outcome]] = await reward.score([item])
 * @throws reward.reference_unknown, reward.*, model.*, engine.*
 */
export const openReward = async (
  reference: string | RewardFunction,
  options: OpenRewardOptions = {},
): Promise<RewardSource> => {
  const folder = typeof reference === 'string' && (await stat(reference).catch(() => null))?.isDirectory();
  if (options.model?.combine && !(folder && reference !== 'gold'))
    throw plauditError('reward.bad_configuration', {
      setting: 'combine',
      problem: 'only a saved ensemble has members to combine',
    });
  if (typeof reference === 'function') return functionReward(reference, options.function);
  if (reference === 'gold') return goldSource();
  if (/^https?:\/\//i.test(reference)) {
    if (!URL.canParse(reference)) throw unknown(reference, 'it is no address');
    return openEndpoint(reference, options.endpoint);
  }
  if (folder) return openModelReward(reference, options.model);
  await stat(reference).catch((cause: NodeJS.ErrnoException) => {
    const missing = cause.code === 'ENOENT' || cause.code === 'ENOTDIR';
    throw unknown(reference, missing ? 'there is no such file or folder' : 'it cannot be read', cause);
  });
  return openFunctionFile(reference, options.file);
};

const unknown = (reference: string, problem: string, cause?: unknown): Error =>
  plauditError('reward.reference_unknown', { reference: reference.slice(0, 300), problem }, cause);
