import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadRewardModel } from '@plaudit/reward';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DeploymentPlan } from './deployment.ts';
import { type ScoredEvent, ScoringService, type ScoringServiceOptions } from './scoring-service.ts';
import { item, studyItems, temporaryFolder, trainLinear, trainTransformer } from './testing.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
let services: ScoringService[] = [];
const open = (options?: ScoringServiceOptions): ScoringService => {
  const service = new ScoringService(options);
  services.push(service);
  return service;
};
const plan = (name: string, more: Partial<DeploymentPlan> = {}): DeploymentPlan => ({
  production: { model: { version: `${name}@1`, directory: at(name) } },
  ...more,
});
const load = { threads: 1 };
/** Serves both models under their names, for tests that change nothing. */
const shared = new ScoringService({ cacheSize: 0 });

beforeAll(async () => {
  await trainLinear(folder, 'linear');
  await trainLinear(folder, 'other', 2);
  await trainTransformer(folder, 'transformer');
  await Promise.all(['linear', 'transformer'].map((name) => shared.serve('p', name, plan(name))));
});
afterAll(() => shared.close());
afterEach(async () => {
  for (const service of services) await service.close();
  services = [];
});

/** What the model says without any service. */
const inProcess = async (name: string, items = studyItems): Promise<number[][]> => {
  const model = await loadRewardModel(at(name), load);
  try {
    return (await model.score(items)).map((row) => row.map(({ reward }) => reward));
  } finally {
    await model.close();
  }
};

describe('the scoring service', () => {
  it('says what the model says, in the order asked, for a linear model and bit for bit for a transformer', async () => {
    for (const name of ['linear', 'transformer']) {
      const { items } = await shared.score('p', { model: name, items: studyItems });
      expect(items.map(({ scores }) => scores!.map(({ reward }) => reward))).toEqual(await inProcess(name));
    }
    const { items } = await shared.score('p', { model: 'transformer', items: studyItems.slice(0, 3) });
    expect(
      items.every(({ scores }) =>
        scores!.every(({ tokens, truncated }) => tokens! > 0 && truncated !== null),
      ),
    ).toBe(true);
  });

  it('answers from its cache what it was asked before, and a new version from nothing', async () => {
    const service = open();
    await service.serve('p', 'm', plan('linear'));
    const ask = () => service.score('p', { items: studyItems.slice(0, 4) });
    const cachedIn = async (): Promise<boolean[]> =>
      (await ask()).items.map((one) => one.scores !== undefined && one.cached);
    expect(await cachedIn()).toEqual([false, false, false, false]);
    expect(await cachedIn()).toEqual([true, true, true, true]);
    await service.serve('p', 'm', plan('other'));
    expect(await cachedIn()).toEqual([false, false, false, false]);
  });

  it('drops nothing when versions change under load, and ends the old one', async () => {
    const service = open({ cacheSize: 0 });
    await service.serve('p', 'm', plan('linear'));
    const versions = new Set<string>();
    let failed = 0;
    let stop = false;
    const caller = async (): Promise<void> => {
      for (let i = 0; !stop; i++) {
        const { items } = await service.score('p', {
          model: 'm',
          items: [studyItems[i % studyItems.length]!],
        });
        if (items[0]!.scores) versions.add(items[0]!.version.served.version);
        else failed++;
      }
    };
    const callers = [caller(), caller(), caller(), caller()];
    await service.serve('p', 'm', plan('other'));
    await new Promise((done) => setTimeout(done, 50));
    await service.serve('p', 'm', plan('linear'));
    await new Promise((done) => setTimeout(done, 50));
    stop = true;
    await Promise.all(callers);
    expect([failed, [...versions].sort()]).toEqual([0, ['linear@1', 'other@1']]);
  });

  it('keeps what serves where the new one cannot be loaded', async () => {
    await cp(at('linear'), at('damaged'), { recursive: true });
    await writeFile(at('damaged/plaudit.json'), '{');
    await expect(shared.serve('p', 'linear', plan('nowhere'))).rejects.toMatchObject({
      code: 'reward.model_missing',
    });
    await expect(shared.serve('p', 'linear', plan('damaged'))).rejects.toMatchObject({
      code: 'reward.card_corrupt',
    });
    expect(
      (await shared.score('p', { model: 'linear', items: [item('a', 'b')] })).items[0]!.scores,
    ).toHaveLength(1);
  });

  it('starts a thread that died again, and what was with it is scored all the same', async () => {
    const service = open({ cacheSize: 0 });
    await service.serve('p', 'm', plan('linear'));
    const version = service.find('p', 'm').production.model as unknown as {
      thread: { current(): Promise<{ terminate(): Promise<void> }> };
    };
    const asked = service.score('p', { items: studyItems });
    await (await version.thread.current()).terminate();
    expect((await asked).items.every(({ scores }) => scores !== undefined)).toBe(true);
    expect(
      (await service.score('p', { items: studyItems })).items.every(({ scores }) => scores !== undefined),
    ).toBe(true);
  });

  it('refuses a request as a whole when the queue is full', async () => {
    const service = open({ limits: { maxQueue: 20 }, cacheSize: 0 });
    await service.serve('p', 'm', plan('linear'));
    const first = service.score('p', { items: studyItems.slice(0, 10) });
    await expect(service.score('p', { items: studyItems.slice(0, 1) })).rejects.toMatchObject({
      code: 'serving.overloaded',
    });
    expect((await first).items).toHaveLength(10);
    expect((await service.score('p', { items: studyItems.slice(0, 1) })).items).toHaveLength(1);
  });

  it('gives each item that cannot be scored an error of its own, and no reward', async () => {
    const long = item('why?', 'because '.repeat(200));
    const { items } = await shared.score('p', {
      model: 'transformer',
      items: [item('a', 'b'), long, { ...long, truncation: 'left' }, { ...long, truncation: 'right' }],
    });
    expect(items.map((one) => one.error?.code ?? 'ok')).toEqual(['ok', 'serving.too_long', 'ok', 'ok']);
    expect(items[1]!.scores).toBeUndefined();
    for (const cut of items.slice(2)) {
      expect(cut.scores![0]).toMatchObject({ truncated: true });
      expect(cut.scores![0]!.tokens).toBeLessThanOrEqual(128);
    }
  });

  it('asks the thorough model in mode auto only where the quick one is unsure and there is time', async () => {
    const service = open();
    await service.serve('p', 'm', {
      production: {
        model: { version: 't@1', directory: at('transformer') },
        proxy: { version: 'l@1', directory: at('linear') },
      },
    });
    const { items } = await service.score('p', { items: studyItems, mode: 'auto' });
    const { std } = JSON.parse(await readFile(at('linear/plaudit.json'), 'utf8')).normaliser as {
      std: number;
    };
    const quick = await inProcess('linear');
    for (const [i, one] of items.entries()) {
      const [a, b] = quick[i] as [number, number];
      const unsure = Math.abs(a - b) < 0.5 * std;
      expect([one.escalation, one.mode]).toEqual(unsure ? ['unsure', 'thorough'] : ['sure', 'fast']);
      // All responses of a prompt are scored by one model: scores of two have nothing to do with each other.
      expect(one.version.served.version).toBe(unsure ? 't@1' : 'l@1');
    }
    const hurried = await service.score('p', {
      items: studyItems.map((one) => ({ ...one, responses: [...one.responses, 'x'] })),
      mode: 'auto',
      latencyBudget: 25,
    });
    for (const one of hurried.items) expect(['sure', 'no_time', 'unsure']).toContain(one.escalation);
    expect(
      (await service.score('p', { items: studyItems, mode: 'fast' })).items.every(
        ({ mode }) => mode === 'fast',
      ),
    ).toBe(true);
  });

  it('sends a share of the callers to the canary, always the same ones, and tells who watches of the shadow', async () => {
    const service = open();
    const model = (name: string) => ({ model: { version: name, directory: at(name) } });
    await service.serve('p', 'm', {
      production: model('linear'),
      canary: { ...model('other'), share: 0.3 },
      shadow: model('transformer'),
    });
    const events: ScoredEvent[] = [];
    service.watch((event) => events.push(event));
    const armOf = async (unit: string): Promise<string> =>
      (await service.score('p', { items: [item('a', 'b', 'c')], unit })).arm;
    const units = Array.from({ length: 200 }, (_, i) => `user ${i}`);
    const arms = await Promise.all(units.map(armOf));
    const share = arms.filter((arm) => arm === 'canary').length / units.length;
    expect(Math.abs(share - 0.3)).toBeLessThan(0.12);
    expect(await Promise.all(units.map(armOf))).toEqual(arms);
    await service.close();
    const shadows = events.filter(({ arm }) => arm === 'shadow');
    expect(shadows).toHaveLength(400);
    expect(new Set(shadows.map(({ request }) => request)).size).toBe(400);
  });

  it('keeps projects apart', async () => {
    await expect(shared.score('q', { model: 'linear', items: [item('a', 'b')] })).rejects.toMatchObject({
      code: 'serving.unknown_model',
    });
    expect(shared.deployed('q')).toEqual([]);
  });

  it('leaves the loop of HTTP free while it computes', async () => {
    // Time of this thread's own: a machine that is busy elsewhere delays ticks as well.
    const spent = (): number => (process.threadCpuUsage().user + process.threadCpuUsage().system) / 1000;
    let [worst, last] = [0, spent()];
    const tick = setInterval(() => {
      worst = Math.max(worst, spent() - last);
      last = spent();
    }, 5);
    await shared.score('p', { model: 'transformer', items: studyItems });
    clearInterval(tick);
    expect(worst).toBeLessThan(50);
  });
});
