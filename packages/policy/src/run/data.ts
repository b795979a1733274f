/** @file What a policy learns from or answers: judgements and demonstrations as trees, prompts alone. */

import { basename } from 'node:path';
import { PlauditError, Random } from '@plaudit/contract';
import {
  clusterPrompts,
  contentId,
  type PreferenceTree,
  readPromptRows,
  sourceFiles,
} from '@plaudit/feedback';
import { type DataSource, readPreferenceData, sha256OfFile } from '@plaudit/reward';

export interface PolicyData {
  readonly sources: readonly DataSource[];
  readonly format: string;
  readonly rows: number;
  readonly rejects: number;
  readonly trees: readonly PreferenceTree[];
}

const sourcesOf = async (paths: readonly string[], signal?: AbortSignal): Promise<DataSource[]> =>
  Promise.all(
    paths.map(async (path) => ({ path, name: basename(path), sha256: await sha256OfFile(path, signal) })),
  );

/** Rows of prompts with responses that nobody judged, all of them to be imitated. */
const demonstrations = async (paths: readonly string[], signal?: AbortSignal): Promise<PolicyData> => {
  const files = await sourceFiles(paths);
  const trees: PreferenceTree[] = [];
  for (const path of files) {
    for (const { row, prompt, responses } of await readPromptRows(path, signal ? { signal } : {})) {
      const distinct = [...new Set(responses)];
      trees.push({
        id: contentId({ prompt, responses: distinct }),
        prompt,
        responses: distinct,
        pairs: [],
        labels: distinct.map((_, response) => ({
          response,
          desirable: true,
          weight: 1,
          row,
          source: basename(path),
        })),
        segments: {},
      });
    }
  }
  return {
    sources: await sourcesOf(files, signal),
    format: 'demonstrations',
    rows: trees.length,
    rejects: 0,
    trees,
  };
};

/**
 * Reads judgements of any format or, where a file has none, prompts with responses as demonstrations.
 *
 * @throws data.*
 */
export const readPolicyData = async (
  paths: readonly string[],
  {
    format = 'auto',
    signal,
  }: { readonly format?: string | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<PolicyData> => {
  if (format === 'demonstrations') return demonstrations(paths, signal);
  try {
    const {
      sources,
      format: found,
      rows,
      rejects,
      trees,
    } = await readPreferenceData(paths, {
      format,
      ...(signal && { signal }),
    });
    return { sources, format: found, rows, rejects: rejects.length, trees };
  } catch (error) {
    const unknown = error instanceof PlauditError && error.code === 'data.unknown_format';
    if (unknown && format === 'auto') return demonstrations(paths, signal);
    throw error;
  }
};

export interface PromptData {
  readonly sources: readonly DataSource[];
  readonly prompts: readonly PreferenceTree['prompt'][];
}

/** The distinct prompts of files whose rows hold one: alone, with responses, or with judgements. @throws data.* */
export const readPrompts = async (paths: readonly string[], signal?: AbortSignal): Promise<PromptData> => {
  const files = await sourceFiles(paths);
  const prompts = new Map<string, PreferenceTree['prompt']>();
  for (const path of files) {
    const rows = await readPromptRows(path, { promptsAlone: true, ...(signal && { signal }) });
    for (const { prompt } of rows) prompts.set(contentId(prompt), prompt);
  }
  return { sources: await sourcesOf(files, signal), prompts: [...prompts.values()] };
};

/**
 * Sets prompts aside by whole clusters of near-duplicates, until there are as many as asked for. Prompts of one template are
 * one cluster: where that leaves less than half of them, prompts are set aside one by one, and are like those that are
 * trained on.
 */
export const holdOut = <Prompt extends PreferenceTree['prompt']>(
  prompts: readonly Prompt[],
  count: number,
  seed: number,
): { readonly train: Prompt[]; readonly heldOut: Prompt[]; readonly alike: boolean } => {
  const clusters = clusterPrompts(prompts, {});
  const members = new Map<number, number[]>();
  clusters.forEach((cluster, i) => {
    members.set(cluster, [...(members.get(cluster) ?? []), i]);
  });
  const groups = [...members.values()];
  const heldOut = new Set<number>();
  const random = new Random(seed, 'held-out');
  for (const at of random.permutation(groups.length)) {
    if (heldOut.size >= count) break;
    const group = groups[at]!;
    // A cluster that holds most of the prompts would leave nothing to train on.
    if (heldOut.size + group.length > 2 * count) continue;
    for (const i of group) heldOut.add(i);
  }
  const alike = heldOut.size < count / 2;
  if (alike)
    for (const i of random.permutation(prompts.length)) {
      if (heldOut.size >= count) break;
      heldOut.add(i);
    }
  return {
    train: prompts.filter((_, i) => !heldOut.has(i)),
    heldOut: prompts.filter((_, i) => heldOut.has(i)),
    alike,
  };
};
