/**
 * @file The scoring service: which versions of reward models serve under which names, and the way of a request through them.
 *
 * Each version computes in a thread of its own. A change of a deployment loads and warms up what is new, turns to it at once,
 * and lets what is old finish what it has taken: no request is dropped, and none waits for the change.
 */
import { type PlauditError, plauditError } from '@plaudit/contract';
import { bundleGuard, type GuardThread } from '../guardrails/index.ts';
import { askArm, type ScoringAnswer, type ScoringRequest } from './ask-arm.ts';
import type { BatchLimits } from './batcher.ts';
import {
  type Arm,
  type ArmName,
  type ArmPlan,
  armFor,
  type Deployment,
  type DeploymentPlan,
  unitOfPrompt,
} from './deployment.ts';
import type { Mode } from './escalation.ts';
import type { ServedModel } from './model-thread.ts';
import type { WorkItem } from './protocol.ts';
import { ResponseCache } from './response-cache.ts';
import { ServedVersion } from './served-version.ts';

/** What watches is told of: one answer, with the items that it answers. */
export interface ScoredEvent extends ScoringAnswer {
  readonly project: string;
  /** The same for a request and its shadow. */
  readonly request: number;
  readonly mode: Mode;
  readonly asked: readonly WorkItem[];
  /** Who asked, where that was said. */
  readonly unit?: string;
  /** Whether who asked has kept back what the guard did not let pass. */
  readonly keepsBack: boolean;
  /** Of a canary with another reward model: what production's says of each response of each item. */
  readonly productionRewards?: readonly (readonly number[] | undefined)[];
}

/** An arm that answers one caller: it stays as it is until `end`, whatever is deployed meanwhile. */
export interface TakenArm {
  readonly deployment: Deployment;
  readonly arm: Arm;
  /** @throws PlauditError serving.overloaded before anything is computed */
  readonly score: (request: ScoringRequest) => Promise<ScoringAnswer>;
  /** Tells who watches that the arm gave a prompt no response. */
  readonly failed: (request: ScoringRequest, error: PlauditError) => void;
  readonly end: () => void;
}

export interface ScoringServiceOptions {
  /** Where responses are judged by the guardrails of their bundle. Default in this thread. */
  readonly judgeOf?: GuardThread['judgeOf'];
  readonly limits?: Partial<BatchLimits>;
  /** Responses whose scores are kept. Default 50,000. */
  readonly cacheSize?: number;
  /** Milliseconds after which a request without a latency budget is given up. Default 30,000. */
  readonly patience?: number;
}

/** A version that serves, with how many deployments and requests use it. */
interface Use {
  readonly opening: Promise<ServedVersion>;
  users: number;
}

export class ScoringService {
  private readonly options: ScoringServiceOptions;
  private readonly cache: ResponseCache;
  private readonly deployments = new Map<string, Deployment>();
  private readonly versions = new Map<string, Use>();
  /** Changes of one name happen one after the other. */
  private readonly changes = new Map<string, Promise<unknown>>();
  /** What is under way: answers, shadows, versions that finish. */
  private readonly working = new Set<Promise<unknown>>();
  private readonly watchers = new Set<(event: ScoredEvent) => void>();
  private requests = 0;
  private closed = false;

  constructor(options: ScoringServiceOptions = {}) {
    this.options = options;
    this.cache = new ResponseCache(options.cacheSize ?? 50_000);
  }

  /**
   * Makes a plan serve under a name, in place of what serves there. Resolves when it serves; what it replaces may still be
   * finishing. What cannot be loaded, or cannot score, changes nothing.
   *
   * @throws PlauditError of loading: reward.*, model.*, engine.*; serving.closing
   */
  serve(project: string, name: string, plan: DeploymentPlan): Promise<void> {
    return this.inOrder(project, name, async () => {
      if (this.closed) throw plauditError('serving.closing');
      const opened: string[] = [];
      const armOf = async (arm: ArmName, of: ArmPlan): Promise<Arm> => {
        const open = (served: ServedModel): Promise<ServedVersion> => {
          opened.push(keyOf(project, served.version));
          return this.use(project, served);
        };
        const guard = bundleGuard(of.bundle ?? null, of.guardrails, this.options.judgeOf);
        const [model, proxy] = await Promise.all([open(of.model), of.proxy ? open(of.proxy) : null]);
        return { name: arm, bundle: of.bundle ?? null, model, proxy, guard };
      };
      const arms = [
        armOf('production', plan.production),
        plan.canary ? armOf('canary', plan.canary) : null,
        plan.shadow ? armOf('shadow', plan.shadow) : null,
      ] as const;
      try {
        const [production, canary, shadow] = await Promise.all(arms);
        const before = this.deployments.get(keyOf(project, name));
        this.deployments.set(keyOf(project, name), { project, name, plan, production, canary, shadow });
        this.release(before);
      } catch (error) {
        await Promise.allSettled(arms);
        for (const key of opened) this.leave(key);
        throw error;
      }
    });
  }

  /** Lets a name serve no more; what it has taken is finished. */
  retire(project: string, name: string): Promise<void> {
    return this.inOrder(project, name, async () => {
      const before = this.deployments.get(keyOf(project, name));
      this.deployments.delete(keyOf(project, name));
      this.release(before);
    });
  }

  /** What serves in a project, by name. */
  deployed(project: string): readonly Deployment[] {
    return [...this.deployments.values()]
      .filter((one) => one.project === project)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * The deployment of a name, or the only one.
   *
   * @throws PlauditError serving.unknown_model, serving.model_unnamed
   */
  find(project: string, name: string | undefined): Deployment {
    if (name !== undefined) {
      const found = this.deployments.get(keyOf(project, name));
      if (found) return found;
      throw plauditError('serving.unknown_model', { model: name.slice(0, 200) });
    }
    const all = this.deployed(project);
    if (all.length === 1) return all[0]!;
    if (all.length === 0) throw plauditError('serving.unknown_model', { model: 'at all' });
    throw plauditError('serving.model_unnamed', { deployments: all.length });
  }

  /** Calls with every answer. @returns what ends it */
  watch(watcher: (event: ScoredEvent) => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  /**
   * The arm that answers a unit.
   *
   * @param canary Whether the canary may answer: one without a policy writes nothing
   * @throws PlauditError serving.unknown_model, serving.model_unnamed, serving.closing
   */
  take(project: string, name: string | undefined, unitOf: () => string, canary = true): TakenArm {
    if (this.closed) throw plauditError('serving.closing');
    const deployment = this.find(project, name);
    const arm = canary ? armFor(deployment, unitOf) : deployment.production;
    this.hold(deployment);
    const { promise, resolve: ended } = Promise.withResolvers<void>();
    this.during(promise);
    return {
      deployment,
      arm,
      score: (request) => {
        this.hold(deployment);
        const answer = askArm(deployment, arm, request, this.patience);
        const followed = answer.then((found) => this.follow(deployment, arm, request, found));
        this.during(followed.catch(() => undefined).finally(() => this.release(deployment)));
        return answer;
      },
      failed: (request, error) => {
        const { items, began = performance.now() } = request;
        this.tell(deployment, this.requests++, request, {
          ...{ deployment: deployment.name, revision: deployment.plan.revision ?? null },
          ...{ arm: arm.name, bundle: arm.bundle, milliseconds: performance.now() - began },
          items: items.map(() => ({ version: arm.model, mode: 'thorough', error })),
        });
      },
      end: () => {
        this.release(deployment);
        ended();
      },
    };
  }

  /**
   * Scores all items of a request; each has its own outcome.
   *
   * @throws PlauditError serving.overloaded before anything is computed; serving.unknown_model, serving.model_unnamed,
   *   serving.closing
   */
  async score(
    project: string,
    { model, ...request }: ScoringRequest & { readonly model?: string | undefined },
  ): Promise<ScoringAnswer> {
    const { unit, items } = request;
    const taken = this.take(project, model, () => unit ?? unitOfPrompt(items[0]?.prompt ?? []));
    try {
      return await taken.score(request);
    } finally {
      taken.end();
    }
  }

  /** Finishes what was taken, and ends all threads. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.allSettled([...this.changes.values()]);
    for (const deployment of this.deployments.values()) this.release(deployment);
    this.deployments.clear();
    while (this.working.size > 0) await Promise.allSettled([...this.working]);
  }

  private get patience(): number {
    return this.options.patience ?? 30_000;
  }

  /** What is known only after the answer: nobody waits for it but those who watch. */
  private async follow(
    deployment: Deployment,
    arm: Arm,
    request: ScoringRequest,
    answer: ScoringAnswer,
  ): Promise<void> {
    const { production, shadow } = deployment;
    const { signal: _gone, latencyBudget: _budget, ...later } = request;
    const also = (other: Arm): Promise<ScoringAnswer | undefined> =>
      // Where its queue is full, those who watch see that the request has none of its scores.
      askArm(deployment, { ...other, guard: null }, later, this.patience).catch(() => undefined);
    const number = this.requests++;
    // Two reward models are on two scales: arms are compared on production's.
    if (arm.name === 'canary' && arm.model !== production.model) {
      const judged = await also(production);
      const rewards = judged?.items.map(({ scores }) => scores?.map(({ reward }) => reward));
      this.tell(deployment, number, request, {
        ...answer,
        ...(rewards && { productionRewards: rewards }),
      });
    } else this.tell(deployment, number, request, answer);
    const shadowed = shadow && (await also(shadow));
    if (shadowed) this.tell(deployment, number, request, shadowed);
  }

  private tell(
    { project }: Deployment,
    request: number,
    { items: asked, mode = 'thorough', unit, keepsBack = false }: ScoringRequest,
    answer: ScoringAnswer & Pick<ScoredEvent, 'productionRewards'>,
  ): void {
    const event: ScoredEvent = {
      ...{ ...answer, project, request, mode, asked, keepsBack },
      ...(unit !== undefined && { unit }),
    };
    for (const watcher of this.watchers) watcher(event);
  }

  private inOrder<T>(project: string, name: string, change: () => Promise<T>): Promise<T> {
    const key = keyOf(project, name);
    const before = this.changes.get(key) ?? Promise.resolve();
    const done = before.then(change, change);
    const settled = done
      .catch(() => undefined)
      .finally(() => {
        if (this.changes.get(key) === settled) this.changes.delete(key);
      });
    this.changes.set(key, settled);
    return done;
  }

  private use(project: string, served: ServedModel): Promise<ServedVersion> {
    const key = keyOf(project, served.version);
    let use = this.versions.get(key);
    if (!use) {
      const { cache } = this;
      const { limits } = this.options;
      const opening = ServedVersion.open(served, { key, cache, ...(limits && { limits }) });
      opening.catch(() => undefined);
      use = { opening, users: 0 };
      this.versions.set(key, use);
    }
    use.users++;
    return use.opening;
  }

  private hold(deployment: Deployment): void {
    for (const key of versionsOf(deployment)) this.versions.get(key)!.users++;
  }

  private release(deployment: Deployment | undefined): void {
    for (const key of deployment ? versionsOf(deployment) : []) this.leave(key);
  }

  /** A version that nobody uses any more finishes what it has taken, and ends. */
  private leave(key: string): void {
    const use = this.versions.get(key);
    if (!use || --use.users > 0) return;
    this.versions.delete(key);
    this.during(use.opening.then((version) => version.drain()).catch(() => undefined));
  }

  /** @param work Never rejects */
  private during(work: Promise<unknown>): void {
    this.working.add(work);
    void work.finally(() => this.working.delete(work));
  }
}

/** Names hold no line breaks. */
const keyOf = (project: string, name: string): string => `${project}\n${name}`;

/** Keys of the versions of all arms, one for each use. */
const versionsOf = ({ project, production, canary, shadow }: Deployment): readonly string[] =>
  [production, canary, shadow]
    .flatMap((arm) => [arm?.model, arm?.proxy])
    .flatMap((version) => (version ? [keyOf(project, version.served.version)] : []));
