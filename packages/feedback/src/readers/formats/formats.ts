/** @file The formats that can be read. A new one is a file in this folder and a line in this list. */
import type { Row } from '../fields.ts';
import { alpacaeval } from './alpacaeval.ts';
import { arena } from './arena.ts';
import { autoj } from './autoj.ts';
import { bigBenchMistake } from './big-bench-mistake.ts';
import type { Format } from './format.ts';
import { gsm8kSolutions } from './gsm8k-solutions.ts';
import { hh } from './hh.ts';
import { imageReward } from './image-reward.ts';
import { leWiDi } from './le-wi-di.ts';
import { listeningScores } from './listening-scores.ts';
import { llamaFactory } from './llama-factory.ts';
import { mqm } from './mqm.ts';
import { oasst } from './oasst.ts';
import { openrlhf } from './openrlhf.ts';
import { pandalm } from './pandalm.ts';
import { plaudit } from './plaudit.ts';
import { popquorn } from './popquorn.ts';
import { prometheus } from './prometheus.ts';
import { qags } from './qags.ts';
import { ratings } from './ratings.ts';
import { tldrJudged } from './tldr-judged.ts';
import { trl } from './trl.ts';
import { trlStepwise } from './trl-stepwise.ts';
import { trlUnpaired } from './trl-unpaired.ts';
import { ultrafeedback } from './ultrafeedback.ts';
import { unieval } from './unieval.ts';

/**
 * Where two formats fit a row, the earlier one is meant: HH rows are also TRL rows without a prompt, and LLaMA-Factory
 * rows are ones with another prompt.
 */
export const formats = [
  plaudit,
  hh,
  llamaFactory,
  trl,
  trlUnpaired,
  trlStepwise,
  autoj,
  pandalm,
  alpacaeval,
  oasst,
  unieval,
  ultrafeedback,
  ratings,
  gsm8kSolutions,
  bigBenchMistake,
  arena,
  openrlhf,
  tldrJudged,
  prometheus,
  qags,
  popquorn,
  leWiDi,
  mqm,
  listeningScores,
  imageReward,
] as const;

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
