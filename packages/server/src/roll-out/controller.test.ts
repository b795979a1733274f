/** @file Tests: over hundreds of simulated roll-outs good canaries arrive, bad ones go early, and false alarms stay below alpha. */
import { Random } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { joined, noMoments } from '../statistics/measured.ts';
import { type ArmLook, decide, resumed, type StepLook, startingState } from './controller.ts';
import { checkPlan, rollOutPlan } from './plan.ts';

const plan = checkPlan(rollOutPlan.parse({ minutes: 30, units: 200 }));
const minute = 60_000;

interface World {
  /** Added to the canary's reward, in standard deviations. */
  readonly reward?: number;
  readonly slower?: number;
  /** Rates of the units of each arm. */
  readonly incidents?: readonly [number, number];
  readonly failures?: readonly [number, number];
}

const nothing: ArmLook = { units: 0, reward: noMoments, milliseconds: noMoments, failures: 0, incidents: 0 };

/** Moments of n normal draws without drawing them all: mean and variance have known distributions, the latter nearly normal. */
const drawn = (random: Random, n: number, mean: number, deviation: number) => ({
  n,
  mean: mean + (deviation * random.normal()) / Math.sqrt(n),
  variance: n > 1 ? deviation ** 2 * Math.max(0.01, 1 + Math.sqrt(2 / (n - 1)) * random.normal()) : 0,
});

const binomial = (random: Random, n: number, rate: number): number => {
  let count = 0;
  for (let i = 0; i < n; i++) if (random.uniform() < rate) count++;
  return count;
};

/** A hundred to two thousand units of traffic every ten minutes, whose rewards drift with the hour. */
const simulate = (seed: number, world: World, most = 3000) => {
  const random = new Random(seed, 'roll-out');
  const { reward = 0, slower = 0, incidents = [0.002, 0.002], failures = [0.01, 0.01] } = world;
  let state = startingState(0);
  let seen = { production: nothing, canary: nothing };
  let canaryUnits = 0;
  for (let tick = 1; tick < most; tick++) {
    const now = tick * 10 * minute;
    const share = plan.steps[state.step]!;
    const traffic = 1000 + Math.round(900 * Math.sin(tick / 20));
    const inCanary = binomial(random, traffic, share);
    const drift = 0.5 * Math.sin(tick / 30);
    const add = (arm: ArmLook, units: number, better: number, slow: number, at: 0 | 1): ArmLook =>
      units === 0
        ? arm
        : {
            units: arm.units + units,
            reward: joined(arm.reward, drawn(random, units, drift + better, 1)),
            milliseconds: joined(arm.milliseconds, drawn(random, units, 40 + slow, 15)),
            failures: arm.failures + binomial(random, units, failures[at]!),
            incidents: arm.incidents + binomial(random, units, incidents[at]!),
          };
    seen = {
      production: add(seen.production, traffic - inCanary, 0, 0, 0),
      canary: add(seen.canary, inCanary, reward, slower, 1),
    };
    canaryUnits += inCanary;
    const look = decide(plan, state, { share, ...seen }, now);
    if (look.decision.kind === 'advance') seen = { production: nothing, canary: nothing };
    if (!['hold', 'advance'].includes(look.decision.kind))
      return { end: look.decision.kind, step: state.step, canaryUnits, look };
    state = look.state;
  }
  return { end: 'never', step: state.step, canaryUnits, look: null };
};

describe('the controller', () => {
  it('promotes a canary that is no worse, and takes fewer than one in twenty of them back', () => {
    const ends = Array.from({ length: 300 }, (_, seed) => simulate(seed, {}).end);
    const wrong = ends.filter((end) => end !== 'promote');
    expect(wrong.length / ends.length).toBeLessThan(plan.alpha);
    expect(ends).not.toContain('never');
  });

  it('takes a canary back that is half a deviation worse, before it has a quarter of the traffic', () => {
    const runs = Array.from({ length: 60 }, (_, seed) => simulate(seed, { reward: -0.5 }));
    expect(runs.every(({ end }) => end === 'roll_back')).toBe(true);
    expect(runs.filter(({ step }) => plan.steps[step]! < 0.25).length).toBeGreaterThan(57);
  });

  it('takes a canary back with five times the incidents, and pauses one that is slow', () => {
    const unsafe = Array.from({ length: 40 }, (_, seed) => simulate(seed, { incidents: [0.002, 0.01] }));
    expect(unsafe.filter(({ end }) => end === 'roll_back').length).toBeGreaterThan(36);
    const failing = Array.from({ length: 20 }, (_, seed) => simulate(seed, { failures: [0.01, 0.05] }));
    expect(failing.every(({ end }) => end === 'roll_back')).toBe(true);
    const slow = Array.from({ length: 20 }, (_, seed) => simulate(seed, { slower: 80 }));
    expect(slow.every(({ end }) => end === 'pause')).toBe(true);
  });

  it('promotes a better canary as a rule', () => {
    const ends = Array.from({ length: 40 }, (_, seed) => simulate(seed, { reward: 0.2 }).end);
    expect(ends.filter((end) => end === 'promote').length).toBeGreaterThan(37);
  });
});

const arm = (units: number, more: Partial<ArmLook> = {}): ArmLook => ({
  units,
  reward: { n: units, mean: 0, variance: 1 },
  milliseconds: { n: units, mean: 40, variance: 100 },
  failures: 0,
  incidents: 0,
  ...more,
});
const step = (canary: ArmLook, production = arm(canary.units * 99)): StepLook => ({
  share: 0.01,
  production,
  canary,
});
const kindOf = (look: StepLook, minutes = 60, using = plan): string =>
  decide(using, startingState(0), look, minutes * minute).decision.kind;

describe('a decision', () => {
  it('waits for time, for units and for data, and pauses where they do not come', () => {
    expect(kindOf(step(arm(200)))).toBe('advance');
    expect(kindOf(step(arm(200)), 10)).toBe('hold');
    expect(kindOf(step(arm(150)))).toBe('hold');
    expect(kindOf(step(arm(150)), plan.patience)).toBe('pause');
    expect(kindOf(step(arm(0), arm(0)))).toBe('hold');
    expect(kindOf(step(arm(0), arm(0)), plan.patience)).toBe('pause');
    const unscored = step(arm(200, { reward: noMoments }));
    expect(kindOf(unscored)).toBe('hold');
    expect(kindOf(unscored, plan.patience)).toBe('pause');
  });

  it('is to pause where the arms do not have their shares', () => {
    expect(kindOf(step(arm(200), arm(5000)))).toBe('pause');
  });

  it('is to roll back at once where a hard limit is passed', () => {
    const hard = checkPlan(rollOutPlan.parse({ guardrails: [{ metric: 'incidents', atMost: 0 }] }));
    expect(kindOf(step(arm(10, { incidents: 1 })), 1, hard)).toBe('roll_back');
  });

  it('remembers what came before a pause', () => {
    const before = step(arm(200, { reward: { n: 200, mean: -0.2, variance: 1 } }));
    const alone = decide(plan, startingState(0), before, 60 * minute).guardrails[0]!;
    const state = resumed(startingState(0), before, 60 * minute);
    const both = decide(plan, state, before, 120 * minute).guardrails[0]!;
    expect(both.evidence!).toBeCloseTo(alone.evidence! ** 2, 6);
  });

  it('is made of a plan that rises to all of the traffic', () => {
    const steps =
      (...of: number[]) =>
      () =>
        checkPlan(rollOutPlan.parse({ steps: of }));
    expect(checkPlan(rollOutPlan.parse({}), false).guardrails.map(({ metric }) => metric)).not.toContain(
      'reward',
    );
    for (const bad of [steps(0.5, 0.1, 1), steps(0.1, 0.5), steps(1)])
      expect(bad).toThrow(/plan cannot be used/);
    const twice = { metric: 'reward' };
    expect(() => checkPlan(rollOutPlan.parse({ guardrails: [twice, twice] }))).toThrow(/two guardrails/);
  });
});
