/** @file One file with a function as a reward, without a specification or a folder around it: in a thread of its own. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Prompt, plauditError } from '@plaudit/contract';
import type { ModuleResult } from './protocol.ts';
import { ProgramFailure, ProgramThread } from './thread.ts';

export interface RewardFunctionLimits {
  /** Milliseconds for one response, 1000 by default. */
  readonly timeLimit?: number;
  /** MiB that its thread may use, 256 by default. */
  readonly memory?: number;
}

/** An open file. `close` ends its thread. */
export interface RewardFunctionFile {
  /** SHA-256 (hexadecimal) of the file; what it imports is not in it. */
  readonly digest: string;
  /**
   * Asks about one response; one at a time.
   *
   * @throws reward.function_failed naming the place, which counts from 0
   */
  evaluate(
    prompt: Prompt,
    response: string,
    place: { readonly item: number; readonly response: number },
  ): Promise<ModuleResult>;
  close(): Promise<void>;
}

/**
 * Opens a TypeScript or JavaScript file whose default export is a function of a prompt and a response. It returns the
 * reward, or an object of named numbers of which the reward is the sum, or `{ reward, perObjective }` as the function of a
 * program does. The file runs where it is, so it may import its neighbours.
 *
 * @throws reward.function_unusable
 */
export const openRewardFunction = async (
  path: string,
  { timeLimit = 1000, memory = 256 }: RewardFunctionLimits = {},
): Promise<RewardFunctionFile> => {
  const unusable = (problem: string, cause?: unknown): Error =>
    plauditError('reward.function_unusable', { path, problem }, cause);
  if (!/\.m?[jt]s$/.test(path)) throw unusable('it has to end in .ts, .mts, .js or .mjs');
  const bytes = await readFile(path).catch((cause) => {
    throw unusable('it cannot be read', cause);
  });
  const module = pathToFileURL(resolve(path)).href;
  const thread = new ProgramThread({
    rules: [],
    conditions: [],
    module,
    objectives: 'any',
    timeLimit,
    memory,
  });
  try {
    await thread.open();
  } catch (error) {
    await thread.close();
    throw error instanceof ProgramFailure ? unusable(error.problem, error) : error;
  }
  return {
    digest: createHash('sha256').update(bytes).digest('hex'),
    async evaluate(prompt, response, place) {
      try {
        const { module: result } = await thread.evaluate({ prompt, response, segments: undefined });
        return result!;
      } catch (error) {
        if (!(error instanceof ProgramFailure)) throw error;
        throw plauditError(
          'reward.function_failed',
          { name: path, item: place.item + 1, response: place.response + 1, problem: error.problem },
          error,
        );
      }
    },
    close: () => thread.close(),
  };
};
