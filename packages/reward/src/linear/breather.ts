/** @file Lets a long computation on the main thread give way now and then, so that Ctrl-C and timers are served. */
import { setImmediate } from 'node:timers/promises';

export interface Breather {
  /** Whether the computation has run long enough to pause. */
  due(): boolean;
  /** Lets the event loop run once. @throws The signal's reason when it was aborted. */
  pause(): Promise<void>;
}

/** @param interval Milliseconds of computation between two pauses. */
export const breather = (signal?: AbortSignal, interval = 50): Breather => {
  let last = performance.now();
  return {
    due: () => performance.now() - last >= interval,
    pause: async () => {
      await setImmediate();
      signal?.throwIfAborted();
      last = performance.now();
    },
  };
};
