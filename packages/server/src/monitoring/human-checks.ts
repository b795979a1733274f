/** @file People beside the reward model: how often it agrees with them on live traffic, and how the annotators are. */
import type { Judgement } from '@plaudit/contract';
import { accuracyWithInterval, annotatorHealth, type HealthReport } from '@plaudit/feedback';
import { promptId, responseId, type Store } from '@plaudit/store';
import { type Measured, tooFew } from '../statistics/measured.ts';
import { answered, type Window } from './window.ts';

export interface HumanAgreement {
  /** Share of the decided comparisons in which the response that people prefer has the higher reward; equal rewards count one half. */
  readonly share: number;
  /** 95 %, over prompts. */
  readonly interval: readonly [number, number];
}

const fewestComparisons = 30;
/** Judgements of a data set that are read. */
const mostJudgements = 50_000;

const judgementsOf = async (store: Store, dataset: string): Promise<Judgement[]> => {
  const read: Judgement[] = [];
  for await (const judgement of store.judgements.rows(dataset)) {
    read.push(judgement);
    if (read.length === mostJudgements) break;
  }
  return read;
};

/** @param dataset Comparisons by people of responses that were served in the window: the audit slice. */
export const humanAgreement = async (
  store: Store,
  dataset: string,
  window: Window,
): Promise<Measured<HumanAgreement>> => {
  const rewards = new Map<string, number>();
  for (const { response, reward } of await answered(store, window))
    if (response !== null && reward !== null) rewards.set(response, reward);
  const compared: { cluster: string; right: number }[] = [];
  for (const judgement of await judgementsOf(store, dataset)) {
    if (judgement.kind !== 'comparison' || (judgement.outcome !== 'a' && judgement.outcome !== 'b')) continue;
    if ((judgement.provenance.annotatorKind ?? 'human') !== 'human') continue;
    const prompt = promptId(judgement.prompt);
    const [a, b] = judgement.responses.map((text) => rewards.get(responseId(prompt, text)));
    if (a === undefined || b === undefined) continue;
    const ahead = judgement.outcome === 'a' ? a - b : b - a;
    compared.push({ cluster: prompt, right: ahead > 0 ? 1 : ahead < 0 ? 0 : 0.5 });
  }
  if (compared.length < fewestComparisons) return tooFew(compared.length, fewestComparisons);
  const { accuracy, accuracyInterval } = accuracyWithInterval(compared, ({ right }) => right);
  return { enough: true, n: compared.length, share: accuracy, interval: accuracyInterval };
};

/** Every check of the annotators of a data set, with what gives cause for concern. */
export const annotatorsOf = async (store: Store, dataset: string): Promise<HealthReport> =>
  annotatorHealth(await judgementsOf(store, dataset), {
    secondsOf: ({ provenance: { seconds } }) => seconds,
  });
