/** @file Rotary position embedding as one operator; its gradient is the same rotation the other way. */
import type { Tensor } from '../graph/graph.ts';
import { defineOperator } from '../graph/operator.ts';
import { multiply } from './elementwise.ts';

defineOperator({
  name: 'RotaryEmbedding',
  summary: 'pairs of features turned by an angle that grows with the position',
  infer: ([x, positions, cosines, sines], { heads }, refuse) => {
    if (x?.shape.length !== 2) return refuse('x must be [tokens, heads*size]');
    if (positions?.dtype !== 'int64' || positions.shape.length !== 1)
      return refuse('positions must be int64 [tokens]');
    const half = cosines!.shape[1];
    const size = typeof half === 'number' ? half * 2 * (heads as number) : half;
    if (x.shape[1] !== size || cosines!.shape[0] !== sines!.shape[0]) {
      return refuse(`the tables are for ${heads} heads of ${size}/${heads}`);
    }
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  vjp: ({ inputs: [, positions, cosines, sines], attributes: { heads }, gradient }) => [
    rotary(gradient, positions!, cosines!, opposite(sines!), heads as number),
    null,
    null,
    null,
  ],
  emit: ({ inputs: [x, positions, cosines, sines], outputs: [y] }, emitter) => {
    // Each token is a batch row of length 1: the kernel refuses sequences longer than its tables, and the flat rows of a
    // batch are many conversations.
    const axis = emitter.constant(BigInt64Array.of(1n), [1]);
    const [row, place, turned] = ['row', 'place', 'turned'].map((hint) => emitter.fresh(hint));
    emitter.node('Unsqueeze', [emitter.nameOf(x!), axis], [row!]);
    emitter.node('Unsqueeze', [emitter.nameOf(positions!), axis], [place!]);
    emitter.node(
      'RotaryEmbedding',
      [row!, place!, emitter.nameOf(cosines!), emitter.nameOf(sines!)],
      [turned!],
      {},
      'com.microsoft',
    );
    emitter.node('Squeeze', [turned!, axis], [emitter.nameOf(y!)]);
  },
});

/** The table of the opposite rotation; computed here where the table is a constant, so that nothing is left to do at run time. */
const opposite = (sines: Tensor): Tensor =>
  sines.source.kind === 'constant'
    ? sines.graph.constant(
        (sines.source.data as Float32Array).map((value) => -value),
        sines.shape as number[],
      )
    : multiply(sines, -1);

/**
 * Rotary embedding (Su et al. 2021) in the half-split form of Llama and GPT-NeoX.
 * @param x [tokens, heads * size]
 * @param positions int64 [tokens]
 * @param cosines, sines [positions, size / 2]
 */
export const rotary = (x: Tensor, positions: Tensor, cosines: Tensor, sines: Tensor, heads: number): Tensor =>
  x.graph.apply('RotaryEmbedding', [x, positions, cosines, sines], { heads })[0]!;

/** The tables of `rotary`: cos and sin of position * base^(-2i/size). @returns two [positions, size/2] arrays */
export const rotaryTables = (
  positions: number,
  size: number,
  base: number,
): { readonly cosines: Float32Array; readonly sines: Float32Array } => {
  const half = size / 2;
  const cosines = new Float32Array(positions * half);
  const sines = new Float32Array(positions * half);
  for (let position = 0; position < positions; position++) {
    for (let i = 0; i < half; i++) {
      const angle = position * base ** (-(2 * i) / size);
      cosines[position * half + i] = Math.cos(angle);
      sines[position * half + i] = Math.sin(angle);
    }
  }
  return { cosines, sines };
};
