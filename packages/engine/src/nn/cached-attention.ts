/** @file Attention of a few new tokens of each row to the keys and values that are held for it, and to one another. */
import type { Dimension } from '../graph/dimension.ts';
import type { Graph, Tensor } from '../graph/graph.ts';
import { add, cast, less, multiply, tanh, where } from '../ops/elementwise.ts';
import { range } from '../ops/index-arithmetic.ts';
import { matmul } from '../ops/linear.ts';
import { softmax } from '../ops/normalise.ts';
import { concat, expand, reshape, split } from '../ops/shape.ts';
import { causalBias, type Heads, joinHeads, maskedScore, splitHeads, windowBias } from './attention.ts';

/** The named sizes of a step. */
export interface CachedSizes {
  readonly rows: Dimension;
  /** Places for new tokens in each row. */
  readonly chunk: Dimension;
  /** Positions for which keys and values are held, used or not. */
  readonly past: Dimension;
}

/**
 * 0 where a new token may see a held position or another new token, and `maskedScore` elsewhere: it sees the positions
 * that are held for its row, itself and the new tokens before it.
 *
 * @param held float32 [rows]: how many positions are held for each row, from the first on
 * @param window A token sees itself and the `size - 1` positions before it; `positions` float32 [rows, chunk] are those
 *   of the new tokens, any at padding. null where it sees all that came before.
 * @returns [rows, 1, 1, chunk, past + chunk]
 */
export const cachedBias = (
  graph: Graph,
  held: Tensor,
  { rows, chunk, past }: CachedSizes,
  window: { readonly size: number; readonly positions: Tensor } | null,
): Tensor => {
  const index = reshape(cast(range(graph, 0, past), 'float32'), [1, 1, 1, 1, past]);
  const known = where(less(index, reshape(held, [rows, 1, 1, 1, 1])), 0, maskedScore);
  const causal = concat(
    [expand(known, [rows, 1, 1, chunk, past]), expand(causalBias(graph, chunk), [rows, 1, 1, chunk, chunk])],
    -1,
  );
  if (!window) return causal;
  const { size, positions } = window;
  const keys = concat([expand(index, [rows, 1, 1, 1, past]), reshape(positions, [rows, 1, 1, 1, chunk])], -1);
  return add(causal, windowBias(reshape(positions, [rows, 1, 1, chunk, 1]), keys, size));
};

/**
 * softmax(scale * q [past, k]ᵀ + bias) [past, v] within each row. The scores of both parts are joined, not the keys: what
 * is held is read where it is, and never copied.
 *
 * @param q [rows * chunk, queries * size], @param k, v [rows * chunk, keys * size]
 * @param past float32 [rows, keys, past, size] each
 * @param bias [rows, 1, 1, chunk, past + chunk]
 * @returns [rows * chunk, queries * size]
 */
export const cachedAttention = (
  q: Tensor,
  k: Tensor,
  v: Tensor,
  past: { readonly key: Tensor; readonly value: Tensor },
  bias: Tensor,
  sizes: CachedSizes,
  heads: Heads,
): Tensor => {
  const { rows, chunk } = sizes;
  const { scale, softCap } = heads;
  /** [rows, keys, per key, places, size]: a single query is multiplied with keys as they lie, without packing them first. */
  const perHead = (x: Tensor, count: number): Tensor =>
    reshape(splitHeads(x, rows, chunk, count, heads), [
      rows,
      heads.keys,
      count / heads.keys,
      chunk,
      heads.size,
    ]);
  const shared = (x: Tensor): Tensor => reshape(x, [rows, heads.keys, 1, sizes.past, heads.size]);
  const query = perHead(multiply(q, softCap === undefined ? scale : scale / softCap), heads.queries);
  const key = perHead(k, heads.keys);
  const scored = concat(
    [shared(past.key), key].map((side) => matmul(query, side, { transB: true })),
    -1,
  );
  const scores = softCap === undefined ? scored : multiply(tanh(scored), softCap);
  const [before, own] = split(softmax(add(scores, bias)), -1, [sizes.past, chunk]);
  const mixed = add(matmul(before!, shared(past.value)), matmul(own!, perHead(v, heads.keys)));
  return joinHeads(reshape(mixed, [rows, heads.queries, chunk, heads.size]), rows, chunk, heads);
};
