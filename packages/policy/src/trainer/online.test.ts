/** @file Updates of the online methods: what the trainer is fed, how often, and what is remembered between them. */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Prompt } from '@plaudit/contract';
import type { Base } from '@plaudit/reward';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { nextKlCoefficient, nextMultiplier } from '../control/index.ts';
import { openReward, type RewardFunction } from '../rewards/index.ts';
import { openMethod } from '../run/open-method.ts';
import type { IterationRecord } from './loop.ts';
import type { PolicyNetwork, PolicyNetworkOptions } from './network.ts';
import type { OnlineMethod } from './online.ts';
import type { PolicyMethod, PolicySettings } from './settings.ts';
import {
  openTiny,
  prompts,
  shareOfA,
  temporaryFolder,
  tinyBase,
  tinyCheckpoint,
  tinyConfiguration,
} from './testing.ts';

const folder = temporaryFolder();
let base: Base;
beforeAll(async () => {
  base = await tinyBase(await tinyCheckpoint(folder));
});

/** A batch as the trainer was given it, and what it said. */
interface Fed {
  readonly feeds: Readonly<Record<string, Float32Array>>;
  /** Of each tree the texts of its responses, and their places among the targets. */
  readonly trees: readonly {
    readonly prompt: string;
    readonly responses: readonly { readonly text: string; readonly first: number; readonly count: number }[];
  }[];
  readonly results: Readonly<Record<string, Float32Array>>;
}

interface Opened {
  readonly network: PolicyNetwork;
  readonly method: OnlineMethod;
  /** What the trainer was fed since the last look. */
  taken(): Fed[];
  /** Responses that the reward was asked about since the last look. */
  asked(): { readonly prompt: string; readonly response: string }[];
  applied: number;
  iterate(step: number): Promise<IterationRecord>;
}

const contentOf = (prompt: Prompt): string => prompt.at(-1)!.content;

/** A method over a tiny network whose adapter matters, with an eye on its trainer and its reward. */
const open = async (
  name: PolicyMethod,
  settings: PolicySettings = {},
  {
    reward = shareOfA,
    cost,
    tokensPerBatch = 60,
    count = 4,
    network: options = {},
  }: {
    readonly reward?: RewardFunction;
    readonly cost?: RewardFunction;
    readonly tokensPerBatch?: number;
    readonly count?: number;
    readonly network?: Partial<PolicyNetworkOptions>;
  } = {},
): Promise<Opened> => {
  const configuration = {
    ...tinyConfiguration(base, name, {
      ...{ steps: 9, promptsPerStep: count, maxNewTokens: 6, ...settings },
      ...(cost && { cost: 'a function' }),
    }),
    tokensPerBatch,
  };
  const network = await openTiny(base, {
    value: name === 'ppo',
    temperature: configuration.online!.temperature,
    ...options,
  });
  onTestFinished(() => network.close());
  const decode = (ids: readonly number[]): string =>
    base.formatter.tokenizer.decode(ids.filter((id) => id !== base.formatter.endId && id !== 3));
  const fed: Fed[] = [];
  const eyed: PolicyNetwork = Object.create(network, {
    openTrainer: {
      async value(...parts: Parameters<PolicyNetwork['openTrainer']>) {
        const trainer = await network.openTrainer(...parts);
        const accumulate: typeof trainer.accumulate = async (laid, feeds, context) => {
          const copied = Object.fromEntries(
            Object.entries(feeds).flatMap(([key, { data }]) =>
              data instanceof Float32Array ? [[key, data.slice()]] : [],
            ),
          );
          const ids = Array.from(laid.feeds['target.ids']!.data as BigInt64Array, Number);
          const flat = Array.from(laid.feeds.ids!.data as BigInt64Array, Number);
          const rows = Array.from(laid.feeds['target.rows']!.data as BigInt64Array, Number);
          const trees = laid.places.map((places) => ({
            prompt: [...decode(flat.slice(0, rows[places[0]!.first]! + 1)).matchAll(/user\n([a-z]+)/g)].at(
              -1,
            )![1]!,
            responses: places.map(({ first, count }) => ({
              text: decode(ids.slice(first, first + count)),
              first,
              count,
            })),
          }));
          const results = await trainer.accumulate(laid, feeds, context);
          fed.push({ feeds: copied, trees, results });
          return results;
        };
        return { accumulate, close: () => trainer.close() };
      },
    },
  });
  const seen: { prompt: string; response: string }[] = [];
  const watched: RewardFunction = (prompt, response, signal) => {
    seen.push({ prompt: contentOf(prompt), response });
    return reward(prompt, response, signal);
  };
  const texts = prompts(count + 2, 7).map((content): Prompt => [{ role: 'user', content }]);
  const { method } = await openMethod(eyed, {
    method: name,
    side: {
      kind: 'online',
      sources: [],
      rows: 1,
      rejects: 0,
      train: texts.slice(2),
      heldOut: texts.slice(0, 2),
      alike: false,
    },
    configuration,
    rewards: {
      reward: await openReward(watched),
      gold: null,
      cost: cost ? await openReward(cost) : null,
    },
    seed: 5,
    checkpoints: await mkdtemp(join(folder, 'checkpoints-')),
    fingerprint: 'one',
    signal: undefined,
    onProgress: undefined,
  });
  const opened: Opened = {
    network,
    method: method as OnlineMethod,
    taken: () => fed.splice(0),
    asked: () => seen.splice(0),
    applied: 0,
    iterate: (step) =>
      method.iterate({
        step,
        signal: undefined,
        async apply() {
          opened.applied++;
          return (await network.parameters.apply({ learningRate: 0.01 })).gradientNorm;
        },
      }),
  };
  return opened;
};

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);

describe.each([
  ['ppo', {}],
  ['rloo', {}],
  ['reinforce', {}],
  ['grpo', { samples: 3 }],
  ['grpo', { samples: 3, importance: 'sequence' }],
] as const)('the first pass of %s over a rollout: %j', (name, settings) => {
  it('is on the policy that sampled: nothing is clipped, and the reference is where it starts', async () => {
    const opened = await open(name, { ...settings, innerEpochs: 1, temperature: 0.8 });
    const { rollout, loss } = await opened.iterate(1);
    expect([rollout!.clipped, rollout!.kl, rollout!.klSampled]).toEqual([0, 0, 0]);
    const batches = opened.taken();
    expect(batches.length).toBeGreaterThan(1);
    let [wanted, ofValue] = [0, 0];
    for (const { feeds, results } of batches) {
      expect(results.moved![0]!).toBeLessThan(1e-9);
      expect(feeds['token.old']).toEqual(feeds['token.reference']);
      const [weight, advantage, old] = [
        feeds['token.weight']!,
        feeds['token.advantage']!,
        feeds['token.old']!,
      ];
      // With a ratio of 1 the surrogate is the advantage; REINFORCE has the log-probability beside it.
      weight.forEach((own, i) => {
        wanted -= own * advantage[i]! * (name === 'reinforce' ? old[i]! : 1);
        ofValue += (own * (feeds['token.oldValue']![i]! - feeds['token.return']![i]!) ** 2) / 2;
      });
    }
    expect(Math.abs(loss - (wanted + (name === 'ppo' ? 0.1 * ofValue : 0)))).toBeLessThan(1e-5);
    if (name === 'ppo') expect(Math.abs(rollout!.valueLoss! - ofValue)).toBeLessThan(1e-5);
    else expect(rollout!.valueLoss).toBeNull();
  });
});

describe('what is fed', () => {
  it('is the advantage and weight of the very response that it lies beside, in whatever batch', async () => {
    const opened = await open('grpo', {
      samples: 3,
      minibatches: 2,
      scaleRewards: 'none',
      normalisation: 'response',
    });
    await opened.iterate(1);
    const asked = opened.asked();
    const groups = Map.groupBy(asked, ({ prompt }) => prompt);
    const batches = opened.taken();
    const trees = batches.flatMap((batch) => batch.trees.map((tree) => ({ ...tree, feeds: batch.feeds })));
    expect(trees.map(({ prompt }) => prompt).sort()).toEqual([...groups.keys()].sort());
    for (const { prompt, responses, feeds } of trees) {
      const group = groups.get(prompt)!;
      expect(responses.map(({ text }) => text)).toEqual(group.map(({ response }) => response));
      const rewards = group.map(({ response }) => shareOfA(null, response));
      const mean = sum(rewards) / rewards.length;
      responses.forEach(({ first, count }, k) => {
        for (let i = first; i < first + count; i++) {
          expect(feeds['token.advantage']![i]!).toBeCloseTo(rewards[k]! - mean, 6);
          // Two prompts of three responses in each minibatch.
          expect(feeds['token.weight']![i]!).toBeCloseTo(1 / (6 * count), 6);
        }
      });
    }
  });

  it('is every prompt once in each pass, in as many updates as passes have minibatches', async () => {
    const opened = await open('ppo', { innerEpochs: 3, minibatches: 2 });
    await opened.iterate(1);
    expect(opened.applied).toBe(6);
    const names = opened.taken().flatMap(({ trees }) => trees.map(({ prompt }) => prompt));
    expect(names).toHaveLength(12);
    const passes = [0, 4, 8].map((first) => names.slice(first, first + 4));
    for (const pass of passes) expect([...pass].sort()).toEqual([...passes[0]!].sort());
    expect(new Set(passes[0]).size).toBe(4);
  });

  it('is what the policy said when it sampled, in later passes too', async () => {
    const opened = await open('ppo', { innerEpochs: 2 });
    await opened.iterate(1);
    const batches = opened.taken();
    const byPrompt = batches.flatMap(({ trees, feeds, results }) =>
      trees.map(({ prompt, responses: [response] }) => ({
        prompt,
        old: [...feeds['token.old']!.slice(response!.first, response!.first + response!.count)],
        moved: results.moved![0]!,
      })),
    );
    const [first, second] = [byPrompt.slice(0, 4), byPrompt.slice(4)];
    for (const { prompt, old, moved } of second) {
      expect(old).toEqual(first.find((one) => one.prompt === prompt)!.old);
      expect(moved).toBeGreaterThan(1e-6);
    }
  });
});

describe('batches within an update', () => {
  it.each([
    ['ppo', { innerEpochs: 2, minibatches: 2 }],
    ['grpo', { samples: 3, kl: 0.1 }],
    ['online-dpo', {}],
    ['best-of-n', { samples: 3 }],
  ] as const)('make no difference to the weights: %s', async (name, settings) => {
    const trained = async (tokensPerBatch: number) => {
      const opened = await open(name, settings, { tokensPerBatch });
      const record = await opened.iterate(1);
      return { record, batches: opened.taken().length, values: await opened.network.values() };
    };
    const [small, large] = [await trained(30), await trained(100_000)];
    expect(small.batches).toBeGreaterThan(large.batches);
    expect(Math.abs(small.record.loss - large.record.loss)).toBeLessThan(1e-4);
    let worst = 0;
    for (const [key, { data }] of small.values)
      data.forEach((value, i) => {
        worst = Math.max(worst, Math.abs(value - large.values.get(key)!.data[i]!));
      });
    expect(worst).toBeLessThan(1e-4);
  });
});

describe('best-of-n', () => {
  it('imitates the best response of each prompt, every token alike', async () => {
    const opened = await open('best-of-n', { samples: 4 });
    await opened.iterate(1);
    const groups = Map.groupBy(opened.asked(), ({ prompt }) => prompt);
    const batches = opened.taken();
    const trees = batches.flatMap(({ trees }) => trees);
    const tokens = sum(trees.map(({ responses }) => responses[0]!.count));
    for (const { prompt, responses } of trees) {
      const best = Math.max(...groups.get(prompt)!.map(({ response }) => shareOfA(null, response)));
      expect(responses).toHaveLength(1);
      expect(shareOfA(null, responses[0]!.text)).toBe(best);
    }
    for (const { feeds } of batches)
      for (const weight of feeds['supervised.weight']!) expect(weight).toBeCloseTo(1 / tokens, 6);
  });
});

describe('online DPO', () => {
  it('prefers the best response of each prompt to its worst, and leaves out prompts without a difference', async () => {
    const opened = await open('online-dpo', { samples: 3 });
    await opened.iterate(1);
    const groups = Map.groupBy(opened.asked(), ({ prompt }) => prompt);
    const trees = opened
      .taken()
      .flatMap((batch) => batch.trees.map((tree) => ({ ...tree, feeds: batch.feeds })));
    const spread = [...groups].filter(
      ([, group]) => new Set(group.map(({ response }) => shareOfA(null, response))).size > 1,
    );
    expect(trees.map(({ prompt }) => prompt).sort()).toEqual(spread.map(([prompt]) => prompt).sort());
    for (const { prompt, responses, feeds } of trees) {
      const rewards = groups.get(prompt)!.map(({ response }) => shareOfA(null, response));
      const own = responses.map(({ text }) => shareOfA(null, text));
      expect(own).toEqual([Math.max(...rewards), Math.min(...rewards)]);
      for (const weight of feeds['pair.weight']!) expect(weight).toBeCloseTo(1 / trees.length, 6);
    }
  });

  it('changes nothing where no prompt has a difference', async () => {
    const opened = await open('online-dpo', {}, { reward: () => 1 });
    const before = await opened.network.values();
    const record = await opened.iterate(1);
    expect([opened.applied, record.loss, record.gradientNorm, record.tokens]).toEqual([0, 0, 0, 0]);
    expect(await opened.network.values()).toEqual(before);
  });
});

describe('prompts', () => {
  it('come once in each pass over them, in a new order each time', async () => {
    const opened = await open('rloo', { promptsPerStep: 2 }, { count: 4 });
    const orders: string[][] = [];
    for (const pass of [0, 1, 2]) {
      const seen: string[] = [];
      for (const step of [1, 2]) {
        await opened.iterate(2 * pass + step);
        seen.push(...new Set(opened.asked().map(({ prompt }) => prompt)));
      }
      orders.push(seen);
    }
    for (const order of orders) expect([...order].sort()).toEqual([...orders[0]!].sort());
    expect(new Set(orders[0]).size).toBe(4);
    expect(new Set(orders.map((order) => order.join())).size).toBeGreaterThan(1);
  });
});

describe('what is steered', () => {
  it('is the coefficient of the divergence, by the divergence of each rollout', async () => {
    const opened = await open('ppo', { klTarget: 0.5, klHorizon: 40, kl: 0.2, innerEpochs: 2 });
    const control = { kind: 'adaptive', coefficient: 0.2, target: 0.5, horizon: 40 } as const;
    let coefficient = 0.2;
    const seen: number[] = [];
    for (const step of [1, 2, 3]) {
      const { rollout } = await opened.iterate(step);
      expect(rollout!.klCoefficient).toBe(coefficient);
      seen.push(coefficient);
      coefficient = nextKlCoefficient(control, coefficient, rollout!.klSampled, rollout!.responses);
    }
    expect(opened.method.state()).toMatchObject({ klCoefficient: coefficient });
    expect(new Set(seen).size).toBe(3);
  });

  it('is the multiplier of a cost, which is taken off the reward', async () => {
    const cost = (_: unknown, response: string): number => response.length;
    const opened = await open('rloo', { costLimit: 3 }, { cost });
    const { rollout } = await opened.iterate(1);
    expect(rollout!.multiplier).toBe(10);
    const lengths = opened.asked().map(({ response }) => response.length);
    expect(rollout!.cost).toBeCloseTo(sum(lengths) / lengths.length, 12);
    const constraint = {
      limit: 3,
      initial: 10,
      largest: 20,
      learningRate: 0.1,
      window: 128,
      ascent: 'logarithm',
    } as const;
    const { multiplier } = nextMultiplier(constraint, { multiplier: 10, costs: [] }, lengths);
    expect((await opened.iterate(2)).rollout!.multiplier).toBe(multiplier);
  });
});

describe('a reward that fails', () => {
  const failing =
    (share: number, fail: () => number): RewardFunction =>
    (_, response) => {
      // By the text, so that asking again fails again.
      const code = [...response].reduce((all, letter) => (31 * all + letter.charCodeAt(0)) % 97, 7);
      return code < share * 97 ? fail() : shareOfA(null, response);
    };
  const throwing = (): number => {
    throw new Error('a fault of the reward');
  };

  it.each([
    ['throws', throwing, 'threw Error'],
    ['is infinite', () => Number.POSITIVE_INFINITY, 'gave Infinity'],
    ['is no number', () => Number.NaN, 'gave NaN'],
  ] as const)('stops the run where it %s, and nothing has changed', async (_, fail, problem) => {
    const opened = await open('rloo', { rewardRetries: 0 }, { reward: failing(0.5, fail) });
    const [state, values] = [opened.method.state(), await opened.network.values()];
    const stopped = opened.iterate(1);
    await expect(stopped).rejects.toMatchObject({ code: 'reward.rewards_failed' });
    await expect(stopped).rejects.toThrow(problem);
    expect(opened.method.state()).toEqual(state);
    expect(await opened.network.values()).toEqual(values);
  });

  it('leaves responses out where that was asked for, and counts them', async () => {
    const opened = await open(
      'grpo',
      { samples: 4, rewardRetries: 0, onRewardFailure: 'drop' },
      { reward: failing(0.3, throwing) },
    );
    const { rollout } = await opened.iterate(1);
    expect(rollout!.dropped).toBeGreaterThan(0);
    expect(rollout!.responses + rollout!.dropped).toBe(16);
    const learned = opened.taken().flatMap(({ trees }) => trees.flatMap(({ responses }) => responses));
    expect(learned).toHaveLength(rollout!.responses);
  });

  it('stops the run where reward and cost together lack more than half of the responses', async () => {
    let turn = 0;
    const opened = await open(
      'rloo',
      { rewardRetries: 0, onRewardFailure: 'drop', samples: 2 },
      {
        reward: () => (turn++ % 2 === 0 ? throwing() : 1),
        cost: () => (turn++ % 2 === 0 ? 1 : throwing()),
      },
    );
    await expect(opened.iterate(1)).rejects.toMatchObject({ code: 'reward.rewards_failed' });
  });
});

describe('an evaluation', () => {
  it('says the same again while the policy stays, and begins where the reference is', async () => {
    const opened = await open('ppo', {}, { network: { start: { seed: 2, values: null } } });
    const first = await opened.method.evaluate(0, undefined);
    const again = await opened.method.evaluate(1, undefined);
    expect(again.record).toEqual(first.record);
    expect(first.record.heldOut).toMatchObject({ kl: 0, prompts: 2 });
    expect(first.score).toBeNull();
    const asked = opened.asked();
    expect(asked.slice(0, 2)).toEqual(asked.slice(2));
    const rewards = asked.slice(0, 2).map(({ response }) => shareOfA(null, response));
    expect(first.record.heldOut!.reward).toBeCloseTo(sum(rewards) / 2, 12);
  });
});
