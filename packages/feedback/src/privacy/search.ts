/** @file What one recogniser finds in a text: its patterns, weighed with the words around them. */
import { WordPlaces, wordPattern } from './context.ts';
import { matches } from './matches.ts';
import type { TextFacts } from './plain-text.ts';
import type { Finding, Recogniser } from './recogniser.ts';

/** What a word of the context adds to the score: the least, and as much again as this for one right beside. */
const contextBonus = 0.35;
const nearBonus = 0.1;
/** How far after an entity, in the same line, a word of its context counts, in characters. */
const reachAfter = 32;
/** How far before an entity, in the same line, a word that speaks against it counts, in characters. */
const reachAgainst = 24;

/** A recogniser with its lists of words made into patterns. */
interface PreparedRecogniser {
  readonly recogniser: Recogniser;
  readonly context: RegExp | undefined;
  readonly against: RegExp | undefined;
}

export const prepare = (recogniser: Recogniser): PreparedRecogniser => ({
  recogniser,
  context: recogniser.context && wordPattern(recogniser.context),
  against: recogniser.against && wordPattern(recogniser.against),
});

/** Entities of at least the threshold, which may overlap. Words are looked up only once a pattern has matched. */
export const searchText = (
  { recogniser, context, against }: PreparedRecogniser,
  facts: TextFacts,
  threshold: number,
): Finding[] => {
  const { name, version, type, patterns, reach } = recogniser;
  const found: Finding[] = [];
  if (!recogniser.mayOccur(facts)) return found;
  let places: Places | undefined;
  for (const pattern of patterns) {
    for (const { start, end } of matches(pattern, facts.plain)) {
      places ??= {
        context: new WordPlaces(context, facts.words),
        against: new WordPlaces(against, facts.words),
      };
      // Without any word in the whole text no match of this pattern can reach the threshold.
      if (pattern.score < threshold && places.context.none) break;
      const score = weigh(pattern.score, start, end, facts, places, reach);
      if (score >= threshold) found.push({ start, end, type, score, recogniser: name, version });
    }
  }
  return found;
};

interface Places {
  readonly context: WordPlaces;
  readonly against: WordPlaces;
}

/** The score of a match with the words around it; nought where they say that it is something else. */
const weigh = (
  score: number,
  valueStart: number,
  valueEnd: number,
  { words, wordsStart }: TextFacts,
  { context, against }: Places,
  reachBefore = 64,
): number => {
  const [start, end] = [valueStart + wordsStart, valueEnd + wordsStart];
  const before = context.before(start);
  const opposed = against.before(start);
  if (opposed <= reachAgainst && opposed < before && !hasLineBreak(words, start - opposed, start)) return 0;
  const next = context.after(end);
  const after = next <= reachAfter && !hasLineBreak(words, end, end + next) ? next : Number.POSITIVE_INFINITY;
  // A word before says more: labels go before what they name.
  const nearness = Math.max(1 - before / reachBefore, (1 - after / reachAfter) / 2);
  return nearness < 0 ? score : Math.min(1, score + contextBonus + nearBonus * nearness);
};

const hasLineBreak = (text: string, from: number, to: number): boolean => {
  const at = text.indexOf('\n', from);
  return at >= 0 && at < to;
};
