/** @file From a saved reward model and a file of prompts with responses to the pairs to have judged next. */
import { type Prompt, plauditError } from '@plaudit/contract';
import {
  type Candidate,
  clusterPrompts,
  contentId,
  needsUncertainty,
  type PromptRow,
  readPromptRows,
  type SelectedPair,
  type Selection,
  type SelectionOptions,
  selectPairs,
} from '@plaudit/feedback';
import { type JudgeUsage, usageWarnings } from '../judge/usage.ts';
import { type LoadOptions, loadRewardModel } from '../run/kinds.ts';
import type { OnProgress } from '../run/progress.ts';
import { readCard } from '../run/reading.ts';
import { truncation } from '../run/warnings.ts';
import { modelBeliefs, requireUncertainty } from './model-beliefs.ts';

/** A pair to be judged, with its texts. */
export interface NextItem extends Omit<SelectedPair, 'id' | 'pair'> {
  /** By prompt and responses: the same on any machine. */
  readonly id: string;
  /** 1-based row of the input, and the indices of the two among its responses. */
  readonly row: number;
  readonly pair: readonly [number, number];
  readonly prompt: Prompt;
  readonly responses: readonly [string, string];
}

export interface NextItemsDocument {
  readonly model: string;
  readonly kind: string;
  readonly input: string;
  readonly rule: SelectionOptions['rule'];
  readonly items: readonly NextItem[];
  readonly pool: Selection['pool'];
  /** Rows without two different responses. */
  readonly withoutPair: number;
  readonly seconds: number;
  readonly warnings: readonly string[];
}

export interface SelectNextOptions extends SelectionOptions, Omit<LoadOptions, 'combine'> {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/** Indices of the responses that are not said before in the row. */
const distinctOf = ({ responses }: PromptRow): number[] =>
  [...responses.keys()].filter((i) => responses.indexOf(responses[i]!) === i);

/**
 * Selects pairs of responses within the rows of a file. All vectors are in memory: 3 KB for a response on a probe of 768
 * features.
 *
 * @throws selection.uncertainty_unknown, selection.nothing_to_select; data.*, reward.*, model.*, engine.*; the signal's reason
 */
export const selectNext = async (
  directory: string,
  input: string,
  options: SelectNextOptions,
): Promise<NextItemsDocument> => {
  const began = performance.now();
  const { rule, signal, onProgress } = options;
  const { kind } = await readCard(directory);
  if (needsUncertainty(rule)) requireUncertainty(directory, kind, rule);
  const read = await readPromptRows(input, signal ? { signal } : {});
  const rows = read
    .map((row) => ({ ...row, distinct: distinctOf(row) }))
    .filter(({ distinct }) => distinct.length > 1);
  if (rows.length === 0) throw plauditError('selection.nothing_to_select', { path: input });
  const clusters = clusterPrompts(rows.map(({ prompt }) => prompt));

  const { onTruncated, warnings } = truncation();
  const judges: JudgeUsage[] = [];
  const model = await loadRewardModel(directory, {
    ...options,
    keepFeatures: true,
    ...(kind === 'ensemble' && { combine: { combine: 'mean' as const } }),
  });
  try {
    const items = rows.map(({ prompt, responses, distinct }) => ({
      prompt,
      responses: distinct.map((i) => responses[i]!),
    }));
    const beliefs = await modelBeliefs(model, items, {
      onTruncated,
      onJudged: (usage) => judges.push(usage),
      ...(signal && { signal }),
      ...(onProgress && {
        onProgress: (step, totalSteps) => onProgress({ phase: 'score', step, totalSteps }),
      }),
    });
    const candidates = rows.map(
      (_, i): Candidate => ({ id: `${i}`, cluster: clusters[i]!, beliefs: beliefs[i]! }),
    );
    const { items: selected, pool } = selectPairs(candidates, options);
    return {
      model: directory,
      kind,
      input,
      rule,
      items: selected.map(({ id, pair: [a, b], ...selected }): NextItem => {
        const { row, prompt, responses, distinct } = rows[Number(id)]!;
        const pair: readonly [number, number] = [distinct[a]!, distinct[b]!];
        const texts: readonly [string, string] = [responses[pair[0]]!, responses[pair[1]]!];
        return {
          id: contentId({ prompt, responses: texts }),
          row,
          pair,
          prompt,
          responses: texts,
          ...selected,
        };
      }),
      pool,
      withoutPair: read.length - rows.length,
      seconds: (performance.now() - began) / 1000,
      warnings: [
        ...warnings,
        ...judges.flatMap(usageWarnings),
        ...shortWarnings(selected.length, options.count),
        ...withoutPairWarnings(read.length - rows.length),
      ],
    };
  } finally {
    await model.close();
  }
};

const shortWarnings = (selected: number, wanted: number): string[] =>
  selected < wanted
    ? [
        `Only ${selected} of ${wanted} pairs could be selected: the file has no more within the limit for each prompt.`,
      ]
    : [];

const withoutPairWarnings = (rows: number): string[] =>
  rows > 0
    ? [
        `${rows} ${rows === 1 ? 'row has' : 'rows have'} no two different responses and can be asked nothing about.`,
      ]
    : [];
