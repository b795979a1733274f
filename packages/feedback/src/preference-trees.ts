/** @file Preference trees: the comparisons of one prompt as its responses and the pairs among them. */
import type { Comparison, Prompt, Strength } from '@plaudit/contract';
import { canonicalJson, contentId } from './canonical-json.ts';

/** One judgement among a tree's responses; `winner` and `loser` are indices into them. */
export interface PreferencePair {
  readonly winner: number;
  readonly loser: number;
  /** What the pair counts in the loss; 1 for one judgement. */
  readonly weight: number;
  readonly margin?: number;
  readonly strength?: Strength;
  /** Share of the votes or probability for the winner, where the source keeps it. */
  readonly preference?: number;
  readonly row?: number;
  readonly source: string;
  readonly segments: Readonly<Record<string, string>>;
}

/** A prompt once, its distinct responses, and who beat whom. */
export interface PreferenceTree {
  /** From prompt and responses alone: the same content has the same id on any machine. */
  readonly id: string;
  readonly prompt: Prompt;
  readonly responses: readonly string[];
  readonly pairs: readonly PreferencePair[];
  /** The segments on which all pairs agree. */
  readonly segments: Readonly<Record<string, string>>;
}

export interface PreferenceTrees {
  readonly trees: readonly PreferenceTree[];
  /** Comparisons without a winner (tie, both_bad): they make no pair. */
  readonly ties: number;
  /** Response pairs that were judged both ways; both judgements stay in the tree. */
  readonly contradictions: number;
}

/**
 * Groups comparisons by prompt, so that a prompt is encoded once for all its responses.
 *
 * @param options.maxResponses Trees with more responses are cut into several without losing a pair; at least 2.
 * @example const { trees } = preferenceTrees(judgements, { maxResponses: 8 })
 */
export const preferenceTrees = (
  comparisons: Iterable<Comparison>,
  options: { readonly maxResponses?: number } = {},
): PreferenceTrees => {
  const maxResponses = Math.max(2, options.maxResponses ?? 8);
  const groups = new Map<
    string,
    { prompt: Prompt; responses: Map<string, number>; pairs: PreferencePair[] }
  >();
  let ties = 0;
  for (const comparison of comparisons) {
    if (comparison.outcome !== 'a' && comparison.outcome !== 'b') {
      ties++;
      continue;
    }
    const key = canonicalJson(comparison.prompt);
    let group = groups.get(key);
    if (!group) {
      group = { prompt: comparison.prompt, responses: new Map(), pairs: [] };
      groups.set(key, group);
    }
    const { responses } = group;
    const [first, second] = comparison.responses.map((response) => {
      const index = responses.get(response) ?? responses.size;
      responses.set(response, index);
      return index;
    });
    // Equal responses say nothing about either; readers set them aside.
    if (first === second) ties++;
    else group.pairs.push(pairOf(comparison, first!, second!));
  }

  const trees: PreferenceTree[] = [];
  let contradictions = 0;
  for (const { prompt, responses, pairs } of groups.values()) {
    if (pairs.length === 0) continue;
    contradictions += contradictionsIn(pairs);
    const texts = [...responses.keys()];
    for (const part of parts(pairs, texts.length, maxResponses)) trees.push(treeOf(prompt, texts, part));
  }
  return { trees, ties, contradictions };
};

const pairOf = (comparison: Comparison, first: number, second: number): PreferencePair => {
  const { outcome, strength, margin, preference, provenance } = comparison;
  const firstWins = outcome === 'a';
  return {
    winner: firstWins ? first : second,
    loser: firstWins ? second : first,
    weight: 1,
    ...(margin !== undefined && { margin }),
    ...(strength !== undefined && { strength }),
    ...(preference !== undefined && { preference: firstWins ? preference : 1 - preference }),
    ...(provenance.row !== undefined && { row: provenance.row }),
    source: provenance.source,
    segments: {
      ...provenance.segments,
      ...(provenance.language !== undefined && { language: provenance.language }),
    },
  };
};

const contradictionsIn = (pairs: readonly PreferencePair[]): number => {
  const seen = new Set(pairs.map(({ winner, loser }) => `${winner} ${loser}`));
  return [...seen].filter((key) => {
    const [winner, loser] = key.split(' ').map(Number);
    return winner! < loser! && seen.has(`${loser} ${winner}`);
  }).length;
};

/**
 * Cuts pairs into parts of at most `maxResponses` responses. Each part grows from the response with most pairs left, by
 * the response that brings most pairs with those already in it; all pairs inside a part go with it, so that no two parts
 * have the same responses.
 */
const parts = (
  pairs: readonly PreferencePair[],
  responseCount: number,
  maxResponses: number,
): PreferencePair[][] => {
  if (responseCount <= maxResponses) return [[...pairs]];
  const cut: PreferencePair[][] = [];
  let left = [...pairs];
  while (left.length > 0) {
    const neighbours = neighboursOf(left);
    const chosen = new Set<number>();
    const gain = new Map([...neighbours].map(([response, others]) => [response, others.length]));
    while (chosen.size < maxResponses) {
      const next = largest(gain, chosen.size === 0 ? 0 : 1);
      if (next === undefined) break;
      if (chosen.size === 0) gain.clear();
      chosen.add(next);
      gain.delete(next);
      for (const other of neighbours.get(next)!)
        if (!chosen.has(other)) gain.set(other, (gain.get(other) ?? 0) + 1);
    }
    cut.push(left.filter(({ winner, loser }) => chosen.has(winner) && chosen.has(loser)));
    left = left.filter(({ winner, loser }) => !(chosen.has(winner) && chosen.has(loser)));
  }
  return cut;
};

const neighboursOf = (pairs: readonly PreferencePair[]): Map<number, number[]> => {
  const neighbours = new Map<number, number[]>();
  const add = (from: number, to: number): void => {
    const list = neighbours.get(from);
    if (list) list.push(to);
    else neighbours.set(from, [to]);
  };
  for (const { winner, loser } of pairs) {
    add(winner, loser);
    add(loser, winner);
  }
  return neighbours;
};

/** The key of the largest value that is at least `least`, the smallest key among equals. */
const largest = (values: ReadonlyMap<number, number>, least: number): number | undefined => {
  let best: number | undefined;
  for (const [key, value] of values) {
    if (value < least) continue;
    const held = best === undefined ? -1 : values.get(best)!;
    if (value > held || (value === held && key < best!)) best = key;
  }
  return best;
};

const treeOf = (
  prompt: Prompt,
  texts: readonly string[],
  pairs: readonly PreferencePair[],
): PreferenceTree => {
  const used = [...new Set(pairs.flatMap(({ winner, loser }) => [winner, loser]))].sort((a, b) => a - b);
  const position = new Map(used.map((response, i) => [response, i]));
  const responses = used.map((response) => texts[response]!);
  return {
    id: contentId({ prompt, responses }),
    prompt,
    responses,
    pairs: pairs.map((pair) => ({
      ...pair,
      winner: position.get(pair.winner)!,
      loser: position.get(pair.loser)!,
    })),
    segments: sharedSegments(pairs),
  };
};

const sharedSegments = (pairs: readonly PreferencePair[]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(pairs[0]!.segments).filter(([name, value]) =>
      pairs.every((pair) => pair.segments[name] === value),
    ),
  );
