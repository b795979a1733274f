/** @file A step of the quickstart, and what steps share: the server and its callers, the record, the screen. */

import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { OnProgress } from '@plaudit/reward';
import type { Client } from '@plaudit/sdk';
import type { Person } from './people.ts';
import type { QuickstartRecord } from './record.ts';
import type { Sizes } from './sizes.ts';

/** What a step found: a document for programs, and lines for people. */
export interface Finding<Found> {
  readonly found: Found;
  readonly text: string;
}

export interface Step<Found> {
  /** In the record and in the document of the command. */
  readonly name: string;
  /** One sentence. */
  readonly title: string;
  work(quick: Quickstart): Promise<Finding<Found>>;
}

export interface Quickstart {
  readonly project: string;
  readonly seed: number;
  readonly sizes: Sizes;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
  /** A path in the quickstart's folder. */
  at(name: string): string;
  /** The API as a member of the project calls it. */
  as(person: Person): Client;
  /** What an earlier step found. @throws RangeError where it has not been done */
  found<Found>(step: Step<Found>): Found;
  /** Does a part of a step that must not be done twice; what it gave is known again after any end. */
  once<T>(part: string, work: () => Promise<T>): Promise<T>;
  /** @throws the signal's reason */
  wait(milliseconds: number): Promise<void>;
}

interface QuickstartOptions extends Omit<Quickstart, 'at' | 'found' | 'once' | 'wait'> {
  readonly out: string;
  readonly record: QuickstartRecord;
}

/** The name of a step's finding in the record. */
export const findingOf = (step: string): string => `step ${step}`;

export const quickstartOf = ({ out, record, ...rest }: QuickstartOptions): Quickstart => ({
  ...rest,
  at: (name) => join(out, name),
  found<Found>({ name }: Step<Found>) {
    const finding = record.read(findingOf(name)) as Finding<Found> | undefined;
    if (finding === undefined) throw new RangeError(`the step ${name} has not been done`);
    return finding.found;
  },
  async once<T>(part: string, work: () => Promise<T>) {
    rest.signal.throwIfAborted();
    const known = record.read(part);
    if (known !== undefined) return known as T;
    const made = await work();
    await record.keep(part, made ?? null);
    return made;
  },
  async wait(milliseconds) {
    rest.signal.throwIfAborted();
    await wait(milliseconds, undefined, { signal: rest.signal }).catch(() => rest.signal.throwIfAborted());
  },
});

/** Brings a file of the quickstart's folder into a data set. */
export const importFile = async (quick: Quickstart, dataset: string, file: string) => {
  const { rows, added } = await quick.as('engineer').call('importFile', {
    params: { project: quick.project, dataset },
    query: { name: file, format: 'plaudit', personalData: 'keep' },
    body: await openAsBlob(quick.at(file)),
  });
  return { rows, added };
};
