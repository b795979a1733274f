/** @file The checked half of PPE: does the model tell right responses from wrong ones, and find one among K? */
import { rocAuc } from '@plaudit/feedback';
import type { BenchmarkOptions, BenchmarkResult, Measure, ScoredItem } from './benchmark.ts';
import { type BestOfNCurve, bestOfNCurve } from './best-of-n-curve.ts';
import { meanIn, measure, type Sample, type Statistic } from './measure.ts';

export interface CorrectnessFacts {
  readonly kind: 'correctness';
  /** 1 for a right response, 0 for a wrong one. */
  readonly gold: readonly number[];
  readonly pairs: readonly { readonly right: number; readonly wrong: number }[];
  /** The model that wrote the responses. */
  readonly writer: string;
}

interface Unit {
  readonly cluster: string;
  readonly source: string;
  readonly writer: string;
  readonly pairs: number;
  /** Pairs ordered rightly, equal rewards counting one half. */
  readonly right: number;
  /** Area under the ROC curve among the responses of this prompt. */
  readonly auc: number | null;
}

/** Share of pairs, each pair counting the same. */
const accuracy = (sample: Sample<Unit>, counts: (unit: Unit) => boolean): number | null => {
  const pairs = meanIn(sample, [...sample.keys()], (unit) => unit.pairs, counts);
  const right = meanIn(sample, [...sample.keys()], (unit) => unit.right, counts);
  return pairs === null || right === null || pairs === 0 ? null : right / pairs;
};

const unitOf = ({ cluster, source, facts, rewards }: ScoredItem<CorrectnessFacts>): Unit => ({
  cluster,
  source,
  writer: facts.writer,
  pairs: facts.pairs.length,
  right: facts.pairs.reduce((sum, { right, wrong }) => {
    const difference = rewards[right]! - rewards[wrong]!;
    return sum + (difference > 0 ? 1 : difference === 0 ? 0.5 : 0);
  }, 0),
  auc: rocAuc(
    rewards,
    facts.gold.map((gold) => gold > 0.5),
  ),
});

/** Whether a prompt has right and wrong responses. */
const bothKinds = ({ auc }: Unit): boolean => auc !== null;

/** Mean over K of what the truly best response has over the best scored one. */
const lossToOracle = ({ points }: BestOfNCurve): number =>
  points.reduce((sum, { oracle, gold }) => sum + oracle - gold, 0) / points.length;

export const scoreCorrectness = async (
  items: readonly ScoredItem<CorrectnessFacts>[],
  options: BenchmarkOptions,
): Promise<BenchmarkResult> => {
  // Rewards of different prompts share no scale, so that a prompt is a row and never joined with its neighbours.
  const sample: Sample<Unit> = Map.groupBy(items.map(unitOf), ({ source, writer }) => `${source}\n${writer}`);
  const all = [...sample.keys()];
  const accuracyOf = (name: string, counts: (unit: Unit) => boolean): Statistic<Unit> => ({
    name,
    subsets: all,
    counts,
    of: (one) => accuracy(one, counts),
  });
  const writers = [...new Set(items.map(({ facts }) => facts.writer))];
  const sources = [...new Set(items.map(({ source }) => source))];
  const [overall, auc, ...rest] = await measure(
    sample,
    [
      accuracyOf('PPE correctness', () => true),
      {
        name: 'area under ROC, mean of prompts',
        subsets: all,
        counts: bothKinds,
        of: (one) => meanIn(one, all, ({ auc }) => auc!, bothKinds),
      },
      ...writers.map((name) => accuracyOf(name, ({ writer }) => writer === name)),
      ...sources.map((name) => accuracyOf(name, ({ source }) => source === name)),
    ],
    options,
  );
  const curve = await bestOfNCurve(
    items.map(({ cluster, rewards, facts }) => ({ cluster, proxy: rewards, gold: facts.gold })),
    options,
  );
  const last = curve.points.at(-1)!;
  const highest = curve.points.reduce((best, point) => (point.gold > best.gold ? point : best));
  const plain = (name: string, value: number, interval: Measure['interval'] = null): Measure => ({
    name,
    value,
    interval,
    items: items.length,
    scale: 'share',
  });
  return {
    overall: overall!,
    groups: [
      {
        title: 'Best of K',
        measures: [
          plain(`highest point, at K = ${highest.n}`, highest.gold, highest.interval),
          plain(`end, at K = ${last.n}`, last.gold, last.interval),
          { ...plain('loss to the oracle, mean over K', lossToOracle(curve)), scale: 'number' },
          auc!,
        ],
      },
      { title: 'Accuracy by who wrote the responses', measures: rest.slice(0, writers.length) },
      { title: 'Accuracy by file', measures: rest.slice(writers.length) },
    ],
    curve,
    warnings: [],
  };
};
