/** @file Where a pattern matches a text and its check accepts what matched. */
import type { TextFacts } from './plain-text.ts';
import type { Pattern, Recogniser } from './recogniser.ts';

/**
 * Spans in the order of the text. After a match that the check refuses the next character is tried, which costs at most
 * the length of a match: patterns are bounded.
 */
export function* matches(
  { regex, accepts }: Pattern,
  text: string,
): Generator<{ start: number; end: number }> {
  regex.lastIndex = 0;
  for (let match = regex.exec(text); match !== null; match = regex.exec(text)) {
    const resume = regex.lastIndex;
    const value = match.indices?.groups?.value;
    const start = value ? value[0] : match.index - (match.groups?.lead?.length ?? 0);
    const end = value ? value[1] : match.index + match[0].length;
    const accepted = accepts?.(text.slice(start, end)) ?? true;
    if (accepted === false || accepted === 0) {
      regex.lastIndex = match.index + 1;
      continue;
    }
    const length = accepted === true ? end - start : accepted;
    // The caller may use the same pattern before it asks for the next match.
    yield { start, end: start + length };
    regex.lastIndex = accepted === true ? resume : Math.max(match.index + 1, start + length);
  }
}

/** Whether a whole text is one entity, whatever its score. */
export const isWhole = (recogniser: Recogniser, facts: TextFacts): boolean =>
  recogniser.mayOccur(facts) &&
  recogniser.patterns.some((pattern) =>
    [...matches(pattern, facts.plain)].some(({ start, end }) => start === 0 && end === facts.plain.length),
  );
