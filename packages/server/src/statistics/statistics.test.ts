/** @file Tests: statistics against SciPy, published vectors, and what they promise over many simulated experiments. */
import { readFileSync } from 'node:fs';
import { Random } from '@plaudit/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { burnPairs, burnState } from './burn-rate.ts';
import { chiSquareTail, normalPoint, poissonCdf } from './chi-square.ts';
import {
  logEvidenceAbove,
  mixtureScale,
  oneSidedWidth,
  sequencePValue,
  sequenceWidth,
  sequentialBounds,
  sequentialDifference,
} from './confidence-sequence.ts';
import { adjustByCovariate } from './covariate.ts';
import { categoryDrift, jensenShannonDistance, numberDrift, stabilityIndex } from './distributions.ts';
import { incidentRate, poissonInterval, rateExcess } from './incidents.ts';
import { lengthPay } from './length-pay.ts';
import { excessEvidence, mixtureLikelihoodRatio, sequentialPValue } from './likelihood-ratio.ts';
import { joined, momentsOf } from './measured.ts';
import { sampleRatio } from './sample-ratio.ts';
import { textDrift } from './text-drift.ts';
import { compareVersions, flipRate, moveThreshold } from './versions.ts';

const recorded = JSON.parse(readFileSync(new URL('fixtures/scipy.json', import.meta.url), 'utf8'));

describe('distributions and their tails', () => {
  it('equal SciPy 1.17', () => {
    for (const [x, degrees, tail] of recorded.chiSquare)
      expect(chiSquareTail(x, degrees)).toBeCloseTo(tail, 12);
    for (const [count, mean, below] of recorded.poisson)
      expect(poissonCdf(count, mean)).toBeCloseTo(below, 10);
    for (const [p, z] of recorded.normal) expect(normalPoint(p)).toBeCloseTo(z, 8);
    for (const [count, low, high] of recorded.garwood) {
      const found = poissonInterval(count);
      expect(found[0] / (low || 1)).toBeCloseTo(low === 0 ? 0 : 1, 5);
      expect(found[1] / high).toBeCloseTo(1, 5);
    }
  });

  it('of moments taken apart join to those of the whole', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 3, maxLength: 30 }),
        (values) => {
          const whole = momentsOf(values);
          const parts = joined(momentsOf(values.slice(0, 2)), momentsOf(values.slice(2)));
          expect(parts.n).toBe(whole.n);
          expect(parts.mean).toBeCloseTo(whole.mean, 10);
          expect(parts.variance).toBeCloseTo(whole.variance, 9);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('the confidence sequence', () => {
  it('has the widths that GrowthBook publishes the formula of', () => {
    expect(mixtureScale(0.05, 5000)).toBeCloseTo(0.0398401, 7);
    expect(sequenceWidth(2000)).toBeCloseTo(0.0698498, 7);
    const ratio = (n: number): number => sequenceWidth(n) / (1.959964 / Math.sqrt(n));
    expect([500, 2000, 5000, 50_000].map((n) => Number(ratio(n).toFixed(2)))).toEqual([
      1.97, 1.59, 1.55, 1.65,
    ]);
    expect(sequencePValue(3, 5000)).toBeCloseTo(0.0549, 4);
  });

  it('has a p-value of alpha exactly where its end touches 0', () => {
    const z = sequenceWidth(3000) * Math.sqrt(3000);
    expect(sequencePValue(z, 3000)).toBeCloseTo(0.05, 12);
  });

  it('has evidence for one side that falls with the difference, without end and without a break', () => {
    const zs = [-800, -60, -20, -8, -6.01, -6, -5.99, -4, 0, 3, 6];
    const logs = zs.map((z) => logEvidenceAbove(z, 5000));
    for (let i = 1; i < logs.length; i++) expect(logs[i]!).toBeGreaterThan(logs[i - 1]!);
    expect(logs.every(Number.isFinite)).toBe(true);
    // Where there is no difference, half of the two-sided evidence lies on each side.
    expect(logEvidenceAbove(0, 5000)).toBeCloseTo(
      -0.5 * Math.log(1 + 5000 * mixtureScale(0.1, 5000) ** 2),
      10,
    );
    // The mixture over positive means of exp(mS - m²n/2), integrated by the midpoint rule.
    const [n, z, rho] = [400, -5.4, mixtureScale(0.1, 5000)];
    let sum = 0;
    const step = rho / 20_000;
    for (let m = step / 2; m < 8 * rho; m += step)
      sum += Math.exp(m * z * Math.sqrt(n) - (m * m * n) / 2 - (m * m) / (2 * rho * rho)) * step;
    expect(logEvidenceAbove(z, n)).toBeCloseTo(Math.log((2 * sum) / (rho * Math.sqrt(2 * Math.PI))), 5);
  });

  it('asks less of one side than of two', () => {
    for (const n of [200, 2000, 20_000]) expect(oneSidedWidth(n)).toBeLessThan(sequenceWidth(n));
  });

  it('says that there is too little rather than give a number', () => {
    const arm = momentsOf([1, 2, 3]);
    expect(sequentialDifference(arm, arm)).toEqual({ enough: false, n: 3, needed: 50 });
    expect(sequentialBounds(arm, momentsOf([]), { least: 2 })).toEqual({ enough: false, n: 0, needed: 2 });
  });

  it('excludes the truth at any of sixty looks in fewer than alpha of the experiments', () => {
    let missed = 0;
    for (let seed = 0; seed < 300; seed++) {
      const random = new Random(seed, 'no difference');
      let [a, b] = [momentsOf([]), momentsOf([])];
      for (let look = 0; look < 60; look++) {
        a = joined(a, momentsOf(Array.from({ length: 50 }, () => random.normal())));
        b = joined(b, momentsOf(Array.from({ length: 50 }, () => random.normal())));
        const found = sequentialDifference(a, b);
        if (found.enough && (found.interval[0] > 0 || found.interval[1] < 0)) {
          missed++;
          break;
        }
      }
    }
    expect(missed / 300).toBeLessThan(0.05);
  });
});

describe('sequential likelihood ratios', () => {
  it('equal the two-sample vector of Johari et al.', () => {
    const found = mixtureLikelihoodRatio(0.1, { n: 2000, variance: 1, priorVariance: 0.01 });
    expect(found).toBeCloseTo(28.403, 3);
    expect(sequentialPValue(1, found)).toBeCloseTo(0.0352, 4);
    expect(sequentialPValue(0.01, found)).toBe(0.01);
  });

  it('of rare events are as rarely wrong as they say, at whatever share and at every event', () => {
    let alarms = 0;
    for (let seed = 0; seed < 600; seed++) {
      const random = new Random(seed, 'events');
      const share = [0.01, 0.1, 0.5][seed % 3]!;
      let [treatment, control] = [0, 0];
      for (let event = 0; event < 80; event++) {
        if (random.uniform() < share) treatment++;
        else control++;
        if (excessEvidence([{ share, treatment, control }]) >= 20) {
          alarms++;
          break;
        }
      }
    }
    expect(alarms / 600).toBeLessThan(0.05);
  });

  it('see five times the events of the other side within a few', () => {
    expect(excessEvidence([{ share: 0.1, treatment: 4, control: 2 }])).toBeGreaterThan(20);
    expect(excessEvidence([{ share: 0.1, treatment: 4, control: 36 }])).toBeLessThan(1);
    expect(excessEvidence([])).toBe(1);
    expect(() => excessEvidence([{ share: 0, treatment: 1, control: 1 }])).toThrow(RangeError);
  });
});

describe('the covariate adjustment', () => {
  it('equals numpy 2 on the pooled slope and the variances that are left', () => {
    const { x, y, slope, variances } = recorded.cuped;
    const found = adjustByCovariate(
      x.map((covariates: number[], arm: number) => ({ covariates, outcomes: y[arm] })),
      { least: 10 },
    );
    if (!found.enough) throw new Error('there is enough');
    expect(found.slope).toBeCloseTo(slope, 10);
    expect(found.arms[0]!.variance).toBeCloseTo(variances[0], 10);
    expect(found.arms[1]!.variance).toBeCloseTo(variances[1], 10);
    expect(found.remaining).toBeLessThan(1);
  });

  it('leaves arms alone whose covariate never varies, and refuses lists that do not match', () => {
    const arm = { outcomes: [1, 2, 3], covariates: [5, 5, 5] };
    expect(adjustByCovariate([arm, arm], { least: 2 })).toMatchObject({ slope: 0, remaining: 1 });
    expect(adjustByCovariate([arm])).toMatchObject({ enough: false });
    expect(() => adjustByCovariate([{ outcomes: [1], covariates: [] }])).toThrow(RangeError);
  });
});

describe('the sample ratio', () => {
  it('equals SciPy, and alarms only far below one in a thousand', () => {
    for (const [counts, shares, chiSquare, pValue] of recorded.sampleRatio) {
      const found = sampleRatio(counts, shares);
      expect(found).toMatchObject({ enough: true, mismatch: pValue < 0.001 });
      if (found.enough) {
        expect(found.chiSquare).toBeCloseTo(chiSquare, 10);
        expect(found.pValue).toBeCloseTo(pValue, 10);
      }
    }
    expect(sampleRatio([9, 1], [1, 1])).toEqual({ enough: false, n: 10, needed: 16 });
    expect(sampleRatio([70, 930], [1, 9])).toMatchObject({ furthest: { arm: 0 }, mismatch: false });
  });
});

describe('drift', () => {
  it('equals SciPy on Kolmogorov-Smirnov, Wasserstein and Jensen-Shannon', () => {
    const found = numberDrift(recorded.a, recorded.b);
    if (!found.enough) throw new Error('there is enough');
    expect(found.ks).toBeCloseTo(recorded.ks, 12);
    expect(found.ksPValue).toBeCloseTo(recorded.ksTail, 10);
    expect(found.wasserstein).toBeCloseTo(recorded.wasserstein, 10);
    for (const [p, q, distance] of recorded.jensenShannon)
      expect(jensenShannonDistance(p, q)).toBeCloseTo(distance, 12);
  });

  it('has the published stability index', () => {
    expect(stabilityIndex([0.2, 0.5, 0.3], [0.25, 0.4, 0.35])).toBeCloseTo(0.04118, 5);
    expect(Number.isFinite(stabilityIndex([1, 0], [0, 1]))).toBe(true);
  });

  it('is nothing between two samples of one distribution and something after a shift', () => {
    const random = new Random(1, 'drift');
    const draw = (shift: number): number[] => Array.from({ length: 2000 }, () => random.normal() + shift);
    const reference = draw(0);
    expect(numberDrift(reference, draw(0))).toMatchObject({ enough: true });
    const same = numberDrift(reference, draw(0));
    const moved = numberDrift(reference, draw(0.5));
    if (!same.enough || !moved.enough) throw new Error('there is enough');
    expect(same.psi).toBeLessThan(0.05);
    expect(moved.psi).toBeGreaterThan(0.1);
    expect(moved.shift).toBeCloseTo(0.5, 1);
    expect(moved.wasserstein).toBeCloseTo(0.5, 1);
  });

  it('says nothing of fewer than a hundred, of constants only what it can, and refuses what is no number', () => {
    expect(numberDrift([1, 2], [3])).toEqual({ enough: false, n: 1, needed: 100 });
    const same = Array<number>(100).fill(3);
    expect(numberDrift(same, same)).toMatchObject({ psi: 0, ks: 0, wasserstein: null, shift: null });
    expect(() => numberDrift([Number.NaN], same)).toThrow('value 1 of the reference');
  });

  it('of categories names the one that moved, also one that is new', () => {
    const reference = Array.from({ length: 200 }, (_, i) => (i % 4 === 0 ? 'de' : 'en'));
    const current = Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 'fr' : 'en'));
    expect(categoryDrift(reference, current)).toMatchObject({ furthest: { category: 'other', change: 0.5 } });
    expect(categoryDrift(reference, reference)).toMatchObject({ psi: 0, jensenShannon: 0 });
    expect(categoryDrift([], current)).toEqual({ enough: false, n: 0, needed: 100 });
  });

  it('of texts is found by a classifier where the subject changes, and not where it does not', () => {
    const random = new Random(3, 'texts');
    const words = (from: readonly string[]): string =>
      Array.from({ length: 12 }, () => random.pick(from)).join(' ');
    const old = ['print', 'invoice', 'order', 'refund', 'delivery', 'the', 'a', 'my', 'where', 'is'];
    const fresh = [...old, 'passport', 'visa', 'flight'];
    const draw = (from: readonly string[]): string[] => Array.from({ length: 300 }, () => words(from));
    const reference = draw(old);
    const same = textDrift(reference, draw(old));
    const moved = textDrift(reference, draw(fresh));
    if (!same.enough || !moved.enough) throw new Error('there is enough');
    expect(same.auc).toBeGreaterThan(0.42);
    expect(same.auc).toBeLessThan(0.58);
    expect(same.pValue).toBeGreaterThan(0.001);
    expect(moved.auc).toBeGreaterThan(0.8);
    expect(moved.pValue).toBeLessThan(1e-6);
    expect(textDrift(reference, ['one'])).toMatchObject({ enough: false });
  });
});

describe('incidents', () => {
  it('leave an upper limit of about three in n where none was seen', () => {
    const none = incidentRate(0, 1000, { level: 0.9 });
    if (!none.enough) throw new Error('there is enough');
    expect(none.interval[0]).toBe(0);
    expect(none.interval[1]).toBeCloseTo(0.002996, 6);
    expect(incidentRate(0, 0)).toMatchObject({ enough: false });
  });

  it('beyond a known rate are evidence at any look', () => {
    expect(rateExcess(12, 1000, 0.003)).toMatchObject({ enough: true, ratio: 4 });
    const found = rateExcess(12, 1000, 0.003);
    if (found.enough) {
      expect(found.pValue).toBeLessThan(1e-3);
      expect(found.evidence).toBeGreaterThan(20);
    }
    const usual = rateExcess(3, 1000, 0.003);
    if (usual.enough) expect(usual.evidence).toBeLessThan(1);
  });
});

describe('burn rates', () => {
  const now = 10 * 86_400_000;
  const buckets = (hours: number, bad: (hoursAgo: number) => number) =>
    Array.from({ length: hours * 12 }, (_, i) => ({ at: now - i * 300_000, total: 100, bad: bad(i / 12) }));

  it('multiply to the shares of a 30-day budget that the workbook names', () => {
    const share = burnPairs.map(({ burn, long }) => Math.round((100 * burn * long) / (30 * 86_400_000)));
    expect(share).toEqual([2, 5, 10, 10]);
  });

  it('page where both windows burn, and not for what is over', () => {
    const options = { objective: 0.999, now };
    expect(
      burnState(
        buckets(72, () => 0),
        options,
      ),
    ).toMatchObject({ urgency: 'none' });
    expect(
      burnState(
        buckets(72, (ago) => (ago < 1 ? 2 : 0)),
        options,
      ),
    ).toMatchObject({ urgency: 'page' });
    expect(
      burnState(
        buckets(72, (ago) => (ago > 0.5 && ago < 1 ? 9 : 0)),
        options,
      ),
    ).toMatchObject({
      urgency: 'none',
    });
    expect(
      burnState(
        buckets(72, () => 0.35),
        options,
      ),
    ).toMatchObject({ urgency: 'ticket' });
  });

  it('say nothing without traffic', () => {
    expect(burnState([], { objective: 0.99, now })).toEqual({ enough: false, n: 0, needed: 100 });
    expect(burnState([{ at: now, total: 2, bad: 1 }], { objective: 0.99, now })).toMatchObject({
      enough: false,
    });
    expect(() => burnState([], { objective: 1, now })).toThrow(RangeError);
  });
});

describe('two versions of a reward model', () => {
  const random = new Random(5, 'versions');
  const before = Array.from({ length: 400 }, () => random.normal());

  it('map a threshold by its quantile, whatever the scale', () => {
    const after = before.map((score) => 7 + 3 * score);
    const found = moveThreshold(0.4, before, after);
    if (!found.enough) throw new Error('there is enough');
    expect(found.threshold).toBeCloseTo(7 + 3 * 0.4, 9);
    expect(found.interval[0]).toBeLessThan(found.threshold);
    expect(found.interval[1]).toBeGreaterThan(found.threshold);
    expect(found.outside).toBe(false);
    expect(moveThreshold(99, before, after)).toMatchObject({ share: 1, outside: true });
    expect(moveThreshold(0, [1], [2])).toEqual({ enough: false, n: 1, needed: 100 });
  });

  it('flip no pair where only the scale differs, and every pair where the sign does', () => {
    const pairs = (sign: number) =>
      Array.from({ length: 100 }, (_, i) => {
        const [a, b] = [before[2 * i]!, before[2 * i + 1]!] as const;
        return { before: [a, b] as const, after: [sign * 4 * a, sign * 4 * b] as const };
      });
    expect(flipRate(pairs(1))).toMatchObject({ rate: 0, undecided: 0 });
    expect(flipRate(pairs(-1))).toMatchObject({ rate: 1 });
    expect(flipRate(pairs(-1), { tolerance: 1e9 })).toMatchObject({ rate: 0, undecided: 0 });
    expect(flipRate([])).toMatchObject({ enough: false });
    const same = compareVersions(
      before,
      before.map((score) => 2 * score - 1),
      pairs(1),
    );
    if (!same.enough) throw new Error('there is enough');
    expect(same.spearman).toBeCloseTo(1, 12);
    expect(same.psiOfZ).toBeCloseTo(0, 12);
  });
});

describe('what a reward pays for length', () => {
  it('is found within prompts, with its interval', () => {
    const random = new Random(6, 'length');
    const group = (pay: number) =>
      Array.from({ length: 40 }, () => {
        const asks = 100 + 400 * random.uniform();
        return Array.from({ length: 4 }, () => {
          const length = asks + 50 * random.normal();
          return { length, reward: asks / 10 + (pay * length) / 100 + 0.5 * random.normal() };
        });
      });
    const paid = lengthPay(group(1));
    const unpaid = lengthPay(group(0));
    if (!paid.enough || !unpaid.enough) throw new Error('there is enough');
    expect(paid.correlation).toBeGreaterThan(0.55);
    expect(paid.slope).toBeCloseTo(1, 0);
    expect(unpaid.interval![0]).toBeLessThan(0);
    expect(unpaid.interval![1]).toBeGreaterThan(0);
    expect(lengthPay([[{ length: 1, reward: 1 }]])).toMatchObject({ enough: false });
  });
});
