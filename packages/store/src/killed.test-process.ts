/** @file A process for tests that kill it: imports the same judgements each time and makes snapshots in between. */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { openDatabase } from './postgres/open-database.ts';
import { openStore } from './store.ts';
import { comparisonOf } from './testing-records.ts';

const [url = '', project = '', count = '0', source = ''] = process.argv.slice(2);
const print = (line: string): number => writeSync(1, `${line}\n`);

const database = await openDatabase({ url, sessions: 2 });
const store = await openStore(database, { project });
print('ready');
for await (const line of createInterface({ input: process.stdin })) if (line === 'go') break;

const batches = function* () {
  for (let first = 0; first < Number(count); first += 20)
    yield { judgements: Array.from({ length: 20 }, (_, i) => comparisonOf(first + i)) };
};
for (;;) {
  const importing = store.judgements.import(batches(), {
    dataset: 'votes',
    source,
    portion: 60,
    onProgress: ({ rows }) => print(`rows ${rows}`),
  });
  while ((await Promise.race([importing, snapshot()])) === undefined);
}

async function snapshot(): Promise<undefined> {
  const made = await store.snapshots.create({ datasets: ['votes'] }).catch((error: { code?: string }) => {
    if (error.code !== 'store.empty_snapshot' && error.code !== 'store.unknown') throw error;
  });
  if (made) print(`snapshot ${made.id}`);
  return undefined;
}
