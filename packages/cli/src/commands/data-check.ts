/** @file `plaudit data check`: what a preference file holds, and what of it was set aside and why. */

import type { Comparison } from '@plaudit/contract';
import { type Reject, type RejectReason, rejectReasons, writeRejects } from '@plaudit/feedback';
import { Command } from 'commander';
import { formatDescription, withPresentation } from '../options.ts';
import { aligned, count, percent, plural } from '../output/text.ts';
import { type PresentationOptions, present } from '../present.ts';

interface Options extends PresentationOptions {
  readonly format: string;
  readonly rejects?: string;
}

/** Rejects named one by one in the text. */
const shownRejects = 10;

export const dataCheck = (): Command =>
  withPresentation(
    new Command('check')
      .description('Say what preference files hold, and what was set aside and why')
      .argument('<file...>', 'preference files, folders of them or patterns; all of one format')
      .option('--format <name>', formatDescription, 'auto')
      .option('--rejects <file>', 'write what was set aside as JSONL'),
    'plaudit data check preferences.jsonl',
  ).action((files: string[], options: Options) =>
    present(options, async ({ signal }) => {
      const { pairsIn, readPreferenceData } = await import('@plaudit/reward');
      const data = await readPreferenceData(files, { format: options.format, signal });
      if (options.rejects !== undefined) await writeRejects(options.rejects, data.rejects);
      const document = {
        sources: data.sources,
        format: data.format,
        rows: data.rows,
        read: data.comparisons.length,
        rejected: data.rejects.length,
        reasons: data.reasons,
        prompts: new Set(data.trees.map(({ prompt }) => JSON.stringify(prompt))).size,
        responses: data.trees.reduce((sum, { responses }) => sum + responses.length, 0),
        pairs: pairsIn(data.trees),
        ties: data.ties,
        contradictions: data.contradictions,
        longerPreferred: longerPreferred(data.comparisons),
        annotators: valuesOf(data.comparisons, ({ provenance }) => provenance.annotator).length,
        languages: valuesOf(data.comparisons, ({ provenance }) => provenance.language),
        segments: segmentsOf(data.comparisons),
      };
      return { document, text: checkText(document, data.rejects) };
    }),
  );

interface CheckDocument {
  readonly sources: readonly { readonly name: string }[];
  readonly format: string;
  readonly rows: number;
  readonly read: number;
  readonly rejected: number;
  readonly reasons: Readonly<Partial<Record<RejectReason, number>>>;
  readonly prompts: number;
  readonly responses: number;
  readonly pairs: number;
  readonly ties: number;
  readonly contradictions: number;
  /** Share of the comparisons with a winner in which it is the longer response; null without any. */
  readonly longerPreferred: number | null;
  readonly annotators: number;
  readonly languages: readonly string[];
  /** Names of segments with their number of values. */
  readonly segments: Readonly<Record<string, number>>;
}

const valuesOf = (
  comparisons: readonly Comparison[],
  value: (comparison: Comparison) => string | undefined,
): string[] => [...new Set(comparisons.map(value).filter((found) => found !== undefined))].sort();

const segmentsOf = (comparisons: readonly Comparison[]): Record<string, number> => {
  const values = new Map<string, Set<string>>();
  for (const { provenance } of comparisons)
    for (const [name, value] of Object.entries(provenance.segments ?? {})) {
      if (!values.has(name)) values.set(name, new Set());
      values.get(name)!.add(value);
    }
  return Object.fromEntries([...values].sort().map(([name, found]) => [name, found.size]));
};

const longerPreferred = (comparisons: readonly Comparison[]): number | null => {
  const decided = comparisons.filter(({ outcome }) => outcome === 'a' || outcome === 'b');
  if (decided.length === 0) return null;
  const longer = decided.map(({ outcome, responses: [a, b] }) => {
    const lead = outcome === 'a' ? a.length - b.length : b.length - a.length;
    return lead > 0 ? 1 : lead < 0 ? 0 : 0.5;
  });
  return longer.reduce<number>((sum, one) => sum + one, 0) / decided.length;
};

const checkText = (document: CheckDocument, rejects: readonly Reject[]): string => {
  const { sources, format, longerPreferred: longer, segments } = document;
  const rows: [string, string][] = [
    ['rows', `${count(document.rows)}: ${count(document.read)} read, ${count(document.rejected)} set aside`],
    ['prompts', count(document.prompts)],
    ['responses', count(document.responses)],
    ['comparisons', `${count(document.pairs)} with a winner, ${plural(document.ties, 'tie')}`],
    ['contradictions', `${plural(document.contradictions, 'pair')} of responses judged both ways`],
    ['length', longer === null ? 'no winner' : `the longer response wins ${percent(longer)}`],
  ];
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
${aligned(rows)}${rejectsText(document, rejects)}`;
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
