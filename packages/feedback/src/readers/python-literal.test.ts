import { describe, expect, it } from 'vitest';
import { parsePythonLiteral } from './python-literal.ts';

describe('Python literals', () => {
  it('are what Python says they are', () => {
    const text = String.raw`{'a': "it's", "b": 'say "x"\n\t\\ \u00e9\x41\U0001F642\101\q', 'c': [1, -2.5e3, 1_000, .5],
      'd': (True, False, None, (),), 'e': {}, 'f': 'joined' ' up', 3: inf}`;
    expect(parsePythonLiteral(text)).toEqual({
      a: "it's",
      b: 'say "x"\n\t\\ éA🙂A\\q',
      c: [1, -2500, 1000, 0.5],
      d: [true, false, null, []],
      e: {},
      f: 'joined up',
      3: Number.POSITIVE_INFINITY,
    });
  });

  it('keep a key named __proto__ a key like any other', () => {
    expect(Object.entries(parsePythonLiteral("{'__proto__': {'a': 1}}") as object)).toEqual([
      ['__proto__', { a: 1 }],
    ]);
  });

  it.each([
    ['nothing', ''],
    ['a cut dictionary', "{'a': 1"],
    ['a set', "{'a'}"],
    ['text after it', "{'a': 1} x"],
    ['a list as a key', '{[1]: 2}'],
    ['a cut string', "'cut"],
    ['a line break in a string', "'line\nbreak'"],
    ['a cut escape', String.raw`'\x4'`],
    ['an escape beyond Unicode', String.raw`'\U00110000'`],
    ['a named character', String.raw`'\N{BULLET}'`],
    ['a call', 'object()'],
    ['no comma', '[1 2]'],
    ['a hundred levels', `${'['.repeat(100)}${']'.repeat(100)}`],
    ['a million brackets', '['.repeat(1_000_000)],
  ])('are refused for %s', (_, text) => {
    expect(() => parsePythonLiteral(text)).toThrow(SyntaxError);
  });
});
