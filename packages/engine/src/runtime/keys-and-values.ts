/** @file The keys and values of tokens that were seen before, where they live, in the worker: float32 arrays by layer. */
import { plauditError } from '@plaudit/contract';
import type { HeldTensor } from './hosted-session.ts';
import type { TensorValues } from './tensor.ts';

export interface CacheShape {
  readonly layers: number;
  /** Heads of keys and values in each layer. */
  readonly keys: number;
  /** Features of a head. */
  readonly size: number;
  readonly rows: number;
}

/** Part of a run's request: which rows the graph reads, and where what it returns is written. */
export interface CacheUse {
  readonly first: number;
  readonly count: number;
  /** The rows hold nothing yet: the graph is given no positions at all. */
  readonly empty: boolean;
  /** Row and position of each of the graph's tokens, one pair after the other. */
  readonly writes: Int32Array;
}

interface Names {
  /** The input of a graph that is fed from the cache. */
  readonly past: string;
  /** The output that goes back into it. */
  readonly next: string;
}

/** Keys and values of each layer in turn. */
export const namesOf = (layers: number): readonly Names[] =>
  Array.from({ length: layers }, (_, layer) =>
    ['key', 'value'].map((kind) => ({ past: `past.${layer}.${kind}`, next: `new.${layer}.${kind}` })),
  ).flat();

interface Held extends Names {
  /** [rows, keys, capacity, size] */
  values: Float32Array;
}

export class KeysAndValues {
  private readonly shape: CacheShape;
  private readonly held: readonly Held[];
  private capacity = 0;

  constructor(shape: CacheShape) {
    this.shape = shape;
    this.held = namesOf(shape.layers).map((names) => ({ ...names, values: new Float32Array(0) }));
  }

  /** The outputs of a graph that are written and do not leave the worker. */
  get outputs(): readonly string[] {
    return this.held.map(({ next }) => next);
  }

  /** What a graph is fed: views of the arrays, which change with the next write. */
  *values({ first, count, empty }: CacheUse): Iterable<HeldTensor> {
    const { keys, size } = this.shape;
    const capacity = empty ? 0 : this.capacity;
    const row = keys * capacity * size;
    for (const { past, values } of this.held) {
      const value = values.subarray(first * row, (first + count) * row);
      yield { name: past, shape: [count, keys, capacity, size], value };
    }
  }

  /** Makes room for more positions. One array at a time is there twice. */
  reserve(capacity: number): void {
    const { rows, keys, size } = this.shape;
    const before = this.capacity * size;
    const after = capacity * size;
    for (const entry of this.held) {
      const grown = new Float32Array(rows * keys * after);
      for (let head = 0; head < rows * keys; head++) {
        grown.set(entry.values.subarray(head * before, (head + 1) * before), head * after);
      }
      entry.values = grown;
    }
    this.capacity = capacity;
  }

  /** Copies the first positions of rows to other rows. @param pairs Row and row, one pair after the other */
  copy(pairs: Int32Array, positions: number): void {
    const { keys, size } = this.shape;
    const head = this.capacity * size;
    for (const { values } of this.held) {
      for (let i = 0; i < pairs.length; i += 2) {
        for (let key = 0; key < keys; key++) {
          const from = (pairs[i]! * keys + key) * head;
          values.copyWithin((pairs[i + 1]! * keys + key) * head, from, from + positions * size);
        }
      }
    }
  }

  /**
   * Writes what a run returned for its tokens, each [tokens, keys * size].
   *
   * @throws `engine.cache` when the run returned another number of tokens than there are places for
   */
  write(outputs: TensorValues, writes: Int32Array): void {
    const { keys, size } = this.shape;
    const tokens = writes.length / 2;
    for (const { next, values } of this.held) {
      const data = outputs[next]!.data as Float32Array;
      if (data.length !== tokens * keys * size) {
        throw plauditError('engine.cache', {
          problem: `${next} is not ${tokens} tokens of ${keys} heads of ${size}`,
        });
      }
      let from = 0;
      for (let token = 0; token < tokens; token++) {
        let to = (writes[2 * token]! * keys * this.capacity + writes[2 * token + 1]!) * size;
        for (let key = 0; key < keys; key++, from += size, to += this.capacity * size) {
          for (let i = 0; i < size; i++) values[to + i] = data[from + i]!;
        }
      }
    }
  }
}
