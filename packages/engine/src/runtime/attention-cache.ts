/** @file An attention cache as the main thread sees it: a name for the keys and values that the worker holds. */
import { plauditError } from '@plaudit/contract';
import type { Channel } from './channel.ts';
import { type CacheShape, type CacheUse, namesOf } from './keys-and-values.ts';
import type { EngineCalls } from './protocol.ts';

/**
 * Made by `EngineWorker.createCache`. The keys and values never leave the worker. A graph reads them as its inputs
 * `past.LAYER.key` and `past.LAYER.value`, float32 [rows, keys, past, size], and returns those of its new tokens as
 * `new.LAYER.key` and `new.LAYER.value`, float32 [tokens, keys * size].
 */
export class AttentionCache {
  readonly shape: CacheShape;
  private readonly channel: Channel<EngineCalls>;
  private readonly number: number;
  private positions = 0;
  private closed = false;

  constructor(channel: Channel<EngineCalls>, id: number, shape: CacheShape) {
    this.channel = channel;
    this.number = id;
    this.shape = shape;
  }

  /** Positions that each row has room for. */
  get capacity(): number {
    return this.positions;
  }

  /** What a session hands to the worker. @throws `engine.closed` also when it belongs to another worker. */
  idFor(channel: Channel<EngineCalls>): number {
    if (channel !== this.channel)
      throw plauditError('engine.closed', { what: 'attention cache of this worker' });
    return this.id();
  }

  /** The outputs of a graph that are written here and returned by no run. */
  get outputs(): readonly string[] {
    return namesOf(this.shape.layers).map(({ next }) => next);
  }

  /** Shapes of what a run is fed from the rows, by name. @throws `engine.cache` for rows or positions that are not there */
  shapes({ first, count, empty, writes }: CacheUse): ReadonlyMap<string, readonly number[]> {
    const { layers, keys, size } = this.shape;
    this.checkRow(first);
    this.checkRow(first + count - 1);
    for (let i = 0; i < writes.length; i += 2) {
      this.checkRow(writes[i]!);
      this.checkPosition(writes[i + 1]!);
    }
    const shape = [count, keys, empty ? 0 : this.positions, size];
    return new Map(namesOf(layers).map(({ past }) => [past, shape]));
  }

  /** Makes room for more positions in every row, at the cost of copying the whole cache; never makes it smaller. */
  async reserve(capacity: number): Promise<void> {
    if (capacity <= this.positions) return;
    this.positions = capacity;
    await this.channel.call('reserve', { cache: this.id(), capacity });
  }

  /**
   * Copies the first positions of rows to other rows, one pair after the other.
   *
   * @param pairs [from, to] each
   * @throws `engine.cache`
   */
  async copy(pairs: readonly (readonly [from: number, to: number])[], positions: number): Promise<void> {
    if (pairs.length === 0 || positions === 0) return;
    this.checkPosition(positions - 1);
    for (const row of pairs.flat()) this.checkRow(row);
    await this.channel.call('copy', { cache: this.id(), pairs: Int32Array.from(pairs.flat()), positions });
  }

  /** Frees what the worker holds. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.channel.call('forget', this.number);
  }

  private checkRow(row: number): void {
    if (row >= 0 && row < this.shape.rows) return;
    throw plauditError('engine.cache', {
      problem: `it has ${this.shape.rows} rows, and none of number ${row}`,
    });
  }

  private checkPosition(position: number): void {
    if (position >= 0 && position < this.positions) return;
    throw plauditError('engine.cache', {
      problem: `a row has ${this.positions} positions, and none of number ${position}`,
    });
  }

  private id(): number {
    if (this.closed) throw plauditError('engine.closed', { what: 'attention cache' });
    return this.number;
  }
}
