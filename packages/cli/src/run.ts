/** @file One command from its words to its exit code: every error is text on stderr. */
import { exitCodes } from '@plaudit/contract';
import { CommanderError } from 'commander';
import { asPlauditError, debugText, errorText, exitCodeOf } from './output/errors.ts';
import { writeErr } from './output/streams.ts';
import { program } from './program.ts';

/** Prints an error as the command's words asked for it, and says the exit code. */
export const fail = async (error: unknown, words: readonly string[]): Promise<number> => {
  const shown = asPlauditError(error);
  if (process.env.PLAUDIT_DEBUG) await writeErr(debugText(error));
  await writeErr(errorText(shown, words.includes('--json')));
  return exitCodeOf(shown);
};

/** @param words What follows `plaudit` on the command line */
export const run = async (words: readonly string[]): Promise<number> => {
  try {
    await program().parseAsync(words, { from: 'user' });
    return 0;
  } catch (error) {
    // Help and version are asked for, not faults; they have been printed.
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    // A noun without its verb: its help has been printed on stderr.
    if (error instanceof CommanderError && error.code === 'commander.help') return exitCodes.usage;
    return fail(error, words);
  }
};
