/** @file Rewards of every other kind, what happens to failures, and what a policy learns from in the end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goldReward } from '@plaudit/feedback';
import { buildRewardModel } from '@plaudit/reward';
import { afterAll, describe, expect, it } from 'vitest';
import { rewardAll } from './failures.ts';
import { type OpenRewardOptions, openReward } from './open.ts';
import { normaliserOf, penalised } from './penalised.ts';
import { hasFailed, type RewardOutcome } from './source.ts';
import { item, startService } from './testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'plaudit-rewards-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const build = async (kind: string, name: string, specification: object): Promise<string> => {
  await writeFile(at(`${name}.json`), JSON.stringify(specification));
  await buildRewardModel({ kind, specification: at(`${name}.json`), out: at(name) });
  return at(name);
};

const ask = async (reference: string, options: OpenRewardOptions, ...responses: string[]) => {
  const reward = await openReward(reference, options);
  try {
    return (await reward.score([item('a question', ...responses)]))[0]!;
  } finally {
    await reward.close();
  }
};

const codeOrReward = (outcome: RewardOutcome): string | number =>
  hasFailed(outcome) ? outcome.failed.code : outcome.reward;

let made = 0;
const file = async (source: string, ending = 'ts'): Promise<string> => {
  const path = at(`function-${made++}.${ending}`);
  await writeFile(path, source);
  return path;
};

describe('a file with a function', () => {
  it('rewards with a number', async () => {
    const path = await file(
      'export default (prompt: { content: string }[], response: string): number => prompt[0]!.content.length + response.length;',
    );
    expect(await ask(path, {}, 'abc')).toEqual([{ reward: 13, parts: {}, uncertainty: null }]);
  });

  it('rewards with named numbers, whose sum the reward is', async () => {
    const path = await file(
      'export default (_, response) => ({ length: response.length, base: -1 });',
      'mjs',
    );
    expect(await ask(path, {}, 'abc')).toEqual([
      { reward: 2, parts: { length: 3, base: -1 }, uncertainty: null },
    ]);
  });

  it('may be the function of a program, and import its neighbours', async () => {
    await writeFile(at('neighbour.ts'), 'export const weight = 4;');
    const path = await file(
      "import { weight } from './neighbour.ts'; export default () => ({ reward: weight, perObjective: { a: 1 } });",
    );
    expect(await ask(path, {}, 'abc')).toEqual([{ reward: 4, parts: { a: 1 }, uncertainty: null }]);
  });

  it('fails for the responses that it throws at, takes too long for or gives no number for', async () => {
    const path = await file(`export default (_, response) => {
      if (response === 'throw') throw new Error('no');
      if (response === 'hang') for (;;);
      if (response === 'nan') return NaN;
      if (response === 'empty') return {};
      if (response === 'text') return { part: 'much' };
      return 1;
    };`);
    const outcomes = await ask(
      path,
      { file: { timeLimit: 300 } },
      'a',
      'throw',
      'hang',
      'nan',
      'empty',
      'text',
      'b',
    );
    const failed = 'reward.function_failed';
    expect(outcomes.map(codeOrReward)).toEqual([1, failed, failed, failed, failed, failed, 1]);
    expect((outcomes[2] as { failed: Error }).failed.message).toBe(
      `The reward function ${path} gave no reward for response 3 of item 1: its function ran longer than 300 ms.`,
    );
  });

  it.each([
    ['reward.reference_unknown', 'nothing.ts', null],
    ['reward.function_unusable', 'no-function.ts', 'export default 3;'],
    ['reward.function_unusable', 'broken.js', 'export default ('],
    ['reward.function_unusable', 'text.txt', 'hello'],
  ])('is refused with %s for %s', async (code, name, source) => {
    if (source !== null) await writeFile(at(name), source);
    await expect(openReward(at(name))).rejects.toMatchObject({ code });
  });

  it('is known by what it holds', async () => {
    const open = async (source: string): Promise<string> => {
      const reward = await openReward(await file(source));
      await reward.close();
      return reward.digest;
    };
    expect(await open('export default () => 1;')).toBe(await open('export default () => 1;'));
    expect(await open('export default () => 1;')).not.toBe(await open('export default () => 2;'));
  });
});

describe('a function of this process', () => {
  it('rewards, also later and with parts', async () => {
    const reward = await openReward(async (_, response) => ({ length: response.length }));
    expect(await reward.score([item('?', 'ab')])).toEqual([
      [{ reward: 2, parts: { length: 2 }, uncertainty: null }],
    ]);
  });

  it.each([
    ['it threw TypeError', () => null as never as { a: { b: number } }, true],
    ['it gave NaN', () => Number.NaN, false],
    ['it gave no number but undefined', () => undefined as never, false],
    ['it gave an object without parts', () => ({}), false],
    ['it gave a part that is string', () => ({ part: '1' }) as never, false],
  ])('fails where %s', async (problem, give, throws) => {
    const reward = await openReward(() => {
      const value = give();
      return throws ? (value as { a: { b: number } }).a.b : (value as number);
    });
    const [[outcome] = []] = await reward.score([item('?', 'a')]);
    expect(hasFailed(outcome!) && outcome.failed.parameters.problem).toBe(problem);
  });

  it('is asked about as many responses at once as it allows', async () => {
    let [open, most] = [0, 0];
    const reward = await openReward(
      async () => {
        most = Math.max(most, ++open);
        await new Promise((resolve) => setTimeout(resolve, 10));
        open--;
        return 1;
      },
      { function: { concurrency: 4 } },
    );
    await reward.score([item('?', ...'abcdefghij')]);
    expect(most).toBe(4);
  });
});

describe('gold', () => {
  it('is what the simulated support desk is truly after', async () => {
    const prompt = 'My watch will not turn on.';
    const response = 'Try another wall socket, without an extension lead.';
    const reward = await openReward('gold');
    expect((await reward.score([item(prompt, response)])).flat().map(codeOrReward)).toEqual([
      goldReward(prompt, response),
    ]);
  });
});

const pattern = (name: string, text: string, weight = 1) => ({
  name,
  type: 'pattern',
  pattern: text,
  weight,
});

describe('a saved model', () => {
  it('rewards with the contributions of its parts', async () => {
    const path = await build('program', 'rules', {
      rules: [pattern('please', 'please', 2), pattern('you', 'you')],
    });
    expect(await ask(path, {}, 'please', 'thank you')).toEqual([
      { reward: 2, parts: { please: 2, you: 0 }, uncertainty: null },
      { reward: 1, parts: { please: 0, you: 1 }, uncertainty: null },
    ]);
  });

  it('that fails for one prompt rewards the others', async () => {
    await writeFile(
      at('picky.js'),
      "export default (_, r) => { if (r === 'bad') throw new Error(); return 1; };",
    );
    const reward = await openReward(await build('program', 'picky', { module: { path: 'picky.js' } }));
    const outcomes = await reward.score([item('1', 'a'), item('2', 'b', 'bad'), item('3', 'c')]);
    await reward.close();
    expect(outcomes.map((row) => row.map(codeOrReward))).toEqual([
      [1],
      ['reward.program_failed', 'reward.program_failed'],
      [1],
    ]);
  });

  it('that is an ensemble combines its members as it is told', async () => {
    const members = [
      await build('program', 'member-1', { rules: [pattern('a', 'a', 4)] }),
      await build('program', 'member-2', { rules: [pattern('b', 'b', 1)] }),
    ];
    const path = await build('ensemble', 'members', { members, combine: 'mean', normalise: 'none' });
    const combined = async (combine?: NonNullable<OpenRewardOptions['model']>['combine']) =>
      (await ask(path, { model: combine ? { combine } : {} }, 'a and b', 'a only')).map(codeOrReward);
    expect(await combined()).toEqual([2.5, 2]);
    expect(await combined({ combine: 'worst' })).toEqual([1, 0]);
    expect(await combined({ combine: 'mean-minus-variance', lambda: 0.5 })).toEqual([1.375, 0]);
    const digests = await Promise.all(
      [{}, { combine: { combine: 'worst' } as const }].map(async (model) => {
        const reward = await openReward(path, { model });
        await reward.close();
        return reward.digest;
      }),
    );
    expect(digests[0]).not.toBe(digests[1]);
    await expect(openReward(members[0]!, { model: { combine: { combine: 'worst' } } })).rejects.toMatchObject(
      {
        code: 'reward.bad_configuration',
      },
    );
  });

  it('without measured rewards has no normaliser', async () => {
    const reward = await openReward(await build('program', 'unmeasured', { rules: [pattern('a', 'a')] }));
    await reward.close();
    expect(() => normaliserOf(reward)).toThrow(
      expect.objectContaining({ code: 'reward.normaliser_missing' }),
    );
  });

  it('that is not there is refused', async () => {
    await expect(openReward(at('nowhere'))).rejects.toMatchObject({ code: 'reward.reference_unknown' });
    await expect(openReward(folder)).rejects.toMatchObject({ code: 'reward.model_missing' });
  });
});

describe('failed rewards', () => {
  /** Fails for texts that start with a dash, so many times for each. */
  const flaky = (times: number) => {
    const seen = new Map<string, number>();
    return openReward((_, response) => {
      const count = (seen.get(response) ?? 0) + 1;
      seen.set(response, count);
      if (response.startsWith('-') && count <= times) throw new Error('no');
      return response.length;
    });
  };

  it('are asked about again, and only they', async () => {
    const reward = await flaky(2);
    const rewarded = await rewardAll(reward, [item('1', 'a', '-bb'), item('2', 'cc')], { retries: 2 });
    expect(rewarded).toMatchObject({ dropped: 0, retried: 2 });
    expect(rewarded.scores.map((row) => row.map((score) => score?.reward))).toEqual([[1, 3], [2]]);
  });

  it('stop the run, naming the reward and how many failed', async () => {
    const reward = await flaky(9);
    await expect(rewardAll(reward, [item('1', 'a', '-b', 'c')], { retries: 2 })).rejects.toMatchObject({
      code: 'reward.rewards_failed',
      parameters: { failed: 1, responses: 3 },
    });
  });

  it('are dropped where that was asked for, and never become 0', async () => {
    const rewarded = await rewardAll(await flaky(9), [item('1', 'a', '-b'), item('2', '-c', 'dd')], {
      onFailure: 'drop',
    });
    expect(rewarded.dropped).toBe(2);
    expect(rewarded.scores.map((row) => row.map((score) => score?.reward ?? null))).toEqual([
      [1, null],
      [null, 2],
    ]);
  });

  it('stop the run all the same when they are more than half', async () => {
    const items = [item('1', 'a', '-b'), item('2', '-c', '-d')];
    await expect(rewardAll(await flaky(9), items, { onFailure: 'drop' })).rejects.toMatchObject({
      code: 'reward.rewards_failed',
      parameters: { failed: 3, responses: 4 },
    });
  });

  it('of a service that went away stop the run', async () => {
    const service = await startService(() => 'cut');
    const reward = await openReward(service.url, { endpoint: { attempts: 2, wait: 0, concurrency: 1 } });
    await expect(
      rewardAll(reward, [item('1', ...'abcdefgh')], { onFailure: 'drop', retries: 0 }),
    ).rejects.toMatchObject({
      code: 'reward.rewards_failed',
      message: expect.stringContaining(service.url),
    });
    expect(service.asked).toHaveLength(10);
  });

  it('do not hide that the run was told to stop', async () => {
    const controller = new AbortController();
    const reward = await openReward(() => {
      controller.abort(new Error('enough'));
      throw new Error('no');
    });
    await expect(rewardAll(reward, [item('1', 'a', 'b')], {}, controller.signal)).rejects.toThrow('enough');
  });
});

describe('what a policy learns from', () => {
  const score = (reward: number, uncertainty: number | null = null) => ({ reward, parts: {}, uncertainty });

  it('is the reward as it is, unless told otherwise', () => {
    expect(penalised([[score(3), null]], [[false, false]])).toEqual([
      [{ reward: 3, raw: 3, uncertainty: null, clipped: false, unended: false }, null],
    ]);
  });

  it('is normalised, then bounded, then less the penalty for not ending', () => {
    const options = { normaliser: { mean: 1, std: 2 }, clip: [-2, 2], missingEndPenalty: 1 } as const;
    const rows = [[score(3, 4), score(9), score(-9), score(1)]];
    expect(penalised(rows, [[true, true, false, false]], options)).toEqual([
      [
        { reward: 1, raw: 3, uncertainty: 2, clipped: false, unended: false },
        { reward: 2, raw: 9, uncertainty: null, clipped: true, unended: false },
        { reward: -3, raw: -9, uncertainty: null, clipped: true, unended: true },
        { reward: -1, raw: 1, uncertainty: null, clipped: false, unended: true },
      ],
    ]);
  });

  it('takes the mean and spread from the card of a model that has them', async () => {
    const path = await build('program', 'measured', { rules: [pattern('a', 'a')] });
    const card = JSON.parse(await readFile(join(path, 'plaudit.json'), 'utf8'));
    const calibration = { temperature: 1, reference: 0 };
    await writeFile(
      join(path, 'plaudit.json'),
      JSON.stringify({ ...card, calibration, normaliser: { mean: 2, std: 3 } }),
    );
    const reward = await openReward(path);
    await reward.close();
    expect(normaliserOf(reward)).toEqual({ mean: 2, std: 3 });
  });
});
