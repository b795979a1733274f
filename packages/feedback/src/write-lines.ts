/** @file Writing JSON Lines whole or not at all. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import type { Judgement } from '@plaudit/contract';
import type { Reject } from './readers/reject.ts';
import { writeWhole } from './write-whole.ts';

/**
 * Writes judgements as JSONL, compressed when the name ends in .gz or .zst.
 *
 * @throws PlauditError output.disk_full, output.not_writable; the path is then as it was before
 */
export const writeJudgements = (
  path: string,
  judgements: Iterable<Judgement> | AsyncIterable<Judgement>,
): Promise<void> => writeText(path, jsonLines(judgements));

/** Writes what was set aside as JSONL, beside the judgements that were read. Same errors as `writeJudgements`. */
export const writeRejects = (path: string, rejects: Iterable<Reject>): Promise<void> =>
  writeText(path, jsonLines(rejects));

const linesPerPiece = 256;

/** Each value as a line, several lines at a time. */
export async function* jsonLines(values: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<string> {
  let lines: string[] = [];
  for await (const value of values) {
    lines.push(JSON.stringify(value), '\n');
    if (lines.length < 2 * linesPerPiece) continue;
    yield lines.join('');
    lines = [];
  }
  if (lines.length > 0) yield lines.join('');
}

/**
 * Writes text, compressed when the name ends in .gz or .zst.
 *
 * @throws PlauditError output.disk_full, output.not_writable; the path is then as it was before
 */
export const writeText = (path: string, pieces: AsyncIterable<string>): Promise<void> =>
  writeWhole(path, async (target, flush) => {
    const source = Readable.from(pieces);
    const file = createWriteStream(target, { flush });
    if (path.endsWith('.gz')) await pipeline(source, createGzip(), file);
    else if (path.endsWith('.zst')) await pipeline(source, createZstdCompress(), file);
    else await pipeline(source, file);
  });
