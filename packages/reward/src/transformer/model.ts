/** @file A transformer reward model that scores: conversations in, rewards out in the same order. */
import { plauditError, sigmoid } from '@plaudit/contract';
import type { ModelCard, RewardModel, Score, ScoreItem, ScoreOptions } from '../model.ts';
import type { Base } from './base.ts';
import { type EncodedTree, planBatches } from './batches.ts';
import { encodeTree } from './encode.ts';
import type { Network } from './network.ts';

export const transformerObjective = 'preference';

/** Items that are encoded and sorted by length together. */
const windowSize = 512;
/** Responses that share one copy of their prompt; more are cut into several. */
const mostBranches = 8;

/** Responses of an item that share one copy of their prompt. */
interface Piece {
  readonly item: number;
  /** Index of the first response. */
  readonly first: number;
  readonly tree: EncodedTree;
  readonly truncated: boolean;
}

export class TransformerRewardModel implements RewardModel {
  readonly kind = 'transformer';
  readonly card: ModelCard;
  readonly base: Base;
  readonly network: Network;
  private readonly tokensPerBatch: number;

  constructor(base: Base, network: Network, card: ModelCard, tokensPerBatch: number) {
    this.base = base;
    this.network = network;
    this.card = card;
    this.tokensPerBatch = tokensPerBatch;
  }

  /** The same open model with another card. */
  withCard(card: ModelCard): TransformerRewardModel {
    return new TransformerRewardModel(this.base, this.network, card, this.tokensPerBatch);
  }

  async score(
    items: readonly ScoreItem[],
    { signal, onProgress, onTruncated }: ScoreOptions = {},
  ): Promise<Score[][]> {
    const rewards: number[][] = items.map(({ responses }) =>
      new Array<number>(responses.length).fill(Number.NaN),
    );
    const cut = new Set<number>();
    for (let from = 0; from < items.length; from += windowSize) {
      const pieces = items.slice(from, from + windowSize).flatMap((item, i) => this.pieces(item, from + i));
      for (const { item, truncated } of pieces) if (truncated) cut.add(item);
      const encoded = pieces.map(({ tree }, index) => ({ ...tree, index }));
      let done = 0;
      const inWindow = Math.min(windowSize, items.length - from);
      for (const plan of planBatches(encoded, this.tokensPerBatch, { alike: true })) {
        signal?.throwIfAborted();
        const scored = await this.network.score(plan);
        plan.trees.forEach(({ index }, i) => {
          const { item, first } = pieces[index]!;
          scored[i]!.forEach((reward, k) => {
            rewards[item]![first + k] = reward;
          });
        });
        done += plan.trees.length;
        onProgress?.(from + Math.floor((inWindow * done) / pieces.length), items.length);
      }
    }
    onProgress?.(items.length, items.length);
    if (cut.size > 0) onTruncated?.(cut.size);
    return rewards.map((row) => row.map((reward) => this.scoreOf(reward)));
  }

  close(): Promise<void> {
    return this.network.close();
  }

  /**
   * An item as trees of token ids. What is cut from a prompt that is too long depends on the longest response behind
   * it, so such responses are scored apart: a score must not depend on its company.
   */
  private pieces({ prompt, responses }: ScoreItem, item: number): Piece[] {
    const encode = (first: number, count: number): Piece => {
      const tree = encodeTree(this.base.formatter, 0, prompt, responses.slice(first, first + count));
      return { item, first, tree, truncated: tree.truncated };
    };
    const starts = Array.from(
      { length: Math.ceil(responses.length / mostBranches) },
      (_, i) => i * mostBranches,
    );
    return starts.flatMap((first) => {
      const piece = encode(first, mostBranches);
      const count = piece.tree.tokens.responses.length;
      return piece.truncated && count > 1
        ? Array.from({ length: count }, (_, k) => encode(first + k, 1))
        : [piece];
    });
  }

  private scoreOf(reward: number): Score {
    if (!Number.isFinite(reward)) throw plauditError('reward.not_finite', { activity: 'scoring' });
    const { calibration } = this.card;
    return {
      reward,
      perObjective: { [transformerObjective]: reward },
      uncertainty: null,
      calibrated: calibration && sigmoid((reward - calibration.reference) / calibration.temperature),
    };
  }
}
