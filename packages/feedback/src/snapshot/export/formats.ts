/** @file The formats that judgements can be exported to. A new one is a file in this folder and a line in this list. */
import { alpacaeval } from './alpacaeval.ts';
import { arena } from './arena.ts';
import type { ExportFormat } from './format.ts';
import { hh } from './hh.ts';
import { llamaFactory, llamaFactoryKto } from './llama-factory.ts';
import { openrlhf, openrlhfKto } from './openrlhf.ts';
import { plaudit } from './plaudit.ts';
import { ratings } from './ratings.ts';
import { trlPreference, trlPromptOnly, trlStepwise, trlUnpaired } from './trl.ts';

export const exportFormats = [
  plaudit,
  trlPreference,
  trlUnpaired,
  trlStepwise,
  trlPromptOnly,
  hh,
  arena,
  alpacaeval,
  llamaFactory,
  llamaFactoryKto,
  openrlhf,
  openrlhfKto,
  ratings,
] as const;

export type ExportFormatName = (typeof exportFormats)[number]['name'];

export const exportFormatNames: readonly ExportFormatName[] = exportFormats.map(({ name }) => name);

/** The format of a name, or `undefined`. */
export const exportFormatOf = (name: string): ExportFormat<ExportFormatName> | undefined =>
  exportFormats.find((format) => format.name === name);
