import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

describe('canonical JSON', () => {
  it('writes the same text for any order of keys, numbers as keys included', () => {
    expect(canonicalJson({ b: [1, { d: 1e21, c: 'é' }], a: null })).toBe(
      '{"a":null,"b":[1,{"c":"é","d":1e+21}]}',
    );
    // RFC 8785 sorts keys as texts; an object literal would put 9 before 10.
    expect(canonicalJson({ 9: 1, 10: 2, '!': 3 })).toBe('{"!":3,"10":2,"9":1}');
  });

  it('leaves out fields that are undefined and writes null for one in a list', () => {
    expect(canonicalJson({ a: undefined, b: [undefined] })).toBe('{"b":[null]}');
  });
});
