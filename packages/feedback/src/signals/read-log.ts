/** @file Reading a log of impressions and events, in the order in which they were written. */
import { basename } from 'node:path';
import type { z } from 'zod';
import { isRow, type Row } from '../readers/fields.ts';
import { type Reject, type RejectReason, RowFault } from '../readers/reject.ts';
import { streamRows } from '../readers/rows.ts';
import { sourceFiles } from '../readers/source-files.ts';
import { type Impression, impression, type SignalEvent, type SignalLog, signalEvent } from './log.ts';

export interface ReadSignalLog extends SignalLog {
  readonly rejects: readonly Reject[];
  readonly rows: number;
}

/**
 * The rows of `type` impression and event of files of any container; an event may stand before its impression.
 *
 * @throws PlauditError data.* for a file that is missing or damaged
 */
export const readSignalLog = async (
  paths: string | readonly string[],
  signal?: AbortSignal,
): Promise<ReadSignalLog> => {
  const impressions = new Map<string, Impression>();
  const events: { readonly event: SignalEvent; readonly source: string; readonly row: number }[] = [];
  const rejects: Reject[] = [];
  let rows = 0;
  const setAside = (fault: RowFault, source: string, row: number): void => {
    const { reason, field, message } = fault;
    rejects.push({ source, row, ...(field !== undefined && { field }), reason, message });
  };
  for (const path of await sourceFiles(paths)) {
    const source = basename(path);
    for await (const batch of streamRows(path, signal))
      for (const { row, value, fault } of batch) {
        rows++;
        try {
          if (fault) throw fault;
          if (!isRow(value)) throw new RowFault('not_an_object');
          const entry = entryOf(value);
          if (entry.type === 'event') events.push({ event: entry, source, row });
          else if (impressions.has(entry.id)) throw new RowFault('repeated_impression', 'id');
          else impressions.set(entry.id, entry);
        } catch (error) {
          if (!(error instanceof RowFault)) throw error;
          setAside(error, source, row);
        }
      }
  }
  const known: SignalEvent[] = [];
  for (const { event, source, row } of events) {
    const shown = impressions.get(event.impression);
    if (!shown) setAside(new RowFault('unknown_impression', 'impression'), source, row);
    else if (event.response >= shown.responses.length)
      setAside(new RowFault('bad_field', 'response'), source, row);
    else if (Date.parse(event.time) < Date.parse(shown.time))
      setAside(new RowFault('before_impression', 'time'), source, row);
    else known.push(event);
  }
  return { impressions: [...impressions.values()], events: known, rejects, rows };
};

const entryOf = (row: Row): Impression | SignalEvent => {
  if (row.type !== 'impression' && row.type !== 'event') throw new RowFault('bad_field', 'type');
  const read = row.type === 'impression' ? impression.safeParse(row) : signalEvent.safeParse(row);
  if (read.success) return read.data;
  throw new RowFault(...faultOf(read.error, row));
};

/** The first field that is wrong; the names of segments are content. */
const faultOf = (error: z.ZodError, row: Row): [RejectReason, string] => {
  const path = error.issues[0]?.path ?? [];
  const field = path[0] === 'segments' ? 'segments' : path.join('.') || 'signal';
  if (field === 'prompt') return [row.prompt === undefined ? 'missing_prompt' : 'bad_field', field];
  if (field.startsWith('responses'))
    return [row.responses === undefined ? 'missing_response' : 'bad_field', field];
  return ['bad_field', field];
};
