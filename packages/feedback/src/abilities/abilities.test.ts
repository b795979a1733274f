import { type Comparison, Random, sigmoid } from '@plaudit/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalCdf, normalQuantile } from '../statistics/normal.ts';
import { type BradleyTerryOptions, bradleyTerryAbilities } from './bradley-terry.ts';
import { type Contest, connectedSystems } from './contest.ts';
import { contestsOf, styleDifferences } from './contests-of.ts';
import { outcomeModels, type TieRule } from './outcome-model.ts';

const win = (a: string, b: string, aWins = 1, bWins = 0, ties = 0): Contest => ({ a, b, aWins, bWins, ties });
const abilityOf = (contests: readonly Contest[], options: BradleyTerryOptions, system: string): number =>
  bradleyTerryAbilities(contests, options).systems.find((one) => one.system === system)!.ability;

describe('the outcomes of a contest', () => {
  const rules: TieRule[] = ['half', 'davidson', 'rao-kupper'];

  it.each(rules)('by %s have probabilities that sum to 1, and derivatives of finite differences', (rule) => {
    const { hasTie, outcomes } = outcomeModels[rule];
    for (const lead of [-9, -1.3, 0, 0.4, 2, 12])
      for (const tie of hasTie ? [0.05, 0.7, 2.5] : [0]) {
        const here = outcomes(lead, tie);
        const sum = here.slice(0, hasTie ? 3 : 2).reduce((total, { log }) => total + Math.exp(log), 0);
        expect(sum).toBeCloseTo(1, 12);
        here.forEach((of, k) => {
          const at = (x: number, y: number) => outcomes(x, y)[k as 0 | 1 | 2];
          const h = 1e-5;
          const slope = (low: number, high: number): number => (high - low) / (2 * h);
          const [left, right] = [at(lead - h, tie), at(lead + h, tie)];
          expect(slope(left.log, right.log)).toBeCloseTo(of.lead, 5);
          expect(slope(left.lead, right.lead)).toBeCloseTo(of.leadLead, 5);
          if (!hasTie) return;
          const [below, above] = [at(lead, tie - h), at(lead, tie + h)];
          expect(slope(below.log, above.log)).toBeCloseTo(of.tie, 4);
          expect(slope(below.lead, above.lead)).toBeCloseTo(of.leadTie, 5);
          expect(slope(below.tie, above.tie) / of.tieTie).toBeCloseTo(1, 3);
        });
      }
  });
});

describe('Bradley-Terry abilities', () => {
  it('of two systems are the log odds of their wins', () => {
    const found = bradleyTerryAbilities([win('x', 'y', 30, 10)], { reference: 'y', intervals: 'model' });
    expect(found.systems.map(({ system }) => system)).toEqual(['x', 'y']);
    expect(found.systems[0]!.ability).toBeCloseTo(Math.log(3), 9);
    expect(found.systems[0]!.standardError).toBeCloseTo(Math.sqrt(1 / 30 + 1 / 10), 9);
    expect(found.systems[1]).toMatchObject({ ability: 0, standardError: 0, wins: 10, losses: 30, ties: 0 });
  });

  it('do not depend on who is named first or how contests are summed up', () => {
    const counts = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(fc.tuple(counts, counts, counts, counts, counts, counts), ([a, b, c, d, e, f]) => {
        const contests = [win('x', 'y', a, b, 1), win('y', 'z', c, d), win('x', 'z', e, f)];
        const turned = contests.map(({ aWins, bWins, ties, ...of }) => win(of.b, of.a, bWins, aWins, ties));
        const single = contests.flatMap(({ aWins, bWins, ties = 0, ...of }) => [
          ...new Array<Contest>(aWins).fill(win(of.a, of.b)),
          ...new Array<Contest>(bWins).fill(win(of.b, of.a)),
          ...new Array<Contest>(ties).fill(win(of.a, of.b, 0, 0, 1)),
        ]);
        for (const ties of ['half', 'davidson', 'rao-kupper'] as const) {
          const expected = bradleyTerryAbilities(contests, { ties }).systems;
          for (const other of [turned, single])
            for (const { system, ability, standardError } of bradleyTerryAbilities(other, { ties }).systems) {
              const same = expected.find((one) => one.system === system)!;
              expect(ability).toBeCloseTo(same.ability, 7);
              if (other === turned) expect(standardError).toBeCloseTo(same.standardError, 7);
            }
        }
      }),
      { numRuns: 25 },
    );
  });

  it('have the mean 0 unless a reference is named, and the same ranks either way', () => {
    const contests = [win('x', 'y', 40, 10), win('y', 'z', 30, 20), win('x', 'z', 45, 5)];
    const around = bradleyTerryAbilities(contests).systems;
    expect(around.reduce((sum, { ability }) => sum + ability, 0)).toBeCloseTo(0, 9);
    const against = bradleyTerryAbilities(contests, { reference: 'x' }).systems;
    expect(against.map(({ ranks }) => ranks)).toEqual(around.map(({ ranks }) => ranks));
    expect(around[0]!.ranks).toEqual([1, 1]);
    expect(() => bradleyTerryAbilities(contests, { reference: 'w' })).toThrow(
      expect.objectContaining({ code: 'data.bad_option' }),
    );
  });

  it('leave out what a covariate explains', () => {
    // Equal systems, of which x is usually the longer; length wins.
    const random = new Random(4);
    const contests = Array.from({ length: 3000 }, (_, i): Contest => {
      const length = 0.5 + random.normal();
      const aWins = random.uniform() < sigmoid(0.8 * length) ? 1 : 0;
      return { a: 'x', b: 'y', aWins, bWins: 1 - aWins, covariates: { length }, cluster: String(i % 750) };
    });
    expect(abilityOf(contests, { reference: 'y' }, 'x')).toBeGreaterThan(0.25);
    const controlled = bradleyTerryAbilities(contests, { reference: 'y', covariates: ['length'] });
    const x = controlled.systems.find(({ system }) => system === 'x')!;
    expect(x.interval[0]).toBeLessThan(0);
    expect(x.interval[1]).toBeGreaterThan(0);
    const { interval, value } = controlled.covariates.length!;
    expect(interval[0] < 0.8 && 0.8 < interval[1]).toBe(true);
    const held = bradleyTerryAbilities(contests, { covariates: ['length'], ridge: { covariates: 500 } });
    expect(held.covariates.length!.value).toBeLessThan(0.9 * value);
    expect(() => bradleyTerryAbilities(contests, { covariates: ['width'] })).toThrow(
      expect.objectContaining({ code: 'data.bad_option' }),
    );
  });

  it('have intervals that cover the truth about as often as they claim, where prompts hang together', () => {
    const truth = new Map([
      ['w', 0.6],
      ['x', 0.2],
      ['y', -0.2],
      ['z', -0.6],
    ]);
    const systems = [...truth.keys()];
    const tally = { sandwich: 0, model: 0, bootstrap: 0 };
    const runs = 40;
    for (let seed = 0; seed < runs; seed++) {
      const random = new Random(seed, 'prompts');
      const contests = Array.from({ length: 150 }, (_, prompt) => {
        // On each prompt the systems differ from themselves in the same way, six times over.
        const moods = new Map(systems.map((system) => [system, 1.2 * random.normal()]));
        return Array.from({ length: 6 }, (): Contest => {
          const [i, j] = random.permutation(4);
          const [a, b] = [systems[i!]!, systems[j!]!];
          // A normal mood in the logit weakens it; what is estimated is the odds on average over prompts.
          const lead = truth.get(a)! - truth.get(b)! + moods.get(a)! - moods.get(b)!;
          const aWins = random.uniform() < sigmoid(lead) ? 1 : 0;
          return { a, b, aWins, bWins: 1 - aWins, cluster: String(prompt) };
        });
      }).flat();
      for (const intervals of ['sandwich', 'model', 'bootstrap'] as const)
        for (const { system, interval } of bradleyTerryAbilities(contests, {
          intervals,
          resamples: 60,
          seed,
        }).systems) {
          const average = truth.get(system)! * 0.765;
          if (interval[0] <= average && average <= interval[1]) tally[intervals]++;
        }
    }
    expect(tally.sandwich / (4 * runs)).toBeGreaterThan(0.88);
    expect(tally.bootstrap / (4 * runs)).toBeGreaterThan(0.84);
    expect(tally.model).toBeLessThan(tally.sandwich);
  });

  it('are refused where no common scale is there, and a ridge makes one', () => {
    const apart = [win('v', 'w', 3, 2), win('x', 'y', 2, 3)];
    expect(() => bradleyTerryAbilities(apart)).toThrow(
      expect.objectContaining({
        code: 'quality.systems_disconnected',
        parameters: { systems: 4, components: 2 },
      }),
    );
    expect(connectedSystems([...apart, win('y', 'z')])).toEqual([
      ['x', 'y', 'z'],
      ['v', 'w'],
    ]);
    const { systems } = bradleyTerryAbilities(apart, { ridge: { abilities: 0.01 } });
    expect(systems.every(({ ability }) => Number.isFinite(ability))).toBe(true);
  });

  it('are refused where a system or a group wins everything, and a ridge keeps them finite', () => {
    const separated = expect.objectContaining({ code: 'quality.systems_separated' });
    expect(() => bradleyTerryAbilities([win('x', 'y', 5, 5), win('z', 'x', 3, 0)])).toThrow(separated);
    expect(() => bradleyTerryAbilities([win('x', 'y', 5, 0)])).toThrow(separated);
    expect(bradleyTerryAbilities([win('x', 'y', 5, 0, 1)]).systems[0]!.ability).toBeGreaterThan(0.5);
    expect(abilityOf([win('x', 'y', 5, 0)], { ridge: { abilities: 0.1 } }, 'x')).toBeGreaterThan(1);
  });

  it('are refused where a covariate or the place explains every outcome', () => {
    const contests = Array.from({ length: 20 }, (_, i): Contest => {
      const aWins = i % 2;
      return {
        a: 'x',
        b: 'y',
        aWins,
        bWins: 1 - aWins,
        home: aWins === 1 ? 'a' : 'b',
        covariates: { c: aWins - 0.5 },
      };
    });
    const separated = expect.objectContaining({ code: 'quality.systems_separated' });
    expect(() => bradleyTerryAbilities(contests, { home: true })).toThrow(separated);
    expect(() => bradleyTerryAbilities(contests, { covariates: ['c'] })).toThrow(separated);
    const alone = contests.map((contest) => ({ ...contest, home: 'a' as const }));
    expect(bradleyTerryAbilities(alone, { home: false }).systems).toHaveLength(2);
    // Where a is always x, what x adds and what the place adds are one and the same.
    expect(() => bradleyTerryAbilities(alone, { home: true })).toThrow(separated);
  });

  it('are refused where nothing tied for a rule of ties, everything did, or nothing was compared', () => {
    const refused = expect.objectContaining({ code: 'data.bad_option' });
    for (const ties of ['davidson', 'rao-kupper'] as const) {
      expect(() => bradleyTerryAbilities([win('x', 'y', 5, 5)], { ties })).toThrow(refused);
      expect(() => bradleyTerryAbilities([win('x', 'y', 0, 0, 9)], { ties })).toThrow(
        expect.objectContaining({ code: 'quality.systems_separated' }),
      );
    }
    expect(() => bradleyTerryAbilities([])).toThrow(refused);
    expect(() => bradleyTerryAbilities([win('x', 'y', 0, 0)])).toThrow(refused);
    expect(() => bradleyTerryAbilities([win('x', 'x')])).toThrow(RangeError);
    expect(() => bradleyTerryAbilities([win('x', 'y', -1)])).toThrow(RangeError);
    const many = Array.from({ length: 2001 }, (_, i) => win(`s${i}`, `s${(i + 1) % 2001}`, 1, 1));
    expect(() => bradleyTerryAbilities(many)).toThrow(
      expect.objectContaining({ code: 'quality.too_many_systems' }),
    );
  });

  it('count resamples in which somebody won everything', () => {
    const few = [win('x', 'y', 4, 1), win('y', 'z', 4, 1), win('x', 'z', 4, 1)];
    const { failedResamples } = bradleyTerryAbilities(few, { intervals: 'bootstrap', resamples: 200 });
    expect(failedResamples).toBeGreaterThan(0);
    expect(failedResamples).toBeLessThan(200);
  });
});

describe('comparisons as contests', () => {
  const comparison: Comparison = {
    kind: 'comparison',
    prompt: [{ role: 'user', content: 'p' }],
    responses: ['# Title\n\n- one\n- two\n\n**bold**', 'plain'],
    outcome: 'b',
    preference: 0.3,
    provenance: { source: 'test', shownFirst: 1, segments: { first: 'x', second: 'y' } },
  };
  const systemsOf = ({ provenance: { segments } }: Comparison) =>
    [segments!.first!, segments!.second!] as const;

  it('keep the prompt as the cluster and what was shown first as home', () => {
    const { contests, setAside } = contestsOf(
      [
        comparison,
        { ...comparison, outcome: 'both_bad' },
        { ...comparison, provenance: { source: 'test', segments: { first: 'x', second: 'x' } } },
      ],
      { systemsOf, covariatesOf: styleDifferences },
    );
    expect(setAside).toBe(1);
    expect(contests[0]).toMatchObject({ a: 'x', b: 'y', aWins: 0, bWins: 1, ties: 0, home: 'b' });
    expect(contests[1]).toMatchObject({ aWins: 0, bWins: 0, ties: 1 });
    expect(contests[0]!.cluster).toBe(contests[1]!.cluster);
    expect(contests[0]!.covariates).toEqual({
      length: expect.closeTo((30 - 5) / 36, 9),
      headings: 0.5,
      lists: expect.closeTo(2 / 3, 9),
      bold: 0.5,
    });
  });

  it('count a soft label by its share where that is wanted', () => {
    const { contests } = contestsOf([comparison], { systemsOf, soft: true });
    expect(contests[0]).toMatchObject({ aWins: 0.3, bWins: 0.7 });
  });
});

describe('the normal quantile', () => {
  it('is the inverse of the distribution function', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 9);
    for (const p of [1e-9, 0.001, 0.2, 0.5, 0.9, 0.9999])
      expect(normalCdf(normalQuantile(p)) / p).toBeCloseTo(1, 6);
    expect(() => normalQuantile(1)).toThrow(RangeError);
  });
});
