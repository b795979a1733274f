/** @file The noise ceiling: what accuracy the judgements' own disagreement allows to any model. */
import type { PreferencePair, PreferenceTree } from '@plaudit/feedback';
import { type BootstrapOptions, clusterBootstrap, fewestClusters, wilsonInterval } from '@plaudit/feedback';
import type { Interval } from './document.ts';
import type { NoiseCeiling } from './noise-ceiling-document.ts';
import { clusterOf } from './pairs.ts';
import { boundsOfAgreement, ceilingOfAgreement } from './symmetric-beta.ts';

/** Fewer pairs that were judged twice say nothing worth a number. */
const fewestPairs = 20;
const ceilingResamples = 1000;

/** Who judged, where that is known. */
type AnnotatorOf = (pair: PreferencePair) => string | undefined;

export interface NoiseCeilingOptions extends BootstrapOptions {
  readonly annotatorOf?: AnnotatorOf | undefined;
  readonly clusters?: ReadonlyMap<string, number> | undefined;
}

/** All that was said about one pair of responses: votes for the first, of all. */
interface JudgedPair {
  readonly cluster: string;
  readonly first: number;
  readonly votes: number;
  /** Who gave each judgement and whether it is for the first response; absent for shares of votes. */
  readonly judges?: readonly { readonly annotator: string | undefined; readonly first: boolean }[];
}

/** Sums over a pair: agreeing and all couples of judgements, judgements that follow the others, and all of those. */
interface Counts {
  readonly cluster: string;
  readonly agreeing: number;
  readonly couples: number;
  readonly following: number;
  readonly held: number;
}

const direct = ({ criterion, impliedBy }: PreferencePair): boolean =>
  criterion === undefined && impliedBy === undefined;

const repeatedPairs = (
  trees: readonly PreferenceTree[],
  { annotatorOf, clusters }: NoiseCeilingOptions,
): JudgedPair[] =>
  trees.flatMap((tree) => {
    const groups = Map.groupBy(
      tree.pairs.filter(direct),
      ({ winner, loser }) => `${Math.min(winner, loser)} ${Math.max(winner, loser)}`,
    );
    const cluster = clusterOf(tree, clusters);
    return [...groups.values()].flatMap((group) => {
      const judges = group.map((pair) => ({
        annotator: annotatorOf?.(pair),
        first: pair.winner < pair.loser,
      }));
      const first = judges.filter((judge) => judge.first).length;
      return judges.length < 2 ? [] : [{ cluster, first, votes: judges.length, judges }];
    });
  });

/** Panels are odd, so that they have a majority; in them a tie is half a vote for either side. */
const panels: readonly { readonly votes: number; readonly parts: number }[] = [
  { votes: 3, parts: 6 },
  { votes: 5, parts: 10 },
  { votes: 7, parts: 14 },
  { votes: 9, parts: 18 },
  { votes: 2, parts: 2 },
  { votes: 4, parts: 4 },
  { votes: 6, parts: 6 },
  { votes: 8, parts: 8 },
  { votes: 10, parts: 10 },
];

const isWhole = (value: number): boolean => Math.abs(value - Math.round(value)) < 1e-6;

/** Of how many votes all shares can be shares; undefined for probabilities, and where every share is 1. */
const votesBehind = (shares: readonly number[]): number | undefined =>
  shares.every((share) => share === 1 || share === 0.5 || share === 0)
    ? undefined
    : panels.find(({ parts }) => shares.every((share) => isWhole(share * parts)))?.votes;

const votedPairs = (
  trees: readonly PreferenceTree[],
  { clusters }: NoiseCeilingOptions,
): { readonly pairs: JudgedPair[]; readonly votes: number } | undefined => {
  const shared = trees.flatMap((tree) =>
    tree.pairs
      .filter((pair) => direct(pair) && pair.preference !== undefined)
      .map((pair) => ({ cluster: clusterOf(tree, clusters), share: pair.preference! })),
  );
  const votes = votesBehind(shared.map(({ share }) => share));
  return votes === undefined
    ? undefined
    : { votes, pairs: shared.map(({ cluster, share }) => ({ cluster, first: share * votes, votes })) };
};

/** How often a judgement follows the majority of the others on a pair, where `first` of `votes` are for the first. */
const followers = (first: number, votes: number): number => {
  const follows = (own: number, other: number): number => (own - 1 > other ? 1 : own - 1 < other ? 0 : 0.5);
  const second = votes - first;
  return (
    (first > 0 ? first * follows(first, second) : 0) + (second > 0 ? second * follows(second, first) : 0)
  );
};

const couplesAgreeing = (first: number, votes: number): number =>
  (first * (first - 1) + (votes - first) * (votes - first - 1)) / 2;

const countVotes = ({ cluster, first, votes }: JudgedPair): Counts => {
  // Half a vote is a vote that could go either way.
  const [below, above] = [Math.floor(first + 1e-6), Math.ceil(first - 1e-6)];
  const between = (of: (first: number, votes: number) => number): number =>
    (of(below, votes) + of(above, votes)) / 2;
  return {
    cluster,
    agreeing: between(couplesAgreeing),
    couples: (votes * (votes - 1)) / 2,
    following: between(followers),
    held: votes,
  };
};

/** Like `countVotes`, but nobody is compared with themselves. */
const countJudges = ({ cluster, judges }: JudgedPair): Counts => {
  let [agreeing, couples, following, held] = [0, 0, 0, 0];
  for (const own of judges!) {
    const others = judges!.filter(
      (other) => other !== own && (own.annotator === undefined || other.annotator !== own.annotator),
    );
    if (others.length === 0) continue;
    const alike = others.filter(({ first }) => first === own.first).length;
    agreeing += alike / 2;
    couples += others.length / 2;
    following += 2 * alike > others.length ? 1 : 2 * alike < others.length ? 0 : 0.5;
    held++;
  }
  return { cluster, agreeing, couples, following, held };
};

/** A ratio of sums over pairs with the interval of resampled prompts; Wilson's where resampling shows nothing. */
const ratioWithInterval = (
  counts: readonly Counts[],
  top: (counts: Counts) => number,
  bottom: (counts: Counts) => number,
  options: BootstrapOptions,
): { readonly share: number; readonly interval: Interval } => {
  const sum = (of: (counts: Counts) => number): number => counts.reduce((total, c) => total + of(c), 0);
  const share = sum(top) / sum(bottom);
  const each = counts.flatMap((c) =>
    bottom(c) > 0 ? [{ cluster: c.cluster, top: top(c), bottom: bottom(c) }] : [],
  );
  const [low, high] = clusterBootstrap(
    each,
    // Linearised around the ratio: each pair's lead over it, in units of the mean weight.
    (c) => share + ((c.top - share * c.bottom) * each.length) / sum(bottom),
    { resamples: ceilingResamples, ...options },
  ).interval;
  const prompts = new Set(each.map(({ cluster }) => cluster)).size;
  return {
    share,
    interval: high > low ? [Math.max(0, low), Math.min(1, high)] : wilsonInterval(share, prompts),
  };
};

const annotatorsOf = (pairs: readonly JudgedPair[]): number | null => {
  const named = new Set(pairs.flatMap(({ judges = [] }) => judges.map(({ annotator }) => annotator)));
  return named.size === 0 || named.has(undefined) ? null : named.size;
};

/**
 * From pairs that were judged more than once, by the same direct and overall comparison, or else from shares of votes.
 * How often two judgements of a pair agree says how noisy a judgement is. The ceiling is the accuracy of a model that
 * always knows which side most judges prefer; it follows from the agreement when the shares that prefer the first
 * response have a symmetric beta distribution.
 *
 * @param trees All that were judged, not a test side only: how far people agree has nothing to do with a model.
 * @returns null where the data cannot tell: fewer than 20 pairs of 10 prompts with more than one judgement, and no votes
 */
export const estimateNoiseCeiling = (
  trees: readonly PreferenceTree[],
  options: NoiseCeilingOptions = {},
): NoiseCeiling | null => {
  const repeated = repeatedPairs(trees, options);
  const voted = votedPairs(trees, options);
  const fromVotes = voted !== undefined && voted.pairs.length > repeated.length;
  const pairs = fromVotes ? voted.pairs : repeated;
  const votes = fromVotes ? voted.votes : 1;
  const counts = pairs.map(fromVotes ? countVotes : countJudges).filter(({ couples }) => couples > 0);
  const prompts = new Set(counts.map(({ cluster }) => cluster)).size;
  if (counts.length < fewestPairs || prompts < fewestClusters) return null;

  const agreement = ratioWithInterval(
    counts,
    (c) => c.agreeing,
    (c) => c.couples,
    options,
  );
  const alone = ratioWithInterval(
    counts,
    (c) => c.following,
    (c) => c.held,
    options,
  );
  const [low, high] = agreement.interval;
  return {
    from: fromVotes ? 'votes' : 'repeated judgements',
    pairs: counts.length,
    prompts,
    judgements: counts.reduce((sum, { held }) => sum + held, 0),
    agreement: agreement.share,
    agreementInterval: agreement.interval,
    ceiling: ceilingOfAgreement(agreement.share, votes),
    interval: [ceilingOfAgreement(low, votes), ceilingOfAgreement(high, votes)],
    ...(!fromVotes && { bounds: boundsOfAgreement(agreement.share) }),
    votes,
    leaveOneOut: {
      accuracy: alone.share,
      interval: alone.interval,
      judgements: counts.reduce((sum, { held }) => sum + held, 0),
      annotators: annotatorsOf(pairs),
    },
  };
};
