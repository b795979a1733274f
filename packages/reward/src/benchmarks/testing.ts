/** @file For tests: benchmark files written to a folder of their own, and the document that comes of them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Measure } from './benchmark.ts';
import { type BenchmarkDocument, type BenchmarkRunOptions, runBenchmark } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'plaudit-benchmarks-'));
let files = 0;

// Several test files share this module, and the process.
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** A path in a folder that is removed when the process of the tests has ended. */
export const temporary = (name: string): string => join(folder, name);

/** Writes rows as JSON Lines; a text stands as a line of its own. */
export const fileOf = (rows: readonly unknown[], name = `rows-${files++}.jsonl`): string => {
  const path = temporary(name);
  const lines = rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row)));
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
};

/** The document of rows that hold rewards already. */
export const scoredRows = (
  rows: readonly unknown[],
  options: Omit<BenchmarkRunOptions, 'data'> = {},
): Promise<BenchmarkDocument> => runBenchmark({ resamples: 200, ...options, data: fileOf(rows) });

/** A number of a document by its name. */
export const measured = (document: BenchmarkDocument, name: string): Measure => {
  const found = [document.overall, ...document.groups.flatMap(({ measures }) => measures)].find(
    (measure) => measure.name === name,
  );
  if (!found) throw new RangeError(`no number is named ${name}`);
  return found;
};
