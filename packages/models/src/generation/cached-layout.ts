/** @file The layout of generation: a few new tokens of each row, behind keys and values that are held for the row. */
import {
  type CacheShape,
  cachedAttention,
  cachedBias,
  type Graph,
  ops,
  type Tensor,
  type TensorValues,
} from '@plaudit/engine';
import type { Layout } from '../transformer/layout.ts';

/** A layout that also says what attention has to hold for the tokens that follow. */
export interface CachedLayout extends Layout {
  /** New keys and values by the names under which a cache takes them, float32 [tokens, keys * size]; filled as the graph is built. */
  readonly held: Readonly<Record<string, Tensor>>;
  /** What a cache for this graph has in each row; known once the graph is built. */
  readonly shape: Omit<CacheShape, 'rows'>;
}

/**
 * Rows of new tokens: whole prompts, parts of them, or one token each. A row's tokens see the positions that are held for
 * it, themselves and those before them. Fed: `ids` and `positions` int64 [tokens], `place.tokens` int64 [rows, chunk] (the
 * token in each place, any for padding on the right), `token.places` int64 [tokens], `past.lengths` float32 [rows], and
 * from the cache `past.LAYER.key` and `past.LAYER.value`, float32 [rows, keys, past, size].
 */
export const cachedLayout = (graph: Graph, maxLength: number): CachedLayout => {
  const sizes = { rows: 'rows', chunk: 'chunk', past: 'past' };
  const positions = graph.input('positions', 'int64', ['tokens']);
  const tokens = ops.reshape(graph.input('place.tokens', 'int64', ['rows', 'chunk']), ['rows*chunk']);
  const places = graph.input('token.places', 'int64', ['tokens']);
  const lengths = graph.input('past.lengths', 'float32', ['rows']);
  const held: Record<string, Tensor> = {};
  const shape = { layers: 0, keys: 0, size: 0 };
  const absent = (what: string): never => {
    throw new TypeError(`${what} are for bidirectional layouts`);
  };
  return {
    maxLength,
    tokens: 'tokens',
    ids: graph.input('ids', 'int64', ['tokens']),
    positions,
    types: null,
    held,
    shape,
    attend(q, k, v, heads, { window = null, relative } = {}) {
      if (relative) absent('scores by distance');
      const layer = shape.layers++;
      Object.assign(shape, { keys: heads.keys, size: heads.size });
      const [key, value] = (['key', 'value'] as const).map((kind) =>
        graph.input(`past.${layer}.${kind}`, 'float32', ['rows', heads.keys, 'past', heads.size]),
      ) as [Tensor, Tensor];
      held[`new.${layer}.key`] = k;
      held[`new.${layer}.value`] = v;
      const sliding =
        window === null || window >= maxLength
          ? null
          : { size: window, positions: ops.cast(ops.gather(positions, tokens), 'float32') };
      const bias = cachedBias(graph, lengths, sizes, sliding);
      const [queries, keys, values] = [q, k, v].map((x) => ops.gather(x, tokens)) as [Tensor, Tensor, Tensor];
      return ops.gather(cachedAttention(queries, keys, values, { key, value }, bias, sizes, heads), places);
    },
    mean: () => absent('means over conversations'),
  };
};

/** New tokens of one row. */
export interface NewTokens {
  readonly ids: readonly number[];
  /** Position of the first of them: as many as are held for the row. */
  readonly from: number;
}

/** What `cachedLayout` is fed beside the cache. */
export const cachedFeeds = (rows: readonly NewTokens[]): TensorValues => {
  const count = rows.reduce((sum, { ids }) => sum + ids.length, 0);
  const chunk = rows.reduce((most, { ids }) => Math.max(most, ids.length), 0);
  const [ids, positions, tokenPlaces] = [count, count, count].map((length) => new BigInt64Array(length)) as [
    BigInt64Array,
    BigInt64Array,
    BigInt64Array,
  ];
  const placeTokens = new BigInt64Array(rows.length * chunk);
  let token = 0;
  rows.forEach((row, index) => {
    row.ids.forEach((id, i) => {
      const place = index * chunk + i;
      ids[token] = BigInt(id);
      positions[token] = BigInt(row.from + i);
      tokenPlaces[token] = BigInt(place);
      placeTokens[place] = BigInt(token);
      token++;
    });
  });
  const vector = (data: BigInt64Array) => ({ dtype: 'int64' as const, shape: [count], data });
  return {
    ids: vector(ids),
    positions: vector(positions),
    'token.places': vector(tokenPlaces),
    'place.tokens': { dtype: 'int64', shape: [rows.length, chunk], data: placeTokens },
    'past.lengths': {
      dtype: 'float32',
      shape: [rows.length],
      data: Float32Array.from(rows, ({ from }) => from),
    },
  };
};
