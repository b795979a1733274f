import { Random, sigmoid } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { factor } from '../probe/cholesky.ts';
import { varianceOf } from '../probe/posterior.ts';
import { dot, vectorOf } from '../probe/testing.ts';
import { beliefsOf, type JudgedRows, learn, rewardsOf } from './learner.ts';
import { whitened } from './whitened.ts';

const width = 5;
const random = new Random(1);
const rows = 300;
const values = vectorOf(random, rows * width);
const features = { values, rows, width };
const row = (i: number): Float32Array => values.subarray(i * width, (i + 1) * width);
const truth = [1, -0.5, 0.3, 0, 0.8];
const judgements = (count: number): JudgedRows[] =>
  Array.from({ length: count }, () => {
    const [a, b] = [random.integer(rows), random.integer(rows)];
    return random.uniform() < sigmoid(dot(truth, row(a)) - dot(truth, row(b))) ? [a, b] : [b, a];
  });
const judged = judgements(400);
const lead = ([winner, loser]: JudgedRows): number[] =>
  Array.from(row(winner), (value, j) => value - row(loser)[j]!);

describe('the learner', () => {
  it('ends where the slopes of likelihood and prior cancel', () => {
    const { weights, l2 } = learn(features, judged, null);
    for (let j = 0; j < width; j++) {
      const pull = judged.reduce((sum, one) => {
        const d = lead(one);
        return sum + sigmoid(-dot(d, weights)) * d[j]!;
      }, 0);
      expect(pull).toBeCloseTo(l2 * weights[j]!, 1);
    }
  });

  it('starts from what it knew and ends where it would have ended from nothing', () => {
    const before = learn(features, judged.slice(0, 300), null);
    const after = learn(features, judged, before);
    expect(after.l2).toBe(before.l2);
    expect(after.chosenAt).toBe(300);
    const anew = learn(features, judged, null);
    if (anew.l2 === after.l2)
      for (let j = 0; j < width; j++) expect(after.weights[j]).toBeCloseTo(anew.weights[j]!, 3);
    expect(learn(features, [...judged, ...judgements(300)], before).chosenAt).toBe(700);
  });

  it('chooses a strong prior where labels say nothing and a weak one where they say much', () => {
    const noise = judged.map(([a, b]): JudgedRows => (random.uniform() < 0.5 ? [a, b] : [b, a]));
    const sure = judged.map(
      ([a, b]): JudgedRows => (dot(truth, row(a)) > dot(truth, row(b)) ? [a, b] : [b, a]),
    );
    expect(learn(features, noise, null).l2).toBeGreaterThan(learn(features, sure, null).l2);
  });

  it('believes in covariances that are those of the inverse of the whole precision', () => {
    const head = learn(features, judged, null);
    const some = [3, 70, 200];
    const beliefs = beliefsOf(head, features, some, true);
    const { centre } = head.posterior;
    // Λ = Σ p(1-p) d dᵀ + l2 I, whole; the variance of a reward by solving with its factor.
    const precision = new Float64Array(width * width);
    for (const one of judged) {
      const d = lead(one);
      const p = sigmoid(dot(d, head.weights));
      for (let i = 0; i < width; i++)
        for (let j = 0; j < width; j++) precision[i * width + j]! += p * (1 - p) * d[i]! * d[j]!;
    }
    for (let i = 0; i < width; i++) precision[i * width + i]! += head.l2;
    const whole = factor(precision, width)!;
    const scratch = new Float64Array(width);
    some.forEach((at, i) => {
      const { reward, vector } = beliefs[i]!;
      expect(reward).toBeCloseTo(rewardsOf(head, features, [at])[0]!, 12);
      expect(dot(vector, vector)).toBeCloseTo(varianceOf(whole, centre, row(at), scratch), 5);
    });
    const gap = Array.from(row(3), (value, j) => value - row(70)[j]!);
    const apart = Array.from(beliefs[0]!.vector, (value, j) => value - beliefs[1]!.vector[j]!);
    expect(dot(apart, apart)).toBeCloseTo(varianceOf(whole, new Float64Array(width), gap, scratch), 5);
  });

  it('takes rewards as known where nobody asks how sure they are', () => {
    const head = learn(features, judged, null);
    for (const { vector } of beliefsOf(head, features, [1, 2], false)) expect(vector).toHaveLength(0);
  });
});

describe('whitening', () => {
  it('solves for any number of rows and any width as for one', () => {
    for (const size of [1, 3, 8, 13]) {
      const lower = new Float64Array(size * size);
      for (let i = 0; i < size; i++)
        for (let j = 0; j <= i; j++) lower[i * size + j] = i === j ? 1 + random.uniform() : random.normal();
      const matrix = { values: vectorOf(random, 11 * size), rows: 11, width: size };
      const centre = vectorOf(random, size);
      const wanted = [10, 0, 3, 4, 5, 6, 7, 8, 9];
      whitened({ size, lower }, centre, matrix, wanted).forEach((vector, k) => {
        for (let i = 0; i < size; i++) {
          let product = 0;
          for (let j = 0; j <= i; j++) product += lower[i * size + j]! * vector[j]!;
          expect(product).toBeCloseTo(matrix.values[wanted[k]! * size + i]! - centre[i]!, 3);
        }
      });
    }
  });
});
