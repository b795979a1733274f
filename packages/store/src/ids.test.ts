/** @file Tests: ids follow from content, and ids of time are in the order in which they were made. */
import { expect, it } from 'vitest';
import { idsInOrder, isUuid, ManifestDigest, promptId, sha256 } from './ids.ts';

it('makes ids that sort in the order of making, within one millisecond and when the clock is set back', () => {
  let made = 0;
  const next = idsInOrder(() => new Date(1_767_225_600_000 - Math.floor(made++ / 3000)));
  const ids = Array.from({ length: 20_000 }, () => next());
  expect(ids.every(isUuid)).toBe(true);
  expect(ids.every((id) => id[14] === '7' && '89ab'.includes(id[19]!))).toBe(true);
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids[0]!.startsWith('019b76da-a800')).toBe(true);
});

it('hashes content as everyone else does', () => {
  // FIPS 180-2, appendix B.1.
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(promptId([{ role: 'user', content: 'é' }])).toBe(promptId([{ content: 'é', role: 'user' }]));
});

it('hashes a manifest to the same id in whatever pieces it comes', () => {
  const ids = ['0', '1', '2', '3'].map((digit) => digit.repeat(64));
  const pieces = new ManifestDigest();
  for (const id of ids) pieces.add([id]);
  const whole = new ManifestDigest();
  whole.add(ids);
  expect(pieces.digest()).toBe(whole.digest());
  expect(whole.rows).toBe(4);
});
