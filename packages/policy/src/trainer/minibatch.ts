/** @file What an update of an online method is fed with: prompts of a rollout, and what of them is learned. */
import type { EncodedTree, TreeBatchPlan } from '@plaudit/reward';
import type { Credit } from './credit.ts';
import { type FedToken, pairFeeds, supervisedFeeds, tokenFeeds } from './losses.ts';
import type { ResponseScores } from './network.ts';
import type { RewardedPrompt } from './rollout.ts';
import type { layBatch } from './rows.ts';
import type { PolicyMethod } from './settings.ts';
import { sum } from './sum.ts';

/** A rewarded prompt of a rollout with what the policy, its value function and the reference say of each token. */
export interface ScoredPrompt extends RewardedPrompt {
  readonly tree: EncodedTree;
  readonly scores: readonly ResponseScores[];
}

/** Conversations to learn from, and what is fed beside them. */
interface Minibatch {
  readonly trees: readonly EncodedTree[];
  readonly feeds: (batch: TreeBatchPlan, laid: ReturnType<typeof layBatch>) => ReturnType<typeof tokenFeeds>;
}

/** What the trainer is fed with for some prompts of a rollout; null where they teach nothing. */
export const minibatchOf = (
  method: PolicyMethod,
  scored: readonly ScoredPrompt[],
  credit: Credit,
): Minibatch | null => {
  if (method === 'best-of-n') return bestOnly(scored);
  if (method === 'online-dpo') return bestAndWorst(scored);
  return sampledTokens(scored, credit);
};

const sampledTokens = (scored: readonly ScoredPrompt[], credit: Credit): Minibatch | null => {
  const byIndex = new Map(scored.map((prompt) => [prompt.tree.index, prompt]));
  const weights = credit.weigh(scored);
  return {
    trees: scored.map(({ tree }) => tree),
    feeds(batch, laid) {
      const of = (read: (prompt: ScoredPrompt, response: number) => ArrayLike<number>): Float32Array => {
        const values = new Float32Array(laid.targets);
        batch.trees.forEach(({ index }, tree) => {
          const prompt = byIndex.get(index)!;
          laid.places[tree]!.forEach(({ first }, response) => {
            values.set(Float32Array.from(read(prompt, response)), first);
          });
        });
        return values;
      };
      const none = new Float32Array(0);
      const fed: FedToken = {
        old: of(({ scores }, k) => scores[k]!.logProbabilities),
        reference: of(({ scores }, k) => scores[k]!.reference!),
        advantage: of(({ tree }, k) => credit.advantages[tree.index]![k]!),
        weight: of(({ tree }, k) => weights.get(tree.index)![k]!),
        oldValue: of(({ scores }, k) => scores[k]!.values ?? none),
        return: of(({ tree }, k) => (credit.returns === null ? none : credit.returns[tree.index]![k]!)),
      };
      return tokenFeeds(laid, fed);
    },
  };
};

/** The index of the response whose reward is largest by a sign of 1, smallest by one of -1; the first of several. */
const extreme = ({ responses }: ScoredPrompt, sign: 1 | -1): number =>
  responses.reduce(
    (best, { reward }, i) => (sign * (reward.reward - responses[best]!.reward.reward) > 0 ? i : best),
    0,
  );

const bestOnly = (scored: readonly ScoredPrompt[]): Minibatch => {
  const trees = scored.map((prompt): EncodedTree => {
    const best = prompt.tree.tokens.responses[extreme(prompt, 1)]!;
    return { index: prompt.tree.index, tokens: { prompt: prompt.tree.tokens.prompt, responses: [best] } };
  });
  const tokens = trees.reduce((sum, tree) => sum + tree.tokens.responses[0]!.length, 0);
  return {
    trees,
    feeds: (batch, laid) =>
      supervisedFeeds(
        laid,
        batch.trees.map(() => [1 / tokens]),
      ),
  };
};

const bestAndWorst = (scored: readonly ScoredPrompt[]): Minibatch | null => {
  const pairs = scored.flatMap((prompt) => {
    const [best, worst] = [extreme(prompt, 1), extreme(prompt, -1)];
    if (best === worst) return [];
    const { index, tokens } = prompt.tree;
    const tree: EncodedTree = {
      index,
      tokens: { prompt: tokens.prompt, responses: [tokens.responses[best]!, tokens.responses[worst]!] },
    };
    return [{ tree, references: [best, worst].map((k) => sum(prompt.scores[k]!.reference!)) }];
  });
  if (pairs.length === 0) return null;
  const byIndex = new Map(pairs.map((pair) => [pair.tree.index, pair]));
  return {
    trees: pairs.map(({ tree }) => tree),
    feeds(batch, laid) {
      const responses = batch.trees.flatMap(({ index, tokens }) =>
        tokens.responses.map((ids, k) => ({
          reference: byIndex.get(index)!.references[k]!,
          tokens: ids.length,
        })),
      );
      const placed = batch.trees.map((_, i) => ({
        chosen: 2 * i,
        rejected: 2 * i + 1,
        weight: 1 / pairs.length,
      }));
      return pairFeeds(laid, responses, placed);
    },
  };
};
