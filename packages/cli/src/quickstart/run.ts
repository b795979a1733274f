/** @file The quickstart: a server, the steps one after the other as far as they have not been done, and what was found. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { plauditError } from '@plaudit/contract';
import { ApiError, type Client } from '@plaudit/sdk';
import { type Server, type ServerOptions, serverLog, startServer } from '@plaudit/server';
import { openStore } from '@plaudit/store';
import { duration } from '../output/progress.ts';
import type { CommandContext } from '../present.ts';
import { callsIn } from './calls.ts';
import { badCanaryStep, canaryStep, deployStep, shadowStep } from './deploying.ts';
import { gatesStep, importStep, moreStep } from './feedback.ts';
import { labellingStep } from './labelling.ts';
import {
  badLabelsStep,
  distilStep,
  evaluateStep,
  ppoStep,
  queueStep,
  readerStep,
  sftStep,
  wordsStep,
} from './models.ts';
import { hirePeople, type Person } from './people.ts';
import { openRecord, type QuickstartRecord } from './record.ts';
import { sizesOf } from './sizes.ts';
import { type Finding, findingOf, quickstartOf, type Step } from './step.ts';
import { summaryText } from './summary.ts';
import { driftStep, experimentStep } from './watching.ts';

/** In the order in which they are done: a step uses what earlier ones found. */
export const steps: readonly Step<unknown>[] = [
  importStep,
  gatesStep,
  wordsStep,
  moreStep,
  badLabelsStep,
  queueStep,
  labellingStep,
  readerStep,
  sftStep,
  distilStep,
  ppoStep,
  evaluateStep,
  deployStep,
  shadowStep,
  canaryStep,
  badCanaryStep,
  experimentStep,
  driftStep,
];

/** The project that everything is in. */
const project = 'quickstart';

interface QuickstartOptions {
  readonly out: string;
  readonly seed: number;
  readonly small: boolean;
  readonly fresh: boolean;
  readonly port: number;
}

interface QuickstartDocument {
  readonly out: string;
  readonly project: string;
  readonly seed: number;
  /** Of work, over all times that it was called. */
  readonly seconds: number;
  /** What each step found, by its name. */
  readonly steps: Readonly<Record<string, unknown>>;
}

export interface Finished {
  readonly document: QuickstartDocument;
  /** The same in a few lines. */
  readonly summary: string;
}

/**
 * Does what has not been done.
 *
 * @throws output.exists, cli.usage, server.address_unusable, cli.quickstart_failed; whatever a step throws
 */
export const runQuickstart = async (
  options: QuickstartOptions,
  context: CommandContext,
): Promise<Finished> => {
  const { out, seed, small, fresh, port } = options;
  const record = await openRecord(out, { seed, small, fresh });
  const isDone = ({ name }: Step<unknown>): boolean => record.read(findingOf(name)) !== undefined;
  if (!steps.every(isDone)) {
    await context.say(`Starting a server with a store of its own in ${join(out, 'store')} …\n`);
    // Roll-outs and alerts take hours where customers come slowly; here nobody waits for a clock.
    const server = await serverOf(out, port, { watchEvery: 1 });
    try {
      await work(server, record, options, context);
    } finally {
      await server.close();
    }
  }
  const found = <Found>({ name }: Step<Found>): Found =>
    (record.read(findingOf(name)) as Finding<Found>).found;
  const document = {
    ...{ out, project, seed, seconds: Number(record.read('seconds')) },
    steps: Object.fromEntries(steps.map((step) => [step.name, found(step)])),
  };
  return { document, summary: summaryText(found) };
};

/** The server on a quickstart's own store; a database that the environment names is somebody's. */
export const serverOf = async (
  out: string,
  port: number,
  options: Pick<ServerOptions, 'watchEvery' | 'studio'> = {},
): Promise<Server> => {
  await mkdir(join(out, 'store'), { recursive: true });
  return startServer({
    ...{ port, folder: join(out, 'store'), databaseUrl: '', logger: serverLog('error') },
    ...options,
  });
};

const work = async (
  server: Server,
  record: QuickstartRecord,
  { out, seed, small }: QuickstartOptions,
  { signal, onProgress, say }: CommandContext,
): Promise<void> => {
  const store = await openStore(server.services.database, { project });
  const people = await hirePeople(server, store.project.id);
  const calls = callsIn(project);
  try {
    const as = (person: Person): Client => calls.heard(people.as(person));
    const shared = { project, seed, sizes: sizesOf(small), signal, onProgress, as };
    const quick = quickstartOf({ ...shared, out, record });
    for (const [at, step] of steps.entries()) {
      const { name, title } = step;
      const heading = `\n${at + 1} of ${steps.length}. ${title}\n`;
      if (record.read(findingOf(name)) !== undefined) {
        await say(`${heading}   Done before.\n`);
        continue;
      }
      signal.throwIfAborted();
      await say(heading);
      const began = performance.now();
      const { found, text } = await step.work(quick).catch((error: unknown) => {
        throw error instanceof ApiError && !signal.aborted
          ? plauditError(
              'cli.quickstart_failed',
              { problem: `${name}: ${error.message} ${error.cure}` },
              error,
            )
          : error;
      });
      await record.keep(findingOf(name), { found, text } satisfies Finding<unknown>);
      const took = duration((performance.now() - began) / 1000);
      const called = calls.taken().map((call) => `   > ${call}\n`);
      await say(
        `${text.replace(/^/gm, '   ')}\n${called.join('')}   (${took}; ${duration(record.seconds())} since the start)\n`,
      );
    }
    await record.keep('seconds', record.seconds());
  } finally {
    await people.dismiss();
  }
};
