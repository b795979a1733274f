/**
 * @file A server for tests that attack it, in a process of its own: says where it listens, and on request how long its loop has
 * worked without looking up and how much memory it holds.
 */
import { openStore } from '@plaudit/store';
import { startServer } from '../server.ts';
import { fillWithEverything } from './everything.ts';

const [folder = ''] = process.argv.slice(2);
const { address, firstStartLink, services } = await startServer({ folder, port: 0, databaseUrl: '' });
const fill = async (project: string, word: string) =>
  fillWithEverything(await openStore(services.database, { project }), word);
const ours = await fill('ours', 'ourword');
const theirs = await fill('theirs', 'theirword');

/**
 * Milliseconds of the processor between two looks at the clock. The processor's and not the wall's: that other programs of the
 * machine were running meanwhile is no fault of the loop.
 */
let longest = 0;
const look = (): void => {
  const before = process.threadCpuUsage();
  setTimeout(() => {
    const { user, system } = process.threadCpuUsage(before);
    longest = Math.max(longest, (user + system) / 1000);
    look();
  }, 1);
};
look();

process.on('message', () => {
  process.send!({ longest, megabytes: process.memoryUsage.rss() / 2 ** 20 });
  longest = 0;
});
process.send!({ address, link: firstStartLink, ours, theirs });
