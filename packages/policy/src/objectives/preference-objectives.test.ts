/** @file Every offline objective: its graph against its closed form, that against differences and against TRL. */
import { readFileSync } from 'node:fs';
import { Random } from '@plaudit/contract';
import { EngineWorker } from '@plaudit/engine';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type LabelInputs,
  labelObjective,
  labelObjectiveNames,
  type PairInputs,
  pairObjective,
  pairObjectiveNames,
  preferenceObjective,
} from './index.ts';
import {
  centralDifferences,
  normals,
  type Opened,
  openLabels,
  openPairs,
  randomPairs,
  worstDifference,
} from './testing.ts';

type Numbers = readonly number[];
type Settings = Readonly<Record<string, unknown>>;

let worker: EngineWorker;
beforeAll(async () => {
  worker = await EngineWorker.start({ threads: 1 });
});
afterAll(() => worker.stop());

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

const pairVariants: readonly (readonly [string, Settings])[] = [
  ...pairObjectiveNames.map((name) => [name, {}] as const),
  ['sigmoid', { beta: 0.5, labelSmoothing: 0.2, supervised: 1 }],
  ['sigmoid_norm', { beta: 3, labelSmoothing: 0.1 }],
  ['exo_pair', { labelSmoothing: 0.2 }],
  ['discopop', { tau: 1 }],
  ['bco_pair', { shift: 'none' }],
  ['aot', { labelSmoothing: 0.1 }],
  ['cpo', { loss: 'hinge', beta: 0.05 }],
  ['cpo', { loss: 'ipo', labelSmoothing: 0.1 }],
];

const sum = (values: Numbers): number => values.reduce((total, value) => total + value, 0);

/** Whose constants move with the policy, so that differences of the loss are not its gradient. */
const holdsConstants = (name: string, { shift = 'batch' }: Settings): boolean =>
  name === 'bco_pair' && shift === 'batch';

describe.each(pairVariants)('%s %j', (name, settings) => {
  const objective = pairObjective(name, settings);
  let open: Opened<PairInputs<Numbers>, ReturnType<typeof objective.evaluate>>;
  beforeAll(async () => {
    open = await openPairs(worker, objective);
  });
  afterAll(() => open.close());

  it('has the losses and the gradients of its closed form in the graph, to 1e-5', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, fc.constantFrom(0.1, 3, 30), async (seed, scale) => {
        const inputs = randomPairs(new Random(seed), scale);
        const found = await open.evaluate(inputs);
        expect(worstDifference(found, objective.evaluate(inputs))).toBeLessThan(1e-5);
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  it.skipIf(holdsConstants(name, settings))('has derivatives that agree with central differences', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const inputs = randomPairs(new Random(seed), 5);
        const { chosen, rejected } = objective.evaluate(inputs);
        const along = (side: 'chosen' | 'rejected') =>
          centralDifferences(inputs[side], (values) =>
            sum(objective.evaluate({ ...inputs, [side]: values }).losses),
          );
        const differences = { chosen: along('chosen'), rejected: along('rejected') };
        expect(worstDifference({ chosen, rejected }, differences)).toBeLessThan(1e-6);
      }),
      { numRuns: 60, seed: 2 },
    );
  });

  it('stays finite, and equal in both forms, where log-ratios are 300 to either side', async () => {
    const side = (shift: number) => ({
      own: [-400, -400, -100, -100],
      shift: [shift, -shift, shift, -shift],
    });
    const [chosen, rejected] = [side(300), side(-300)];
    const inputs = {
      chosen: chosen.own,
      rejected: rejected.own.toReversed(),
      referenceChosen: chosen.own.map((value, i) => value + chosen.shift[i]!),
      referenceRejected: rejected.own.map((value, i) => value + rejected.shift[i]!),
      chosenTokens: [1, 2, 50, 400],
      rejectedTokens: [3, 100, 1, 7],
    };
    const expected = objective.evaluate(inputs);
    for (const values of [expected.losses, expected.chosen, expected.rejected])
      expect(values.every(Number.isFinite)).toBe(true);
    expect(worstDifference(await open.evaluate(inputs), expected)).toBeLessThan(1e-5);
  });

  it('says whether it reads the reference', () => {
    const inputs = randomPairs(new Random(3), 5);
    const other = { ...inputs, referenceChosen: inputs.referenceChosen.map((value) => value - 1) };
    const differs = worstDifference(objective.evaluate(other), objective.evaluate(inputs)) > 0;
    expect(differs).toBe(objective.needsReference);
    expect(objective.impliedReward(-5, -6, 3) !== objective.impliedReward(-5, -7, 3)).toBe(
      objective.needsReference,
    );
  });
});

const labelVariants: readonly (readonly [string, Settings])[] = [
  ...labelObjectiveNames.map((name) => [name, {}] as const),
  ['kto', { beta: 0.5, desirableWeight: 1.3, undesirableWeight: 0.4 }],
  ['apo_zero_unpaired', { undesirableWeight: 2 }],
];

const randomLabels = (random: Random, scale: number): LabelInputs<Numbers> => {
  const count = 1 + random.integer(6);
  const policy = normals(random, count, 10, -30);
  return {
    policy,
    reference: policy.map((value) => Math.fround(value + random.normal() * scale)),
    tokens: policy.map(() => 1 + random.integer(20)),
    desirable: policy.map(() => random.integer(2)),
    baseline: new Array<number>(count).fill(Math.fround(random.normal() * 2)),
  };
};

describe.each(labelVariants)('%s %j', (name, settings) => {
  const objective = labelObjective(name, settings);
  let open: Opened<LabelInputs<Numbers>, ReturnType<typeof objective.evaluate>>;
  beforeAll(async () => {
    open = await openLabels(worker, objective);
  });
  afterAll(() => open.close());

  it('has the losses and the gradients of its closed form in the graph, to 1e-5', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, fc.constantFrom(0.1, 5, 300), async (seed, scale) => {
        const inputs = randomLabels(new Random(seed), scale);
        const found = await open.evaluate(inputs);
        expect(worstDifference(found, objective.evaluate(inputs))).toBeLessThan(1e-5);
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  it('has derivatives that agree with central differences', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const inputs = randomLabels(new Random(seed), 5);
        const policy = centralDifferences(inputs.policy, (values) =>
          sum(objective.evaluate({ ...inputs, policy: values }).losses),
        );
        expect(worstDifference(objective.evaluate(inputs), { policy })).toBeLessThan(1e-6);
      }),
      { numRuns: 60, seed: 2 },
    );
  });

  it('says whether it reads a baseline', () => {
    const inputs = { ...randomLabels(new Random(4), 5), baseline: new Array<number>(6).fill(1) };
    const other = { ...inputs, baseline: new Array<number>(6).fill(2) };
    const same = worstDifference(objective.evaluate(other), objective.evaluate(inputs)) === 0;
    expect(same).toBe(objective.baseline === 'none');
  });
});

interface Recorded {
  readonly inputs: PairInputs<number[]>;
  readonly desirable: readonly number[];
  readonly pairs: readonly {
    readonly objective: string;
    readonly settings: Settings;
    readonly losses: number[];
    readonly sum: number;
    readonly chosen: number[];
    readonly rejected: number[];
  }[];
  readonly labels: readonly {
    readonly objective: string;
    readonly settings: Settings;
    readonly baseline: number;
    readonly losses: number[];
    readonly policy: number[];
  }[];
}

const recorded: Recorded = JSON.parse(
  readFileSync(new URL('fixtures/preferences.json', import.meta.url), 'utf8'),
);

describe("the values of TRL's own code", () => {
  it('covers every objective', () => {
    const covered = [...recorded.pairs, ...recorded.labels].map(({ objective }) => objective);
    expect([...new Set(covered)].sort()).toEqual([...pairObjectiveNames, ...labelObjectiveNames].sort());
  });

  it.each(recorded.pairs.map((entry) => [entry.objective, entry.settings, entry] as const))(
    '%s %j',
    async (name, settings, { losses, sum: total, chosen, rejected }) => {
      const objective = pairObjective(name, settings);
      const closed = objective.evaluate(recorded.inputs);
      // AOT's losses stand in TRL in the order of what was sorted, so only their sum can be compared.
      const ordered = name.startsWith('aot') ? {} : { losses };
      const expected = { ...ordered, total: [total], chosen, rejected };
      expect(worstDifference({ ...closed, total: [sum(closed.losses)] }, expected)).toBeLessThan(1e-12);
      const open = await openPairs(worker, objective);
      const found = await open.evaluate(recorded.inputs);
      await open.close();
      expect(worstDifference({ ...found, total: [sum(found.losses)] }, expected)).toBeLessThan(1e-5);
    },
  );

  it.each(recorded.labels.map((entry) => [entry.objective, entry.settings, entry] as const))(
    '%s %j',
    async (name, settings, { baseline, losses, policy }) => {
      const objective = labelObjective(name, settings);
      const inputs = {
        policy: recorded.inputs.chosen,
        reference: recorded.inputs.referenceChosen,
        tokens: recorded.inputs.chosenTokens,
        desirable: recorded.desirable,
        baseline: recorded.desirable.map(() => baseline),
      };
      expect(worstDifference(objective.evaluate(inputs), { losses, policy })).toBeLessThan(1e-12);
      const open = await openLabels(worker, objective);
      const found = await open.evaluate(inputs);
      await open.close();
      expect(worstDifference(found, { losses, policy })).toBeLessThan(1e-5);
    },
  );
});

describe('what is known of the objectives', () => {
  /** One pair with a reference of 0, so that log-ratios are the log-probabilities. */
  const pairOf = (chosen: number, rejected: number, tokens = 1): PairInputs<Numbers> => ({
    chosen: [chosen],
    rejected: [rejected],
    referenceChosen: [0],
    referenceRejected: [0],
    chosenTokens: [tokens],
    rejectedTokens: [tokens],
  });

  it.each(['sigmoid', 'sigmoid_norm', 'robust', 'aot', 'aot_unpaired'])(
    '%s is ln 2 where policy and reference agree, without smoothing',
    (name) => {
      const settings = name === 'robust' ? { flipRate: 0 } : {};
      const { losses, chosen, rejected } = pairObjective(name, settings).evaluate(pairOf(0, 0));
      expect(losses[0]).toBeCloseTo(Math.LN2, 15);
      expect([chosen[0], rejected[0]]).toEqual([-0.05, 0.05]);
    },
  );

  it('robust without flips is sigmoid, and so is sigmoid without smoothing', () => {
    const inputs = randomPairs(new Random(5), 5);
    const plain = pairObjective('sigmoid').evaluate(inputs);
    expect(pairObjective('robust', { flipRate: 0 }).evaluate(inputs)).toEqual(plain);
    expect(pairObjective('sigmoid', { labelSmoothing: 0 }).evaluate(inputs)).toEqual(plain);
  });

  it('robust is right on average over flipped labels', () => {
    const [flipRate, beta] = [0.2, 0.3];
    const robust = pairObjective('robust', { flipRate, beta });
    const clean = pairObjective('sigmoid', { beta }).evaluate(pairOf(3, -2)).losses[0]!;
    const asLabelled = robust.evaluate(pairOf(3, -2)).losses[0]!;
    const flipped = robust.evaluate(pairOf(-2, 3)).losses[0]!;
    expect((1 - flipRate) * asLabelled + flipRate * flipped).toBeCloseTo(clean, 12);
  });

  it('ipo and sppo_hard are at rest where they want to be', () => {
    const atRest = { losses: [0], chosen: [0], rejected: [0] };
    expect(pairObjective('ipo', { beta: 0.25 }).evaluate(pairOf(12, 4, 4))).toEqual(atRest);
    expect(pairObjective('sppo_hard', { beta: 0.25 }).evaluate(pairOf(2, -2))).toEqual(atRest);
  });

  it('exo_pair is 0 where the policy has the smoothed target, and never below', () => {
    const exo = pairObjective('exo_pair', { beta: 1, labelSmoothing: 0.1 });
    expect(exo.evaluate(pairOf(Math.log(9), 0)).losses[0]).toBeCloseTo(0, 14);
    fc.assert(
      fc.property(fc.double({ min: -50, max: 50, noNaN: true }), (lead) => {
        expect(exo.evaluate(pairOf(lead, 0)).losses[0]).toBeGreaterThanOrEqual(-1e-14);
      }),
      { seed: 3 },
    );
  });

  it('apo_zero raises the chosen and lowers the rejected; apo_down lowers both', () => {
    const zero = pairObjective('apo_zero').evaluate(pairOf(0, 0));
    expect([Math.sign(zero.chosen[0]!), Math.sign(zero.rejected[0]!)]).toEqual([-1, 1]);
    const down = pairObjective('apo_down').evaluate(pairOf(3, 0));
    expect(down.rejected[0]).toBeGreaterThan(0);
    expect(down.chosen[0]! + down.rejected[0]!).toBeGreaterThan(0);
  });

  it('simpo wants a lead of gammaRatio per token', () => {
    const simpo = pairObjective('simpo', { beta: 2, gammaRatio: 0.5 });
    expect(simpo.evaluate(pairOf(-10, -15, 10)).losses[0]).toBeCloseTo(Math.LN2, 15);
  });

  it('orpo is finite where a response is certain, and pulls it no further', () => {
    const { losses, chosen } = pairObjective('orpo').evaluate(pairOf(0, -4, 4));
    expect(losses[0]).toBeGreaterThanOrEqual(0);
    expect(chosen[0]).toBe(-0);
  });

  it('aot does not depend on the order of the pairs, and on one pair is sigmoid', () => {
    const inputs = randomPairs(new Random(6), 5);
    const turned = Object.fromEntries(
      Object.entries(inputs).map(([name, values]) => [name, values.toReversed()]),
    ) as unknown as PairInputs<Numbers>;
    for (const name of ['aot', 'aot_unpaired']) {
      const objective = pairObjective(name);
      const there = objective.evaluate(inputs);
      const back = objective.evaluate(turned);
      expect(back.losses.toReversed()).toEqual(there.losses);
      expect(back.chosen.toReversed()).toEqual(there.chosen);
      const alone = pairOf(2, -1);
      expect(objective.evaluate(alone)).toEqual(pairObjective('sigmoid').evaluate(alone));
    }
  });

  it('bco_pair is the same wherever all rewards lie, which its mean takes off', () => {
    const objective = pairObjective('bco_pair');
    const [low, high] = [-3, 40].map((by) => objective.evaluate(pairOf(1 + by, -1 + by)).losses[0]!);
    expect(high).toBeCloseTo(low!, 12);
  });

  it('kto counts a divergence below 0 as 0', () => {
    const inputs = { policy: [-3], reference: [-4], tokens: [2], desirable: [1] };
    const objective = labelObjective('kto');
    expect(objective.evaluate({ ...inputs, baseline: [-7] })).toEqual(
      objective.evaluate({ ...inputs, baseline: [0] }),
    );
  });
});

describe('objectives by name', () => {
  it.each([
    ['dpo2', {}, 'objective', 'there is no dpo2; there are sigmoid, '],
    ['toString', {}, 'objective', 'there is no toString'],
    ['sigmoid', { beta: 0 }, 'beta', 'too small'],
    ['sigmoid', { beta: Number.NaN }, 'beta', ''],
    ['sigmoid', { labelSmoothing: 0.5 }, 'labelSmoothing', 'too big'],
    ['exo_pair', { labelSmoothing: 0 }, 'labelSmoothing', 'too small'],
    ['discopop', { tau: 1.5 }, 'tau', 'too big'],
    ['hinge', { labelSmoothing: 0.1 }, 'labelSmoothing', 'there is no such setting'],
    ['cpo', { loss: 'cubic' }, 'loss', ''],
    ['kto', { desirableWeight: -1 }, 'desirableWeight', 'too small'],
    ['kto', 'beta', 'all', ''],
  ])('refuses %s %j', (name, settings, setting, problem) => {
    const refusal = expect.objectContaining({
      code: 'policy.bad_configuration',
      parameters: { setting, problem: expect.stringContaining(problem) },
    });
    expect(() => preferenceObjective(name, settings)).toThrow(refusal);
  });

  it('finds objectives of either kind, and each only among its own', () => {
    expect(preferenceObjective('kto').kind).toBe('labels');
    expect(preferenceObjective('sigmoid').kind).toBe('pairs');
    expect(() => pairObjective('kto')).toThrow('there is no kto');
    expect(() => labelObjective('sigmoid')).toThrow('there is no sigmoid');
  });

  it('weighs the likelihood of the chosen responses as ORPO, CPO and RPO do', () => {
    expect(pairObjective('orpo').supervised).toBe(1);
    expect(pairObjective('cpo').supervised).toBe(1);
    expect(pairObjective('simpo').supervised).toBe(0);
    expect(pairObjective('sigmoid', { supervised: 1 }).supervised).toBe(1);
  });
});
