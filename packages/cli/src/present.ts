/** @file What surrounds the work of every command: Ctrl-C, progress, warnings, and the result as text or one JSON document. */
import { PlauditError } from '@plaudit/contract';
import type { OnProgress } from '@plaudit/reward';
import { listenForInterrupt } from './interrupt.ts';
import { progressDisplay } from './output/progress.ts';
import { writeErr, writeOut } from './output/streams.ts';

/** The options that every command has. */
export interface PresentationOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** What a command's work may use of the world. */
export interface CommandContext {
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
  /** Text for people, before the result; nothing with --json. */
  say(text: string): Promise<void>;
}

export interface CommandResult {
  /** What --json prints. */
  readonly document: object;
  /** What people read instead. */
  readonly text: string;
  readonly warnings?: readonly string[];
}

/** Runs a command's work and prints what came of it. Errors go on to the one border in main.ts. */
export const present = async (
  options: PresentationOptions,
  work: (context: CommandContext) => Promise<CommandResult>,
): Promise<void> => {
  const { json = false, quiet = false } = options;
  const progress = progressDisplay(process.stderr, { quiet });
  const interrupt = listenForInterrupt(() => {
    progress.clear();
    if (!json && !quiet) process.stderr.write('Stopping cleanly; Ctrl-C once more stops at once.\n');
  });
  const { signal } = interrupt;
  try {
    const result = await work({
      signal,
      onProgress: progress.report,
      async say(text) {
        progress.clear();
        if (!json) await writeOut(text);
      },
    });
    progress.clear();
    for (const warning of result.warnings ?? [])
      await writeErr(json ? `${JSON.stringify({ warning })}\n` : `Warning: ${warning}\n`);
    await writeOut(json ? `${JSON.stringify(result.document, null, 2)}\n` : result.text);
  } catch (error) {
    progress.clear();
    // Says itself what became of the work, and where it lies.
    const explained =
      error instanceof PlauditError && (error.code === 'cli.interrupted' || error.code.startsWith('output.'));
    throw signal.aborted && !explained ? signal.reason : error;
  } finally {
    interrupt.release();
  }
};
