/** @file Layouts: how conversations lie in a batch, what each token may see, and the arrays that are fed for them. */
import {
  attention,
  type Dimension,
  type Graph,
  type Heads,
  ops,
  paddingBias,
  type Tensor,
  type TensorValues,
  treeAttention,
} from '@plaudit/engine';

/** What a family's graph sees of a batch: flat tokens, and attention that knows who may see whom. */
export interface Layout {
  /** Rows of every flat tensor. */
  readonly tokens: Dimension;
  /** int64 [tokens] */
  readonly ids: Tensor;
  /** int64 [tokens], counted from 0 within a conversation and not over padding. */
  readonly positions: Tensor;
  /** int64 [tokens]: 0 for the prompt and 1 for the response; bidirectional layouts only. */
  readonly types: Tensor | null;
  /** Attention within conversations. @param q [tokens, queries*size], @param k, v [tokens, keys*size] */
  attend(q: Tensor, k: Tensor, v: Tensor, heads: Heads): Tensor;
}

const flat = (x: Tensor): Tensor => ops.reshape(x, [x.shape.reduce((a, b) => `${a}*${b}`)]);

/**
 * Causal conversations as trees: each prompt once, its responses behind it.
 * Fed: `prompt.ids`, `prompt.positions`, `prompt.mask` [trees, prompt]; `response.ids`, `response.positions`
 * [trees, branches, response].
 */
export const treeLayout = (graph: Graph): Layout => {
  const sizes = { trees: 'trees', prompt: 'prompt', branches: 'branches', response: 'response' };
  const promptShape = ['trees', 'prompt'];
  const responseShape = ['trees', 'branches', 'response'];
  const joined = (name: string): Tensor =>
    ops.concat(
      [
        flat(graph.input(`prompt.${name}`, 'int64', promptShape)),
        flat(graph.input(`response.${name}`, 'int64', responseShape)),
      ],
      0,
    );
  const mask = graph.input('prompt.mask', 'float32', promptShape);
  const ids = joined('ids');
  return {
    tokens: ids.shape[0]!,
    ids,
    positions: joined('positions'),
    types: null,
    attend: (q, k, v, heads) => treeAttention(q, k, v, mask, sizes, heads),
  };
};

/**
 * Bidirectional rows, one for each prompt with one response. Fed: `ids`, `positions`, `types`, `mask` [rows, length].
 */
export const rowLayout = (graph: Graph): Layout => {
  const shape = ['rows', 'length'];
  const int = (name: string): Tensor => flat(graph.input(name, 'int64', shape));
  const mask = graph.input('mask', 'float32', shape);
  const bias = ops.reshape(paddingBias(mask), ['rows', 1, 1, 'length']);
  const ids = int('ids');
  return {
    tokens: ids.shape[0]!,
    ids,
    positions: int('positions'),
    types: int('types'),
    attend: (q, k, v, heads) => attention(q, k, v, bias, { rows: 'rows', length: 'length', heads }),
  };
};

/** One prompt with its responses, as token ids. */
export interface TokenTree {
  readonly prompt: readonly number[];
  readonly responses: readonly (readonly number[])[];
}

/** Places of a batch: every tree is padded to these. */
export interface TreePlaces {
  readonly prompt: number;
  readonly branches: number;
  readonly response: number;
}

/** Arrays to feed, and where each response's last token lies among the flat rows. */
export interface Batch {
  readonly feeds: TensorValues;
  /** Row of the token at which each response is scored, tree by tree; absent responses have none. */
  readonly scoreRows: readonly (readonly number[])[];
  /** Tokens that are not padding. */
  readonly tokens: number;
}

/**
 * The arrays of `treeLayout`. Each response must have at least one token.
 *
 * @param paddingSide Where a prompt shorter than its places is padded; it makes no difference to any score
 */
export const treeBatch = (
  trees: readonly TokenTree[],
  places: TreePlaces,
  {
    padId = 0,
    paddingSide = 'right',
  }: { readonly padId?: number; readonly paddingSide?: 'left' | 'right' } = {},
): Batch => {
  const { prompt: P, branches: K, response: R } = places;
  const count = trees.length;
  const promptIds = new BigInt64Array(count * P).fill(BigInt(padId));
  const promptPositions = new BigInt64Array(count * P);
  const mask = new Float32Array(count * P);
  const responseIds = new BigInt64Array(count * K * R).fill(BigInt(padId));
  const responsePositions = new BigInt64Array(count * K * R);
  let tokens = 0;
  const scoreRows = trees.map(({ prompt, responses }, tree) => {
    const start = tree * P + (paddingSide === 'left' ? P - prompt.length : 0);
    prompt.forEach((id, i) => {
      promptIds[start + i] = BigInt(id);
      promptPositions[start + i] = BigInt(i);
      mask[start + i] = 1;
    });
    tokens += prompt.length;
    return responses.map((response, branch) => {
      const first = (tree * K + branch) * R;
      response.forEach((id, i) => {
        responseIds[first + i] = BigInt(id);
        responsePositions[first + i] = BigInt(prompt.length + i);
      });
      tokens += response.length;
      return count * P + first + response.length - 1;
    });
  });
  const integers = (data: BigInt64Array, shape: number[]) => ({ dtype: 'int64' as const, shape, data });
  return {
    feeds: {
      'prompt.ids': integers(promptIds, [count, P]),
      'prompt.positions': integers(promptPositions, [count, P]),
      'prompt.mask': { dtype: 'float32', shape: [count, P], data: mask },
      'response.ids': integers(responseIds, [count, K, R]),
      'response.positions': integers(responsePositions, [count, K, R]),
    },
    scoreRows,
    tokens,
  };
};

/** One row of a bidirectional batch. */
export interface TokenRow {
  readonly ids: readonly number[];
  /** 0 or 1 for each id. */
  readonly types: readonly number[];
}

/** The arrays of `rowLayout`; each row is scored at its first token. */
export const rowBatch = (
  rows: readonly TokenRow[],
  length: number,
  {
    padId = 0,
    paddingSide = 'right',
  }: { readonly padId?: number; readonly paddingSide?: 'left' | 'right' } = {},
): Batch => {
  const size = rows.length * length;
  const ids = new BigInt64Array(size).fill(BigInt(padId));
  const positions = new BigInt64Array(size);
  const types = new BigInt64Array(size);
  const mask = new Float32Array(size);
  let tokens = 0;
  const scoreRows = rows.map((row, r) => {
    const start = r * length + (paddingSide === 'left' ? length - row.ids.length : 0);
    row.ids.forEach((id, i) => {
      ids[start + i] = BigInt(id);
      positions[start + i] = BigInt(i);
      types[start + i] = BigInt(row.types[i]!);
      mask[start + i] = 1;
    });
    tokens += row.ids.length;
    return [start];
  });
  const shape = [rows.length, length];
  return {
    feeds: {
      ids: { dtype: 'int64', shape, data: ids },
      positions: { dtype: 'int64', shape, data: positions },
      types: { dtype: 'int64', shape, data: types },
      mask: { dtype: 'float32', shape, data: mask },
    },
    scoreRows,
    tokens,
  };
};
