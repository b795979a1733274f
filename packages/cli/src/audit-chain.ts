/**
 * @file The hash chain of an exported audit log, checked from its lines alone: no database, and none of the code that wrote it.
 *
 * A line is an entry as JSON: `{project, seq, at, actor, action, resource, details, previous, hash}`. Its hash is the SHA-256 of
 * the canonical JSON (RFC 8785) of the line without `hash`; `previous` is the hash of the line before it, 64 zeros on the first.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '@plaudit/contract';
import { z } from 'zod';

const digest = z.string().regex(/^[0-9a-f]{64}$/);

const auditLine = z.strictObject({
  project: z.string().min(1),
  seq: z.number().int().positive(),
  at: z.iso.datetime({ precision: 3 }),
  actor: z.string(),
  action: z.string(),
  resource: z.string(),
  details: z.record(z.string(), z.unknown()),
  previous: digest,
  hash: digest,
});

export interface ChainOptions {
  /** Hash of the entry before the first line, for an export that goes on where another ended. Default: it begins the log. */
  readonly after?: string;
  /** What the last hash has to be: kept elsewhere since an earlier look, it shows that nothing was cut off. */
  readonly last?: string;
}

export type ChainVerdict =
  | { readonly intact: true; readonly entries: number; readonly last: string | null }
  /** `line` is counted from 1; `seq` is that of the entry, as far as it is one. */
  | {
      readonly intact: false;
      readonly line: number;
      readonly seq: number | null;
      readonly problem: string;
    };

const start = '0'.repeat(64);

/** What `last` may stand for is any entry of the log: an earlier checkpoint is found on the way. */
export const verifyChain = async (
  lines: AsyncIterable<string> | Iterable<string>,
  { after, last }: ChainOptions = {},
): Promise<ChainVerdict> => {
  let previous = after ?? start;
  let [line, entries] = [0, 0];
  let seq: number | null = after === undefined ? 0 : null;
  let project: string | undefined;
  let passedLast = last === undefined || last === previous;
  for await (const text of lines) {
    line++;
    if (text.trim() === '') continue;
    const broken = (problem: string, at: number | null = null): ChainVerdict => ({
      ...{ intact: false, line, seq: at, problem },
    });
    let given: unknown;
    try {
      given = JSON.parse(text);
    } catch {
      return broken('it is not JSON');
    }
    const parsed = auditLine.safeParse(given);
    if (!parsed.success) return broken('it is not an entry of an audit log');
    const { hash, ...entry } = parsed.data;
    if (project !== undefined && entry.project !== project)
      return broken('it is of another project', entry.seq);
    project = entry.project;
    if (seq !== null && entry.seq !== seq + 1)
      return broken('an entry is missing, or out of its place', entry.seq);
    if (entry.previous !== previous) return broken('it does not follow the entry before it', entry.seq);
    if (createHash('sha256').update(canonicalJson(entry)).digest('hex') !== hash)
      return broken('its content has been changed', entry.seq);
    previous = hash;
    seq = entry.seq;
    entries++;
    passedLast ||= hash === last;
  }
  if (!passedLast)
    return {
      intact: false,
      line,
      seq,
      problem: 'the hash that was kept is not in it: entries were cut off, or all were made anew',
    };
  return { intact: true, entries, last: entries === 0 ? null : previous };
};
