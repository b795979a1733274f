/** @file `plaudit quickstart`: the whole loop on simulated people, offline, and then the studio open on what came of it. */
import { PlauditError, plauditError } from '@plaudit/contract';
import type { Server } from '@plaudit/server';
import { Command } from 'commander';
import { wholeNumber, withPresentation } from '../options.ts';
import { duration } from '../output/progress.ts';
import { shellWord } from '../output/text.ts';
import { type CommandContext, type PresentationOptions, present } from '../present.ts';
import type { Finished } from '../quickstart/run.ts';
import { announcedInterrupt, startText, untilInterrupted } from '../serving.ts';
import { builtStudio } from '../studio.ts';

interface Options extends PresentationOptions {
  readonly out: string;
  readonly seed: number;
  readonly port: number;
  readonly studio: boolean;
  readonly small?: boolean;
  readonly fresh?: boolean;
}

export const quickstart = (): Command =>
  withPresentation(
    new Command('quickstart')
      .description(
        'The whole loop on simulated people, offline, in some minutes: feedback, gates, reward models, a policy, roll-outs, an alert; then the studio on all of it. Stopped at any time, the same command goes on',
      )
      .option('--out <folder>', 'the folder to make, with a store of its own', 'plaudit-quickstart')
      .option('--seed <number>', 'the same seed simulates the same people', wholeNumber, 1)
      .option('--small', 'a quick look: everything happens, and numbers say little')
      .option('--fresh', 'begin anew in the folder of an earlier quickstart')
      .option('--port <number>', 'where the studio is then; 0 for any that is free', wholeNumber, 7788)
      .option('--no-studio', 'end when the work is done; --json does too'),
    'plaudit quickstart\nplaudit quickstart --small --no-studio --out try',
  ).action(async (options: Options) => {
    const { out, port, json = false, quiet = false } = options;
    const keepsServing = options.studio && !json;
    let server: Server | undefined;
    try {
      await present(options, async (context) => {
        const studio = keepsServing ? builtStudio() : undefined;
        const { document, summary } = await finished(options, keepsServing ? port : 0, context);
        const found = `\n${summary}\nThat took ${duration(document.seconds)}.`;
        if (!studio) return { document, text: `${found} Look at it with:\n  ${againText(options)}\n` };
        const { serverOf } = await import('../quickstart/run.ts');
        const pages = await studio;
        server = await serverOf(out, port, pages === undefined ? {} : { studio: pages });
        return { document, text: `${found}\n${startText(server, pages !== undefined)}` };
      });
      if (server) {
        const interrupt = announcedInterrupt(quiet);
        await untilInterrupted(interrupt).finally(interrupt.release);
      }
    } finally {
      await server?.close();
    }
  });

const finished = async (
  { out, seed, small = false, fresh = false }: Options,
  port: number,
  context: CommandContext,
): Promise<Finished> => {
  const { runQuickstart } = await import('../quickstart/run.ts');
  try {
    return await runQuickstart({ out, seed, small, fresh, port }, context);
  } catch (error) {
    throw context.signal.aborted && !isOfOutput(error) ? interrupted(error) : error;
  }
};

const isOfOutput = (error: unknown): boolean =>
  error instanceof PlauditError && error.code.startsWith('output.');

const interrupted = (cause: unknown): PlauditError =>
  plauditError('cli.interrupted', { resume: 'Run the same command again: it goes on where it was.' }, cause);

/** The command that opens the studio on a quickstart that is done. */
const againText = ({ out, seed, small = false }: Options): string =>
  ['npx plaudit quickstart', `--out ${shellWord(out)}`, `--seed ${seed}`, ...(small ? ['--small'] : [])].join(
    ' ',
  );
