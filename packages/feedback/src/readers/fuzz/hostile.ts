/** @file Hostile rows for the tests of readers: good rows with one thing or several wrong, and text that is broken. */
import type { Random } from '@plaudit/contract';

const repeated = (text: string, count: number): string => JSON.stringify(text.repeat(count));

/** JSON texts that nobody expects where they stand. */
const awkward: readonly string[] = [
  'null',
  'true',
  '0',
  '-1',
  '1e308',
  '1e999',
  '5e-324',
  '9007199254740993',
  '-0',
  '0.1',
  '""',
  '" "',
  '"\\u0000"',
  '"\\ud800"',
  '"\\udc00\\ud800 x"',
  '"\\u202eabc\\u2066"',
  '"\\ufeff"',
  '"\\u2028\\u2029"',
  '"__proto__"',
  '"constructor"',
  '"NaN"',
  '"-Infinity"',
  '"=HYPERLINK(1)"',
  '"\\n\\nHuman: x\\n\\nAssistant: y"',
  '"[{\\"role\\": \\"user\\"}]"',
  '"{\\"prev_agent\\": [1]}"',
  '[]',
  '{}',
  '[null]',
  '[[]]',
  '[{}]',
  '[1, "a", null, {"a": []}]',
  '[{"role": "assistant", "content": "x"}]',
  '[{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]',
  '[{"role": "wizard", "content": 7}]',
  '{"__proto__": {"prompt": "x"}, "constructor": {"prototype": {"polluted": 1}}}',
  '{"toString": null, "valueOf": 1, "length": -1, "then": {}}',
  `${'['.repeat(3000)}${']'.repeat(3000)}`,
  `${'{"a":'.repeat(500)}1${'}'.repeat(500)}`,
  `{${Array.from({ length: 500 }, (_, i) => `"k${i}":${i}`).join(',')}}`,
  repeated('ab', 3000),
  repeated('\u0301', 2000),
  repeated('a,', 2000),
];

/** One value in so many is a megabyte long. */
const hugeEvery = 2000;

const awkwardValue = (random: Random): string =>
  random.integer(hugeEvery) === 0 ? repeated('x', 1_000_000) : awkward[random.integer(awkward.length)]!;

/** A mark in place of a value, until the row is text. */
const mark = (i: number): string => `@@${i}@@`;

/**
 * A row's JSON with up to three of its values, however deep, replaced, left out or doubled under a strange name.
 *
 * @param row An object as `JSON.parse` gives it
 */
export const hostileJson = (row: object, random: Random): string => {
  const copy: unknown = JSON.parse(JSON.stringify(row));
  const changes = random.integer(4);
  for (let i = 0; i < changes; i++) change(copy, random, mark(i));
  let text = JSON.stringify(copy);
  for (let i = 0; i < changes; i++) {
    const value = awkwardValue(random);
    // A function, because `$` in a replacement text means something.
    text = text.replaceAll(JSON.stringify(mark(i)), () => value);
  }
  return text;
};

/** Changes one place at random in an object or a list. */
const change = (value: unknown, random: Random, put: string): void => {
  let place = value as Record<string, unknown>;
  while (true) {
    const names = Object.keys(place);
    if (names.length === 0) return;
    const name = names[random.integer(names.length)]!;
    const inner = place[name];
    if (
      typeof inner === 'object' &&
      inner !== null &&
      Object.keys(inner).length > 0 &&
      random.integer(3) > 0
    ) {
      place = inner as Record<string, unknown>;
      continue;
    }
    const what = random.integer(8);
    if (what === 0 && !Array.isArray(place)) delete place[name];
    else if (what === 1 && Array.isArray(place)) place.length = random.integer(place.length + 1);
    else if (what === 2 && !Array.isArray(place))
      place[['__proto', 'constructor', ''][random.integer(3)]!] = put;
    else place[name] = put;
    return;
  }
};

const noise = [
  '"',
  "'",
  '\\',
  ',',
  '\t',
  '{',
  '}',
  '[',
  ']',
  '\u0000',
  '\ud800',
  '\u202e',
  '\r',
  '\uFEFF',
  '🙂',
];

/** Text with a piece cut out, doubled or replaced by noise. Line breaks are not among it. */
export const brokenText = (text: string, random: Random): string => {
  const at = random.integer(text.length + 1);
  const end = Math.min(text.length, at + 1 + random.integer(8));
  switch (random.integer(4)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + text.slice(end);
    case 2:
      return text.slice(0, end) + text.slice(at);
    default:
      return text.slice(0, at) + noise[random.integer(noise.length)]! + text.slice(at);
  }
};
