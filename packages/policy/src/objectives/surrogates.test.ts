/** @file Every surrogate and the loss of values: graphs against closed forms, those against differences and verl. */
import { readFileSync } from 'node:fs';
import { Random } from '@plaudit/contract';
import { EngineWorker } from '@plaudit/engine';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  klEstimate,
  klEstimators,
  surrogate,
  surrogateNames,
  type TokenInputs,
  type TokenNormalisation,
  tokenWeights,
  type ValueInputs,
  valueLoss,
} from './index.ts';
import { klEstimateSlope } from './kl-estimate.ts';
import {
  centralDifferences,
  normals,
  type Opened,
  openSurrogate,
  openValueLoss,
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

const everyTerm = { klCoefficient: 0.2, entropyCoefficient: 0.05 };
const variants: readonly (readonly [string, Settings])[] = [
  ...surrogateNames.flatMap((name) => [[name, {}] as const, [name, everyTerm] as const]),
  ['ppo', { clipLow: 0.1, clipHigh: 0.28, dualClip: 3 }],
  ['ppo', { klCoefficient: 0.3, klEstimator: 'k1' }],
  ['ppo', { klCoefficient: 0.3, klEstimator: 'k2', dualClip: 1.2 }],
  ['gspo', { clipLow: 0.2, clipHigh: 0.3 }],
  ['cispo', { largestRatio: 1.2 }],
];

/** Membership is the response of each token; the last token may be padding, of none. */
const randomTokens = (random: Random, spread: number): TokenInputs<Numbers> => {
  const lengths = Array.from({ length: 1 + random.integer(4) }, () => 1 + random.integer(6));
  const membership = [...lengths.flatMap((length, i) => new Array<number>(length).fill(i)), -1];
  const count = membership.length;
  const logProbability = normals(random, count, 1, -2);
  const beside = () => logProbability.map((value) => Math.fround(value + random.normal() * spread));
  return {
    logProbability,
    old: beside(),
    reference: beside(),
    advantage: normals(random, count, 1),
    weight: membership.map((own) => (own < 0 ? 0 : Math.fround(random.uniform() / count))),
    membership,
    entropy: normals(random, count, 0.3, 1),
  };
};

describe.each(variants)('%s %j', (name, settings) => {
  const objective = surrogate(name, settings);
  const bonus = 'entropyCoefficient' in settings;
  let open: Opened<TokenInputs<Numbers>, ReturnType<typeof objective.evaluate>>;
  beforeAll(async () => {
    open = await openSurrogate(worker, objective, bonus);
  });
  afterAll(() => open.close());

  it('has the loss, the log and the gradients of its closed form in the graph, to 1e-5', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, fc.constantFrom(0, 1e-3, 0.3, 2), async (seed, spread) => {
        const inputs = randomTokens(new Random(seed), spread);
        expect(worstDifference(await open.evaluate(inputs), objective.evaluate(inputs))).toBeLessThan(1e-5);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it.skipIf(name === 'cispo')('has derivatives that agree with central differences', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const inputs = randomTokens(new Random(seed), 0.4);
        const { logProbability, entropy } = objective.evaluate(inputs);
        const along = (side: 'logProbability' | 'entropy') =>
          centralDifferences(
            inputs[side],
            (values) => objective.evaluate({ ...inputs, [side]: values }).loss,
          );
        const differences = { logProbability: along('logProbability'), entropy: along('entropy') };
        expect(worstDifference({ logProbability, entropy }, differences)).toBeLessThan(1e-7);
      }),
      { numRuns: 60, seed: 2 },
    );
  });

  it('stays finite, and equal in both forms, where log-probabilities are 300 apart', async () => {
    const away = [300, 300, -300, -300, 21, -21];
    const inputs: TokenInputs<Numbers> = {
      logProbability: away.map((value) => Math.min(0, value)),
      old: away.map((value) => Math.min(0, -value)),
      reference: away.map((value) => Math.min(0, value) - value / 2),
      advantage: [1, -1, 1, -1, 0, 0.5],
      weight: [0.25, 0.125, 0.25, 0.125, 0.125, 0.125],
      membership: [0, 1, 2, 3, 4, 5],
      entropy: away.map(() => 1),
    };
    const expected = objective.evaluate(inputs);
    for (const values of [expected.logProbability, [expected.loss, expected.moved]])
      expect(values.every(Number.isFinite)).toBe(true);
    expect(worstDifference(await open.evaluate(inputs), expected)).toBeLessThan(2e-5);
  });

  it('adds up to the same however an update is cut into batches between responses', () => {
    const inputs = randomTokens(new Random(3), 0.4);
    const cut = inputs.membership.findIndex((own) => own !== 0);
    const part = (from: number, to?: number) =>
      objective.evaluate(
        Object.fromEntries(
          Object.entries(inputs).map(([key, values]) => [key, values.slice(from, to)]),
        ) as unknown as TokenInputs<Numbers>,
      );
    const [left, right, whole] = [part(0, cut), part(cut), objective.evaluate(inputs)];
    for (const key of ['loss', 'clipped', 'moved'] as const)
      expect(left[key] + right[key]).toBeCloseTo(whole[key], 14);
    expect([...left.logProbability, ...right.logProbability]).toEqual(whole.logProbability);
  });
});

describe('the loss of values', () => {
  const randomValues = (random: Random): ValueInputs<Numbers> => {
    const count = 1 + random.integer(8);
    const value = normals(random, count, 1);
    return {
      value,
      oldValue: value.map((own) => Math.fround(own + random.normal() * 0.4)),
      return: normals(random, count, 1),
      weight: value.map(() => Math.fround(random.uniform())),
    };
  };

  it.each([{}, { clip: 0.5 }, { clip: null }])('%j is the same in both forms', async (settings) => {
    const loss = valueLoss(settings);
    const open = await openValueLoss(worker, loss);
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const inputs = randomValues(new Random(seed));
        const expected = loss.evaluate(inputs);
        expect(worstDifference(await open.evaluate(inputs), expected)).toBeLessThan(1e-5);
        const value = centralDifferences(
          inputs.value,
          (values) => loss.evaluate({ ...inputs, value: values }).loss,
        );
        expect(worstDifference(expected, { value })).toBeLessThan(1e-7);
      }),
      { numRuns: 40, seed: 1 },
    );
    await open.close();
  });

  it('earns nothing from moving beyond the clip', () => {
    const at = (value: number) =>
      valueLoss().evaluate({ value: [value], oldValue: [0], return: [1], weight: [1] });
    expect(at(0.2)).toMatchObject({ clipped: 0, value: [-0.8] });
    expect(at(0.7).loss).toBe(at(0.2).loss);
    expect(at(0.7)).toMatchObject({ clipped: 1, value: [-0] });
    // The wrong way is free: the loss is the larger of the two.
    expect(at(-0.7).value).toEqual([-1.7]);
  });
});

interface Recorded {
  readonly surrogates: readonly {
    readonly name: string;
    readonly settings: Settings;
    readonly normalisation: 'token' | 'response';
    readonly lengths: readonly number[];
    readonly inputs: Omit<TokenInputs<number[]>, 'weight' | 'membership'>;
    readonly loss: number;
    readonly clipped: number | null;
    readonly moved: number;
    readonly logProbability: number[];
    readonly entropy: number[];
  }[];
  readonly values: readonly {
    readonly clip: number | null;
    readonly inputs: Omit<ValueInputs<number[]>, 'weight'>;
    readonly loss: number;
    readonly clipped: number;
    readonly value: number[];
  }[];
}

const recorded: Recorded = JSON.parse(
  readFileSync(new URL('fixtures/surrogates.json', import.meta.url), 'utf8'),
);

describe("the values of verl's own code", () => {
  it.each(
    recorded.surrogates.map((entry) => [entry.name, entry.settings, entry.normalisation, entry] as const),
  )('%s %j, %s', async (name, settings, normalisation, { lengths, inputs, clipped, ...rest }) => {
    const { loss, moved, logProbability, entropy } = rest;
    const objective = surrogate(name, settings);
    const given = {
      ...inputs,
      weight: tokenWeights(lengths, normalisation).flatMap((weights) => [...weights]),
      membership: lengths.flatMap((length, i) => new Array<number>(length).fill(i)),
    };
    const expected = { loss, moved, logProbability, entropy };
    const log = clipped === null ? {} : { clipped };
    // verl adds 1e-8 to tokens before it divides by them: to those of a response, and for the share that was clipped.
    const precision = normalisation === 'token' ? 1e-12 : 1e-7;
    const closed = objective.evaluate(given);
    expect(worstDifference(closed, expected)).toBeLessThan(precision);
    expect(worstDifference(closed, log)).toBeLessThan(1e-8);
    const open = await openSurrogate(worker, objective, 'entropyCoefficient' in settings);
    const found = await open.evaluate(given);
    await open.close();
    expect(worstDifference(found, { ...expected, ...log })).toBeLessThan(1e-5);
  });

  it.each(recorded.values.map((entry) => [entry.clip, entry] as const))(
    'the loss of values with clip %j',
    async (clip, { inputs, loss, clipped, value }) => {
      const objective = valueLoss({ clip });
      const given = { ...inputs, weight: inputs.value.map(() => 1 / inputs.value.length) };
      expect(worstDifference(objective.evaluate(given), { loss, value })).toBeLessThan(1e-12);
      expect(worstDifference(objective.evaluate(given), { clipped })).toBeLessThan(1e-8);
      const open = await openValueLoss(worker, objective);
      const found = await open.evaluate(given);
      await open.close();
      expect(worstDifference(found, { loss, clipped, value })).toBeLessThan(1e-5);
    },
  );
});

describe('what is known of the surrogates', () => {
  /** One token of one response. */
  const token = (logRatio: number, advantage: number): TokenInputs<Numbers> => ({
    logProbability: [-1],
    old: [-1 - logRatio],
    reference: [-1],
    advantage: [advantage],
    weight: [1],
    membership: [0],
    entropy: [0],
  });

  it.each(surrogateNames)('%s has the gradient of REINFORCE where policy and sampler agree', (name) => {
    const { logProbability, clipped } = surrogate(name).evaluate(token(0, 1.5));
    expect([logProbability, clipped]).toEqual([[-1.5], 0]);
  });

  it.each([
    ['up too far', 0.5, 1, 0, 1],
    ['down too far', -0.5, -1, 0, 1],
    ['up too far, the wrong way', 0.5, -1, Math.exp(0.5), 0],
    ['down too far, the wrong way', -0.5, 1, -Math.exp(-0.5), 0],
  ])(
    'ppo cuts the gradient off only in the direction of the advantage: %s',
    (_, logRatio, advantage, slope, cut) => {
      const { logProbability, clipped } = surrogate('ppo').evaluate(token(logRatio, advantage));
      expect(logProbability[0]! + 0).toBeCloseTo(slope, 14);
      expect(clipped).toBe(cut);
    },
  );

  it('the dual clip bounds what a bad token that became likelier can cost', () => {
    const evaluate = (logRatio: number, advantage: number) =>
      surrogate('ppo', { dualClip: 3 }).evaluate(token(logRatio, advantage));
    expect(evaluate(5, -2)).toMatchObject({ loss: 6, clipped: 1, logProbability: [0] });
    expect(evaluate(1, -2)).toMatchObject({ loss: 2 * Math.E, clipped: 0 });
  });

  it('cispo lets every token count, one of a large ratio with the largest weight', () => {
    const { logProbability, clipped } = surrogate('cispo').evaluate(token(4, 1));
    expect([logProbability, clipped]).toEqual([[-5], 1]);
  });

  it('gspo clips whole responses: an odd token among ordinary ones is not clipped', () => {
    const count = 10;
    const inputs = {
      ...token(0, 1),
      logProbability: new Array<number>(count).fill(-1),
      old: [-3, ...new Array<number>(count - 1).fill(-1)],
      reference: new Array<number>(count).fill(-1),
      advantage: new Array<number>(count).fill(1),
      weight: new Array<number>(count).fill(0.1),
      membership: new Array<number>(count).fill(0),
      entropy: new Array<number>(count).fill(0),
    };
    const settings = { clipLow: 0.3, clipHigh: 0.3 };
    expect(surrogate('ppo', settings).evaluate(inputs).clipped).toBeCloseTo(0.1, 14);
    const { clipped, logProbability } = surrogate('gspo', settings).evaluate(inputs);
    expect(clipped).toBe(0);
    for (const slope of logProbability) expect(slope).toBeCloseTo(-Math.exp(0.2) / count, 14);
  });

  it('ppo brings a policy over two arms from even odds to the better one', () => {
    const random = new Random(7);
    const rewards = [0.2, 0.8];
    let logit = 0;
    const logProbabilities = () => [-Math.log1p(Math.exp(logit)), -Math.log1p(Math.exp(-logit))];
    const objective = surrogate('ppo');
    for (let update = 0; update < 40; update++) {
      const before = logProbabilities();
      const arms = Array.from({ length: 32 }, () => (random.uniform() < Math.exp(before[1]!) ? 1 : 0));
      const mean = arms.reduce<number>((sum, arm) => sum + rewards[arm]!, 0) / arms.length;
      for (let epoch = 0; epoch < 4; epoch++) {
        const now = logProbabilities();
        const { logProbability } = objective.evaluate({
          logProbability: arms.map((arm) => now[arm]!),
          old: arms.map((arm) => before[arm]!),
          reference: arms.map(() => 0),
          advantage: arms.map((arm) => rewards[arm]! - mean),
          weight: arms.map(() => 1 / arms.length),
          membership: arms.map((_, i) => i),
          entropy: arms.map(() => 0),
        });
        // d ln π(1) = 1 - π(1), and d ln π(0) = -π(1).
        const better = Math.exp(now[1]!);
        const slope = logProbability.reduce((sum, own, i) => sum + own * (arms[i]! - better), 0);
        logit -= 2 * slope;
      }
    }
    expect(Math.exp(logProbabilities()[1]!)).toBeGreaterThan(0.95);
  });
});

describe('estimates of the divergence', () => {
  const logProbability = fc.double({ min: -400, max: 0, noNaN: true });

  it('k2 and k3 are never negative, and k1 is the difference', () => {
    fc.assert(
      fc.property(logProbability, logProbability, (own, reference) => {
        expect(klEstimate('k2', own, reference)).toBeGreaterThanOrEqual(0);
        expect(klEstimate('k3', own, reference)).toBeGreaterThanOrEqual(0);
        expect(klEstimate('k1', own, reference)).toBe(own - reference);
      }),
      { seed: 1 },
    );
  });

  it('k1 and k3 are right on average over what the policy samples', () => {
    const [policy, reference] = [
      [0.7, 0.2, 0.1],
      [0.3, 0.3, 0.4],
    ];
    const divergence = policy!.reduce((sum, p, i) => sum + p * Math.log(p / reference![i]!), 0);
    for (const estimator of ['k1', 'k3'] as const) {
      const mean = policy!.reduce(
        (sum, p, i) => sum + p * klEstimate(estimator, Math.log(p), Math.log(reference![i]!)),
        0,
      );
      expect(mean).toBeCloseTo(divergence, 14);
    }
  });

  it.each(klEstimators)('%s has a slope that agrees with central differences', (estimator) => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = new Random(seed);
        const [own, reference] = [random.normal() - 2, random.normal() - 2];
        const [slope] = centralDifferences([own], ([value]) => klEstimate(estimator, value!, reference));
        expect(klEstimateSlope(estimator, own, reference)).toBeCloseTo(slope!, 6);
      }),
      { numRuns: 50, seed: 2 },
    );
  });
});

describe('weights of tokens', () => {
  const total = (lengths: Numbers, normalisation: TokenNormalisation) =>
    tokenWeights(lengths, normalisation).map((weights) => weights.reduce((sum, weight) => sum + weight, 0));

  it('count tokens alike, responses alike, or tokens by a fixed length', () => {
    const lengths = [1, 3, 4];
    expect(tokenWeights(lengths, 'token').flatMap((weights) => [...weights])).toEqual(
      new Array<number>(8).fill(1 / 8),
    );
    for (const share of total(lengths, 'response')) expect(share).toBeCloseTo(1 / 3, 15);
    total(lengths, { fixed: 10 }).forEach((share, i) => {
      expect(share).toBeCloseTo(lengths[i]! / 30, 15);
    });
  });

  it('give an empty response none, and count it among the responses', () => {
    expect(total([0, 2], 'response')).toEqual([0, 0.5]);
    expect(total([0], 'token')).toEqual([0]);
  });
});

describe('surrogates by name', () => {
  it.each([
    ['trpo', {}, 'objective', 'there is no trpo; there are ppo, gspo, cispo, reinforce'],
    ['ppo', { dualClip: 1 }, 'dualClip', 'too small'],
    ['ppo', { clipLow: -0.1 }, 'clipLow', 'too small'],
    ['ppo', { klEstimator: 'k4' }, 'klEstimator', ''],
    ['reinforce', { clipLow: 0.2 }, 'clipLow', 'there is no such setting'],
  ])('refuses %s %j', (name, settings, setting, problem) => {
    expect(() => surrogate(name, settings)).toThrow(
      expect.objectContaining({
        code: 'policy.bad_configuration',
        parameters: { setting, problem: expect.stringContaining(problem) },
      }),
    );
  });

  it('refuses a loss of values that clips to nothing', () => {
    expect(() => valueLoss({ clip: 0 })).toThrow('The setting clip of the policy cannot be used');
  });
});
