/** @file What commands that serve say and do once the server runs. */
import type { Server } from '@plaudit/server';
import { type Interrupt, listenForInterrupt } from './interrupt.ts';
import { writeErr } from './output/streams.ts';
import { aligned } from './output/text.ts';

export const startText = (
  { address, firstStartLink: link }: Pick<Server, 'address' | 'firstStartLink'>,
  hasStudio: boolean,
): string => {
  const rows: [string, string][] = [
    [hasStudio ? 'studio' : 'server', address],
    ['interface', `${address}/openapi.json`],
  ];
  const first =
    link === null
      ? ''
      : `
Nobody has an account yet. This link makes the first one, which may do everything. It works once:
  ${link}
`;
  const noStudio = hasStudio ? '' : '\nThe studio is not built; only programs can use the server.\n';
  return `${aligned(rows)}${first}${noStudio}\nCtrl-C ends it.\n`;
};

/** Ctrl-C as servers take it: the first press finishes what runs. */
export const announcedInterrupt = (quiet: boolean): Interrupt =>
  listenForInterrupt(() => {
    if (!quiet) void writeErr('Finishing what runs; Ctrl-C once more stops at once.\n');
  });

export const untilInterrupted = async ({ signal }: Interrupt): Promise<void> => {
  if (!signal.aborted) await new Promise((stop) => signal.addEventListener('abort', stop, { once: true }));
};
