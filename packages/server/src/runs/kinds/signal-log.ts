/** @file Impressions and signals of the store as the log that rules read. */
import type { Prompt } from '@plaudit/contract';
import { type Impression, type SignalEvent, type SignalLog, signalNames } from '@plaudit/feedback';
import type { Store } from '@plaudit/store';

export interface SettledSignals {
  readonly log: SignalLog;
  /** Impressions that were too young. */
  readonly unsettled: number;
}

type Stored = Awaited<ReturnType<Store['impressions']['get']>>;

/** No impression has it: a regeneration of which nobody says what came instead. */
const nothing = '';

/** A signal of a kind that rules know; the shapes are those that `POST /v1/feedback` takes. */
const eventOf = (
  impression: string,
  { kind, value, createdAt }: Stored['signals'][number],
): SignalEvent[] => {
  if (!signalNames.some((name) => name === kind)) return [];
  const given = value as Readonly<Record<string, unknown>>;
  const event = {
    ...{ type: 'event', impression, response: 0, time: createdAt.toISOString(), signal: kind, ...given },
    ...(kind === 'regenerate' && { next: typeof given.next === 'string' ? given.next : nothing }),
  };
  return [event as SignalEvent];
};

/**
 * @param before Impressions that were shown since then wait: their users may still act
 * @throws the signal's reason
 */
export const settledSignals = async (
  store: Store,
  before: Date,
  { signal, onImpressions }: { readonly signal: AbortSignal; readonly onImpressions: (read: number) => void },
): Promise<SettledSignals> => {
  const impressions: Impression[] = [];
  const events: SignalEvent[] = [];
  const prompts = new Map<
    string,
    { readonly prompt: Prompt | undefined; readonly texts: Map<string, string> }
  >();
  const textsOf = async (id: string) => {
    const known = prompts.get(id);
    if (known) return known;
    const { prompt, responses } = await store.prompts.get(id);
    const texts = new Map(responses.flatMap((one) => (one.text === undefined ? [] : [[one.id, one.text]])));
    const found = { prompt, texts };
    prompts.set(id, found);
    return found;
  };
  const policies = new Map<string, string>();
  const policyOf = async (id: string | null): Promise<string> => {
    if (id === null) return 'unknown';
    const known = policies.get(id);
    if (known !== undefined) return known;
    const { name, version } = await store.models.get(id);
    policies.set(id, `${name}@${version}`);
    return `${name}@${version}`;
  };
  let unsettled = 0;
  for await (const shown of store.impressions.since(new Date(0))) {
    signal.throwIfAborted();
    if (shown.createdAt > before) {
      unsettled++;
      continue;
    }
    const { prompt, texts } = await textsOf(shown.prompt);
    const text = texts.get(shown.response);
    // What has been erased says nothing any more.
    if (prompt === undefined || text === undefined) continue;
    impressions.push({
      ...{ type: 'impression', id: shown.id, time: shown.createdAt.toISOString(), surface: shown.surface },
      ...{ policy: await policyOf(shown.model), prompt, responses: [text] },
      ...(shown.subject !== null && { user: shown.subject }),
      ...(shown.probability !== null && { probability: shown.probability }),
      ...(!shown.couldAnswer && { controls: [] }),
    });
    for (const one of shown.signals) events.push(...eventOf(shown.id, one));
    if (impressions.length % 1000 === 0) onImpressions(impressions.length);
  }
  return { log: { impressions, events }, unsettled };
};
