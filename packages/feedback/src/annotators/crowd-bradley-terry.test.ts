import { type Comparison, Random, sigmoid } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { crowdBradleyTerry } from './crowd-bradley-terry.ts';
import { crowdLoss, halfVotes } from './crowd-likelihood.ts';
import { type PairVote, pairVotes } from './crowd-pairs.ts';

interface Person {
  /** Share of votes that follow the scores. */
  readonly skill: number;
  /** P(first shown) in the others. */
  readonly side: number;
}

/** Votes on random pairs of items whose scores lie evenly between -2 and 2. */
const simulate = (people: readonly Person[], items: number, each: number, seed: number): PairVote[] => {
  const random = new Random(seed, 'crowd pairs');
  const score = (item: number): number => -2 + (4 * item) / (items - 1);
  return people.flatMap(({ skill, side }, w) =>
    Array.from({ length: each }, (): PairVote => {
      const a = random.integer(items);
      const b = (a + 1 + random.integer(items - 1)) % items;
      const shownFirst = random.uniform() < 0.5 ? 'a' : 'b';
      const shownSecond = shownFirst === 'a' ? 'b' : 'a';
      const follows = random.uniform() < skill;
      const byScore = random.uniform() < sigmoid(score(a) - score(b)) ? 'a' : 'b';
      const bySide = random.uniform() < side ? shownFirst : shownSecond;
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      const chosen = follows ? byScore : bySide;
      const turn = (s: 'a' | 'b'): 'a' | 'b' => (a < b ? s : s === 'a' ? 'b' : 'a');
      return {
        unit: `${low} ${high}`,
        annotator: String(w),
        a: String(low),
        b: String(high),
        outcome: turn(chosen),
        shownFirst: turn(shownFirst),
      };
    }),
  );
};

const priors = { scoreDeviation: 2, skillMean: 2, skillDeviation: 1.5, sideDeviation: 1.5 };
const crowd: Person[] = [
  { skill: 0.95, side: 0.5 },
  { skill: 0.9, side: 0.5 },
  { skill: 0.8, side: 0.5 },
  { skill: 0.1, side: 0.9 },
  { skill: 0.5, side: 0.1 },
];

describe('the likelihood of crowd Bradley-Terry', () => {
  const votes: PairVote[] = [
    ...simulate(crowd, 5, 20, 1),
    { unit: 'x', annotator: '0', a: '1', b: '2', outcome: 'tie', shownFirst: 'b' },
    { unit: 'y', annotator: '9', a: '7', b: '2', outcome: 'b' },
  ];
  const halves = halfVotes(votes);
  const random = new Random(3);
  const at = Float64Array.from({ length: halves.items.length + 2 * halves.annotators.length }, () =>
    random.normal(),
  );

  it('is the sum that the paper writes, ties as half a vote for either side', () => {
    const item = (name: string): number => at[halves.items.indexOf(name)]!;
    let expected = 0;
    for (const vote of votes) {
      const w = halves.items.length + halves.annotators.indexOf(vote.annotator);
      const [g, q] = [at[w]!, at[w + halves.annotators.length]!];
      for (const side of ['a', 'b'] as const) {
        const share = vote.outcome === side ? 1 : vote.outcome === 'tie' ? 0.5 : 0;
        const lead = side === 'a' ? item(vote.a) - item(vote.b) : item(vote.b) - item(vote.a);
        const bias = vote.shownFirst === undefined ? 0 : vote.shownFirst === side ? q : -q;
        expected -= share * Math.log(sigmoid(g) * sigmoid(lead) + (1 - sigmoid(g)) * sigmoid(bias));
      }
    }
    const wide = { scoreDeviation: 1e9, skillMean: 0, skillDeviation: 1e9, sideDeviation: 1e9 };
    expect(crowdLoss(halves, wide, at, new Float64Array(at.length))).toBeCloseTo(expected, 9);
  });

  it('has the gradient of finite differences in every parameter', () => {
    const gradient = new Float64Array(at.length);
    crowdLoss(halves, priors, at, gradient);
    at.forEach((value, i) => {
      const moved = (by: number): number => {
        const there = at.slice();
        there[i] = value + by;
        return crowdLoss(halves, priors, there, new Float64Array(at.length));
      };
      expect((moved(1e-5) - moved(-1e-5)) / 2e-5).toBeCloseTo(gradient[i]!, 6);
    });
  });
});

describe('crowd Bradley-Terry', () => {
  it('finds who follows the scores, and who likes which side', () => {
    const { annotators, items, converged } = crowdBradleyTerry(simulate(crowd, 12, 600, 2));
    expect(converged).toBe(true);
    for (const { annotator, skill, skillInterval, sideBias } of annotators) {
      const person = crowd[Number(annotator)]!;
      expect(Math.abs(skill - person.skill)).toBeLessThan(0.12);
      expect(skillInterval![0]).toBeLessThan(skill);
      if (person.skill < 0.6) expect(Math.abs(sideBias! - person.side)).toBeLessThan(0.1);
    }
    const byScore = items.toSorted((x, y) => x.score - y.score).map(({ item }) => Number(item));
    for (const [place, item] of byScore.entries()) expect(Math.abs(place - item)).toBeLessThanOrEqual(1);
  });

  it('gives intervals of skill and deviations of leads that hold about as often as they claim', () => {
    let [skills, leads, pairs] = [0, 0, 0];
    const runs = 20;
    for (let seed = 0; seed < runs; seed++) {
      const found = crowdBradleyTerry(simulate(crowd, 8, 300, 100 + seed));
      for (const { annotator, skillInterval: interval } of found.annotators) {
        const { skill } = crowd[Number(annotator)]!;
        if (interval![0] <= skill && skill <= interval![1]) skills++;
      }
      for (const { a, b, lead, leadDeviation } of found.units) {
        const truth = ((Number(a) - Number(b)) * 4) / 7;
        pairs++;
        if (Math.abs(lead - truth) < 1.96 * leadDeviation!) leads++;
      }
    }
    expect(skills / (runs * crowd.length)).toBeGreaterThan(0.87);
    expect(leads / pairs).toBeGreaterThan(0.87);
  });

  it('is surer of a pair with more votes, and keeps away from 0 and 1 where there are few', () => {
    const vote = (unit: string, annotator: number): PairVote => ({
      unit,
      annotator: String(annotator),
      a: `${unit} a`,
      b: `${unit} b`,
      outcome: 'a',
    });
    const { units } = crowdBradleyTerry([
      vote('one', 1),
      ...Array.from({ length: 6 }, (_, i) => vote('six', i)),
    ]);
    const [one, six] = units;
    expect(six!.probabilities[0]).toBeGreaterThan(one!.probabilities[0]!);
    expect(six!.aIsBetter).toBeGreaterThan(one!.aIsBetter!);
    expect(one!.leadDeviation).toBeGreaterThan(six!.leadDeviation!);
    expect(one!.probabilities[0]).toBeGreaterThan(0.5);
    expect(one!.probabilities[0]).toBeLessThan(0.9);
    expect(one!.votes).toBe(1);
  });

  it('knows no side bias where nobody recorded the order', () => {
    const votes = simulate(crowd, 5, 30, 4).map(({ shownFirst: _, ...vote }) => vote);
    for (const { sideBias, sideBiasInterval } of crowdBradleyTerry(votes).annotators)
      expect([sideBias, sideBiasInterval]).toEqual([null, null]);
  });

  it('refuses nothing to go on and a pair of one item', () => {
    expect(() => crowdBradleyTerry([])).toThrow(expect.objectContaining({ code: 'data.bad_option' }));
    const vote = { unit: 'u', annotator: '1', a: 'x', b: 'x', outcome: 'a' } as const;
    expect(() => crowdBradleyTerry([vote])).toThrow(RangeError);
  });
});

describe('comparisons as votes on pairs', () => {
  const comparison = (rest: Partial<Comparison>): Comparison => ({
    kind: 'comparison',
    prompt: [{ role: 'user', content: 'p' }],
    responses: ['apple', 'pear'],
    outcome: 'a',
    provenance: { source: 'test', annotator: 'ann', shownFirst: 1 },
    ...rest,
  });

  it('turn with the sides, the order shown too', () => {
    const { votes } = pairVotes([
      comparison({}),
      comparison({
        responses: ['pear', 'apple'],
        outcome: 'b',
        provenance: { source: 'test', annotator: 'ann', shownFirst: 0 },
      }),
      comparison({ outcome: 'both_bad' }),
    ]);
    expect(votes[0]).toEqual(votes[1]);
    expect(votes[0]).toMatchObject({ outcome: 'a', shownFirst: 'b' });
    expect(votes[2]!.outcome).toBe('tie');
  });

  it('count what nobody gave', () => {
    const found = pairVotes([
      comparison({ provenance: { source: 'test' } }),
      comparison({ responses: ['same', 'same'] }),
    ]);
    expect(found).toEqual({ votes: [], setAside: 2 });
  });
});
