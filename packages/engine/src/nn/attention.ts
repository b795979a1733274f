/** @file Attention as a function of queries, keys and values that are already split into heads. */
import type { Dimension } from '../graph/dimension.ts';
import type { Graph, Tensor } from '../graph/graph.ts';
import { absolute, add, less, multiply, subtract, tanh, where } from '../ops/elementwise.ts';
import { matmul } from '../ops/linear.ts';
import { softmax } from '../ops/normalise.ts';
import { expand, reshape, transpose, upperTriangle } from '../ops/shape.ts';

/**
 * What is added to a score that must not count. Finite, so that a row in which nothing counts (padding) becomes an
 * average and not a NaN, and large enough that e^x is 0 in float32.
 */
export const maskedScore = -1e9;

/** 0 where a position may be seen and `maskedScore` where it is later. @returns [size, size] */
export const causalBias = (graph: Graph, size: Dimension): Tensor =>
  upperTriangle(expand(graph.constant(maskedScore), [size, size]));

/** 0 for keys that count and `maskedScore` for padding. @param mask float32, 1 counts and 0 does not */
export const paddingBias = (mask: Tensor): Tensor => multiply(subtract(mask, 1), -maskedScore);

/**
 * 0 where two tokens are fewer than `size` positions apart and `maskedScore` elsewhere. Beside `causalBias` a token then
 * sees itself and the `size - 1` tokens before it.
 *
 * @param queries, keys float32 positions that broadcast against each other
 */
export const windowBias = (queries: Tensor, keys: Tensor, size: number): Tensor =>
  where(less(absolute(subtract(queries, keys)), size), 0, maskedScore);

/** How attention is divided into heads; grouped-query attention has fewer key heads than query heads. */
export interface Heads {
  readonly queries: number;
  readonly keys: number;
  /** Features of one head. */
  readonly size: number;
  /** Multiplies the scores; 1/sqrt(size) unless the family says otherwise. */
  readonly scale: number;
  /** Keeps the scores within -softCap..softCap, softly; absent where they are not bounded. */
  readonly softCap?: number;
}

/** scale * q kᵀ, within the soft cap: softCap * tanh(score / softCap) (Gemma 2). */
export const attentionScores = (q: Tensor, k: Tensor, { scale, softCap }: Heads): Tensor =>
  softCap === undefined
    ? matmul(q, k, { transB: true, scale })
    : multiply(tanh(matmul(q, k, { transB: true, scale: scale / softCap })), softCap);

/**
 * Rows of heads for attention: each group of query heads lies beside the key head that it shares, so keys are
 * never repeated.
 * @param x [rows * length, heads * size]
 * @returns [rows, keys, (heads / keys) * length, size]
 */
export const splitHeads = (
  x: Tensor,
  rows: Dimension,
  length: Dimension,
  heads: number,
  { keys, size }: Heads,
): Tensor => {
  const perHead = transpose(reshape(x, [rows, length, heads, size]), [0, 2, 1, 3]);
  return reshape(perHead, [rows, keys, heads === keys ? length : `${heads / keys}*${length}`, size]);
};

/** The reverse of `splitHeads` for results. @returns [rows * length, heads * size] */
export const joinHeads = (
  x: Tensor,
  rows: Dimension,
  length: Dimension,
  { queries, size }: Heads,
): Tensor => {
  const perHead = transpose(reshape(x, [rows, queries, length, size]), [0, 2, 1, 3]);
  return reshape(perHead, [`${rows}*${length}`, queries * size]);
};

/**
 * softmax(scale * q kᵀ + bias) v within each row.
 *
 * @param q [rows * length, queries * size]
 * @param k, v [rows * length, keys * size]
 * @param bias broadcasts to [rows, queries, length, length]
 * @returns [rows * length, queries * size]
 */
export const attention = (
  q: Tensor,
  k: Tensor,
  v: Tensor,
  bias: Tensor,
  { rows, length, heads }: { readonly rows: Dimension; readonly length: Dimension; readonly heads: Heads },
): Tensor => {
  const query = splitHeads(q, rows, length, heads.queries, heads);
  const key = splitHeads(k, rows, length, heads.keys, heads);
  const value = splitHeads(v, rows, length, heads.keys, heads);
  const scores = attentionScores(query, key, heads);
  const perHead = reshape(scores, [rows, heads.queries, length, length]);
  const weights = reshape(softmax(add(perHead, bias)), scores.shape);
  return joinHeads(matmul(weights, value), rows, length, heads);
};
