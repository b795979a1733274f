/** @file Ctrl-C: the first press asks the command to stop cleanly, the second ends the process at once. */
import { exitCodes, plauditError } from '@plaudit/contract';

export interface Interrupt {
  readonly signal: AbortSignal;
  /** Gives Ctrl-C back to the operating system. */
  release(): void;
}

/** @param onFirst Called at the first press, to tell a person that the second one is harsher. */
export const listenForInterrupt = (onFirst: () => void): Interrupt => {
  const controller = new AbortController();
  const interrupted = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    onFirst();
    controller.abort(
      plauditError('cli.interrupted', { resume: 'Nothing was left behind. Run the same command again.' }),
    );
  };
  process.on('SIGINT', interrupted);
  process.on('SIGTERM', interrupted);
  return {
    signal: controller.signal,
    release() {
      process.off('SIGINT', interrupted);
      process.off('SIGTERM', interrupted);
    },
  };
};
