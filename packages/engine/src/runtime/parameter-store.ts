/** @file Trainable parameters as the main thread sees them: a name for what the worker holds. */
import { plauditError } from '@plaudit/contract';
import type { Channel } from './channel.ts';
import type { EngineCalls } from './protocol.ts';
import type { ApplyOptions, ApplyResult, ParameterSnapshot } from './trained-parameters.ts';

/** Made by `EngineWorker.createParameters`. The values never leave the worker except in a snapshot. */
export class ParameterStore {
  /** Shapes by name. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  private readonly channel: Channel<EngineCalls>;
  private readonly number: number;
  private closed = false;

  constructor(channel: Channel<EngineCalls>, id: number, shapes: ReadonlyMap<string, readonly number[]>) {
    this.channel = channel;
    this.number = id;
    this.shapes = shapes;
  }

  /** What a session hands to the worker. @throws `engine.closed` also when it belongs to another worker. */
  idFor(channel: Channel<EngineCalls>): number {
    if (channel !== this.channel)
      throw plauditError('engine.closed', { what: 'parameter store of this worker' });
    return this.id();
  }

  /**
   * One update: the gradients accumulated since the last one are scaled, clipped by their global norm and applied
   * with AdamW. Parameters without a gradient stay as they are, their moments too.
   *
   * @throws `engine.no_gradient`; `engine.non_finite` when a sum of gradients overflowed. Nothing has changed then.
   */
  async apply(options: ApplyOptions): Promise<ApplyResult> {
    return this.channel.call('apply', { parameters: this.id(), options });
  }

  /** Forgets the gradients that are not applied yet, as after an error within a step. */
  async clearGradients(): Promise<void> {
    await this.channel.call('clear', this.id());
  }

  /**
   * A copy of all that training continues from, bit for bit. Take it between updates: gradients that are not applied
   * yet are no part of it.
   *
   * @param options.moments False leaves out the moments: enough to score, not to continue.
   */
  async snapshot(options: { readonly moments?: boolean } = {}): Promise<ParameterSnapshot> {
    return this.channel.call('snapshot', { parameters: this.id(), moments: options.moments ?? true });
  }

  /** Goes back to a snapshot; its arrays stay the caller's. @throws `engine.parameter`. */
  async restore(snapshot: ParameterSnapshot): Promise<void> {
    await this.channel.call('restore', { parameters: this.id(), snapshot });
  }

  /** Frees what the worker holds. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.channel.call('forget', this.number);
  }

  private id(): number {
    if (this.closed) throw plauditError('engine.closed', { what: 'parameter store' });
    return this.number;
  }
}
