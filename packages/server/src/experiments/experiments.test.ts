/** @file Tests: experiments find what is there, claim nothing else, and hold where their arms are not alike. */
import { type Comparison, Random } from '@plaudit/contract';
import type { Exposure } from '@plaudit/store';
import { describe, expect, it } from 'vitest';
import { testApp } from '../testing.ts';
import { analyse } from './analysis.ts';
import { armOf } from './assignment.ts';
import { costOfPoint, duelOf } from './duels.ts';
import { checkPlan, experimentPlan } from './plan.ts';
import { experimentRoutes } from './routes.ts';
import { experimentSize } from './size.ts';

const plan = checkPlan(
  experimentPlan.parse({
    arms: [{ name: 'old' }, { name: 'new' }],
    primary: { name: 'reward' },
    secondary: [{ name: 'seconds', better: 'down' }],
    segments: ['language'],
    units: 2000,
  }),
);

const simulate = (seed: number, count: number, effect: number, drop = 0): Exposure[] => {
  const random = new Random(seed, 'units');
  return Array.from({ length: count }, (_, i): Exposure => {
    const unit = `unit ${i}`;
    const arm = armOf(plan, `experiment ${seed}`, unit);
    const covariate = random.normal();
    return {
      ...{ unit, arm, conflicting: false, covariate },
      segments: { language: i % 4 === 0 ? 'de' : 'en' },
      outcomes: {
        reward: 0.8 * covariate + 0.6 * random.normal() + (arm === 'new' ? effect : 0),
        seconds: 3 + random.normal() - (arm === 'new' ? effect : 0),
      },
    };
  }).filter(({ arm }) => arm === 'old' || random.uniform() >= drop);
};

describe('arms', () => {
  it('are the same for a unit always, take their shares, and do not follow those of another experiment', () => {
    const three = {
      arms: [
        { name: 'a', share: 1 },
        { name: 'b', share: 2 },
        { name: 'c', share: 1 },
      ],
    };
    const units = Array.from({ length: 8000 }, (_, i) => `u${i}`);
    const first = units.map((unit) => armOf(three, 'x', unit));
    expect(units.map((unit) => armOf(three, 'x', unit))).toEqual(first);
    const share = (arms: string[], name: string): number =>
      arms.filter((arm) => arm === name).length / arms.length;
    expect(share(first, 'b')).toBeCloseTo(0.5, 1);
    const second = units.filter((_, i) => first[i] === 'b').map((unit) => armOf(three, 'y', unit));
    expect(share(second, 'b')).toBeCloseTo(0.5, 1);
  });
});

describe('the analysis', () => {
  it('finds an effect with a narrower interval where a covariate is known', () => {
    const units = simulate(1, 3000, 0.15);
    const found = analyse(plan, units);
    expect(found.hold).toBeNull();
    expect(found.primary[0]).toMatchObject({ enough: true, verdict: 'better' });
    const plain = analyse({ ...plan, primary: { ...plan.primary, covariate: false } }, units);
    const width = (of: typeof found): number => {
      const [row] = of.primary;
      if (!row!.enough) throw new Error('there is enough');
      return row!.interval[1] - row!.interval[0];
    };
    expect(width(found) / width(plain)).toBeCloseTo(0.6, 1);
    expect(found.secondary[0]).toMatchObject({ metric: 'seconds', verdict: 'better' });
    expect(found.segments.map(({ value }) => value)).toEqual(['de', 'en']);
  });

  it('claims nothing where there is nothing, in more than nineteen of twenty experiments looked at ten times', () => {
    let claims = 0;
    for (let seed = 0; seed < 60; seed++) {
      const units = simulate(seed, 2000, 0);
      const looks = Array.from({ length: 10 }, (_, i) => analyse(plan, units.slice(0, 200 * (i + 1))));
      if (looks.some(({ primary: [row] }) => row!.enough && row!.verdict !== 'open')) claims++;
    }
    expect(claims).toBeLessThanOrEqual(4);
  });

  it('holds where units of one arm go missing, and where many saw both', () => {
    expect(analyse(plan, simulate(2, 3000, 0, 0.2)).hold).toMatch(/shares/);
    const both = simulate(3, 1000, 0).map((unit, i) => ({ ...unit, conflicting: i % 20 === 0 }));
    const found = analyse(plan, both);
    expect(found.hold).toMatch(/two arms/);
    expect(found.conflicting.units).toBe(50);
    expect(analyse(plan, [{ ...both[1]!, arm: 'third' }]).hold).toMatch(/plan does not have/);
  });

  it('says that there is too little rather than a number', () => {
    const found = analyse(plan, []);
    expect(found.primary[0]).toMatchObject({ enough: false, n: 0, needed: 50 });
    expect(found.arms[0]!.means.reward).toEqual({ n: 0, mean: null });
    expect(found.conflicting.share).toBeNull();
  });
});

describe('the size of an experiment', () => {
  it('is that of the tables for one look, and more for many looks', () => {
    // Cohen 1988, table 2.4.1: d 0.5 with power 0.80 at 0.05 takes 64 in each group (63 by the normal approximation).
    expect(experimentSize({ effect: 0.5 }).lookedAtOnce).toBe(126);
    const { units, lookedAtOnce } = experimentSize({ effect: 0.1 });
    expect(units / lookedAtOnce).toBeGreaterThan(1.5);
    expect(units / lookedAtOnce).toBeLessThan(2.5);
    expect(experimentSize({ effect: 0.1, correlation: 0.8 }).units / units).toBeCloseTo(0.36, 2);
    expect(() => experimentSize({ effect: 0 })).toThrow(RangeError);
  });

  it('is enough to see the effect about as often as was asked for', () => {
    const { units } = experimentSize({ effect: 0.3 });
    const sized = { ...plan, primary: { ...plan.primary, covariate: false }, units };
    const seen = Array.from(
      { length: 100 },
      (_, seed) => analyse(sized, simulate(seed, units, 0.3)).primary[0]!,
    ).filter((row) => row.enough && row.verdict === 'better').length;
    expect(seen).toBeGreaterThan(65);
    expect(seen).toBeLessThan(95);
  });
});

describe('duels', () => {
  const duel = (i: number, wins: boolean, forwards: boolean): Comparison => ({
    kind: 'comparison',
    prompt: [{ role: 'user', content: `question ${i}` }],
    responses: forwards
      ? ['new answer', `old answer ${'x'.repeat(i % 9)}`]
      : [`old answer ${'x'.repeat(i % 9)}`, 'new answer'],
    outcome: wins === forwards ? 'a' : 'b',
    provenance: {
      source: 'duels',
      shownFirst: i % 2 === 0 ? 0 : 1,
      segments: forwards ? { armA: 'new', armB: 'old' } : { armA: 'old', armB: 'new' },
    },
  });

  it('count whichever side the arm was on, and cost what a point is sure to have cost', () => {
    const random = new Random(4, 'duels');
    const rows = Array.from({ length: 400 }, (_, i) => duel(i, random.uniform() < 0.7, i % 3 === 0));
    const found = duelOf(rows, 'new', 'old');
    if (!found.enough) throw new Error('there is enough');
    expect(found.winRate.winRate).toBeCloseTo(0.7, 1);
    expect(found.interval[0]).toBeGreaterThan(0.55);
    expect(found.winRate.lengthControlled).not.toBeNull();
    expect(found.firstShown).toBeCloseTo(0.5, 0);
    const cost = costOfPoint(0.7, [0.6, 0.8], { labels: 300, judge: 100 });
    expect(cost.perPoint).toBeCloseTo(20, 10);
    expect(cost.interval![0]).toBeCloseTo(400 / 30, 10);
    expect(cost.interval![1]).toBeCloseTo(40, 10);
    expect(costOfPoint(0.52, [0.4, 0.6], { labels: 1 })).toMatchObject({ perPoint: null, interval: null });
    expect(duelOf(rows.slice(0, 9), 'new', 'old')).toEqual({ enough: false, n: 9, needed: 50 });
    expect(duelOf(rows, 'new', 'other')).toMatchObject({ enough: false, n: 0 });
  });
});

describe('over HTTP', () => {
  const { request } = testApp(() => experimentRoutes());
  it('fixes the plan at the start, assigns, takes outcomes, reports and stops', async () => {
    const url = '/v1/projects/test/experiments';
    const bad = { ...plan, control: 'nobody' };
    expect((await request('engineer', 'POST', url, { name: 'x', plan: bad })).body.error.code).toBe(
      'experiment.bad_plan',
    );
    const made = await request('engineer', 'POST', url, { name: 'x', plan });
    expect(made.status).toBe(201);
    const one = `${url}/${made.body.id}`;
    expect((await request('engineer', 'POST', `${one}/assign`, { unit: 'ada' })).body.error.code).toBe(
      'experiment.not_running',
    );
    expect((await request('engineer', 'PUT', `${one}/plan`, { ...plan, alpha: 0.01 })).status).toBe(204);
    expect((await request('engineer', 'POST', `${one}/start`)).status).toBe(204);
    expect((await request('engineer', 'PUT', `${one}/plan`, plan)).status).toBe(409);
    const { arm } = (await request('engineer', 'POST', `${one}/assign`, { unit: 'ada', covariate: 1 })).body;
    expect((await request('engineer', 'POST', `${one}/assign`, { unit: 'ada' })).body.arm).toBe(arm);
    const outcome = (unit: string, outcomes: object) =>
      request('engineer', 'POST', `${one}/outcomes`, { unit, outcomes });
    expect((await outcome('ada', { reward: 1 })).status).toBe(204);
    expect((await outcome('ada', { other: 1 })).status).toBe(422);
    expect((await outcome('eve', { reward: 1 })).status).toBe(404);
    const report = await request('viewer', 'POST', `${one}/report`, {});
    expect(report.body.primary[0]).toMatchObject({ enough: false });
    expect((await request('viewer', 'POST', `${one}/stop`, { reason: 'done' })).status).toBe(403);
    expect((await request('engineer', 'POST', `${one}/stop`, { reason: 'done' })).status).toBe(204);
    expect((await request('viewer', 'GET', one)).body).toMatchObject({
      state: 'stopped',
      conclusion: { reason: 'done' },
    });
  });
});
