/** @file Evaluating a bundle: how often its reward model sides with people, on a sample of a snapshot, and its golden scores. */
import { type Comparison, plauditError } from '@plaudit/contract';
import { wilsonInterval } from '@plaudit/feedback';
import { type Bundle, promptId, responseId, type Store } from '@plaudit/store';
import { recordEvaluation } from './bundle-life.ts';
import { fewestGolden, type GoldenItem, recordGolden } from './golden.ts';
import type { RegistryServices } from './promotion.ts';

/** Comparisons that a sample takes at most: opening a bundle is the larger part of the time up to some hundreds of them. */
export const mostSampled = 1000;
export const sampledByDefault = 200;

/** What an evaluation puts on record. */
export interface BundleEvaluation {
  readonly snapshot: string;
  /** Comparisons that were scored, one a prompt, ties left out. */
  readonly comparisons: number;
  /** Share in which the response that people preferred has the larger reward; the same reward counts half. */
  readonly accuracy: number;
  /** Wilson, 95 %. */
  readonly interval: readonly [number, number];
  /** Judgements of the snapshot that are also in one that the reward model was trained on: more than none flatter it. */
  readonly alsoTrainedOn: number;
}

export interface EvaluateBundle {
  /** Id or tag. */
  readonly snapshot: string;
  /** Most comparisons. */
  readonly limit: number;
  readonly actor: string;
  readonly signal?: AbortSignal;
}

interface Sampled {
  readonly prompt: string;
  readonly comparison: Comparison;
}

/**
 * One decided comparison of each of the prompts with the smallest ids. Ids are digests, so that this is a sample by chance, and
 * the same one for every bundle: two evaluations on a snapshot are a paired comparison.
 */
const sampleOf = async (
  store: Store,
  snapshot: string,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<readonly Sampled[]> => {
  let sampled: Sampled[] = [];
  const keep = (): Sampled[] => sampled.sort((a, b) => (a.prompt < b.prompt ? -1 : 1)).slice(0, limit);
  const seen = new Set<string>();
  let largest = '~';
  for await (const row of store.snapshots.rows(snapshot)) {
    signal?.throwIfAborted();
    if (row.kind !== 'comparison' || (row.outcome !== 'a' && row.outcome !== 'b')) continue;
    const prompt = promptId(row.prompt);
    if (prompt >= largest || seen.has(prompt)) continue;
    seen.add(prompt);
    sampled.push({ prompt, comparison: row });
    if (sampled.length < 2 * limit) continue;
    sampled = keep();
    largest = sampled.at(-1)!.prompt;
  }
  return keep();
};

const goldenItems = (sampled: readonly Sampled[]): readonly GoldenItem[] =>
  sampled.map(({ prompt, comparison }) => ({
    prompt,
    responses: comparison.responses.map((text) => responseId(prompt, text)),
  }));

const alsoTrainedOn = async (store: Store, bundle: Bundle, snapshot: string): Promise<number> => {
  const { snapshots } = await store.lineage.upstream({ model: bundle.rewardModel });
  const shared = await Promise.all(
    snapshots.map(async (id) => (await store.snapshots.diff(id, snapshot)).kept),
  );
  return Math.max(0, ...shared);
};

/**
 * Loads a bundle, scores a sample of a snapshot's comparisons and puts on record what came of it. A draft's golden scores are
 * recorded with it, of the same responses, and it is evaluated from then on.
 *
 * @throws PlauditError store.unknown; registry.few_golden for a snapshot with too few comparisons; reward.*, model.* of loading
 */
export const evaluateBundle = async (
  services: Pick<RegistryServices, 'openBundle'>,
  store: Store,
  bundle: Bundle,
  { snapshot: named, limit, actor, signal }: EvaluateBundle,
): Promise<BundleEvaluation> => {
  const { id: snapshot } = await store.snapshots.find(named);
  const sampled = await sampleOf(store, snapshot, limit, signal);
  if (2 * sampled.length < fewestGolden)
    throw plauditError('registry.few_golden', { needed: fewestGolden, found: 2 * sampled.length });
  const opened = await services.openBundle(store, bundle);
  try {
    if (bundle.state === 'draft') await recordGolden(store, bundle, opened, goldenItems(sampled), actor);
    const scores = await opened.score(
      sampled.map(({ comparison: { prompt, responses } }) => ({ prompt, responses })),
    );
    const right = sampled.reduce((sum, { comparison: { outcome } }, i) => {
      const [a, b] = scores[i] as [number, number];
      return sum + (a === b ? 0.5 : a > b === (outcome === 'a') ? 1 : 0);
    }, 0);
    const evaluation: BundleEvaluation = {
      snapshot,
      comparisons: sampled.length,
      accuracy: right / sampled.length,
      interval: wilsonInterval(right / sampled.length, sampled.length),
      alsoTrainedOn: await alsoTrainedOn(store, bundle, snapshot),
    };
    await recordEvaluation(store, bundle, actor, { ...evaluation });
    return evaluation;
  } finally {
    await opened.close();
  }
};
