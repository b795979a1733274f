/** @file Writes the generated documents and the outputs shown in the others; with --check, says which are out of date. */
import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type ErrorRow, errorTable, exitCodes } from '@plaudit/contract';
import { endCommands, plaudit, runDocument } from './run-document.ts';

const notice =
  '<!-- Made by `npm run generate`; edit scripts/generate-docs.ts or the sources it reads. -->\n';

const path = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

const exitMeanings: Record<keyof typeof exitCodes, string> = {
  internal: 'Something in Plaudit is wrong, not in the input.',
  usage: 'The command was called wrongly.',
  input: 'The input (a data file, a checkpoint, a configuration) cannot be used as it is.',
  missing: 'A file or folder that was named is not there.',
  unavailable: 'The machine lacks something: a provider, memory, a Node version.',
  output: 'Writing failed: the disk is full, or permission is missing.',
  run: 'A run failed in its arithmetic or lost a worker; its checkpoints are kept.',
  interrupted: 'Stopped by Ctrl-C; the message says how to go on.',
};

const groups: Record<string, string> = {
  cli: 'The command line',
  output: 'Writing',
  data: 'Preference files',
  quality: 'Quality of judgements',
  privacy: 'Personal data',
  snapshot: 'Snapshots and exports',
  selection: 'What to have judged next',
  labelling: 'Labelling',
  store: 'The store',
  request: 'Requests to the server',
  access: 'Who may do what',
  account: 'Accounts',
  run: 'Runs',
  server: 'The server',
  serving: 'Serving models',
  model: 'Checkpoints, tokenizers and templates',
  engine: 'Computing',
  graph: 'Graphs',
  onnx: 'ONNX models that were exported elsewhere',
  reward: 'Reward models',
  policy: 'Policies',
  registry: 'Bundles and what serves',
  rollout: 'Roll-outs',
  experiment: 'Experiments',
  monitoring: 'Monitoring and alerts',
  guardrail: 'Guardrails and reviews',
  audit: 'The audit log',
};

/** Text with its parameters as ‹name›, and nothing that Markdown would take for markup. */
const placed = (text: string): string =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => `‹${name}›`).replace(/[<*]/g, (mark) => `\\${mark}`);

const errorsDocument = (): string => {
  const rows = Object.entries(errorTable) as [string, ErrorRow][];
  const sections = Object.entries(groups).map(([group, title]) => {
    const entries = rows
      .filter(([code]) => code.startsWith(`${group}.`))
      .map(
        ([code, { message, cure, exit, status }]) =>
          `### \`${code}\`\n\n${placed(message)}\n\nWhat to do: ${placed(cure)}\n\nExit code ${exitCodes[exit]}, HTTP status ${status}.\n`,
      );
    return `## ${title}\n\n${entries.join('\n')}`;
  });
  const ungrouped = rows.filter(([code]) => !(code.split('.')[0]! in groups)).map(([code]) => code);
  if (ungrouped.length > 0) throw new Error(`no section for ${ungrouped.join(', ')}`);
  const exits = Object.entries(exitCodes)
    .sort(([, a], [, b]) => a - b)
    .map(([exit, code]) => `| ${code} | ${exitMeanings[exit as keyof typeof exitCodes]} |`);
  return `${notice}
# Errors

Every error that you can meet is listed here. On a terminal it is three lines: what happened, what to do, and the code.
With \`--json\` it is one JSON document on one line of stderr, and stdout stays empty:

\`\`\`json
{ "error": { "code": "data.file_missing", "message": "…", "cure": "…", "parameters": { "path": "…" } } }
\`\`\`

Messages name files, rows and fields, never what a row says. Below, ‹words like this› stand for such names.
\`PLAUDIT_DEBUG=1\` adds where in the code an error arose.

## Exit codes

| Exit code | Meaning |
| --- | --- |
| 0 | It worked. |
${exits.join('\n')}

${sections.join('\n')}`;
};

/** A command is a file named after its words. */
const commandNames = (): string[][] =>
  globSync('*.ts', { cwd: path('packages/cli/src/commands') })
    .filter((name) => !name.endsWith('.test.ts'))
    .sort()
    .map((name) => name.replace('.ts', '').split('-'));

const commandSection = async (words: readonly string[]): Promise<string> =>
  `## plaudit ${words.join(' ')}\n\n\`\`\`text\n${(await plaudit([...words, '--help'])).trimEnd()}\n\`\`\`\n`;

const commandsDocument = async (): Promise<string> => `${notice}
# Commands

Every command prints its result for people, or with \`--json\` exactly one JSON document on stdout. Progress goes to stderr: a
bar on a terminal, JSON lines elsewhere, nothing with \`--quiet\`. Ctrl-C stops cleanly and says how to go on; pressed twice, it
stops at once. [Errors](errors.md) lists the exit codes.

${(await Promise.all(commandNames().map(commandSection))).join('\n')}`;

const read = (name: string): Promise<string> => readFile(path(name), 'utf8').catch(() => '');

/** Each document by name, and how it is made. */
const documents: Record<string, () => string | Promise<string>> = {
  'docs/errors.md': errorsDocument,
  'docs/commands.md': commandsDocument,
  'README.md': async () => runDocument(await read('README.md')),
  'docs/reward-models.md': async () => runDocument(await read('docs/reward-models.md')),
  'docs/validation.md': async () => runDocument(await read('docs/validation.md')),
  'docs/policies.md': async () => runDocument(await read('docs/policies.md')),
  'docs/roll-out.md': async () => runDocument(await read('docs/roll-out.md')),
  'docs/data.md': async () => runDocument(await read('docs/data.md')),
};

/** As `npm run format` would leave it, so that both can be run in any order. */
const formatted = (name: string, text: string): string =>
  execFileSync(
    process.execPath,
    [path('node_modules/@biomejs/biome/bin/biome'), 'format', `--stdin-file-path=${name}`],
    {
      cwd: path('.'),
      input: text,
      encoding: 'utf8',
    },
  );

const check = process.argv.includes('--check');
for (const [name, make] of Object.entries(documents)) {
  const [before, now] = [await read(name), formatted(name, await make())];
  if (before === now) continue;
  if (check) {
    process.stderr.write(`${name} is out of date: npm run generate\n`);
    process.exitCode = 1;
  } else {
    await writeFile(path(name), now);
    process.stdout.write(`wrote ${name}\n`);
  }
}
endCommands();
