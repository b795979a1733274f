/**
 * @file The scoring service: which versions of reward models serve under which names, and the way of a request through them.
 *
 * Each version computes in a thread of its own. A change of a deployment loads and warms up what is new, turns to it at once,
 * and lets what is old finish what it has taken: no request is dropped, and none waits for the change.
 */
import { type PlauditError, plauditError } from '@plaudit/contract';
import type { BatchLimits } from './batcher.ts';
import {
  type Arm,
  type ArmName,
  type ArmPlan,
  armFor,
  type Deployment,
  type DeploymentPlan,
} from './deployment.ts';
import { defaultEscalation, isUnsure, type Mode } from './escalation.ts';
import type { ServedModel } from './model-thread.ts';
import type { WorkItem } from './protocol.ts';
import { ResponseCache } from './response-cache.ts';
import { ServedVersion, type VersionAnswer } from './served-version.ts';

export interface ScoringRequest {
  /** Name of a deployment; absent where the project has only one. */
  readonly model?: string | undefined;
  readonly items: readonly WorkItem[];
  readonly mode?: Mode;
  /** Milliseconds from now in which the answer has to be there. */
  readonly latencyBudget?: number | undefined;
  /** Who asks, for the choice of the arm; the first prompt where nobody is named. */
  readonly unit?: string | undefined;
  readonly signal?: AbortSignal;
}

/** Why an item of mode `auto` has the score that it has. */
type Escalation = 'sure' | 'unsure' | 'no_time' | 'no_room' | 'failed' | 'no_proxy';

interface AnswerBase {
  /** The version that scored it, or that could not. */
  readonly version: ServedVersion;
  readonly mode: 'fast' | 'thorough';
  /** In mode `auto` only. */
  readonly escalation?: Escalation;
}
export type ItemAnswer = AnswerBase &
  (
    | (VersionAnswer & { readonly error?: undefined })
    | { readonly scores?: undefined; readonly error: PlauditError }
  );

export interface ScoringAnswer {
  readonly deployment: string;
  readonly revision: number | null;
  readonly arm: ArmName;
  readonly bundle: string | null;
  /** In the order of the request. */
  readonly items: readonly ItemAnswer[];
  readonly milliseconds: number;
}

/** What watches is told of: one answer, with the items that it answers. */
export interface ScoredEvent extends ScoringAnswer {
  readonly project: string;
  /** The same for a request and its shadow. */
  readonly request: number;
  readonly mode: Mode;
  readonly asked: readonly WorkItem[];
  /** Who asked, where that was said. */
  readonly unit?: string;
}

export interface ScoringServiceOptions {
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
        const [model, proxy] = await Promise.all([open(of.model), of.proxy ? open(of.proxy) : null]);
        return { name: arm, bundle: of.bundle ?? null, model, proxy };
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
   * Scores all items of a request; each has its own outcome.
   *
   * @throws PlauditError serving.overloaded before anything is computed; serving.unknown_model, serving.model_unnamed,
   *   serving.closing
   */
  async score(project: string, request: ScoringRequest): Promise<ScoringAnswer> {
    if (this.closed) throw plauditError('serving.closing');
    const deployment = this.find(project, request.model);
    const number = this.requests++;
    const { shadow } = deployment;
    const arm = armFor(deployment, () => request.unit ?? unitOf(request.items));
    // What it began with stays until it has its answer, whatever is deployed meanwhile.
    this.hold(deployment);
    const answer = this.ask(deployment, arm, request);
    const shadowed = answer
      .then(() => shadow && this.shadow(deployment, shadow, number, request))
      .catch(() => undefined)
      .finally(() => this.release(deployment));
    this.during(shadowed);
    this.tell(project, number, request, await answer);
    return answer;
  }

  /** Finishes what was taken, and ends all threads. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.allSettled([...this.changes.values()]);
    for (const deployment of this.deployments.values()) this.release(deployment);
    this.deployments.clear();
    while (this.working.size > 0) await Promise.allSettled([...this.working]);
  }

  private async ask(
    deployment: Deployment,
    arm: Arm,
    { items, mode = 'thorough', latencyBudget, signal }: ScoringRequest,
  ): Promise<ScoringAnswer> {
    const began = performance.now();
    const deadline = began + (latencyBudget ?? this.options.patience ?? 30_000);
    const options = { signal, deadline };
    const first = mode === 'thorough' ? arm.model : (arm.proxy ?? arm.model);
    // All of a request is taken or none of it; nothing happens between this and the taking.
    const unknown = items.filter((item) => !first.cached(item));
    first.batcher.requireRoom(unknown.reduce((sum, { responses }) => sum + responses.length, 0));
    const answers = await Promise.all(
      items.map(async (item): Promise<ItemAnswer> => {
        const quick = await answerOf(first, first === arm.proxy ? 'fast' : 'thorough', item, options);
        return mode === 'auto' ? this.escalated(deployment, arm, item, quick, options) : quick;
      }),
    );
    return {
      deployment: deployment.name,
      revision: deployment.plan.revision ?? null,
      arm: arm.name,
      bundle: arm.bundle,
      items: answers,
      milliseconds: performance.now() - began,
    };
  }

  /** The thorough model's answer where the quick one is unsure and there is time; else the quick one, and why. */
  private async escalated(
    { plan }: Deployment,
    arm: Arm,
    item: WorkItem,
    quick: ItemAnswer,
    options: { readonly signal: AbortSignal | undefined; readonly deadline: number },
  ): Promise<ItemAnswer> {
    const { model, proxy } = arm;
    if (!proxy) return { ...quick, escalation: 'no_proxy' };
    const rule = { ...defaultEscalation, ...plan.escalation };
    if (quick.scores && !isUnsure(quick.scores, proxy.card, rule)) return { ...quick, escalation: 'sure' };
    const isKnown = model.cached(item) !== undefined;
    const left = options.deadline - performance.now();
    if (!isKnown && model.batcher.expected(item.responses.length) > left)
      return { ...quick, escalation: 'no_time' };
    const thorough = await answerOf(model, 'thorough', item, options);
    if (thorough.scores) return { ...thorough, escalation: 'unsure' };
    if (!quick.scores) return { ...thorough, escalation: 'failed' };
    const { code } = thorough.error;
    if (code === 'serving.deadline') return { ...quick, escalation: 'no_time' };
    return { ...quick, escalation: code === 'serving.overloaded' ? 'no_room' : 'failed' };
  }

  /** Scores what was answered already, as far as the shadow has room; nobody waits for it. */
  private async shadow(
    deployment: Deployment,
    arm: Arm,
    number: number,
    { signal: _gone, latencyBudget: _budget, ...request }: ScoringRequest,
  ): Promise<void> {
    try {
      this.tell(deployment.project, number, request, await this.ask(deployment, arm, request));
    } catch {
      // Its queue is full: those who watch see that the request has no shadow.
    }
  }

  private tell(
    project: string,
    request: number,
    { items: asked, mode = 'thorough', unit }: ScoringRequest,
    answer: ScoringAnswer,
  ): void {
    const event = { ...answer, project, request, mode, asked, ...(unit !== undefined && { unit }) };
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

const unitOf = (items: readonly WorkItem[]): string =>
  (items[0]?.prompt ?? []).map(({ role, content }) => `${role}: ${content}`).join('\n');

const answerOf = async (
  version: ServedVersion,
  mode: 'fast' | 'thorough',
  item: WorkItem,
  options: { readonly signal: AbortSignal | undefined; readonly deadline: number },
): Promise<ItemAnswer> => {
  try {
    return { version, mode, ...(version.cached(item) ?? (await version.score(item, options))) };
  } catch (error) {
    return { version, mode, error: error as PlauditError };
  }
};
