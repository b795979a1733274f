/** @file The clock of monitoring: roll-outs are looked at, rules are read and what is too old is forgotten, by one server of all. */
import { type Database, listProjects, openStore, type Store } from '@plaudit/store';
import { lookAtRollOuts, type RollOutServices } from '../roll-out/roll-out.ts';
import { type AlertServices, evaluateRules } from './alerts.ts';
import { updateGauges } from './deployment-gauges.ts';
import type { RewardMetrics } from './metrics.ts';

export interface MonitorServices extends AlertServices, RollOutServices {
  /** What went wrong with one project, roll-out or rule; the others go on. */
  readonly failed: (what: string, error: unknown) => void;
  /** Where gauges of deployments are kept. */
  readonly metrics?: RewardMetrics;
}

/** One session at a time watches, however many servers there are. */
const watchLock = 7_528_304;
const day = 86_400_000;

/** Days for which observations are kept where the project says nothing. */
const defaultObservationDays = 400;

/** What the clock does in a project; roll-outs of all projects come before anything that may take long. */
const duties: readonly ((services: MonitorServices, store: Store) => Promise<void>)[] = [
  async (services, store) => {
    for (const [id, error] of await lookAtRollOuts(services, store)) services.failed(`roll-out ${id}`, error);
  },
  async (services, store) => {
    for (const [id, error] of await evaluateRules(services, store))
      services.failed(`alert rule ${id}`, error);
  },
  async (services, store) => {
    const { observationDays = defaultObservationDays, impressionDays } = await services.settings(store);
    const before = (days: number): Date => new Date(services.now().getTime() - days * day);
    await store.observations.forget(before(observationDays));
    if (impressionDays !== undefined) await store.impressions.forget(before(impressionDays));
  },
];

/** Watches every project once; nothing where another server does. @returns Whether this one did */
export const watch = async (services: MonitorServices, database: Database): Promise<boolean> => {
  const session = await database.pool.connect();
  let healthy = false;
  try {
    const { rows } = await session.query<{ mine: boolean }>('select pg_try_advisory_lock($1) as mine', [
      watchLock,
    ]);
    if (rows[0]!.mine) {
      try {
        const names = (await listProjects(database)).map(({ name }) => name);
        for (const duty of duties)
          for (const project of names)
            await duty(services, await openStore(database, { project, create: false })).catch(
              (error: unknown) => services.failed(`project ${project}`, error),
            );
      } finally {
        await session.query('select pg_advisory_unlock($1)', [watchLock]);
      }
    }
    healthy = true;
    return rows[0]!.mine;
  } finally {
    // A session that broke holds no lock once it is closed.
    session.release(!healthy);
  }
};

/** Gauges read thousands of rows: not at every watch. */
const watchesPerGauge = 10;

/** Every server has its own: whichever is asked for its metrics knows them. */
const gauge = async ({ metrics, now, failed }: MonitorServices, database: Database): Promise<void> => {
  if (!metrics) return;
  metrics.info.reset();
  for (const { name } of await listProjects(database)) {
    const store = await openStore(database, { project: name, create: false });
    await updateGauges(metrics, store, now()).catch((error: unknown) => failed(`gauges of ${name}`, error));
  }
};

export interface Monitor {
  /** Waits for what is being done. */
  readonly stop: () => Promise<void>;
}

/**
 * Watches every so many seconds, one watch after the other.
 *
 * @example const monitor = startMonitor(services, database, 30); await monitor.stop();
 */
export const startMonitor = (services: MonitorServices, database: Database, seconds = 30): Monitor => {
  let stopped = false;
  let watched = 0;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  const next = (): void => {
    timer = setTimeout(() => {
      const gauges = watched++ % watchesPerGauge === 0;
      running = Promise.all([watch(services, database), gauges && gauge(services, database)])
        .catch((error: unknown) => services.failed('the watch', error))
        .finally(() => {
          if (!stopped) next();
        });
    }, seconds * 1000);
    timer.unref();
  };
  next();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
};
