/** @file `plaudit data check`: what a preference file holds, and what of it was set aside and why. */
import { writeFile } from 'node:fs/promises';
import type { Judgement } from '@plaudit/contract';
import {
  type PreferenceTree,
  type QualityReport,
  type Reject,
  type RejectReason,
  rejectReasons,
  writeRejects,
} from '@plaudit/feedback';
import { Command } from 'commander';
import { formatDescription, withPresentation } from '../options.ts';
import { qualityText } from '../output/quality.ts';
import { aligned, count, percent, plural } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';

interface Options extends PresentationOptions {
  readonly format: string;
  readonly rejects?: string;
  readonly report?: string;
}

/** Rejects named one by one in the text. */
const shownRejects = 10;

export const dataCheck = (): Command =>
  withPresentation(
    new Command('check')
      .description(
        'Say what preference files hold, what was set aside and why, and what is wrong with the rest',
      )
      .argument('<file...>', 'preference files, folders of them or patterns; all of one format')
      .option('--format <name>', formatDescription, 'auto')
      .option('--rejects <file>', 'write what was set aside as JSONL')
      .option('--report <file>', 'write the quality gates as a page, with pictures'),
    'plaudit data check preferences.jsonl --report quality.html',
  ).action((files: string[], options: Options) =>
    present(options, async ({ signal }) => {
      const { pairsIn, readPreferenceData } = await import('@plaudit/reward');
      const data = await readPreferenceData(files, { format: options.format, signal });
      if (options.rejects !== undefined) await writeRejects(options.rejects, data.rejects);
      const { checkQuality, renderQualityReport } = await import('@plaudit/feedback');
      const quality = await checkQuality(data.judgements, { signal });
      if (options.report !== undefined) await writeFile(options.report, renderQualityReport(quality));
      const document = {
        sources: data.sources,
        format: data.format,
        rows: data.rows,
        read: data.rowsRead,
        rejected: data.rejects.length,
        reasons: data.reasons,
        judgements: countsOf(data.judgements),
        criteria: criteriaOf(data.judgements),
        prompts: new Set(data.trees.map(({ prompt }) => JSON.stringify(prompt))).size,
        responses: data.trees.reduce((sum, { responses }) => sum + responses.length, 0),
        pairs: pairsIn(data.trees),
        impliedPairs: impliedPairs(data.trees),
        ties: data.ties,
        contradictions: data.contradictions,
        longerPreferred: longerPreferred(data.trees),
        annotators: valuesOf(data.judgements, ({ provenance }) => provenance.annotator).length,
        languages: valuesOf(data.judgements, ({ provenance }) => provenance.language),
        segments: segmentsOf(data.judgements),
        quality,
      };
      return { document, text: checkText(document, data.rejects) };
    }),
  );

interface CheckDocument {
  readonly sources: readonly { readonly name: string }[];
  readonly format: string;
  readonly rows: number;
  /** Rows that gave at least one judgement. */
  readonly read: number;
  /** Rows, and parts of rows, that were set aside. */
  readonly rejected: number;
  readonly reasons: Readonly<Partial<Record<RejectReason, number>>>;
  /** By kind. */
  readonly judgements: Counts;
  /** For each criterion that is named: its judgements by kind. */
  readonly criteria: Readonly<Record<string, Counts>>;
  readonly prompts: number;
  readonly responses: number;
  /** Those that rankings, ratings and labels imply among them. */
  readonly pairs: number;
  /** Of the pairs, those that no comparison or edit says. */
  readonly impliedPairs: number;
  readonly ties: number;
  readonly contradictions: number;
  /** Share of the pairs in which the longer response is preferred; null without any. */
  readonly longerPreferred: number | null;
  readonly annotators: number;
  readonly languages: readonly string[];
  /** Names of segments with their number of values. */
  readonly segments: Readonly<Record<string, number>>;
  readonly quality: QualityReport;
}

type Counts = Readonly<Partial<Record<Judgement['kind'], number>>>;

const countsOf = (judgements: readonly Judgement[]): Counts => {
  const counts: Partial<Record<Judgement['kind'], number>> = {};
  for (const { kind } of judgements) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

const criteriaOf = (judgements: readonly Judgement[]): Record<string, Counts> => {
  const named = judgements.filter(({ criterion }) => criterion !== undefined);
  const grouped = Map.groupBy(named, ({ criterion }) => criterion!);
  return Object.fromEntries([...grouped].sort().map(([name, group]) => [name, countsOf(group)]));
};

const impliedPairs = (trees: readonly PreferenceTree[]): number =>
  trees.reduce((sum, { pairs }) => sum + pairs.filter(({ impliedBy }) => impliedBy !== undefined).length, 0);

const valuesOf = (
  judgements: readonly Judgement[],
  value: (judgement: Judgement) => string | undefined,
): string[] => [...new Set(judgements.map(value).filter((found) => found !== undefined))].sort();

const segmentsOf = (judgements: readonly Judgement[]): Record<string, number> => {
  const values = new Map<string, Set<string>>();
  for (const { provenance } of judgements)
    for (const [name, value] of Object.entries(provenance.segments ?? {})) {
      if (!values.has(name)) values.set(name, new Set());
      values.get(name)!.add(value);
    }
  return Object.fromEntries([...values].sort().map(([name, found]) => [name, found.size]));
};

const longerPreferred = (trees: readonly PreferenceTree[]): number | null => {
  const longer = trees.flatMap(({ pairs, responses }) =>
    pairs.map(({ winner, loser }) => {
      const lead = responses[winner]!.length - responses[loser]!.length;
      return lead > 0 ? 1 : lead < 0 ? 0 : 0.5;
    }),
  );
  return longer.length === 0 ? null : longer.reduce<number>((sum, one) => sum + one, 0) / longer.length;
};

const kindNames: Readonly<Record<Judgement['kind'], [one: string, many: string]>> = {
  comparison: ['comparison', 'comparisons'],
  ranking: ['ranking', 'rankings'],
  rating: ['rating', 'ratings'],
  label: ['label', 'labels'],
  edit: ['edit', 'edits'],
  steps: ['solution in steps', 'solutions in steps'],
};

const countsText = (counts: Counts): string =>
  Object.entries(counts)
    .map(([kind, judged]) => plural(judged, ...kindNames[kind as Judgement['kind']]))
    .join(', ');

const comparisonsText = ({ pairs, impliedPairs: implied, ties }: CheckDocument): string =>
  `${count(pairs)} with a winner${implied > 0 ? `, ${count(implied)} of them implied` : ''}, ${plural(ties, 'tie')}`;

const checkText = (document: CheckDocument, rejects: readonly Reject[]): string => {
  const { sources, format, longerPreferred: longer, segments } = document;
  const rows: [string, string][] = [
    ['rows', `${count(document.rows)}: ${count(document.read)} read, ${count(document.rejected)} set aside`],
    ['judgements', countsText(document.judgements)],
    ['prompts', count(document.prompts)],
    ['responses', count(document.responses)],
    ['comparisons', comparisonsText(document)],
    ['contradictions', `${plural(document.contradictions, 'pair')} of responses judged both ways`],
    ['length', longer === null ? 'no winner' : `the longer response wins ${percent(longer)}`],
  ];
  const criteria = Object.entries(document.criteria).map(
    ([name, counts]) => `${name} (${countsText(counts)})`,
  );
  if (criteria.length > 0) rows.push(['criteria', criteria.join(', ')]);
  if (document.annotators > 0) rows.push(['annotators', count(document.annotators)]);
  if (document.languages.length > 0) rows.push(['languages', document.languages.join(', ')]);
  if (Object.keys(segments).length > 0)
    rows.push([
      'segments',
      Object.entries(segments)
        .map(([name, values]) => `${name} (${plural(values, 'value')})`)
        .join(', '),
    ]);
  return `${sources.map(({ name }) => name).join(', ')}, read as ${format}:
${aligned(rows)}${rejectsText(document, rejects)}\n${qualityText(document.quality)}`;
};

const rejectsText = ({ reasons, rejected }: CheckDocument, rejects: readonly Reject[]): string => {
  if (rejected === 0) return '';
  const tally = Object.entries(reasons).map(([reason, rows]): [string, string] => [
    rejectReasons[reason as RejectReason],
    plural(rows, 'row'),
  ]);
  const first = rejects
    .slice(0, shownRejects)
    .map(
      ({ source, row, field, message }) => `  ${source} row ${row}${field ? `, ${field}` : ''}: ${message}\n`,
    );
  const rest =
    rejected > shownRejects ? `  and ${plural(rejected - shownRejects, 'more row', 'more rows')}\n` : '';
  return `\nSet aside:\n${aligned(tally)}\n${first.join('')}${rest}`;
};
