/** @file The `plaudit` command: parses the arguments, runs one command, turns every error into text and an exit code. */
import { exitCodes } from '@plaudit/contract';
import { CommanderError } from 'commander';
import { asPlauditError, debugText, errorText, exitCodeOf } from './output/errors.ts';
import { endQuietlyOnClosedPipe, writeErr } from './output/streams.ts';
import { program } from './program.ts';

const argumentsGiven = process.argv.slice(2);
const json = argumentsGiven.includes('--json');

const fail = async (error: unknown): Promise<number> => {
  const shown = asPlauditError(error);
  if (process.env.PLAUDIT_DEBUG) await writeErr(debugText(error));
  await writeErr(errorText(shown, json));
  return exitCodeOf(shown);
};

const run = async (): Promise<number> => {
  try {
    await program().parseAsync(argumentsGiven, { from: 'user' });
    return 0;
  } catch (error) {
    // Help and version are asked for, not faults; they have been printed.
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    // A noun without its verb: its help has been printed on stderr.
    if (error instanceof CommanderError && error.code === 'commander.help') return exitCodes.usage;
    return fail(error);
  }
};

endQuietlyOnClosedPipe();
for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.once(event, async (error: unknown) => process.exit(await fail(error)));

// Workers and sockets that are still open must not keep a finished command alive.
process.exit(await run());
