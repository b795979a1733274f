/** @file Exporting judgements: rows of one format in one file, with everything counted that the format could not hold. */
import { type Judgement, plauditError } from '@plaudit/contract';
import { contentId } from '../../canonical-json.ts';
import { type ContainerName, ExportFault, type ExportReason, type ExportRow } from './column.ts';
import { containerOf } from './containers.ts';
import type { ExportFormat } from './format.ts';
import { type ExportFormatName, exportFormatNames, exportFormatOf } from './formats.ts';

export interface ExportOptions {
  readonly format: ExportFormatName;
  /** Told of each judgement that is left out, by its place among those given, from 0. */
  readonly onLeftOut?: (place: number, reason: ExportReason) => void;
}

export interface ExportReport {
  readonly format: ExportFormatName;
  readonly container: ContainerName;
  readonly judgements: number;
  readonly written: number;
  /** Judgements that were left out, by reason. */
  readonly leftOut: Readonly<Partial<Record<ExportReason, number>>>;
  /** Of those written, how many had a field that the format does not keep. */
  readonly fieldsLost: Readonly<Record<string, number>>;
}

/**
 * Writes judgements as rows of a format. The name's ending says the container: .jsonl, .json or .csv, each also with .gz or
 * .zst, or .parquet.
 *
 * @example await exportJudgements('pairs.parquet', judgements, { format: 'trl-preference' })
 * @throws PlauditError snapshot.export_format, snapshot.bad_container, snapshot.nothing_to_export, output.*; there is then no
 *   file, or the one that was there before
 */
export const exportJudgements = async (
  path: string,
  judgements: Iterable<Judgement> | AsyncIterable<Judgement>,
  options: ExportOptions,
): Promise<ExportReport> => {
  const format = exportFormatOf(options.format);
  if (!format)
    throw plauditError('snapshot.export_format', {
      format: options.format,
      formats: exportFormatNames.join(', '),
    });
  const container = containerOf(path);
  if (format.containers && !format.containers.includes(container.name))
    throw plauditError('snapshot.bad_container', {
      path,
      problem: `${format.name} goes into ${format.containers.join(' or ')} files`,
    });
  const columns = (container.name === 'csv' && format.csvColumns) || format.columns;
  const prompts = new Set<string>();
  const leftOut: Partial<Record<ExportReason, number>> = {};
  const fieldsLost: Record<string, number> = {};
  let place = 0;
  let written = 0;
  const rowOf = (judgement: Judgement): ExportRow => {
    if (!format.kinds.includes(judgement.kind)) throw new ExportFault('other_kind');
    const row = format.row(judgement);
    container.check(row, columns);
    if (format.name === 'trl-prompt-only') {
      const id = contentId(judgement.prompt);
      if (prompts.has(id)) throw new ExportFault('repeated_prompt');
      prompts.add(id);
    }
    return row;
  };
  const rows = async function* (): AsyncGenerator<ExportRow> {
    for await (const judgement of judgements) {
      let row: ExportRow | undefined;
      try {
        row = rowOf(judgement);
      } catch (fault) {
        if (!(fault instanceof ExportFault)) throw fault;
        leftOut[fault.reason] = (leftOut[fault.reason] ?? 0) + 1;
        options.onLeftOut?.(place, fault.reason);
      }
      place++;
      if (!row) continue;
      written++;
      for (const field of lostFields(judgement, format)) fieldsLost[field] = (fieldsLost[field] ?? 0) + 1;
      yield row;
    }
    // Inside the writing, so that a file that was there before is not replaced by an empty one.
    if (written === 0)
      throw plauditError('snapshot.nothing_to_export', {
        format: format.name,
        judgements: place,
        reasons: reasonsText(leftOut) || 'there are no judgements',
      });
  };
  await container.write(path, rows(), columns);
  return { format: format.name, container: container.name, judgements: place, written, leftOut, fieldsLost };
};

const reasonsText = (leftOut: Readonly<Partial<Record<ExportReason, number>>>): string =>
  Object.entries(leftOut)
    .map(([reason, count]) => `${count} ${reason}`)
    .join(', ');

/** Fields that every judgement of a kind has and every format of that kind holds, in its own way. */
const held = new Set([
  'kind',
  'prompt',
  'responses',
  'response',
  'rewrite',
  'outcome',
  'groups',
  'value',
  'scale',
  'desirable',
  'steps',
  'separator',
  'labels',
]);

/** The names of optional fields that the judgement has and the format does not keep. */
const lostFields = (judgement: Judgement, { keeps }: ExportFormat): string[] => {
  if (keeps.includes('*')) return [];
  const { provenance, ...rest } = judgement;
  const { segments, ...others } = provenance;
  const present = [
    ...namesOf(rest).filter((name) => !held.has(name)),
    ...namesOf(others).map((name) => `provenance.${name}`),
    ...namesOf(segments ?? {}).map((name) => `provenance.segments.${name}`),
  ];
  const lost = present.filter((field) => !keeps.includes(field));
  // Segments are named by their sources, and may be many.
  return [...new Set(lost.map((field) => field.replace(/^(provenance\.segments)\..*$/s, '$1')))];
};

const namesOf = (fields: object): string[] =>
  Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [name]));
