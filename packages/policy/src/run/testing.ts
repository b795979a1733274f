/** @file Runs over a tiny checkpoint, for the tests of whole runs. */
import { join } from 'node:path';
import { beforeAll } from 'vitest';
import type { PolicySettings } from '../trainer/settings.ts';
import {
  pairRows,
  prompts,
  shareOfA,
  temporaryFolder,
  tinyCheckpoint,
  writeRows,
} from '../trainer/testing.ts';
import { type PolicyDocument, type TrainPolicyOptions, trainPolicy } from './train.ts';

/** A folder that the tests of a file share, with `pairs.jsonl` and `prompts.jsonl`, and what trains in it. */
export interface TinyRuns {
  readonly at: (name: string) => string;
  /** From prompts and the share of a letter as reward where the settings say how many steps, or else from the pairs. */
  readonly train: (
    out: string,
    method: string,
    settings: PolicySettings,
    options?: Partial<TrainPolicyOptions>,
  ) => Promise<PolicyDocument>;
}

/** @param given Settings of every run, and options of those that have a reward */
export const tinyRuns = (
  given: { readonly settings?: PolicySettings; readonly rewarded?: Partial<TrainPolicyOptions> } = {},
): TinyRuns => {
  const folder = temporaryFolder();
  const at = (name: string): string => join(folder, name);
  let policy: string;
  beforeAll(async () => {
    policy = await tinyCheckpoint(folder);
    await writeRows(at('pairs.jsonl'), pairRows(24, 1));
    await writeRows(
      at('prompts.jsonl'),
      prompts(10, 2).map((prompt) => ({ prompt })),
    );
  });
  return {
    at,
    train: (out, method, settings, options = {}) =>
      trainPolicy({
        method,
        policy,
        out: at(out),
        seed: 3,
        ...('steps' in settings
          ? { prompts: [at('prompts.jsonl')], reward: shareOfA, ...given.rewarded }
          : { data: [at('pairs.jsonl')] }),
        settings: { ...given.settings, ...settings },
        ...options,
      }),
  };
};
