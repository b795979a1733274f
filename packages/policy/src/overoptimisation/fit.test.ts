import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitOverOptimisation, lawGain, type OverOptimisationLaw } from './fit.ts';

const kl = [0, 0.5, 2, 5, 9, 14, 20, 27, 35, 44];
const gold = [0.02, 0.61, 1.09, 1.38, 1.52, 1.49, 1.55, 1.41, 1.36, 1.18];
const errors = [0.05, 0.04, 0.05, 0.06, 0.05, 0.04, 0.06, 0.05, 0.07, 0.05];
const points = kl.map((one, i) => ({ kl: one, gold: gold[i]! }));

describe('the over-optimisation fit', () => {
  it.each([
    {
      options: { law: 'rl', start: 0.02 },
      ...{ alpha: 0.8979299461075042, beta: 0.3791821843898799 },
      ...{ alphaError: 0.024416401465833973, betaError: 0.014814775911119286, r2: 0.9863916210044422 },
      ...{ d: 3.927762697175553, dError: 0.12587170524768976 },
    },
    {
      options: { law: 'best-of-n', start: 0.02 },
      ...{ alpha: 0.7697129032977494, beta: 0.09216963625277381 },
      ...{ alphaError: 0.035110142360139804, betaError: 0.006478701040413525, r2: 0.9571107923270838 },
      ...{ d: 4.175523168968702, dError: 0.11834813120317444 },
    },
    {
      options: { law: 'rl' },
      ...{ alpha: 0.9404174277686045, beta: 0.397693773762357, start: -0.03910181104220245 },
      ...{ alphaError: 0.044890630598411675, betaError: 0.022035298314453076, r2: 0.9884616076587373 },
      ...{ d: 3.9144595398293545, dError: 0.11783504895189183, startError: 0.052740063389134346 },
    },
  ] as const)('equals numpy 2.4 for $options.law', ({ options, d, dError, ...expected }) => {
    const fit = fitOverOptimisation(points, options)!;
    for (const [name, value] of Object.entries(expected))
      expect(fit[name as 'alpha'], name).toBeCloseTo(value, 10);
    expect(fit.peak).toMatchObject({ reached: true, kl: expect.closeTo(d * d, 9) });
    expect(fit.peak!.d).toBeCloseTo(d, 10);
    expect(fit.peak!.dError).toBeCloseTo(dError, 10);
  });

  it('weighs points by one over their squared errors, as numpy 2.4 does', () => {
    const fit = fitOverOptimisation(
      points.map((point, i) => ({ ...point, error: errors[i]! })),
      { law: 'rl' },
    )!;
    expect(fit.alpha).toBeCloseTo(0.9390525576030726, 10);
    expect(fit.beta).toBeCloseTo(0.39581727042627124, 10);
    expect(fit.startError).toBeCloseTo(0.055666366616790794, 10);
    expect(fit.r2).toBeCloseTo(0.9869782894319974, 10);
    expect(fit.peak!.dError).toBeCloseTo(0.13748274229938767, 10);
  });

  it('finds the coefficients again, and the peak where the paper derives it', () => {
    const coefficient = fc.double({ min: 0.1, max: 3, noNaN: true });
    fc.assert(
      fc.property(
        fc.constantFrom<OverOptimisationLaw>('rl', 'best-of-n'),
        ...[coefficient, coefficient],
        fc.double({ min: -5, max: 5, noNaN: true }),
        (law, alpha, beta, start) => {
          const found = fitOverOptimisation(
            kl.map((one) => ({ kl: one, gold: start + lawGain(law, { alpha, beta }, Math.sqrt(one)) })),
            { law },
          )!;
          expect(found.alpha).toBeCloseTo(alpha, 8);
          expect(found.beta).toBeCloseTo(beta, 8);
          expect(found.start).toBeCloseTo(start, 8);
          const [d, gain] =
            law === 'rl'
              ? [Math.exp(alpha / beta - 1), beta * Math.exp(alpha / beta - 1)]
              : [alpha / (2 * beta), alpha ** 2 / (4 * beta)];
          if (d > 50) return;
          expect(found.peak!.d / d).toBeCloseTo(1, 6);
          expect(found.peak!.gain / gain).toBeCloseTo(1, 6);
          expect(found.peak!.gold).toBeCloseTo(found.start + found.peak!.gain, 10);
        },
      ),
    );
  });

  it('says nothing for fewer than four points, or five with the start', () => {
    expect(fitOverOptimisation(points.slice(0, 3), { law: 'rl', start: 0 })).toBeNull();
    expect(fitOverOptimisation(points.slice(0, 4), { law: 'rl', start: 0 })).not.toBeNull();
    expect(fitOverOptimisation(points.slice(0, 4), { law: 'rl' })).toBeNull();
  });

  it('says nothing where the policy has not moved, or is always at the same divergence', () => {
    for (const at of [0, 4, -1e-9])
      expect(
        fitOverOptimisation(
          gold.map((value) => ({ kl: at, gold: value })),
          { law: 'rl' },
        ),
      ).toBeNull();
  });

  it('has no peak where gold only rises or only falls, and says when the peak is beyond the points', () => {
    const along = (value: (d: number) => number) =>
      kl.map((one) => ({ kl: one, gold: value(Math.sqrt(one)) }));
    expect(
      fitOverOptimisation(
        along((d) => d * d + d),
        { law: 'rl', start: 0 },
      )!.peak,
    ).toBeNull();
    expect(
      fitOverOptimisation(
        along((d) => -d - d * d),
        { law: 'best-of-n', start: 0 },
      )!.peak,
    ).toBeNull();
    const early = fitOverOptimisation(points.slice(0, 5), { law: 'rl' })!;
    expect(early.peak).toMatchObject({ reached: false });
    const flat = fitOverOptimisation(
      along(() => 1),
      { law: 'rl', start: 1 },
    )!;
    expect(flat).toMatchObject({ r2: null, peak: null });
  });

  it('counts a divergence that an estimate puts below 0 as 0', () => {
    const moved = points.map((point, i) => (i === 0 ? { ...point, kl: -0.01 } : point));
    expect(fitOverOptimisation(moved, { law: 'rl' })).toEqual(fitOverOptimisation(points, { law: 'rl' }));
  });
});
