/** @file The formats that can be read. A new one is a file in this folder and a line in this list. */
import type { Row } from '../fields.ts';
import { alpacaeval } from './alpacaeval.ts';
import { autoj } from './autoj.ts';
import type { Format } from './format.ts';
import { hh } from './hh.ts';
import { pandalm } from './pandalm.ts';
import { plaudit } from './plaudit.ts';
import { trl } from './trl.ts';

/** Where two formats fit a row, the earlier one is meant: HH rows are also TRL rows without a prompt. */
export const formats = [plaudit, hh, trl, autoj, pandalm, alpacaeval] as const;

export type FormatName = (typeof formats)[number]['name'];

export const formatNames: readonly FormatName[] = formats.map((format) => format.name);

/** The format that fits most of the rows, or `undefined` when none fits any. */
export const detectFormat = (rows: readonly Row[]): Format<FormatName> | undefined => {
  let best: Format<FormatName> | undefined;
  let bestCount = 0;
  for (const format of formats) {
    const count = rows.filter((row) => format.detect(row)).length;
    if (count > bestCount) [best, bestCount] = [format, count];
  }
  return best;
};
