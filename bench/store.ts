/**
 * @file The store: how long a million comparisons take from a file into the database and back, beside reading the file
 * alone, and whether memory stays flat.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Comparison, Random } from '@plaudit/contract';
import { streamJudgements, writeJudgements } from '@plaudit/feedback';
import { openDatabase, openStore } from '@plaudit/store';
import type { Figure } from './main.ts';

const rows = Number(process.env.PLAUDIT_BENCH_ROWS ?? 1_000_000);

export const benchStore = async (): Promise<readonly Figure[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'plaudit-bench-'));
  const file = join(folder, 'comparisons.jsonl');
  await writeJudgements(file, comparisons(rows));
  process.stderr.write(`${rows} comparisons are written\n`);
  const database = await openDatabase({ folder: join(folder, 'postgres'), environment: {} });
  try {
    const store = await openStore(database);
    const memory = peakMemory();
    const reading = await seconds(async () => {
      for await (const { judgements } of streamJudgements(file)) memory.look(judgements.length);
    });
    memory.restart();
    const load = (): Promise<unknown> =>
      store.judgements.import(streamJudgements(file), {
        dataset: 'bench',
        source: file,
        onProgress: (counts) => {
          memory.look(counts.rows);
          if (counts.rows % 100_000 < 10_000) process.stderr.write(`${counts.rows} rows\r`);
        },
      });
    const importing = await seconds(load);
    const [early, late] = memory.halves(rows);
    const again = await seconds(load);
    const snapshot = { id: '' };
    const fixing = await seconds(async () => {
      snapshot.id = (await store.snapshots.create({ datasets: ['bench'] })).id;
    });
    memory.restart();
    let streamed = 0;
    const streaming = await seconds(async () => {
      for await (const _ of store.snapshots.rows(snapshot.id))
        if (++streamed % 10_000 === 0) memory.look(streamed);
    });
    if (streamed !== rows) throw new Error('the snapshot has another number of rows than the file');
    const what = `${rows.toLocaleString('en')} comparisons`;
    return [
      { what: `${what}: import`, value: importing, unit: 's', goal: { most: (120 * rows) / 1_000_000 } },
      { what: `${what}: import, over reading the file alone`, value: importing / reading, unit: 'times' },
      { what: `${what}: the same import again, nothing new`, value: again, unit: 's' },
      { what: 'memory of the importing process, first half of the rows', value: early, unit: 'MB' },
      {
        what: 'memory, second half over first half',
        value: late / early,
        unit: 'times',
        goal: { most: 1.25 },
      },
      { what: `${what}: snapshot`, value: fixing, unit: 's' },
      { what: `${what}: streamed back from the snapshot`, value: streaming, unit: 's' },
      { what: 'memory while streaming back', value: Math.max(...memory.halves(rows)), unit: 'MB' },
    ];
  } finally {
    await database.close();
    await rm(folder, { recursive: true });
  }
};

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
};

/** The largest resident size seen, in the first and in the second half of the rows. */
const peakMemory = () => {
  let seen: { readonly rows: number; readonly megabytes: number }[] = [];
  return {
    look: (rows: number): void => void seen.push({ rows, megabytes: process.memoryUsage.rss() / 1e6 }),
    restart: (): void => {
      seen = [];
    },
    halves: (rows: number): [number, number] => {
      const largest = (half: typeof seen): number => Math.max(0, ...half.map(({ megabytes }) => megabytes));
      return [
        largest(seen.filter((one) => one.rows <= rows / 2)),
        largest(seen.filter((one) => one.rows > rows / 2)),
      ];
    },
  };
};

/** Comparisons with about 600 characters of text each, by fifty annotators. */
function* comparisons(count: number): Generator<Comparison> {
  const random = new Random(1, 'store');
  const words = Array.from({ length: 4000 }, () =>
    Array.from({ length: 2 + random.integer(7) }, () => String.fromCharCode(97 + random.integer(26))).join(
      '',
    ),
  );
  const text = (length: number): string => Array.from({ length }, () => random.pick(words)).join(' ');
  for (let i = 0; i < count; i++)
    yield {
      kind: 'comparison',
      prompt: [{ role: 'user', content: `${text(15)} ${i}?` }],
      responses: [text(40), text(40)],
      outcome: random.pick(['a', 'a', 'b', 'b', 'tie'] as const),
      provenance: {
        source: 'bench',
        row: i + 1,
        annotator: `annotator ${random.integer(50)}`,
        annotatorKind: 'human',
        segments: { task: random.pick(['chat', 'code', 'summary']) },
      },
    };
}
