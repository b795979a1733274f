/** @file The reference's log-probabilities of offline data: computed once for a run, and kept beside its checkpoints. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '@plaudit/models';
import { type OnProgress, planBatches } from '@plaudit/reward';
import { z } from 'zod';
import type { LearningTree } from './learning-trees.ts';
import type { PolicyNetwork } from './network.ts';
import { sum } from './sum.ts';

/** [tree][response]: sums of log-probabilities, nats. */
export type Sums = readonly (readonly number[])[];

export interface ReferenceOptions {
  /** Where they are kept. */
  readonly checkpoints: string;
  /** Of all that decides them. */
  readonly fingerprint: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

const referenceFile = 'reference.json';
const storedSums = z.object({
  fingerprint: z.string(),
  train: z.array(z.array(z.number())),
  validation: z.array(z.array(z.number())),
});

/** The reference's log-probabilities of both sides: from the run's folder where they are, or else computed and put there. */
export const referenceSums = async (
  network: PolicyNetwork,
  {
    train,
    validation,
  }: { readonly train: readonly LearningTree[]; readonly validation: readonly LearningTree[] },
  tokensPerBatch: number,
  { checkpoints, fingerprint, signal, onProgress }: ReferenceOptions,
): Promise<{ readonly train: Sums; readonly validation: Sums }> => {
  const path = join(checkpoints, referenceFile);
  const stored = storedSums.safeParse(await readFile(path, 'utf8').then(JSON.parse, () => null));
  if (stored.success && stored.data.fingerprint === fingerprint) return stored.data;
  const scorer = await network.openScorer({ reference: true });
  const all = [...train, ...validation];
  let done = 0;
  let batches = 0;
  const of = async (trees: readonly LearningTree[]): Promise<number[][]> => {
    const sums: number[][] = [];
    for (const batch of planBatches(trees, tokensPerBatch)) {
      signal?.throwIfAborted();
      const scores = await scorer.score(batch, { step: 0, batch: ++batches });
      batch.trees.forEach(({ index }, i) => {
        sums[index] = scores[i]!.map(({ reference }) => sum(reference!));
      });
      done += batch.trees.length;
      onProgress?.({ phase: 'reference', step: done, totalSteps: all.length });
    }
    return sums;
  };
  const sums = { train: await of(train), validation: await of(validation) };
  await scorer.close();
  await writeFileAtomic(path, JSON.stringify({ fingerprint, ...sums }));
  return sums;
};
