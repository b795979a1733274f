/** @file From what is scored to what is observed: rows for the store, metrics, events; beside the answers, never in their way. */
import { hash } from 'node:crypto';
import { Random } from '@plaudit/contract';
import { repeatedShare } from '@plaudit/policy';
import { type NewObservation, promptId, responseId, type Store } from '@plaudit/store';
import { type GuardVerdict, holdForReview } from '../guardrails/index.ts';
import type { ScoredEvent, WorkItem } from '../serving/index.ts';
import { turns } from '../turns.ts';
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
  /** Of the guardrails, where there are any. */
  readonly verdict: GuardVerdict | undefined;
  /** Whether what a person is to look at is held already. */
  readonly keepsBack: boolean;
  readonly row: NewObservation;
}

/** Of a response, that are looked through for repetition: how a longer one goes on changes little, and costs time. */
const mostCharacters = 20_000;

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
      for (const { action: severity } of item.verdicts ?? [])
        if (severity !== 'allow') metrics.incidents.inc({ ...where, severity });
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

  /** What a person is to look at waits for one, unless whoever asked holds it already. */
  const heldOnce = async (store: Store, { item, text, verdict, keepsBack, row }: Seen): Promise<void> => {
    if (keepsBack || verdict?.action !== 'review') return;
    const { deployment } = row;
    await holdForReview(store, { prompt: item.prompt, response: text, deployment, verdict });
  };

  const write = async (seen: readonly Seen[]): Promise<void> => {
    for (const [project, of] of Map.groupBy(seen, (one) => one.project))
      try {
        const store = await storeOf(project);
        const rows: NewObservation[] = [];
        const others = turns();
        for (const one of of) {
          await heldOnce(store, one).catch((error: unknown) => failed('a review', error));
          const prompt = promptId(one.item.prompt);
          rows.push({
            ...one.row,
            ...{ unit: one.row.unit ?? prompt, prompt, response: responseId(prompt, one.text) },
            ...{
              repetition: repeatedShare(one.text.slice(0, mostCharacters)),
              refused: looksLikeRefusal(one.text),
            },
          });
          await others();
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
          const verdict = answer.verdicts?.[j];
          const productionReward = (before ?? event.productionRewards)?.[i]?.[j];
          const row: NewObservation = {
            ...{ deployment, arm, bundle, length: text.length, milliseconds: event.milliseconds },
            ...(event.unit !== undefined && { unit: digestOf(event.unit) }),
            ...(score && { reward: score.reward, z: (score.reward - mean) / std }),
            ...(score && score.uncertainty !== null && { uncertainty: score.uncertainty }),
            ...(productionReward !== undefined && { productionReward }),
            // What a caller asked wrongly is no failure of the service.
            failed: answer.error !== undefined && answer.error.status >= 500,
            truncated: score?.truncated === true,
            incident: verdict?.action === 'block',
            ...(item.segments && { segments: item.segments }),
          };
          keep({ project, item, text, verdict, keepsBack: event.keepsBack, row });
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
