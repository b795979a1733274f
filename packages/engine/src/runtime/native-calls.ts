/**
 * @file Keeps a worker thread from being ended inside ONNX Runtime.
 *
 * Ending a thread (`terminate()`, or the end of the process with `process.exit` or an uncaught error) while
 * `onnxruntime-node` 1.30 runs a graph aborts the whole process: the native call comes back, may not call JavaScript
 * any more, throws a `Napi::Error` that nobody catches, and SIGABRT (exit code 134) follows. So the worker says in
 * shared memory when it is inside such a call, and whoever ends it first shuts the door and waits.
 */
import { plauditError } from '@plaudit/contract';

/** Word 0: 1 while a native call runs. Word 1: 1 when no further one may begin. */
export type NativeCallWords = Int32Array<SharedArrayBuffer>;

const running = 0;
const shut = 1;

export const nativeCallWords = (): NativeCallWords => new Int32Array(new SharedArrayBuffer(8));

/** In the worker: makes a native call. @throws `engine.closed` when the worker is about to end. */
export const nativeCall = async <T>(words: NativeCallWords, call: () => Promise<T>): Promise<T> => {
  Atomics.store(words, running, 1);
  try {
    if (Atomics.load(words, shut) === 1) throw plauditError('engine.closed', { what: 'engine worker' });
    return await call();
  } finally {
    Atomics.store(words, running, 0);
    Atomics.notify(words, running);
  }
};

/** Outside: lets no further native call begin. */
export const shutNativeCalls = (words: NativeCallWords): void => {
  Atomics.store(words, shut, 1);
};

/** How long the end of a process waits for a graph to end. */
const patience = 60_000;

const living = new Set<NativeCallWords>();

const waitForAll = (): void => {
  for (const words of living) shutNativeCalls(words);
  for (const words of living) Atomics.wait(words, running, 1, patience);
};

/** Outside: makes the end of the process wait for a native call that runs. @returns What undoes it. */
export const holdExit = (words: NativeCallWords): (() => void) => {
  if (living.size === 0) process.on('exit', waitForAll);
  living.add(words);
  return () => {
    living.delete(words);
    if (living.size === 0) process.off('exit', waitForAll);
  };
};
