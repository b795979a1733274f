/** @file `plaudit data import`: files of judgements into a data set of the store, without what is personal in them. */
import { plauditError } from '@plaudit/contract';
import type { JudgementBatch, PrivacyPolicy, Reject } from '@plaudit/feedback';
import type { ImportBatch, ImportResult } from '@plaudit/store';
import { Command } from 'commander';
import { type StoreOptions, useStore, withStore } from '../open-store.ts';
import { formatDescription, required, withPresentation } from '../options.ts';
import { NewOriginals } from '../originals.ts';
import { aligned, count, plural, shellWord } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';
import { nothingScrubbed, policyOfProject, type Scrubbed, scrubbedText, tally } from '../scrubbing.ts';

interface Options extends PresentationOptions, StoreOptions {
  readonly dataset: string;
  readonly format: string;
  readonly personalData: string;
  readonly keepOriginals?: boolean;
  readonly rejects?: string;
}

const ways = ['scrub', 'keep'];

/** What an import scrubbed. */
interface Tally {
  readonly scrubbed: Scrubbed;
  /** Originals that went into the vault; null where none are kept. */
  originals: number | null;
  readonly rejects: Reject[] | null;
}

export const dataImport = (): Command =>
  withPresentation(
    withStore(
      required(
        new Command('import')
          .description('Bring files of judgements into a data set, without what is personal in them')
          .argument('<file...>', 'files of judgements, folders of them or patterns; all of one format'),
        '--dataset <name>',
        'the data set they go into; made where it is not there',
      )
        .option('--format <name>', formatDescription, 'auto')
        .option('--personal-data <way>', 'scrub it before anything is stored, or keep it', 'scrub')
        .option('--keep-originals', 'seal what gets a pseudonym into the vault, for data reveal')
        .option('--rejects <file>', 'write what was set aside as JSONL'),
    ),
    'plaudit data import feedback.jsonl --dataset support',
  ).action((files: string[], options: Options) =>
    present(options, async ({ signal, onProgress }) => {
      if (!ways.includes(options.personalData))
        throw plauditError('cli.usage', { problem: '--personal-data takes scrub or keep' });
      const keep = options.keepOriginals ?? false;
      if (keep && options.personalData === 'keep')
        throw plauditError('cli.usage', {
          problem: '--keep-originals seals what is scrubbed; with --personal-data keep nothing is.',
        });
      const { streamJudgements, writeRejects } = await import('@plaudit/feedback');
      const policy = options.personalData === 'scrub' ? await policyOfProject(options, keep) : null;
      const rejects: Reject[] = [];
      const done: Tally = {
        scrubbed: nothingScrubbed(),
        originals: keep ? 0 : null,
        rejects: options.rejects === undefined ? null : rejects,
      };
      const began = performance.now();
      const result = await useStore(options, true, (store) =>
        store.judgements.import(
          batches(
            streamJudgements(files, { format: options.format as 'auto', signal }),
            policy,
            keep ? new NewOriginals(store) : null,
            done,
          ),
          {
            dataset: options.dataset,
            source: files.join(' '),
            signal,
            onProgress: ({ rows }) => onProgress({ phase: 'import', step: rows, totalSteps: 0 }),
          },
        ),
      );
      if (options.rejects !== undefined) await writeRejects(options.rejects, rejects);
      const document = {
        ...result,
        personalData: options.personalData,
        ...(policy && { scrubbed: done.scrubbed }),
        ...(done.originals !== null && { originals: done.originals }),
        seconds: (performance.now() - began) / 1000,
      };
      return { document, text: importText(result, policy && done, options) };
    }),
  );

/** What a reader gives, as the store takes it. */
async function* batches(
  read: AsyncIterable<JudgementBatch>,
  policy: PrivacyPolicy | null,
  originals: NewOriginals | null,
  done: Tally,
): AsyncGenerator<ImportBatch> {
  const { scrubJudgement } = await import('@plaudit/feedback');
  for await (const { judgements, rejects, rows } of read) {
    done.rejects?.push(...rejects);
    if (!policy) {
      yield { judgements, rows, rejects };
      continue;
    }
    const clean = judgements.map((judgement) => scrubJudgement(judgement, policy));
    for (const one of clean) tally(done.scrubbed, one);
    const vault = await originals?.of(clean);
    if (vault) done.originals = (done.originals ?? 0) + vault.entries.length;
    yield {
      judgements: clean.map(({ judgement }) => judgement),
      subjects: clean.map(({ subjects }) => subjects),
      ...(vault && { vault }),
      rows,
      rejects,
    };
  }
}

const importText = (result: ImportResult, done: Tally | null, options: Options): string => {
  const rows: [string, string][] = [
    ['rows', `${count(result.rows)} read, ${count(result.rejected)} set aside`],
    ['judgements', `${count(result.added)} added, ${count(result.known)} were there already`],
  ];
  if (result.erased > 0)
    rows.push([
      'erased',
      `${plural(result.erased, 'judgement')} left out: their people asked to be forgotten`,
    ]);
  if (done) rows.push(['scrubbed', scrubbedText(done.scrubbed)]);
  if (done?.originals != null)
    rows.push(['vault', `${plural(done.originals, 'original')} sealed, each under a key of its person`]);
  return `${aligned(rows)}
In the data set ${options.dataset}.
Next: plaudit data snapshot --dataset ${shellWord(options.dataset)}
`;
};
