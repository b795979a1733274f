/** @file Bradley-Terry: the winner's reward should exceed the loser's, by a margin, with labels that may be wrong. */
import { type Graph, ops, type Tensor } from '@plaudit/engine';
import type { Objective } from './objective.ts';

export interface BradleyTerryOptions {
  /** Probability that a label is taken to be wrong, 0 to below 0.5. */
  readonly labelSmoothing: number;
  /** Multiplies the pairs' margins; 0 ignores them. */
  readonly margin: number;
  /** Weight of (r_w + r_l)², which keeps rewards near 0. */
  readonly centring: number;
}

/**
 * -(1-ε) log σ(Δ - m) - ε log σ(-(Δ - m)) + λ (r_w + r_l)², with Δ = r_w - r_l.
 *
 * @see Bradley and Terry 1952; margin: Touvron et al. 2023 (Llama 2), eq. 2; centring: Eisenstein et al. 2023, eq. 2;
 *   smoothing: Wang et al. 2024 (Secrets of RLHF II).
 */
export const bradleyTerry = ({ labelSmoothing, margin, centring }: BradleyTerryOptions): Objective => ({
  name: 'bradley-terry',
  loss(graph: Graph, rewards: Tensor): Tensor {
    const winner = ops.gather(rewards, graph.input('pair.winner', 'int64', ['pairs']));
    const loser = ops.gather(rewards, graph.input('pair.loser', 'int64', ['pairs']));
    const weight = graph.input('pair.weight', 'float32', ['pairs']);
    const difference = ops.subtract(winner, loser);
    const lead =
      margin === 0 ? difference : ops.subtract(difference, graph.input('pair.margin', 'float32', ['pairs']));
    let loss = ops.softplus(ops.negate(lead));
    if (labelSmoothing > 0) {
      loss = ops.add(
        ops.multiply(loss, 1 - labelSmoothing),
        ops.multiply(ops.softplus(lead), labelSmoothing),
      );
    }
    if (centring > 0) {
      const sum = ops.add(winner, loser);
      loss = ops.add(loss, ops.multiply(ops.multiply(sum, sum), centring));
    }
    return ops.reduceSum(ops.multiply(loss, weight));
  },
  feeds(pairs, total) {
    const shape = [pairs.length];
    const indices = (side: 'winner' | 'loser') => ({
      dtype: 'int64' as const,
      shape,
      data: BigInt64Array.from(pairs, (placed) => BigInt(placed[side])),
    });
    const floats = (value: (placed: (typeof pairs)[number]) => number) => ({
      dtype: 'float32' as const,
      shape,
      data: Float32Array.from(pairs, value),
    });
    return {
      'pair.winner': indices('winner'),
      'pair.loser': indices('loser'),
      'pair.weight': floats(({ pair }) => pair.weight / total),
      ...(margin === 0 ? {} : { 'pair.margin': floats(({ pair }) => (pair.margin ?? 0) * margin) }),
    };
  },
});
