/** @file The command as the blocks of documents call it: sends its words to the process that runs all of them. */
import { connect } from 'node:net';
import type { Ended } from '../packages/cli/src/command-host.ts';

const connection = connect({ path: process.env.PLAUDIT_SOCKET!, allowHalfOpen: true });
connection.end(JSON.stringify({ words: process.argv.slice(2), cwd: process.cwd() }));
let answer = '';
for await (const piece of connection.setEncoding('utf8')) answer += piece;
const { code, stdout, stderr } = JSON.parse(answer) as Ended;
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = code;
