/** @file A batch of conversations as the policy's graph is fed: trees, and the tokens that it is asked about. */
import type { TensorValues } from '@plaudit/engine';
import { treeBatch } from '@plaudit/models';
import { type EncodedTree, type TreeBatchPlan, tokenCount } from '@plaudit/reward';

/** Where a response's tokens are among a batch's targets. */
interface ResponsePlace {
  readonly first: number;
  readonly count: number;
}

export interface LaidBatch {
  readonly feeds: TensorValues;
  /** Of each tree: where each of its responses is. Responses are in order, without a gap. */
  readonly places: readonly (readonly ResponsePlace[])[];
  readonly targets: number;
  readonly responses: number;
  /** That run through the model. */
  readonly tokens: number;
}

export const floats = (data: Float32Array, shape: readonly number[] = [data.length]) => ({
  dtype: 'float32' as const,
  shape,
  data,
});

export const integers = (values: readonly number[]) => ({
  dtype: 'int64' as const,
  shape: [values.length],
  data: BigInt64Array.from(values, BigInt),
});

/** Every token of every response is a target: what `policyGraph` is fed. */
export const layBatch = ({ trees, places }: TreeBatchPlan): LaidBatch => {
  const laid = treeBatch(
    trees.map(({ tokens }) => tokens),
    places,
  );
  const rows: number[] = [];
  const ids: number[] = [];
  let responses = 0;
  const placed = trees.map(({ tokens }, tree) =>
    tokens.responses.map((response, branch): ResponsePlace => {
      const first = ids.length;
      const begin = laid.scoreRows[tree]![branch]! - response.length + 1;
      response.forEach((id, i) => {
        rows.push(i === 0 ? laid.promptRows[tree]! : begin + i - 1);
        ids.push(id);
      });
      responses++;
      return { first, count: response.length };
    }),
  );
  return {
    feeds: { ...laid.feeds, 'target.rows': integers(rows), 'target.ids': integers(ids) },
    places: placed,
    targets: ids.length,
    responses,
    tokens: laid.tokens,
  };
};

/** [responses, targets]: 1 where a target belongs to a response. */
export const membership = ({ places, responses, targets }: LaidBatch): Float32Array => {
  const matrix = new Float32Array(responses * targets);
  places.flat().forEach(({ first, count }, response) => {
    matrix.fill(1, response * targets + first, response * targets + first + count);
  });
  return matrix;
};

/** The named sizes of a batch, as the graph's shapes are written in them. */
export const policySizes = ({ trees, places }: TreeBatchPlan): Readonly<Record<string, number>> => {
  const total = (size: (tree: EncodedTree['tokens']) => number): number =>
    trees.reduce((sum, { tokens }) => sum + size(tokens), 0);
  const responses = total((tree) => tree.responses.length);
  const tokens = total(tokenCount);
  return {
    ...places,
    trees: trees.length,
    responses,
    tokens,
    targets: tokens - total(({ prompt }) => prompt.length),
    // A batch has about as many pairs or labels as responses; what is one number for each is small beside the rest.
    pairs: responses,
    labels: responses,
  };
};
