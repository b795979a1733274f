/** @file `plaudit data erase`: a person out of everything that is stored, with a report that can be handed on. */
import { join } from 'node:path';
import type { ErasureReport } from '@plaudit/store';
import { Command } from 'commander';
import { masterKeyOfStore, type StoreOptions, useStore, withStore } from '../open-store.ts';
import { required, withPresentation } from '../options.ts';
import { aligned, count, plural } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';

interface Options extends PresentationOptions, StoreOptions {
  readonly subject: string;
  readonly reason: string;
  readonly actor?: string;
  readonly report?: string;
}

export const dataErase = (): Command =>
  withPresentation(
    withStore(
      required(
        new Command('erase').description(
          'Erase a person: their rows, their keys, the snapshots with them; and name what was trained on these',
        ),
        '--subject <identifier>',
        "an e-mail address, a telephone number or another identifier of theirs, or an annotator's id",
      )
        .option('--reason <text>', 'on what ground; kept with the record', 'request of the person')
        .option('--actor <name>', 'who carries it out; default the user of this machine')
        .option('--report <file>', 'write the report as JSON'),
    ),
    'plaudit data erase --subject alice@example.org --reason "request of 3 March" --report erasure.json',
  ).action((options: Options) =>
    present(options, async () => {
      const { privacyPolicy, projectKey, subjectsNamed } = await import('@plaudit/feedback');
      const { userInfo } = await import('node:os');
      const { rm, writeFile } = await import('node:fs/promises');
      const { key } = await masterKeyOfStore(options.store);
      const policy = privacyPolicy({ projectKey: projectKey(key, options.project) });
      const ids = [options.subject.trim(), ...subjectsNamed(options.subject, policy)];
      const report = await useStore(options, false, (store) =>
        store.erase.subject(ids, { actor: options.actor ?? userInfo().username, reason: options.reason }),
      );
      // Rows that a training left there when it was killed.
      await rm(join(options.store, 'running'), { recursive: true, force: true });
      if (options.report !== undefined)
        await writeFile(options.report, `${JSON.stringify(report, null, 2)}\n`);
      return { document: report, text: erasureText(report) };
    }),
  );

const erasureText = (report: ErasureReport): string => {
  const { judgements, prompts, responses, annotators, vaultKeys, snapshots, tags } = report;
  if (judgements + prompts + responses + annotators + vaultKeys === 0)
    return 'Nothing of this person is stored under that identifier. Try others of theirs: each one stands for itself.\n';
  const rows: [string, string][] = [
    [
      'erased',
      `${plural(judgements, 'judgement')}, ${plural(prompts, 'prompt')}, ${plural(responses, 'response')}`,
    ],
    ['keys', `${count(vaultKeys)} shredded`],
    ...snapshots.map(({ id, erased, successor }): [string, string] => [
      'snapshot',
      `${id.slice(0, 12)} lost ${plural(erased, 'row')}; ${successor === null ? 'no row is left' : `its successor is ${successor.slice(0, 12)}`}`,
    ]),
    ...tags.map(({ name, to }): [string, string] => [
      'tag',
      to === null ? `${name} was removed` : `${name} points at ${to.slice(0, 12)} now`,
    ]),
  ];
  const made = (['runs', 'models', 'bundles', 'deployments'] as const).filter(
    (name) => report[name].length > 0,
  );
  for (const name of made) rows.push([name, report[name].join(', ')]);
  const decide =
    made.length === 0
      ? 'Nothing was trained on what was erased.'
      : 'What was trained on it is marked. Decide for each: train it anew, retire it, or write down why it stays.';
  return `${aligned(rows)}\n${decide}\nRecord ${report.id}.\n`;
};
