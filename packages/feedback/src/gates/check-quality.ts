/** @file The quality check: one pass over judgements, every gate beside the others, one report. */
import { setImmediate } from 'node:timers/promises';
import type { Judgement } from '@plaudit/contract';
import { checkedRow } from './checked-row.ts';
import type { GateResult, QualityReport, Verdict } from './document.ts';
import { noEvidence } from './evidence.ts';
import { type Gate, notApplicable, type Observation, type RunningGate, type Thresholds } from './gate.ts';
import { gates } from './gates.ts';
import { type GateOptions, readGateOptions } from './options.ts';
import { type QualityInputs, Shared } from './shared.ts';
import { verdictOf } from './verdict.ts';

export interface QualityOptions extends GateOptions, QualityInputs {
  readonly signal?: AbortSignal;
}

/** Judgements at hand, or a stream of batches as `streamJudgements` gives them. */
export type CheckedJudgements =
  | Iterable<Judgement>
  | AsyncIterable<{ readonly judgements: readonly Judgement[] }>;

/** Rows after which others get a turn, so that a check can be stopped and a server stays awake. */
const rowsPerTurn = 1000;
const mostSources = 100;

/** A gate with its settings; one that is left out does not run. */
interface Chosen {
  readonly gate: Gate;
  readonly settings: Thresholds;
  readonly running: RunningGate | null;
}

/**
 * Checks judgements by every gate and says of each what was found, whether that passes and what to do.
 *
 * Nothing is kept of the texts but by the gates that compare rows with each other: see `gateMemory`. The same judgements in
 * the same order give the same report.
 *
 * @example
 * const report = await checkQuality(streamJudgements('preferences.jsonl'), { gates: { 'length-bias': { warn: { most: 0.65 } } } })
 * if (report.blocking.length > 0) ...
 * @throws data.bad_option
 */
export const checkQuality = async (
  judgements: CheckedJudgements,
  { gates: given, required: needed, signal, ...inputs }: QualityOptions = {},
): Promise<QualityReport> => {
  const { settings, required } = readGateOptions({
    ...(given && { gates: given }),
    ...(needed && { required: needed }),
  });
  const shared = new Shared();
  const chosen = gates.map((gate): Chosen => {
    const own = settings.get(gate.name);
    const run = own as never;
    return {
      gate: gate as unknown as Gate,
      settings: own ?? gate.settings.parse({}),
      running: own ? gate.start(run, shared, inputs) : null,
    };
  });
  const running = chosen.flatMap((one) => one.running ?? []);
  const kinds: Record<string, number> = {};
  const sources = new Set<string>();
  let rows = 0;
  for await (const batch of batchesOf(judgements)) {
    for (const judgement of batch) {
      const row = checkedRow(judgement, ++rows);
      kinds[judgement.kind] = (kinds[judgement.kind] ?? 0) + 1;
      sources.add(judgement.provenance.source);
      shared.add(row);
      for (const gate of running) gate.add?.(row);
      if (rows % rowsPerTurn === 0) await setImmediate(undefined, signal && { signal });
    }
    signal?.throwIfAborted();
  }
  const results: GateResult[] = [];
  for (const { gate, settings: own, running: one } of chosen) {
    const observation = one ? await one.finish() : notApplicable('This gate was left out.', 'judgements');
    results.push(resultOf(gate, own, observation, required.has(gate.name)));
    signal?.throwIfAborted();
  }
  return {
    version: 1,
    judgements: rows,
    kinds,
    sources: [...sources].slice(0, mostSources),
    sourcesInAll: sources.size,
    verdict: worst(results),
    blocking: named(results, 'fail'),
    unchecked: named(results, 'not_applicable'),
    gates: results,
  };
};

async function* batchesOf(judgements: CheckedJudgements): AsyncGenerator<Iterable<Judgement>> {
  if (Symbol.iterator in judgements) yield judgements;
  else for await (const batch of judgements) yield batch.judgements;
}

const resultOf = (
  { name, title, family, unit, fix }: Gate,
  settings: Thresholds,
  observation: Observation,
  required: boolean,
): GateResult => {
  const { value, interval, n, noun, reason, evidence, measures, pictures } = observation;
  return {
    name,
    title,
    family,
    verdict: verdictOf(observation, settings),
    required,
    value,
    unit,
    ...(interval && { interval: [...interval] }),
    threshold: { warn: settings.warn, fail: settings.fail },
    n,
    noun,
    reason,
    fix,
    evidence: evidence ?? noEvidence,
    measures: measures ?? {},
    pictures: pictures ?? [],
  };
};

const order: readonly Verdict[] = ['not_applicable', 'pass', 'warn', 'fail'];

const worst = (results: readonly GateResult[]): Verdict =>
  order[Math.max(0, ...results.map(({ verdict }) => order.indexOf(verdict)))]!;

const named = (results: readonly GateResult[], verdict: Verdict): QualityReport['blocking'] =>
  results.filter((result) => result.required && result.verdict === verdict).map(({ name }) => name);

/** What each gate's memory grows with, for those who check what does not fit. */
export const gateMemory: Readonly<Record<string, Gate['memory']>> = Object.fromEntries(
  gates.map(({ name, memory }) => [name, memory]),
);
