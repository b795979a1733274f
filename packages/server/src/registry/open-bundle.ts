/** @file Opening a bundle: its models are loaded and ready to score before anything depends on them. */
import type { Prompt } from '@plaudit/contract';
import { readPolicyCard } from '@plaudit/policy';
import { loadRewardModel } from '@plaudit/reward';
import type { Bundle, Store } from '@plaudit/store';
import type { FolderOfModel } from '../serving/model-folders.ts';

export interface BundleItem {
  readonly prompt: Prompt;
  readonly responses: readonly string[];
}

/** A bundle whose models have been loaded. */
export interface OpenedBundle {
  /** Digest of what turns a conversation into tokens; null where there are none. */
  readonly formattingDigest: string | null;
  /** @returns For each item the raw reward of each response. */
  score(items: readonly BundleItem[]): Promise<number[][]>;
  close(): Promise<void>;
}

/** @throws PlauditError where a model of the bundle cannot be loaded */
export type OpenBundle = (store: Store, bundle: Bundle) => Promise<OpenedBundle>;

/** Opens the reward model, and reads the cards of policy and reference: a folder that is gone shows there. */
export const openFromFolders =
  (folderOf: FolderOfModel): OpenBundle =>
  async (store, { rewardModel, policy, reference }) => {
    for (const model of [policy, reference])
      if (model !== null) await readPolicyCard(await folderOf(store, model));
    const model = await loadRewardModel(await folderOf(store, rewardModel));
    return {
      formattingDigest: model.card.formattingDigest,
      async score(items) {
        const scores = await model.score(items);
        return scores.map((of) => of.map(({ reward }) => reward));
      },
      close: () => model.close(),
    };
  };
