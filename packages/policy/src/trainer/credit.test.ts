/** @file The advantages, returns and weights that each method gives a rollout, against numbers worked out by hand. */
import { describe, expect, it } from 'vitest';
import { noMoments } from '../advantage/index.ts';
import { resolvePolicyConfiguration } from './configuration.ts';
import { type CreditState, creditOf } from './credit.ts';
import type { ScoredPrompt } from './minibatch.ts';
import type { PolicyMethod, PolicySettings } from './settings.ts';

/** What was sampled: log-probabilities of policy and reference, and values, of each token. */
interface Sampled {
  readonly reward: number;
  readonly own: number[];
  readonly reference: number[];
  readonly values?: number[];
  readonly cost?: number;
}

/** Prompts with the places in the rollout that their trees have. */
const scoredOf = (...prompts: Sampled[][]): ScoredPrompt[] =>
  prompts.map((responses, index): ScoredPrompt => {
    const prompt = [{ role: 'user' as const, content: 'q' }];
    return {
      prompt: { prompt, tokens: [1], truncated: false },
      tree: { index, tokens: { prompt: [1], responses: responses.map(({ own }) => own.map(() => 7)) } },
      responses: responses.map(({ reward, own, cost }) => ({
        tokens: own.map(() => 7),
        text: 'text',
        ended: true,
        score: { reward: 100, parts: {}, uncertainty: null },
        reward: { reward, raw: 100, uncertainty: null, clipped: false, unended: false },
        gold: null,
        cost: cost ?? null,
      })),
      scores: responses.map(({ own, reference, values }) => ({
        logProbabilities: Float32Array.from(own),
        reference: Float32Array.from(reference),
        values: values ? Float32Array.from(values) : null,
        entropies: new Float32Array(own.length),
        divergences: new Float32Array(own.length),
      })),
    };
  });

const credit = (
  method: PolicyMethod,
  scored: readonly ScoredPrompt[],
  settings: PolicySettings = {},
  state: Partial<CreditState> = {},
) => {
  const { online } = resolvePolicyConfiguration(method, settings, { loraTargets: ['x'] }, 64);
  return creditOf(method, scored, online!, {
    klCoefficient: 0.1,
    baseline: noMoments,
    multiplier: null,
    ...state,
  });
};

/** Within float32. */
const near = (found: readonly (readonly ArrayLike<number>[])[] | null, wanted: number[][][]): void => {
  expect(found!.map((row) => row.map(({ length }) => length))).toEqual(
    wanted.map((row) => row.map(({ length }) => length)),
  );
  const flat = found!.flatMap((row) => row.flatMap((values) => Array.from(values)));
  for (const [i, value] of wanted.flat(2).entries()) expect(flat[i]).toBeCloseTo(value, 6);
};

/** Log-ratios 0.5, -0.5, 0 on the way, and -0.25 of one token. */
const three: Sampled = {
  reward: 2,
  own: [-1, -2, -0.5],
  reference: [-1.5, -1.5, -0.5],
  values: [0.2, 0.4, 1],
};
const one: Sampled = { reward: -1, own: [-0.75], reference: [-0.5], values: [0.25] };

describe('PPO', () => {
  const plain = { lambda: 0.5, whitenAdvantages: false };
  // Rewards -0.05, 0.05, 2 and -0.975; TD errors 0.15, 0.65, 1 and -1.225.
  const advantages = [[[0.725, 1.15, 1]], [[-1.225]]];

  it('puts the penalty at each token and the score at the last, and estimates along the response', () => {
    const { advantages: found, returns } = credit('ppo', scoredOf([three], [one]), plain);
    near(found, advantages);
    near(returns, [[[0.925, 1.55, 2]], [[-0.975]]]);
  });

  it('discounts later rewards', () => {
    const { advantages: found } = credit('ppo', scoredOf([three]), { ...plain, discount: 0.5, lambda: 1 });
    // 2 - 1; 0.05 + 0.5 - 0.4 + 0.5 * 1; -0.05 + 0.2 - 0.2 + 0.5 * 0.65
    near(found, [[[0.275, 0.65, 1]]]);
  });

  it('whitens advantages over the whole rollout, and leaves returns as they are', () => {
    const { advantages: found, returns } = credit('ppo', scoredOf([three], [one]), { lambda: 0.5 });
    const flat = advantages.flat(2);
    const mean = flat.reduce((a, b) => a + b, 0) / 4;
    const deviation = Math.sqrt(flat.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 3);
    near(
      found,
      advantages.map((row) => row.map((own) => own.map((x) => (x - mean) / deviation))),
    );
    near(returns, [[[0.925, 1.55, 2]], [[-0.975]]]);
  });

  it('whitens rewards without a shift of their mean where it is asked to', () => {
    const { returns } = credit('ppo', scoredOf([three], [one]), {
      ...plain,
      lambda: 1,
      discount: 0,
      whitenRewards: true,
    });
    // Without a discount a return is the token's own reward.
    const rewards = [-0.05, 0.05, 2, -0.975];
    const mean = rewards.reduce((a, b) => a + b, 0) / 4;
    const deviation = Math.sqrt(rewards.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 3);
    const [a, b, c, d] = rewards.map((x) => (x - mean) / deviation + mean);
    near(returns, [[[a!, b!, c!]], [[d!]]]);
  });

  it('takes the estimator that is asked for', () => {
    const { returns } = credit('ppo', scoredOf([one]), { ...plain, klEstimator: 'k3' });
    near(returns, [[[-1 - 0.1 * (Math.exp(0.25) - 1.25)]]]);
  });

  it('weighs all tokens of an update alike', () => {
    const scored = scoredOf([three], [one]);
    const { weigh } = credit('ppo', scored, plain);
    expect([...weigh(scored)].map(([index, rows]) => [index, rows.map((own) => [...own])])).toEqual([
      [0, [[0.25, 0.25, 0.25]]],
      [1, [[0.25]]],
    ]);
    expect([...weigh([scored[1]!]).get(1)![0]!]).toEqual([1]);
  });
});

describe('RLOO', () => {
  // Penalties 0.1 * 0 and 0.1 * -0.25: penalised scores 2, -0.975 and 5.
  const scored = scoredOf([three, one], [{ ...one, reward: 4.975 }]);

  it('compares penalised scores with the mean of the others, for every token of the response', () => {
    const { advantages, returns } = credit('rloo', scored);
    near(advantages, [[[2.975, 2.975, 2.975], [-2.975]], [[0]]]);
    expect(returns).toBeNull();
  });

  it('weighs responses alike by the mean length of the rollout', () => {
    const { weigh } = credit('rloo', scored);
    const weight = 1 / (3 * (5 / 3));
    near([...weigh(scored).values()], [[[weight, weight, weight], [weight]], [[weight]]]);
    near([...weigh([scored[1]!]).values()], [[[1 / (5 / 3)]]]);
  });
});

describe('REINFORCE', () => {
  it('compares with the mean of all scores before, and with its own where there are none', () => {
    const scored = scoredOf([three], [one]);
    const plain = { whitenAdvantages: false };
    const first = credit('reinforce', scored, plain);
    // Scores 2 and -0.975, mean 0.5125.
    near(first.advantages, [[[1.4875, 1.4875, 1.4875]], [[-1.4875]]]);
    expect(first.baseline).toMatchObject({ count: 2, mean: 0.5125 });
    const second = credit('reinforce', scoredOf([{ ...three, reward: 1 }]), plain, {
      baseline: first.baseline,
    });
    near(second.advantages, [[[0.4875, 0.4875, 0.4875]]]);
    expect(second.baseline).toMatchObject({ count: 3, mean: 2.025 / 3 });
  });
});

describe('GRPO', () => {
  const group = (...rewards: number[]): Sampled[] => rewards.map((reward) => ({ ...one, reward }));
  const scored = scoredOf(group(1, 2, 3, 6), group(5, 5));
  const deviation = Math.sqrt(14 / 3);
  const all = [1, 2, 3, 6, 5, 5];
  const mean = 22 / 6;
  const overall = Math.sqrt(all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 5);

  it.each([
    ['group', deviation + 1e-4],
    ['batch', overall + 1e-4],
    ['none', 1],
  ] as const)('gives scores less the mean of the group, divided by: %s', (scaleRewards, unit) => {
    const { advantages, returns } = credit('grpo', scored, { scaleRewards });
    near(advantages, [
      [[-2 / unit], [-1 / unit], [0], [3 / unit]],
      [[0], [0]],
    ]);
    expect(returns).toBeNull();
  });

  it('leaves the penalty to the loss', () => {
    const other = scoredOf([one, { ...three, reward: -1 }]);
    near(credit('grpo', other, { kl: 1 }, { klCoefficient: 1 }).advantages, [[[0], [0, 0, 0]]]);
  });

  it.each([
    ['token', [1 / 4, 1 / 4]],
    ['response', [1 / 6, 1 / 2]],
    ['length', [1 / 20, 1 / 20]],
  ] as const)('weighs by %s', (normalisation, [ofThree, ofOne]) => {
    const both = scoredOf([three, one]);
    const { weigh } = credit('grpo', both, { normalisation, maxNewTokens: 10 });
    near([...weigh(both).values()], [[[ofThree, ofThree, ofThree], [ofOne]]]);
  });
});

describe('a cost', () => {
  it('is taken off the score by its multiplier', () => {
    const scored = scoredOf([
      { ...one, reward: 3, cost: 1 },
      { ...one, reward: 1, cost: -1 },
    ]);
    const { advantages } = credit('grpo', scored, { scaleRewards: 'none' }, { multiplier: 3 });
    // (3 - 3) / 4 and (1 + 3) / 4
    near(advantages, [[[-0.5], [0.5]]]);
  });
});
