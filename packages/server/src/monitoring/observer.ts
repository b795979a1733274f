/** @file From what is scored to what is observed: rows for the store, metrics, events; beside the answers, never in their way. */
import { hash } from 'node:crypto';
import { Random } from '@plaudit/contract';
import { repeatedShare } from '@plaudit/policy';
import { type NewObservation, promptId, responseId, type Store } from '@plaudit/store';
import { type Guard, guardOf, guardrailSettings, holdForReview } from '../guardrails/index.ts';
import type { ScoredEvent, ServedScore, WorkItem } from '../serving/index.ts';
import type { EventExporter } from './evaluation-events.ts';
import type { RewardMetrics } from './metrics.ts';
import { looksLikeRefusal } from './refusal.ts';

export interface ObserverServices {
  /** Of a project, by its id. */
  readonly storeOf: (project: string) => Promise<Store>;
  readonly now: () => Date;
  readonly metrics?: RewardMetrics;
  readonly events?: EventExporter;
  /** What could not be stored or guarded; observing goes on. */
  readonly failed: (what: string, error: unknown) => void;
}

export interface ObserverOptions {
  /** Milliseconds between two writes. Default 1000. */
  readonly every?: number;
  /** Responses that are kept of each such time; of more a sample is drawn, so that rates stay what they are. Default 500. */
  readonly most?: number;
  readonly seed?: number;
}

export interface Observer {
  readonly observe: (event: ScoredEvent & { readonly unit?: string }) => void;
  /** Writes what waits. */
  readonly flush: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A unit is told apart, not known: it may be a person. */
const digestOf = (unit: string): string => hash('sha256', `plaudit unit\n${unit}`, 'hex');

/** One response that was to be scored. */
interface Seen {
  readonly project: string;
  readonly item: WorkItem;
  readonly text: string;
  readonly score: ServedScore | undefined;
  readonly row: NewObservation;
}

/** Requests whose production rewards wait for those of the shadow. */
const mostWaiting = 5000;

/**
 * Watches a scoring service.
 *
 * @example const observer = observerOf(services); const end = scoring.watch(observer.observe);
 */
export const observerOf = (
  { storeOf, now, metrics, events, failed }: ObserverServices,
  { every = 1000, most = 500, seed = 0 }: ObserverOptions = {},
): Observer => {
  const random = new Random(seed, 'observations');
  const guards = new Map<string, Guard | null>();
  /** Rewards of production by item and response, by the number of the request. */
  const production = new Map<number, readonly (readonly number[] | undefined)[]>();
  let kept: Seen[] = [];
  let offered = 0;
  let writing: Promise<void> = Promise.resolve();

  /** Each response of a time has the same chance to be kept, however many there are (Vitter 1985, algorithm R). */
  const keep = (seen: Seen): void => {
    offered++;
    if (kept.length < most) kept.push(seen);
    else {
      const at = random.integer(offered);
      if (at < most) kept[at] = seen;
    }
  };

  const count = (event: ScoredEvent): void => {
    if (!metrics) return;
    const { project, deployment, arm } = event;
    const where = { project, deployment };
    if (arm !== 'shadow') metrics.requestSeconds.observe(where, event.milliseconds / 1000);
    for (const item of event.items) {
      const version = item.version.served.version;
      const of = { ...where, version };
      if (!item.scores) {
        metrics.items.inc({ ...where, status: item.error.code });
        continue;
      }
      metrics.items.inc({ ...where, status: 'ok' }, item.scores.length);
      if (!item.cached) {
        metrics.queueSeconds.observe(of, item.queueMilliseconds / 1000);
        metrics.inferenceSeconds.observe(of, item.milliseconds / 1000);
        metrics.batchItems.observe(of, item.batchSize);
      }
      const { mean, std } = item.version.card.normaliser;
      for (const { reward, truncated } of item.scores) {
        metrics.score.observe(of, (reward - mean) / std);
        if (truncated) metrics.truncated.inc(of);
      }
    }
  };

  const guardFor = async (store: Store, bundle: string): Promise<Guard | null> => {
    const known = guards.get(bundle);
    if (known !== undefined) return known;
    // What a bundle says never changes.
    const { guardrails } = await store.bundles.get(bundle);
    const settings = guardrailSettings.safeParse(guardrails);
    if (!settings.success) failed(`the guardrails of bundle ${bundle}`, settings.error);
    const guard = settings.success && Object.keys(guardrails).length > 0 ? guardOf(guardrails) : null;
    guards.set(bundle, guard);
    return guard;
  };

  const guarded = async (
    store: Store,
    { project, item, text, score, row }: Seen,
  ): Promise<NewObservation> => {
    const bundle = row.bundle ?? null;
    const guard = bundle === null || row.arm === 'shadow' ? null : await guardFor(store, bundle);
    if (!guard) return row;
    const verdict = await guard({ prompt: item.prompt, response: text, ...(score && { score }) });
    if (verdict.action === 'allow') return row;
    metrics?.incidents.inc({ project, deployment: row.deployment, severity: verdict.action });
    if (verdict.action === 'block') return { ...row, incident: true };
    const { prompt } = item;
    await holdForReview(store, { prompt, response: text, deployment: row.deployment, verdict });
    return row;
  };

  const write = async (seen: readonly Seen[]): Promise<void> => {
    for (const [project, of] of Map.groupBy(seen, (one) => one.project))
      try {
        const store = await storeOf(project);
        const rows: NewObservation[] = [];
        for (const one of of) {
          const row = await guarded(store, one).catch((error: unknown) => {
            failed('a guard', error);
            return one.row;
          });
          const prompt = promptId(one.item.prompt);
          rows.push({
            ...row,
            ...{ unit: row.unit ?? prompt, prompt, response: responseId(prompt, one.text) },
            ...{ repetition: repeatedShare(one.text), refused: looksLikeRefusal(one.text) },
          });
        }
        await store.observations.log(rows);
      } catch (error) {
        failed('observations', error);
      }
  };

  const flush = (): Promise<void> => {
    const seen = kept;
    kept = [];
    offered = 0;
    if (seen.length > 0) writing = writing.then(() => write(seen));
    return writing;
  };
  const timer = setInterval(() => void flush(), every).unref();

  return {
    observe(event) {
      count(event);
      const { arm, bundle, deployment, project, request } = event;
      const before = arm === 'shadow' ? production.get(request) : undefined;
      if (arm === 'shadow') production.delete(request);
      else if (arm === 'production') {
        production.set(
          request,
          event.items.map((item) => item.scores?.map(({ reward }) => reward)),
        );
        if (production.size > mostWaiting) production.delete(production.keys().next().value!);
      }
      event.items.forEach((answer, i) => {
        const item = event.asked[i]!;
        const { mean, std } = answer.version.card.normaliser;
        item.responses.forEach((text, j) => {
          const score = answer.scores?.[j];
          const productionReward = before?.[i]?.[j];
          const row: NewObservation = {
            ...{ deployment, arm, bundle, length: text.length, milliseconds: event.milliseconds },
            ...(event.unit !== undefined && { unit: digestOf(event.unit) }),
            ...(score && { reward: score.reward, z: (score.reward - mean) / std }),
            ...(score && score.uncertainty !== null && { uncertainty: score.uncertainty }),
            ...(productionReward !== undefined && { productionReward }),
            // What a caller asked wrongly is no failure of the service.
            failed: answer.error !== undefined && answer.error.status >= 500,
            truncated: score?.truncated === true,
            ...(item.segments && { segments: item.segments }),
          };
          keep({ project, item, text, score, row });
          events?.emit({
            ...{ name: 'reward', at: now(), model: answer.version.served.version },
            ...(score && { value: score.reward }),
            ...(answer.error && { error: answer.error.code }),
          });
        });
      });
    },
    flush,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
};
