/**
 * @file A server for browser tests, in a process that can be killed. Prints its address, and the link for the first owner, as one
 * line of JSON. With `fill` it has a project with something on every page, with `hostile` one whose every text is an attack.
 */
import { startServer } from '@plaudit/server';
import { fill } from './fill.ts';
import { fillHostile } from './fill-hostile.ts';

const [folder = '', port = '0', studio = '', filled = ''] = process.argv.slice(2);
const server = await startServer({ folder, port: Number(port), studio });
if (filled === 'fill') await fill(server.services);
if (filled === 'hostile') await fillHostile(server.services);
process.stdout.write(`${JSON.stringify({ address: server.address, link: server.firstStartLink })}\n`);
process.once('SIGTERM', () => void server.close());
