/** @file The registry of a project for a program that has its store at hand, as the commands do; servers take a change up by themselves. */
import { join } from 'node:path';
import {
  type Bundle,
  type Database,
  type Deployment,
  openAccounts,
  openArtifacts,
  type RollOut,
  type Store,
} from '@plaudit/store';
import { settingsIn } from '../accounts/project-settings.ts';
import { rollOutPlan } from '../roll-out/plan.ts';
import { type RollOutServices, startRollOut } from '../roll-out/roll-out.ts';
import { modelFolders } from '../serving/model-folders.ts';
import { bundleCard, renderBundleCard } from './bundle-card.ts';
import { approve } from './bundle-life.ts';
import { type BundleEvaluation, evaluateBundle } from './evaluate-bundle.ts';
import { openFromFolders } from './open-bundle.ts';
import { currentOf, promote, rollBack, setShadow } from './promotion.ts';

export interface RegistryOptions {
  readonly database: Database;
  readonly store: Store;
  /** Of the store; artifacts and the copies that are loaded lie in it. */
  readonly folder: string;
  /** Where the artifacts are, where not in the folder. */
  readonly artifacts?: string;
  /** Who is on record for what is done. */
  readonly actor: string;
  readonly now?: () => Date;
}

interface Where {
  readonly deployment: string;
  readonly reason: string;
}

/** Each method throws what the function of its name does: registry.*, rollout.*, store.*, reward.*, model.*. */
export interface BundleRegistry {
  evaluate(bundle: Bundle, snapshot: string, limit: number, signal?: AbortSignal): Promise<BundleEvaluation>;
  approve(bundle: Bundle, reason: string): Promise<void>;
  promote(bundle: Bundle, to: Where): Promise<Deployment>;
  /** @param plan As the API takes it. @throws ZodError for one that is none */
  startCanary(bundle: Bundle, to: Where, plan: unknown): Promise<RollOut>;
  startShadow(bundle: Bundle, to: Where): Promise<Deployment>;
  rollBack(where: Where): Promise<Deployment>;
  /** Markdown. */
  card(bundle: Bundle): Promise<string>;
}

export const openRegistry = async (options: RegistryOptions): Promise<BundleRegistry> => {
  const { database, store, folder, actor, now = () => new Date() } = options;
  const artifacts = await openArtifacts(options.artifacts ?? join(folder, 'artifacts'));
  const { projects } = openAccounts(database);
  const services: RollOutServices = {
    openBundle: openFromFolders(modelFolders(artifacts, join(folder, 'served'))),
    settings: async ({ project }) => settingsIn(await projects.settings(project.id)),
    now,
  };
  const change = async ({ deployment, reason }: Where) => ({
    ...{ deployment, actor, reason },
    after: (await currentOf(store, deployment))?.revision ?? 0,
  });
  return {
    evaluate: (bundle, snapshot, limit, signal) =>
      evaluateBundle(services, store, bundle, { snapshot, limit, actor, ...(signal && { signal }) }),
    approve: (bundle, reason) => approve(store, bundle, { actor }, reason),
    promote: async (bundle, to) => promote(services, store, bundle.id, await change(to)),
    startCanary: async (bundle, to, plan) =>
      startRollOut(services, store, {
        ...(await change(to)),
        canary: bundle.id,
        plan: rollOutPlan.parse(plan),
      }),
    startShadow: async (bundle, to) => setShadow(services, store, bundle.id, await change(to)),
    rollBack: async (where) => rollBack(services, store, await change(where)),
    card: async (bundle) => renderBundleCard(await bundleCard(store, bundle)),
  };
};
