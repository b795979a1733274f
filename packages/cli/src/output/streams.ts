/** @file Writing to stdout and stderr so that nothing is lost when the process ends and a closed pipe is no fault. */

/** Resolves when the operating system has taken the text. */
export const writeOut = (text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });

export const writeErr = (text: string): Promise<void> =>
  new Promise((resolve) => {
    process.stderr.write(text, () => resolve());
  });

/** Somebody who closes the pipe has read enough (`plaudit … | head`): end without a word. */
export const endQuietlyOnClosedPipe = (): void => {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
    });
};
