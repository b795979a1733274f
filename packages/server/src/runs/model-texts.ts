/** @file What a model's artifacts hold for people to read: a policy's samples, the pairs that a reward model got wrong. */
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { plauditError, prompt } from '@plaudit/contract';
import { contentId } from '@plaudit/feedback';
import type { Artifacts, Store } from '@plaudit/store';
import { z } from 'zod';
import { type Mistake, type PolicySample, policySample } from './shapes.ts';

/** The lines of a model's file, one after the other; none where it has no such file. */
async function* linesOf(
  store: Store,
  artifacts: Artifacts,
  model: string,
  path: string,
): AsyncGenerator<unknown> {
  const found = (await store.files.of(model)).find((file) => file.path === path);
  if (!found) return;
  if (!(await artifacts.has(found.digest)))
    throw plauditError('store.artifact_missing', { digest: found.digest });
  const input = Readable.from(artifacts.get(found.digest));
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }))
      if (line !== '') yield JSON.parse(line);
  } finally {
    // Who has found what he looks for leaves the rest unread.
    input.destroy();
  }
}

/** @throws PlauditError store.unknown, store.artifact_missing, store.artifact_corrupt */
export const samplesOf = async (
  store: Store,
  artifacts: Artifacts,
  model: string,
): Promise<readonly PolicySample[]> => {
  const { id } = await store.models.ofRole(model, 'policy');
  const samples: PolicySample[] = [];
  for await (const line of linesOf(store, artifacts, id, 'samples.jsonl'))
    samples.push(policySample.parse(line));
  return samples;
};

/** What validation keeps of a mistake in the model's card: where it stands. */
const kept = z.object({
  tree: z.string(),
  winner: z.number().nullable(),
  loser: z.number().nullable(),
  step: z.number().optional(),
  source: z.string(),
  row: z.number().nullable(),
  difference: z.number(),
});
const scored = z.object({ prompt, responses: z.array(z.string()), rewards: z.array(z.number()) });

/**
 * The worst mistakes on the test side, with their texts: those of the card, looked up among the scored rows of the model's
 * files by what they say.
 *
 * @throws PlauditError store.unknown, store.artifact_missing, store.artifact_corrupt
 */
export const mistakesOf = async (
  store: Store,
  artifacts: Artifacts,
  model: string,
): Promise<readonly Mistake[]> => {
  const { id, card } = await store.models.ofRole(model, 'reward');
  const test = z.object({ worst: z.array(kept) }).safeParse(card.test);
  if (!test.success) return [];
  const wanted = new Set(test.data.worst.map(({ tree }) => tree));
  const trees = new Map<string, z.output<typeof scored>>();
  for await (const line of linesOf(store, artifacts, id, 'test-scores.jsonl')) {
    const row = scored.parse(line);
    const tree = contentId({ prompt: row.prompt, responses: row.responses });
    if (wanted.has(tree)) trees.set(tree, row);
    if (trees.size === wanted.size) break;
  }
  return test.data.worst.flatMap(({ tree, winner, loser, ...mistake }) => {
    const row = trees.get(tree);
    if (!row) return [];
    const side = (response: number | null) =>
      response === null ? null : { text: row.responses[response]!, reward: row.rewards[response]! };
    return [{ prompt: row.prompt, chosen: side(winner), rejected: side(loser), ...mistake }];
  });
};
