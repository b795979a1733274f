/** @file The design matrix: features of all responses of some trees as sparse rows, and their pairs as row numbers. */
import type { PreferenceTree } from '@plaudit/feedback';
import type { Comparisons, SparseRows } from './bradley-terry.ts';
import { breather } from './breather.ts';
import { type FeatureConfiguration, Featuriser } from './features.ts';
import { surfaceNames } from './surface.ts';

/** Raw features of responses: hashed entries in compressed rows, surface values beside them. */
export interface ResponseFeatures {
  readonly offsets: Uint32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
  /** [responses, surfaceNames.length] */
  readonly surface: Float64Array;
  readonly comparisons: Comparisons;
}

/** A typed array that doubles when it is full. */
const grown = <T extends Int32Array | Float64Array>(array: T, needed: number): T => {
  if (array.length >= needed) return array;
  const larger = new (array.constructor as new (length: number) => T)(Math.max(needed, array.length * 2));
  larger.set(array);
  return larger;
};

/** Featurises every response of every tree, in order. */
export const responseFeatures = async (
  trees: readonly PreferenceTree[],
  configuration: FeatureConfiguration,
  signal?: AbortSignal,
): Promise<ResponseFeatures> => {
  const breathe = breather(signal);
  const featuriser = new Featuriser(configuration);
  const responses = trees.reduce((sum, tree) => sum + tree.responses.length, 0);
  const offsets = new Uint32Array(responses + 1);
  const surface = new Float64Array(responses * surfaceNames.length);
  let columns = new Int32Array(1 << 16);
  let values = new Float64Array(1 << 16);
  let row = 0;
  let entries = 0;
  const winners: number[] = [];
  const losers: number[] = [];
  const weights: number[] = [];
  const margins: number[] = [];
  for (const tree of trees) {
    for (const pair of tree.pairs) {
      winners.push(row + pair.winner);
      losers.push(row + pair.loser);
      weights.push(pair.weight);
      margins.push(pair.margin ?? 0);
    }
    featuriser.setPrompt(tree.prompt);
    for (const response of tree.responses) {
      featuriser.setResponse(response);
      const count = featuriser.entries;
      columns = grown(columns, entries + count);
      values = grown(values, entries + count);
      columns.set(featuriser.columns.subarray(0, count), entries);
      values.set(featuriser.values.subarray(0, count), entries);
      surface.set(featuriser.surface, row * surfaceNames.length);
      entries += count;
      offsets[++row] = entries;
    }
    if (breathe.due()) await breathe.pause();
  }
  return {
    offsets,
    columns: columns.subarray(0, entries),
    values: values.subarray(0, entries),
    surface,
    comparisons: {
      winners: Uint32Array.from(winners),
      losers: Uint32Array.from(losers),
      weights: Float64Array.from(weights),
      margins: Float64Array.from(margins),
    },
  };
};

export interface Standardisation {
  readonly mean: Float32Array;
  readonly std: Float32Array;
}

/** Mean and standard deviation of each surface feature over all responses; a feature that never varies gets 1. */
export const standardisation = (features: ResponseFeatures): Standardisation => {
  const width = surfaceNames.length;
  const count = features.surface.length / width;
  const mean = new Float32Array(width);
  const std = new Float32Array(width);
  for (let j = 0; j < width; j++) {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += features.surface[i * width + j]!;
    mean[j] = sum / count;
    let square = 0;
    for (let i = 0; i < count; i++) square += (features.surface[i * width + j]! - mean[j]!) ** 2;
    const found = Math.sqrt(square / count);
    std[j] = found > 1e-9 ? found : 1;
  }
  return { mean, std };
};

/** Which hashed columns the training responses use, numbered from 0 in order of first use. */
export interface UsedColumns {
  /** [dimension], -1 where unused. */
  readonly index: Int32Array;
  readonly count: number;
}

export const usedColumns = (features: ResponseFeatures, dimension: number): UsedColumns => {
  const index = new Int32Array(dimension).fill(-1);
  let count = 0;
  for (const column of features.columns) if (index[column] === -1) index[column] = count++;
  return { index, count };
};

/** Sparse rows over the used hashed columns and, behind them, the standardised surface features. */
export const designRows = (
  features: ResponseFeatures,
  used: UsedColumns,
  standard: Standardisation,
): SparseRows => {
  const width = surfaceNames.length;
  const responses = features.offsets.length - 1;
  const offsets = new Uint32Array(responses + 1);
  const columns = new Int32Array(features.columns.length + responses * width);
  const values = new Float64Array(columns.length);
  let at = 0;
  for (let row = 0; row < responses; row++) {
    for (let k = features.offsets[row]!; k < features.offsets[row + 1]!; k++) {
      const column = used.index[features.columns[k]!]!;
      if (column < 0) continue;
      columns[at] = column;
      values[at++] = features.values[k]!;
    }
    for (let j = 0; j < width; j++) {
      columns[at] = used.count + j;
      values[at++] = (features.surface[row * width + j]! - standard.mean[j]!) / standard.std[j]!;
    }
    offsets[row + 1] = at;
  }
  return {
    offsets,
    columns: columns.subarray(0, at),
    values: values.subarray(0, at),
    width: used.count + width,
  };
};
