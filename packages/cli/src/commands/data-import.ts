/** @file `plaudit data import`: files of judgements into a data set of the store, without what is personal in them. */
import { plauditError } from '@plaudit/contract';
import type { JudgementBatch, PrivacyPolicy, Reject } from '@plaudit/feedback';
import type { ImportBatch, ImportResult } from '@plaudit/store';
import { Command } from 'commander';
import { masterKeyOfStore, type StoreOptions, useStore, withStore } from '../open-store.ts';
import { formatDescription, required, withPresentation } from '../options.ts';
import { aligned, count, plural, shellWord } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';

interface Options extends PresentationOptions, StoreOptions {
  readonly dataset: string;
  readonly format: string;
  readonly personalData: string;
  readonly rejects?: string;
}

const ways = ['scrub', 'keep'];

/** What the scrubber found, over all rows. */
interface Scrubbed {
  /** Findings by entity type. */
  readonly found: Record<string, number>;
  /** Rows in which something was found. */
  rows: number;
  /** Rows whose responses differed only in what was taken out. */
  equal: number;
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
        .option('--rejects <file>', 'write what was set aside as JSONL'),
    ),
    'plaudit data import feedback.jsonl --dataset support',
  ).action((files: string[], options: Options) =>
    present(options, async ({ signal, onProgress }) => {
      if (!ways.includes(options.personalData))
        throw plauditError('cli.usage', { problem: '--personal-data takes scrub or keep' });
      const { streamJudgements, writeRejects } = await import('@plaudit/feedback');
      const policy = options.personalData === 'scrub' ? await policyOf(options) : null;
      const scrubbed: Scrubbed = { found: {}, rows: 0, equal: 0 };
      const rejects: Reject[] = [];
      const began = performance.now();
      const result = await useStore(options, true, (store) =>
        store.judgements.import(
          batches(streamJudgements(files, { format: options.format as 'auto', signal }), policy, {
            scrubbed,
            rejects: options.rejects === undefined ? null : rejects,
          }),
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
        ...(policy && { scrubbed }),
        seconds: (performance.now() - began) / 1000,
      };
      return { document, text: importText(result, policy && scrubbed, options) };
    }),
  );

const policyOf = async ({ store, project }: StoreOptions): Promise<PrivacyPolicy> => {
  const { privacyPolicy, projectKey } = await import('@plaudit/feedback');
  const { key } = await masterKeyOfStore(store);
  return privacyPolicy({ projectKey: projectKey(key, project) });
};

/** What a reader gives, as the store takes it. */
async function* batches(
  read: AsyncIterable<JudgementBatch>,
  policy: PrivacyPolicy | null,
  { scrubbed, rejects }: { readonly scrubbed: Scrubbed; readonly rejects: Reject[] | null },
): AsyncGenerator<ImportBatch> {
  const { scrubJudgement } = await import('@plaudit/feedback');
  for await (const { judgements, rejects: setAside, rows } of read) {
    rejects?.push(...setAside);
    if (!policy) {
      yield { judgements, rows, rejects: setAside };
      continue;
    }
    const clean = judgements.map((judgement) => scrubJudgement(judgement, policy));
    for (const { findings, equalResponses } of clean) {
      if (findings.length > 0) scrubbed.rows++;
      if (equalResponses) scrubbed.equal++;
      for (const { type } of findings) scrubbed.found[type] = (scrubbed.found[type] ?? 0) + 1;
    }
    yield {
      judgements: clean.map(({ judgement }) => judgement),
      subjects: clean.map(({ subjects }) => subjects),
      rows,
      rejects: setAside,
    };
  }
}

const importText = (result: ImportResult, scrubbed: Scrubbed | null, options: Options): string => {
  const rows: [string, string][] = [
    ['rows', `${count(result.rows)} read, ${count(result.rejected)} set aside`],
    ['judgements', `${count(result.added)} added, ${count(result.known)} were there already`],
  ];
  if (result.erased > 0)
    rows.push([
      'erased',
      `${plural(result.erased, 'judgement')} left out: their people asked to be forgotten`,
    ]);
  if (scrubbed) {
    const types = Object.entries(scrubbed.found)
      .sort(([, a], [, b]) => b - a)
      .map(([type, found]) => `${type} ${count(found)}`);
    rows.push([
      'scrubbed',
      types.length === 0
        ? 'nothing personal was found'
        : `${plural(scrubbed.rows, 'row')}: ${types.join(', ')}`,
    ]);
  }
  return `${aligned(rows)}
In the data set ${options.dataset}.
Next: plaudit data snapshot --dataset ${shellWord(options.dataset)}
`;
};
