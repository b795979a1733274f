/** @file The teacher's rewards of every response: scored once, in portions that a run which is taken up again finds. */
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PreferenceTree } from '@plaudit/feedback';
import { z } from 'zod';
import type { RewardModel } from '../model.ts';
import type { OnProgress } from '../run/progress.ts';
import type { Lesson } from './lessons.ts';

/** Prompts that are scored at a time. */
const portion = 64;
const scoresFile = 'teacher.jsonl';
const scored = z.object({ tree: z.string(), rewards: z.array(z.number()) });

/** What an earlier attempt has scored; a last line that is not whole is none. */
const known = async (path: string): Promise<Map<string, readonly number[]>> => {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const found = new Map<string, readonly number[]>();
  for (const line of text.split('\n').slice(0, -1)) {
    const { tree, rewards } = scored.parse(JSON.parse(line));
    found.set(tree, rewards);
  }
  return found;
};

/**
 * @param unjudged Responses beside those of a tree, by its id
 * @param checkpoints The folder in which the scores are kept meanwhile
 * @throws what scoring throws; the signal's reason
 */
export const teach = async (
  teacher: RewardModel,
  trees: readonly PreferenceTree[],
  unjudged: ReadonlyMap<string, readonly string[]>,
  options: {
    readonly checkpoints: string;
    readonly onTruncated: (items: number) => void;
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: OnProgress | undefined;
  },
): Promise<readonly Lesson[]> => {
  const { checkpoints, onTruncated, signal, onProgress } = options;
  await mkdir(checkpoints, { recursive: true });
  const path = join(checkpoints, scoresFile);
  const rewards = await known(path);
  const items = trees.map((tree) => ({
    tree,
    prompt: tree.prompt,
    responses: [...tree.responses, ...(unjudged.get(tree.id) ?? [])],
    segments: tree.segments,
  }));
  const waiting = items.filter(({ tree: { id } }) => !rewards.has(id));
  for (let from = 0; from < waiting.length; from += portion) {
    signal?.throwIfAborted();
    onProgress?.({ phase: 'teach', step: items.length - waiting.length + from, totalSteps: items.length });
    const asked = waiting.slice(from, from + portion);
    const scores = await teacher.score(asked, { onTruncated, ...(signal && { signal }) });
    const lines = asked.map(({ tree: { id } }, i) => {
      const found = scores[i]!.map(({ reward }) => reward);
      rewards.set(id, found);
      return `${JSON.stringify({ tree: id, rewards: found })}\n`;
    });
    await appendFile(path, lines.join(''));
  }
  return items.map(({ tree, responses }) => ({ tree, responses, rewards: rewards.get(tree.id)! }));
};
