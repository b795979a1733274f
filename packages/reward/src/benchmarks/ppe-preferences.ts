/** @file The human half of PPE: agreement with arena votes, pair by pair and model by model. */
import { sigmoid } from '@plaudit/contract';
import { kendallTau, pearson, spearman } from '@plaudit/feedback';
import type { BenchmarkOptions, BenchmarkResult, ScoredItem } from './benchmark.ts';
import { meanIn, meanOf, meanOfPresent, measure, type Sample, type Statistic } from './measure.ts';

export interface PreferenceFacts {
  readonly kind: 'preference';
  /** 1 for the first response, 0 for the second, one half for a tie. */
  readonly preference: 0 | 0.5 | 1;
  /** Who wrote the first and the second response. */
  readonly models?: readonly [string, string];
  readonly language: string;
}

interface Unit extends PreferenceFacts {
  readonly cluster: string;
  /** What the model prefers, on the same scale. */
  readonly predicted: number;
  /** Squared error of the probability that it gives to the first response. */
  readonly error: number;
  /** Who wrote the two responses, as places in the list of writers; -1 where the row does not say. */
  readonly first: number;
  readonly second: number;
}

const all = ['votes'];
const decided = ({ preference }: Unit): boolean => preference !== 0.5;

/** Languages with fewer decided votes say nothing by themselves. */
const fewestVotes = 30;

/** 1 right, 0 wrong, one half for equal rewards. */
const agreement = ({ preference, predicted }: Unit): number =>
  predicted === 0.5 ? 0.5 : predicted === preference ? 1 : 0;

/** Share of the points that each writer won against each other one, a tie counting one half; NaN where they never met. */
type WinRates = readonly Float64Array[];

const winRates = (units: readonly Unit[], writers: number, outcome: (unit: Unit) => number): WinRates => {
  const points = Array.from({ length: writers }, () => new Float64Array(writers));
  const games = Array.from({ length: writers }, () => new Float64Array(writers));
  for (const unit of units) {
    const { first, second } = unit;
    if (first < 0) continue;
    const won = outcome(unit);
    points[first]![second]! += won;
    points[second]![first]! += 1 - won;
    games[first]![second]!++;
    games[second]![first]!++;
  }
  return points.map((row, i) => row.map((sum, j) => sum / games[i]![j]!));
};

/** Mean rate of each writer over those that it met, itself left out. */
const strengths = (rates: WinRates): number[] =>
  rates.map(
    (row, i) =>
      meanOf(
        [...row].filter((rate, j) => j !== i && !Number.isNaN(rate)),
        (x) => x,
      ) ?? 0.5,
  );

/** How alike people and model order the writers. */
interface Order {
  readonly spearman: number | null;
  readonly kendall: number | null;
  /** Mean over writers of the correlation of their rates against all others. */
  readonly rowWise: number | null;
}

const orderOf = (units: readonly Unit[], writers: number): Order => {
  const human = winRates(units, writers, ({ preference }) => preference);
  const model = winRates(units, writers, ({ predicted }) => predicted);
  const [a, b] = [strengths(human), strengths(model)];
  const rows = human.map((row, i) => {
    const met = [...row.keys()].filter((j) => j !== i && !Number.isNaN(row[j]!));
    return pearson(
      met.map((j) => row[j]!),
      met.map((j) => model[i]![j]!),
    );
  });
  return { spearman: spearman(a, b), kendall: kendallTau(a, b).b, rowWise: meanOfPresent(rows) };
};

/** With two writers every order is the same or the reverse. */
const fewestWriters = 3;

export const scorePreferences = async (
  items: readonly ScoredItem<PreferenceFacts>[],
  options: BenchmarkOptions,
): Promise<BenchmarkResult> => {
  const { temperature = 1 } = options;
  const writers = [...new Set(items.flatMap(({ facts }) => facts.models ?? []))].sort();
  const places = new Map(writers.map((name, i) => [name, i]));
  const place = (name: string | undefined): number => (name === undefined ? -1 : places.get(name)!);
  const units = items.map(({ cluster, facts, rewards }): Unit => {
    const difference = rewards[0]! - rewards[1]!;
    return {
      ...facts,
      cluster,
      predicted: difference > 0 ? 1 : difference < 0 ? 0 : 0.5,
      error: (sigmoid(difference / temperature) - facts.preference) ** 2,
      first: place(facts.models?.[0]),
      second: place(facts.models?.[1]),
    };
  });
  const languages = [...Map.groupBy(units.filter(decided), ({ language }) => language)]
    .filter(([, votes]) => votes.length >= fewestVotes)
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([language]) => language);
  const named = writers.length >= fewestWriters;
  // Three numbers of one sample; found once for it.
  const orders = new WeakMap<Sample<Unit>, Order>();
  const order = (one: Sample<Unit>): Order => {
    const found = orders.get(one) ?? orderOf(one.get('votes')!, writers.length);
    orders.set(one, found);
    return found;
  };
  const ofOrder = (name: string, value: (found: Order) => number | null): Statistic<Unit> => ({
    name,
    subsets: all,
    scale: 'number',
    of: (one) => value(order(one)),
  });
  const ofWriters = named
    ? [
        ofOrder('Spearman', (found) => found.spearman),
        ofOrder('Kendall tau-b', (found) => found.kendall),
        ofOrder('row-wise Pearson', (found) => found.rowWise),
      ]
    : [];
  const accuracy = (name: string, counts: (unit: Unit) => boolean): Statistic<Unit> => ({
    name,
    subsets: all,
    counts,
    of: (one) => meanIn(one, all, agreement, counts),
  });
  const statistics: Statistic<Unit>[] = [
    accuracy('PPE human preference', decided),
    {
      name: 'Brier score',
      subsets: all,
      scale: 'number',
      of: (one) => meanIn(one, all, ({ error }) => error),
    },
    ...ofWriters,
    ...languages.map((name) => accuracy(name, (unit) => unit.language === name && decided(unit))),
  ];
  const [overall, brier, ...rest] = await measure(new Map([['votes', units]]), statistics, options);
  return {
    overall: overall!,
    groups: [
      { title: 'Probabilities', measures: [brier!] },
      { title: 'Order of the writers of the responses', measures: rest.slice(0, ofWriters.length) },
      { title: 'Accuracy by language', measures: rest.slice(ofWriters.length) },
    ].filter(({ measures }) => measures.length > 0),
    warnings: named
      ? []
      : [
          'The rows name fewer than three writers of responses (model_a, model_b), so their order cannot be compared.',
        ],
  };
};
