import { Random, sigmoid } from '@plaudit/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dOptimalDesign } from './d-optimal.ts';
import { type Candidate, poolOf } from './pool.ts';
import { dot, headBelief, logDeterminant, normals, plusOuter, randomPrecision } from './testing.ts';

/** Prompts of two responses with given columns, and what a judgement of each adds to the precision. */
const study = (
  weights: readonly number[],
  precision: readonly (readonly number[])[],
  pairs: readonly (readonly [readonly number[], readonly number[]])[],
) => {
  const belief = headBelief(weights, precision);
  const candidates = pairs.map(([a, b], i): Candidate => ({ id: `${i}`, beliefs: [belief(a), belief(b)] }));
  /** ln det of the precision once these were judged, by the whole matrix. */
  const afterwards = (judged: readonly number[]): number =>
    logDeterminant(
      judged.reduce((sum, i) => {
        const [a, b] = pairs[i]!;
        const d = a.map((value, j) => value - b[j]!);
        const p = sigmoid(dot(d, weights));
        return plusOuter(sum, d, p * (1 - p));
      }, precision),
    );
  return { pool: poolOf(candidates), afterwards, before: logDeterminant(precision) };
};

const randomStudy = (seed: number, size: number, count: number) => {
  const random = new Random(seed);
  return study(
    normals(random, size, 0.7),
    randomPrecision(random, size),
    Array.from({ length: count }, () => [normals(random, size, 2), normals(random, size, 2)] as const),
  );
};

const inOrder = (length: number): Uint32Array => Uint32Array.from({ length }, (_, i) => i);

describe('the D-optimal design', () => {
  it('has the log-determinants that numpy.linalg.slogdet has', () => {
    const { pool } = study(
      [0.4, -0.3, 0.2],
      [
        [4, 1, 0.5],
        [1, 3, -0.2],
        [0.5, -0.2, 2],
      ],
      [
        [
          [1, 0, 2],
          [0, 1, -1],
        ],
        [
          [2, 1, 0],
          [-1, 3, 1],
        ],
        [
          [0, 0, 1],
          [1, -2, 0.5],
        ],
        [
          [3, 1, 1],
          [0, 2, -2],
        ],
      ],
    );
    const none = dOptimalDesign(pool, { count: 0, perGroup: 1, order: inOrder(4) });
    const known = [0.5860403143625748, 0.6478928823898689, 0.41579204194968744, 0.48624945826118804];
    known.forEach((gain, i) => {
      expect(none.gains[i]).toBeCloseTo(gain, 6);
    });
    const two = dOptimalDesign(pool, { count: 2, perGroup: 1, order: inOrder(4) });
    expect(two.chosen).toEqual([1, 0]);
    expect(two.gains[0]! + two.gains[1]!).toBeCloseTo(1.232598265214225, 6);
    // What the others would gain behind these two: the determinants of three.
    expect(two.gains[2]).toBeCloseTo(1.4939058078586616 - 1.232598265214225, 6);
    expect(two.gains[3]).toBeCloseTo(1.5454101093596302 - 1.232598265214225, 6);
  });

  it('gains by updates what the whole matrix gains, for every pair that is chosen or left', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 6 }), (seed, size) => {
        const { pool, afterwards, before } = randomStudy(seed, size, 12);
        const { chosen, gains } = dOptimalDesign(pool, { count: 8, perGroup: 1, order: inOrder(12) });
        let reached = before;
        chosen.forEach((i, k) => {
          const next = afterwards(chosen.slice(0, k + 1));
          expect(gains[i]).toBeCloseTo(next - reached, 4);
          reached = next;
        });
        for (const i of pool.pairs.keys())
          if (!chosen.includes(i)) expect(gains[i]).toBeCloseTo(afterwards([...chosen, i]) - reached, 4);
      }),
      { numRuns: 40 },
    );
  });

  it('takes at every step the pair that trying all of them finds', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { pool, afterwards } = randomStudy(seed, 4, 9);
      const { chosen } = dOptimalDesign(pool, { count: 5, perGroup: 1, order: inOrder(9) });
      const taken: number[] = [];
      for (const found of chosen) {
        const left = [...pool.pairs.keys()].filter((i) => !taken.includes(i));
        const best = left.reduce((a, b) => (afterwards([...taken, b]) > afterwards([...taken, a]) ? b : a));
        expect(found).toBe(best);
        taken.push(found);
      }
    }
  });

  it('reaches of the best batch there is more than 1 - 1/e, as a submodular gain must, and nearly always all', () => {
    let same = 0;
    for (let seed = 0; seed < 30; seed++) {
      const { pool, afterwards, before } = randomStudy(seed, 3, 8);
      const { chosen } = dOptimalDesign(pool, { count: 3, perGroup: 1, order: inOrder(8) });
      let best = 0;
      for (let a = 0; a < 8; a++)
        for (let b = a + 1; b < 8; b++)
          for (let c = b + 1; c < 8; c++) best = Math.max(best, afterwards([a, b, c]) - before);
      const reached = afterwards(chosen) - before;
      expect(reached).toBeGreaterThan((1 - 1 / Math.E) * best);
      if (reached > best - 1e-6) same++;
    }
    expect(same).toBeGreaterThan(20);
  });

  it('does not ask the same question twice: a copy of a chosen pair loses most of its gain', () => {
    const pair = [
      [3, 0],
      [-3, 0],
    ] as const;
    const { pool } = study(
      [0, 0],
      [
        [0.01, 0],
        [0, 0.01],
      ],
      [
        pair,
        pair,
        [
          [0, 1],
          [0, -1],
        ] as const,
      ],
    );
    const { chosen } = dOptimalDesign(pool, { count: 2, perGroup: 1, order: inOrder(3) });
    expect(chosen).toEqual([0, 2]);
  });

  it('keeps to the limit of a group and to the pairs that it may choose', () => {
    const belief = headBelief(
      [1, -1],
      [
        [1, 0],
        [0, 1],
      ],
    );
    const random = new Random(3);
    const candidates = Array.from(
      { length: 6 },
      (_, i): Candidate => ({
        id: `${i}`,
        cluster: i % 3,
        beliefs: Array.from({ length: 3 }, () => belief(normals(random, 2))),
      }),
    );
    const pool = poolOf(candidates);
    const { chosen } = dOptimalDesign(pool, {
      count: 10,
      perGroup: 2,
      order: inOrder(18).filter((i) => i !== 4),
    });
    expect(chosen).toHaveLength(6);
    expect(chosen).not.toContain(4);
    for (const group of [0, 1, 2])
      expect(chosen.filter((i) => pool.pairs[i]!.group === group)).toHaveLength(2);
  });
});
