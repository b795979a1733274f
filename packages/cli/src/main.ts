/** @file The `plaudit` command as a process. */
import { endQuietlyOnClosedPipe } from './output/streams.ts';
import { fail, run } from './run.ts';

const words = process.argv.slice(2);

endQuietlyOnClosedPipe();
for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.once(event, async (error: unknown) => process.exit(await fail(error, words)));

// Workers and sockets that are still open must not keep a finished command alive.
process.exit(await run(words));
