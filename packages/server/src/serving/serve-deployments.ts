/** @file What serves follows what the store says is deployed. */
import { type PlauditError, plauditError } from '@plaudit/contract';
import { type Database, listProjects, openStore, type Store } from '@plaudit/store';
import type { ArmPlan, DeploymentPlan } from './deployment.ts';
import type { FolderOfModel } from './model-folders.ts';
import type { PolicyService, PreparedPolicies } from './policy-service.ts';
import { servingError } from './score-batch.ts';
import type { ScoringService } from './scoring-service.ts';

export interface DeploymentServices {
  readonly scoring: ScoringService;
  readonly policies: PolicyService;
  readonly folderOf: FolderOfModel;
  /** The model that answers quickly in a bundle's place, by its id. Default: none. */
  readonly proxyOf?: (store: Store, bundle: string) => Promise<string | null>;
}

/** A deployment that does not serve as the store says. What served before it still does. */
export interface DeploymentFault {
  readonly project: string;
  readonly deployment: string;
  readonly revision: number;
  readonly error: PlauditError;
}

type Bundle = Awaited<ReturnType<Store['bundles']['get']>>;

/** A registered model as those who serve it name it. */
const named = async (store: Store, model: string): Promise<string> => {
  const { name, version } = await store.models.get(model);
  return `${name}@${version}`;
};

const armOf = async (services: DeploymentServices, store: Store, bundle: Bundle): Promise<ArmPlan> => {
  const servedOf = async (model: string) => ({
    version: await named(store, model),
    directory: await services.folderOf(store, model),
  });
  const proxy = (await services.proxyOf?.(store, bundle.id)) ?? null;
  return {
    bundle: bundle.id,
    model: await servedOf(bundle.rewardModel),
    ...(proxy !== null && { proxy: await servedOf(proxy) }),
    guardrails: bundle.guardrails,
  };
};

/** Whether each arm still has the proxy that it would get now: one may have been distilled, or deleted, since. */
const hasItsProxies = async (
  { proxyOf }: DeploymentServices,
  store: Store,
  { production, canary, shadow }: DeploymentPlan,
): Promise<boolean> => {
  for (const arm of [production, canary, shadow]) {
    if (!proxyOf || !arm?.bundle) continue;
    const proxy = await proxyOf(store, arm.bundle);
    if ((proxy === null ? undefined : await named(store, proxy)) !== arm.proxy?.version) return false;
  }
  return true;
};

/** The policies of a deployment, loaded; null where production has none: its canary then writes nothing either. */
const policiesOf = async (
  { policies, folderOf }: DeploymentServices,
  store: Store,
  name: string,
  { policy }: Bundle,
  canary: Bundle | null,
): Promise<PreparedPolicies | null> => {
  if (policy === null) return null;
  const servedOf = async (model: string) => ({
    version: await named(store, model),
    reference: await folderOf(store, model),
  });
  return policies.prepare(store.project.id, name, {
    production: await servedOf(policy),
    ...(canary && canary.policy !== null && { canary: await servedOf(canary.policy) }),
  });
};

type Revision = Awaited<ReturnType<Store['deployments']['current']>>;

const serveRevision = async (services: DeploymentServices, store: Store, row: Revision): Promise<void> => {
  const { scoring, policies } = services;
  const { id: project } = store.project;
  const { name, revision, bundle, canary, shadow, canaryShare } = row;
  if (bundle === null) {
    policies.retire(project, name);
    return scoring.retire(project, name);
  }
  const serving = scoring.deployed(project).find((one) => one.name === name);
  if (serving?.plan.revision === revision && (await hasItsProxies(services, store, serving.plan))) return;
  const bundleOf = (id: string | null) => (id === null ? null : store.bundles.get(id));
  const [own, ofCanary, ofShadow] = [
    await store.bundles.get(bundle),
    await bundleOf(canary),
    await bundleOf(shadow),
  ];
  const plan: DeploymentPlan = {
    revision,
    production: await armOf(services, store, own),
    ...(ofCanary && { canary: { ...(await armOf(services, store, ofCanary)), share: canaryShare } }),
    ...(ofShadow && { shadow: await armOf(services, store, ofShadow) }),
  };
  const writing = await policiesOf(services, store, name, own, ofCanary);
  try {
    await scoring.serve(project, name, plan);
  } catch (error) {
    writing?.drop();
    throw error;
  }
  // At once after it: what a policy writes is judged by the guardrails of its own bundle.
  if (writing) writing.turn();
  else policies.retire(project, name);
};

/** Looks at a project happen one after the other: each acts on what it has read, and one that was slow must not undo a newer one. */
const looks = new WeakMap<ScoringService, Map<string, Promise<unknown>>>();

const inTurn = <T>(scoring: ScoringService, project: string, look: () => Promise<T>): Promise<T> => {
  const ofService = looks.get(scoring) ?? new Map<string, Promise<unknown>>();
  looks.set(scoring, ofService);
  const done = (ofService.get(project) ?? Promise.resolve()).then(look, look);
  ofService.set(
    project,
    done.catch(() => undefined),
  );
  return done;
};

/**
 * Makes what serves in a project what its deployments say: new revisions are loaded and turned to, names that are gone serve
 * no more, what is as it should be stays. One that cannot be served leaves what served before it.
 *
 * @param skip Deployments that are left as they are
 */
export const syncDeployments = (
  services: DeploymentServices,
  store: Store,
  skip: (deployment: string, revision: number) => boolean = () => false,
): Promise<readonly DeploymentFault[]> =>
  inTurn(services.scoring, store.project.id, async () => {
    const { id: project, name: projectName } = store.project;
    const wanted = await store.deployments.list();
    const faults: DeploymentFault[] = [];
    for (const row of wanted)
      try {
        if (!skip(row.name, row.revision)) await serveRevision(services, store, row);
      } catch (error) {
        faults.push({
          project: projectName,
          deployment: row.name,
          revision: row.revision,
          error: servingError(row.name, error),
        });
      }
    const names = new Set(wanted.map(({ name }) => name));
    for (const { name } of services.scoring.deployed(project))
      if (!names.has(name)) {
        services.policies.retire(project, name);
        await services.scoring.retire(project, name);
      }
    return faults;
  });

export interface KeptDeployments {
  /** Looks at once, as after a promotion; resolves when what is deployed serves. */
  sync(): Promise<readonly DeploymentFault[]>;
  /** Ends looking. What serves goes on. */
  close(): Promise<void>;
}

interface KeepOptions extends DeploymentServices {
  readonly database: Database;
  /** Milliseconds between looks: changes may be made by another process. Default 2000. */
  readonly every?: number;
  /** Told of a fault once for each revision. */
  readonly onFault?: (fault: DeploymentFault) => void;
}

/** Milliseconds after which a deployment that failed is tried again, at most. */
const longestPause = 300_000;

const keyOf = (project: string, deployment: string, revision: number): string =>
  `${project}\n${deployment}\n${revision}`;

/** Keeps all projects served as their deployments say, for as long as the server runs. */
export const keepDeployments = ({
  database,
  every = 2000,
  onFault,
  ...services
}: KeepOptions): KeptDeployments => {
  /** By revision: how often it failed, and when it may be tried again; a model that cannot be loaded costs seconds each time. */
  const failures = new Map<string, { readonly count: number; readonly until: number }>();
  let closed = false;
  let looking: Promise<readonly DeploymentFault[]> = Promise.resolve([]);
  let timer: NodeJS.Timeout | undefined;

  const look = async (patient: boolean): Promise<readonly DeploymentFault[]> => {
    const faults: DeploymentFault[] = [];
    for (const { name } of await listProjects(database)) {
      if (closed) break;
      const store = await openStore(database, { project: name, create: false });
      const waits = (deployment: string, revision: number): boolean =>
        patient && performance.now() < (failures.get(keyOf(name, deployment, revision))?.until ?? 0);
      faults.push(...(await syncDeployments(services, store, waits)));
    }
    for (const fault of faults) {
      const key = keyOf(fault.project, fault.deployment, fault.revision);
      const count = (failures.get(key)?.count ?? 0) + 1;
      if (count === 1) onFault?.(fault);
      const pause = Math.min(longestPause, every * 2 ** count);
      failures.set(key, { count, until: performance.now() + pause });
    }
    return faults;
  };
  /** One look after the other. */
  const next = (patient: boolean): Promise<readonly DeploymentFault[]> => {
    if (closed) return Promise.reject(plauditError('serving.closing'));
    const now = (): Promise<readonly DeploymentFault[]> => look(patient);
    looking = looking.then(now, now);
    return looking;
  };
  const sync = (): Promise<readonly DeploymentFault[]> => next(false);
  const again = (): void => {
    if (!closed) timer = setTimeout(() => void next(true).then(again, again), every).unref();
  };
  again();
  return {
    sync,
    async close() {
      closed = true;
      clearTimeout(timer);
      await looking.catch(() => undefined);
    },
  };
};
