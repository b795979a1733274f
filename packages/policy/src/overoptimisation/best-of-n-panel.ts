/** @file Over-optimisation of best-of-n: proxy and gold of the best scored of n responses, with the law fitted to gold. */
import { Random } from '@plaudit/contract';
import { fewestClusters, quantile } from '@plaudit/feedback';
import { type BestOfNCurve, type BestOfNPrompt, bestOfN, bestOfNCurve } from '@plaudit/reward';
import { fitOverOptimisation, type GoldPoint, type OverOptimisationFit } from './fit.ts';

export interface BestOfNPanel {
  readonly curve: BestOfNCurve;
  /** Over the bound of the divergence; null with fewer than four numbers of responses. */
  readonly fit: BestOfNFit | null;
}

/** The law fitted to best-of-n. Its points come from the same responses: their residuals say nothing about its errors. */
export interface BestOfNFit extends Omit<OverOptimisationFit, 'alphaError' | 'betaError' | 'startError'> {
  /** 95 %, over resamples of whole prompts; null for fewer than ten prompts. */
  readonly alphaInterval: readonly [number, number] | null;
  readonly betaInterval: readonly [number, number] | null;
}

export interface BestOfNPanelOptions {
  /** Seeds the resamples. */
  readonly seed?: number;
  /** Default 500. */
  readonly resamples?: number;
  readonly signal?: AbortSignal;
}

const fitGold = (points: readonly GoldPoint[]): OverOptimisationFit | null =>
  fitOverOptimisation(points, { law: 'best-of-n', start: points[0]!.gold });

/** Middle 95 % of alpha and of beta over resamples of whole prompts. */
const intervals = (
  prompts: readonly BestOfNPrompt[],
  { points }: BestOfNCurve,
  { seed, resamples }: { readonly seed: number; readonly resamples: number },
): Pick<BestOfNFit, 'alphaInterval' | 'betaInterval'> => {
  const sizes = points.map(({ n }) => n);
  const curves = Map.groupBy(
    prompts.map(({ cluster, proxy, gold }) => ({ cluster, gold: bestOfN(proxy, gold, sizes) })),
    ({ cluster }) => cluster,
  );
  if (curves.size < fewestClusters) return { alphaInterval: null, betaInterval: null };
  const clusters = [...curves.values()];
  const random = new Random(seed, 'best-of-n fit');
  const fits = Array.from({ length: resamples }, () => {
    const drawn = clusters.flatMap(() => random.pick(clusters));
    return fitGold(
      points.map(({ klBound }, i) => ({
        kl: klBound,
        gold: drawn.reduce((sum, { gold }) => sum + gold[i]!, 0) / drawn.length,
      })),
    )!;
  });
  const middle = (value: (fit: OverOptimisationFit) => number): readonly [number, number] => {
    const sorted = fits.map(value).sort((a, b) => a - b);
    return [quantile(sorted, 0.025), quantile(sorted, 0.975)];
  };
  return { alphaInterval: middle(({ alpha }) => alpha), betaInterval: middle(({ beta }) => beta) };
};

/**
 * The panel from scored samples.
 *
 * @param prompts For every prompt the rewards of its responses, by the reward that chooses and by the gold reward.
 * @throws RangeError without prompts, and for a prompt that lacks responses or rewards
 * @see Nakano et al. 2021 (arXiv 2112.09332) for the estimate; Gao et al. 2022 (arXiv 2210.10760) for the law
 */
export const bestOfNPanel = async (
  prompts: readonly BestOfNPrompt[],
  { seed = 0, resamples = 500, signal }: BestOfNPanelOptions = {},
): Promise<BestOfNPanel> => {
  const faulty = prompts.findIndex(({ proxy, gold }) => gold.length === 0 || proxy.length !== gold.length);
  if (faulty >= 0) throw new RangeError(`prompt ${faulty + 1} lacks responses, or rewards for some of them`);
  const curve = await bestOfNCurve(prompts, { seed, resamples, ...(signal && { signal }) });
  const fit = fitGold(curve.points.map(({ klBound, gold }) => ({ kl: klBound, gold })));
  if (!fit) return { curve, fit: null };
  const { law, alpha, beta, start, r2, points, peak } = fit;
  return {
    curve,
    fit: { law, alpha, beta, start, r2, points, peak, ...intervals(prompts, curve, { seed, resamples }) },
  };
};
