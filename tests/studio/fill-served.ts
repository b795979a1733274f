/** @file Two weeks of traffic for a filled project: rewards that drift, a canary on its way, alerts and an experiment. */
import { type Comparison, Random } from '@plaudit/contract';
import { type Database, openStore, promptId, responseId, type Store } from '@plaudit/store';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** Share of all traffic that each arm gets in the hours of the canary. */
const share = 0.25;

interface Filling {
  readonly database: Database;
  readonly project: string;
  readonly comparisons: readonly Comparison[];
  /** Production and canary. */
  readonly bundles: readonly [string, string];
}

/** Everything happens at the time that the clock says. */
export const fillServed = async ({ database, project, comparisons, bundles }: Filling): Promise<void> => {
  const now = Date.now();
  let clock = now;
  const store = await openStore(database, { project, now: () => new Date(clock) });
  const random = new Random(11, 'served');
  const texts = comparisons.flatMap(({ prompt, responses }) => {
    const id = promptId(prompt);
    return responses.map((text) => ({ prompt: id, response: responseId(id, text), length: text.length }));
  });
  const by = { actor: 'user:ada' };
  const [production, canary] = bundles;

  let unit = 0;
  /** @param drifted From 0, as in the reference, to 1. */
  const rowOf = (arm: 'production' | 'canary', drifted: number) => {
    // What is asked changes with what is answered.
    const half = texts.length / 2;
    const text = texts[Math.floor(half * drifted) + random.integer(half)]!;
    const reward = 0.4 + 0.5 * drifted + random.normal() + (arm === 'canary' ? 0.25 : 0);
    return {
      ...{ deployment: 'live', arm, bundle: arm === 'canary' ? canary : production, unit: `u${unit++}` },
      ...{ prompt: text.prompt, response: text.response, reward, z: reward - 0.4 },
      ...(arm === 'canary' && { productionReward: reward - 0.1 }),
      ...{ uncertainty: 0.2 + 0.05 * Math.abs(random.normal()), milliseconds: 40 + 9 * random.normal() },
      length: Math.round(text.length * (1 + 0.4 * drifted) + 12 * Math.max(0, reward)),
      repetition: Math.min(1, Math.max(0, 0.04 + 0.03 * drifted + 0.02 * random.normal())),
      ...{ incident: random.uniform() < 0.004, failed: random.uniform() < 0.003 },
      segments: { language: random.uniform() < 0.15 + 0.2 * drifted ? 'de' : 'en' },
    };
  };

  clock = now - 14 * day;
  await store.deployments.change('live', { ...by, after: 0, bundle: production, reason: 'the first' });
  for (; clock < now - 6 * hour; clock += 4 * hour) {
    const drifted = Math.max(0, 1 - (now - clock) / (4 * day));
    await store.observations.log(Array.from({ length: 30 }, () => rowOf('production', drifted)));
  }
  await fillCanary();
  clock = now;
  await fillAlerts(store);
  await fillExperiment(store, random);

  async function fillCanary(): Promise<void> {
    const begin = now - 6 * hour;
    clock = begin;
    const plan = {
      ...{ steps: [share, 0.5, 1], minutes: 600, settle: 15, units: 2000, patience: 1440, alpha: 0.05 },
      guardrails: [
        { metric: 'reward', margin: 0.1, action: 'roll_back' },
        { metric: 'milliseconds', margin: 50, action: 'pause' },
        { metric: 'incidents', tolerated: 1, action: 'roll_back' },
      ],
    };
    await store.deployments.change('live', {
      ...{ ...by, after: 1, bundle: production, canary, canaryShare: share, reason: 'the probe is better' },
    });
    const state = { step: 0, since: begin, closed: [] };
    await store.rollOuts.start({ deployment: 'live', canary, plan, state, actor: by.actor });
    for (clock = begin + 20 * minute; clock < now; clock += 20 * minute)
      await store.observations.log(
        Array.from({ length: 80 }, (_, i) => rowOf(i % 4 === 0 ? 'canary' : 'production', 0.9)),
      );
  }
};

const fillAlerts = async (store: Store): Promise<void> => {
  const watched = { deployment: 'live', window: 1440, reference: { minutes: 10_080 } };
  const channels = [{ to: 'email', address: 'on-call@example.org' }];
  const drift = await store.alertRules.create(
    'Rewards have moved',
    {
      ...{ ...watched, channels, measure: { of: 'reward psi' }, above: 0.25, sure: true, for: 0 },
      ...{ noData: 'alert', severity: 2, repeat: 240 },
    },
    'user:ada',
  );
  await store.alertRules.create(
    'More safety incidents than before',
    {
      ...{ ...watched, channels: [], measure: { of: 'incident excess' }, above: 20, sure: true, for: 0 },
      ...{ noData: 'keep', severity: 1, repeat: 60 },
    },
    'user:ada',
  );
  await store.incidents.open({
    ...{ kind: 'reward psi', severity: 2, title: 'Rewards have moved: firing', deployment: 'live' },
    details: { rule: drift.id },
  });
};

const fillExperiment = async (store: Store, random: Random): Promise<void> => {
  const plan = {
    arms: [
      { name: 'linear', share: 1 },
      { name: 'probe', share: 1 },
    ],
    primary: { name: 'solved', better: 'up', covariate: true },
    secondary: [{ name: 'minutes', better: 'down', covariate: false }],
    ...{ segments: ['language'], alpha: 0.05, units: 600 },
  };
  const { id } = await store.experiments.create('Probe against linear', plan);
  await store.experiments.start(id);
  for (let i = 0; i < 360; i++) {
    const arm = i % 2 === 0 ? 'linear' : 'probe';
    const covariate = random.normal();
    const segments = { language: i % 3 === 0 ? 'de' : 'en' };
    await store.exposures.expose(id, `unit ${i}`, arm, { covariate, segments });
    const better = arm === 'probe' ? 0.5 : 0;
    await store.exposures.record(id, `unit ${i}`, 'solved', covariate + better + 0.6 * random.normal());
    await store.exposures.record(id, `unit ${i}`, 'minutes', 6 - better + random.normal());
  }
  await store.experiments.create('A draft', plan);
};
