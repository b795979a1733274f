import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnnotatorValue } from '../agreement/annotator-value.ts';
import { dawidSkene } from './dawid-skene.ts';
import { glad } from './glad.ts';
import { mace } from './mace.ts';
import { majorityVote, wawa } from './majority-vote.ts';
import { oneCoin } from './one-coin.ts';
import { recorded, recordedVotes, shareRight, simulateCrowd, type Voter } from './testing.ts';

const people = (count: number, accuracy: number): Voter[] => new Array<Voter>(count).fill({ accuracy });
const models = { majorityVote, wawa, dawidSkene, oneCoin, glad, mace };
const each = Object.entries(models);

/** Largest distance of two tables of probabilities. */
const distance = (
  units: readonly { readonly unit: string; readonly probabilities: readonly number[] }[],
  expected: Readonly<Record<string, readonly number[]>>,
): number =>
  Math.max(
    ...units.flatMap(({ unit, probabilities }) =>
      probabilities.map((p, k) => Math.abs(p - expected[unit]![k]!)),
    ),
  );

describe('what crowd-kit 1.4.2 finds in eighty units and eight people', () => {
  it('is found by Dawid and Skene’s model: labels, prior and confusions', () => {
    const found = dawidSkene(recordedVotes, { tolerance: 1e-14, maxIterations: 5000 });
    expect(distance(found.units, recorded.dawidSkene.probabilities)).toBeLessThan(1e-4);
    found.prior.forEach((p, k) => {
      expect(p).toBeCloseTo(recorded.dawidSkene.prior[k]!, 4);
    });
    for (const { annotator, confusion } of found.annotators)
      confusion.forEach((row, k) => {
        row.forEach((p, j) => {
          expect(Math.abs(p - recorded.dawidSkene.confusion[annotator]![k]![j]!)).toBeLessThan(1e-3);
        });
      });
  });

  it('is found by the one-coin model, at the prior that crowd-kit estimates', () => {
    const { probabilities, prior } = recorded.oneCoin;
    const found = oneCoin(recordedVotes, { smoothing: 1e-9, prior, tolerance: 1e-13 });
    expect(distance(found.units, probabilities)).toBeLessThan(0.02);
  });

  it('is found by GLAD: labels, abilities and ease', () => {
    const found = glad(recordedVotes, { tolerance: 1e-13 });
    expect(distance(found.units, recorded.glad.probabilities)).toBeLessThan(0.02);
    for (const { annotator, ability } of found.annotators)
      expect(Math.abs(ability - recorded.glad.abilities[annotator]!)).toBeLessThan(0.02);
    for (const { unit, ease } of found.units)
      expect(Math.abs(Math.log(ease / recorded.glad.ease[unit]!))).toBeLessThan(0.05);
  });
});

describe.each(each)('%s', (_, model) => {
  const { values, truth } = simulateCrowd({ units: 200, voters: people(7, 0.75), share: 0.7, seed: 5 });

  it('gives each unit a distribution over the classes, and each annotator an accuracy with an interval', () => {
    const found = model(values);
    expect(found.classes).toEqual(['a', 'b']);
    expect(found.units).toHaveLength(new Set(values.map(({ unit }) => unit)).size);
    for (const { probabilities, label } of found.units) {
      expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
      expect(probabilities[found.classes.indexOf(label)]).toBe(Math.max(...probabilities));
    }
    for (const { annotator, accuracy, interval, votes } of found.annotators) {
      expect(votes).toBe(values.filter((vote) => vote.annotator === annotator).length);
      expect(interval[0]).toBeLessThanOrEqual(accuracy);
      expect(interval[1]).toBeGreaterThanOrEqual(accuracy);
    }
    expect(shareRight(found, truth).accuracy).toBeGreaterThan(0.85);
  });

  it('keeps known classes as they are', () => {
    const gold = new Map([...truth].slice(0, 20));
    const found = model(values, { gold });
    for (const { unit, label, probabilities, gold: known } of found.units) {
      expect(known).toBe(gold.has(unit));
      if (known) expect([label, Math.max(...probabilities)]).toEqual([gold.get(unit), 1]);
    }
  });

  it('does not depend on the order of the votes', () => {
    const one = model(values);
    const other = new Map(model(values.toReversed()).units.map((unit) => [unit.unit, unit]));
    for (const { unit, probabilities } of one.units)
      probabilities.forEach((p, k) => {
        expect(other.get(unit)!.probabilities[k]).toBeCloseTo(p, 3);
      });
  });

  it('refuses classes that do not fit, and votes that are not there', () => {
    const refused = expect.objectContaining({ code: 'data.bad_option' });
    expect(() => model(values, { classes: ['a'] })).toThrow(refused);
    expect(() => model(values, { classes: ['a', 'b', 'a'] })).toThrow(refused);
    expect(() => model([])).toThrow(refused);
  });

  it('answers for any votes, however few', () => {
    const vote = fc.record({
      unit: fc.constantFrom('u', 'v', 'w'),
      annotator: fc.constantFrom('1', '2', '3'),
      value: fc.constantFrom<string | number>('x', 'y', 3),
    });
    fc.assert(
      fc.property(fc.array(vote, { minLength: 1, maxLength: 12 }), (some) => {
        for (const { probabilities } of model(some).units)
          for (const p of probabilities) expect(p >= 0 && p <= 1).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});

describe('models of annotators', () => {
  it('find spammers whom the majority follows', () => {
    // Four people know the answer, five always say a.
    const voters = [...people(4, 0.9), ...new Array<Voter>(5).fill({ spam: 'a' })];
    const { values, truth } = simulateCrowd({ units: 300, voters, seed: 2 });
    const byMajority = shareRight(majorityVote(values), truth).accuracy;
    const spammers = mace(values);
    expect(shareRight(spammers, truth).accuracy).toBeGreaterThan(byMajority + 0.2);
    for (const { annotator, competence, strategy } of spammers.annotators) {
      if (Number(annotator) < 4) expect(competence).toBeGreaterThan(0.6);
      else {
        expect(competence).toBeLessThan(0.05);
        expect(strategy[0]).toBeGreaterThan(0.95);
      }
    }
    const confused = dawidSkene(values);
    expect(shareRight(confused, truth).accuracy).toBeGreaterThan(byMajority + 0.2);
    for (const { annotator, information } of confused.annotators)
      expect(information > 0.2).toBe(Number(annotator) < 4);
  });

  it('find the ability of people and the ease of units together', () => {
    const { values } = simulateCrowd({
      units: 150,
      voters: [...people(3, 0.95), ...people(3, 0.6), { accuracy: 0.1 }],
      seed: 3,
    });
    const { annotators } = glad(values);
    const ability = annotators.map((one) => one.ability);
    expect(Math.min(...ability.slice(0, 3))).toBeGreaterThan(Math.max(...ability.slice(3)));
    expect(ability[6]).toBeLessThan(0);
    for (const { abilityDeviation } of annotators) expect(abilityDeviation).toBeGreaterThan(0);
  });

  it('read one who is always wrong as if they were right', () => {
    const { values, truth } = simulateCrowd({
      units: 200,
      voters: [...people(3, 0.75), { accuracy: 0.02 }],
      seed: 9,
    });
    for (const model of [dawidSkene, oneCoin])
      expect(shareRight(model(values), truth).accuracy).toBeGreaterThan(0.9);
    expect(shareRight(majorityVote(values), truth).accuracy).toBeLessThan(0.8);
  });

  it('take a vote from what is known of gold items', () => {
    // One person right on 30 of 30 known units, against two of whom nothing is known.
    const known = simulateCrowd({ units: 30, voters: [{ accuracy: 1 }], seed: 1 });
    const vote = (unit: string, annotator: string, value: string): AnnotatorValue => ({
      unit,
      annotator,
      value,
    });
    const values = [...known.values, vote('new', '0', 'a'), vote('new', '1', 'b'), vote('new', '2', 'b')];
    const found = oneCoin(values, { gold: known.truth, prior: [0.5, 0.5] });
    expect(found.units.at(-1)!.label).toBe('a');
  });

  it.each([
    ['dawidSkene', dawidSkene],
    ['oneCoin', oneCoin],
  ])('by %s give intervals of accuracy that cover it about as often as they claim', (_, model) => {
    let [covered, all] = [0, 0];
    for (let seed = 0; seed < 30; seed++) {
      const accuracies = [0.6, 0.7, 0.75, 0.8, 0.85, 0.9];
      const { values } = simulateCrowd({
        units: 150,
        voters: accuracies.map((accuracy) => ({ accuracy })),
        seed,
      });
      model(values).annotators.forEach(({ interval: [low, high] }, w) => {
        all++;
        if (low <= accuracies[w]! && accuracies[w]! <= high) covered++;
      });
    }
    expect(covered / all).toBeGreaterThan(0.88);
  });

  it('never lower what variational Bayes maximises from one iteration to the next', () => {
    let last = Number.NEGATIVE_INFINITY;
    for (let maxIterations = 1; maxIterations < 25; maxIterations++) {
      const { logLikelihood } = mace(recordedVotes, { restarts: 0, maxIterations, tolerance: 0 });
      expect(logLikelihood).toBeGreaterThanOrEqual(last - 1e-9);
      last = logLikelihood;
    }
  });

  it('refuse a prior that is none', () => {
    for (const prior of [[0.5, 0.6], [1], [-0.5, 1.5]])
      expect(() =>
        oneCoin(simulateCrowd({ units: 9, voters: people(2, 0.9), seed: 1 }).values, { prior }),
      ).toThrow(expect.objectContaining({ code: 'data.bad_option' }));
  });
});
