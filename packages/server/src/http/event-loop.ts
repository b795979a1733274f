/** @file How long the thread of HTTP was held up: while it computes, nobody is answered. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Gauge, type Registry } from 'prom-client';

/** Milliseconds between two looks; what is measured is by how much one comes too late. */
const resolution = 10;
const quantiles = [0.5, 0.99, 1] as const;

/** By how much looks came too late, in milliseconds, by quantile; 1 is the longest. */
export interface EventLoopDelay {
  readonly at: (quantile: number) => number;
  readonly reset: () => void;
  readonly close: () => void;
}

export const eventLoopDelay = (): EventLoopDelay => {
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  return {
    // Node counts from one look to the next, the pause between them included.
    at: (quantile) =>
      Math.max(0, (quantile === 1 ? delay.max : delay.percentile(100 * quantile)) / 1e6 - resolution),
    reset: () => delay.reset(),
    close: () => void delay.disable(),
  };
};

/**
 * Writes the delays of the last seconds into a registry, again and again.
 *
 * @param every Milliseconds that a value is about
 * @returns what ends it
 */
export const watchEventLoop = (registry: Registry, every = 10_000): (() => void) => {
  const delay = eventLoopDelay();
  const gauge = new Gauge({
    name: 'plaudit_event_loop_delay_seconds',
    help: 'By how much the thread of HTTP came too late in the last ten seconds; quantile 1 is the longest delay',
    labelNames: ['quantile'],
    registers: [registry],
  });
  const timer = setInterval(() => {
    for (const quantile of quantiles) gauge.set({ quantile }, delay.at(quantile) / 1000);
    delay.reset();
  }, every).unref();
  return () => {
    clearInterval(timer);
    delay.close();
  };
};
