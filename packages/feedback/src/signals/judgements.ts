/** @file Judgements from a log by declared rules, each with the weight that it should count for. */
import { canonicalJson, type Judgement, type Provenance } from '@plaudit/contract';
import { textSimilarity } from '../near-duplicates.ts';
import type { RuleCalibration, RuledJudgement } from './calibration.ts';
import type { Impression, SignalEvent, SignalLog } from './log.ts';
import { couldGive, type Propensities, propensitiesOf, type StratumRate } from './propensity.ts';
import { defaultSignalRules, type SignalRule, type SignalRules } from './rules.ts';
import { weighted } from './weights.ts';

/** A judgement that a rule made of an event. */
export interface ImplicitJudgement extends RuledJudgement {
  readonly impression: string;
  /** 0 to the cap per user and day; on average, before the cap, the weight of its rule. */
  readonly weight: number;
}

/** Why an event of a rule's signal was not made into a judgement, with the words that a person reads. */
export const signalReasons = {
  no_control: 'the surface did not have this control',
  no_consent: 'the impression says no consent',
  overruled: 'the user gave the same signal again later',
  short_dwell: 'the response was not in view for long enough, or it is not known for how long',
  unknown_next: 'the impression that was asked for instead is not in the log',
  other_prompt: 'the impression that was asked for instead has another prompt, or several responses',
  not_kept: 'the response that was asked for instead was not kept either',
  same_text: 'the text is the same as before',
  small_change: 'the text was hardly changed',
  large_change: 'hardly anything of the text was left',
} as const;
export type SignalReason = keyof typeof signalReasons;

export interface RuleReport {
  readonly rule: string;
  readonly events: number;
  readonly judgements: number;
  readonly leftOut: Readonly<Partial<Record<SignalReason, number>>>;
  /** What a judgement of the rule weighs on average, and whether that was stated or measured. */
  readonly weight: number;
  readonly weightSource: 'stated' | 'calibrated';
  /** How often the signal was given; none where it never was. */
  readonly strata: readonly StratumRate[];
}

export interface SignalJudgements {
  readonly judgements: readonly ImplicitJudgement[];
  readonly rules: readonly RuleReport[];
  readonly impressions: number;
  /** Impressions that no rule said anything of: unlabelled, and not bad. */
  readonly silent: number;
  /** Judgements whose weight the cap of their user and day made smaller. */
  readonly capped: number;
}

export interface SignalOptions {
  /** Default `defaultSignalRules`. */
  readonly rules?: SignalRules;
  /** As `calibrateSignals` measured it, on judgements made with the same rules. */
  readonly calibration?: readonly RuleCalibration[];
  /** The name of the log, for provenance. */
  readonly source: string;
}

/**
 * Makes judgements of what users did. Their provenance says that they are implicit, by which rule, and with which
 * probability they came to be; an impression without a signal gives nothing.
 *
 * @example judgementsFromSignals(await readSignalLog('signals.jsonl'), { source: 'chat-app' })
 */
export const judgementsFromSignals = (log: SignalLog, options: SignalOptions): SignalJudgements => {
  const rules = options.rules ?? defaultSignalRules;
  const known = indexOf(log);
  const made: (ImplicitJudgement & { readonly propensity: number; readonly at: Impression })[] = [];
  const reports: RuleReport[] = [];
  for (const rule of rules.rules) {
    const leftOut: Partial<Record<SignalReason, number>> = {};
    const events = known.events.filter(({ signal }) => signal === rule.signal);
    const signalled = new Set(events.map(({ impression }) => impression));
    const propensities = propensitiesOf(
      events.length === 0 ? [] : log.impressions,
      rule.signal,
      signalled,
      rules.propensity,
    );
    const { weight, weightSource } = weightOf(rule, rules, options.calibration ?? []);
    let judgements = 0;
    for (const event of events) {
      const at = known.impressions.get(event.impression)!;
      const said = judged(rule, event, at, known, rules);
      if (typeof said === 'string') {
        leftOut[said] = (leftOut[said] ?? 0) + 1;
        continue;
      }
      judgements++;
      const propensity = propensityAt(propensities, at);
      const provenance = provenanceOf(rule, event, at, propensity, options.source);
      const judgement = { ...said, provenance } as Judgement;
      made.push({ rule: rule.name, judgement, impression: at.id, weight, propensity, at });
    }
    reports.push({
      rule: rule.name,
      events: events.length,
      judgements,
      leftOut,
      weight,
      weightSource,
      strata: propensities.strata,
    });
  }
  const { weights, capped } = weighted(
    made.map(({ rule, weight, propensity, at }) => ({
      rule,
      weight,
      propensity,
      user: at.user,
      time: at.time,
    })),
    rules,
  );
  const heard = new Set(made.map(({ impression }) => impression));
  return {
    judgements: made.map(({ rule, judgement, impression }, i) => ({
      rule,
      judgement,
      impression,
      weight: weights[i]!,
    })),
    rules: reports,
    impressions: log.impressions.length,
    silent: log.impressions.length - heard.size,
    capped,
  };
};

/** The probability that this was shown and then signalled. */
const propensityAt = (propensities: Propensities, at: Impression): number =>
  Math.min(1, Math.max(Number.MIN_VALUE, (at.probability ?? 1) * propensities.at(at)));

const weightOf = (
  rule: SignalRule,
  { fewestPairs }: SignalRules,
  calibration: readonly RuleCalibration[],
): Pick<RuleReport, 'weight' | 'weightSource'> => {
  const measured = calibration.find((one) => one.rule === rule.name);
  return rule.weightSource === 'calibrated' && measured && measured.pairs >= fewestPairs
    ? { weight: measured.weight, weightSource: 'calibrated' }
    : { weight: rule.weight, weightSource: 'stated' };
};

/** A log by impression. */
interface KnownLog {
  readonly impressions: ReadonlyMap<string, Impression>;
  readonly events: readonly SignalEvent[];
  readonly eventsOf: ReadonlyMap<string, readonly SignalEvent[]>;
  /** The latest event of each signal on each response. */
  readonly latest: ReadonlyMap<string, SignalEvent>;
}

const keyOf = ({ impression, response, signal }: SignalEvent): string =>
  JSON.stringify([impression, response, signal]);

/** Events that stand in the order of their times, those of impressions that are not in the log left out. */
const indexOf = ({ impressions, events }: SignalLog): KnownLog => {
  const known = new Map(impressions.map((one) => [one.id, one]));
  const inOrder = events
    .filter(({ impression, response }) => response < (known.get(impression)?.responses.length ?? 0))
    .sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
  return {
    impressions: known,
    events: inOrder,
    eventsOf: Map.groupBy(inOrder, ({ impression }) => impression),
    latest: new Map(inOrder.map((event) => [keyOf(event), event])),
  };
};

type Said = Judgement extends infer One ? (One extends Judgement ? Omit<One, 'provenance'> : never) : never;

/** What the rule makes of the event, or why nothing. */
const judged = (
  rule: SignalRule,
  event: SignalEvent,
  at: Impression,
  known: KnownLog,
  rules: SignalRules,
): Said | SignalReason => {
  if (!couldGive(at, event.signal)) return 'no_control';
  if (rules.requireConsent && at.consent === undefined) return 'no_consent';
  if (known.latest.get(keyOf(event)) !== event) return 'overruled';
  const response = at.responses[event.response]!;
  const shared = { prompt: at.prompt, ...(rule.criterion !== undefined && { criterion: rule.criterion }) };
  const label = (desirable: boolean): Said => ({ kind: 'label', ...shared, response, desirable });
  const seen = rule.minDwellSeconds === undefined || dwell(at, event.response, known) >= rule.minDwellSeconds;
  switch (event.signal) {
    case 'regenerate': {
      const next = keptInstead(rule, event, at, known);
      if (typeof next === 'string') return next;
      return { kind: 'comparison', ...shared, responses: [response, next.responses[0]!], outcome: 'b' };
    }
    case 'edit': {
      const reason = editFault(rule, response, event.text);
      return reason ?? { kind: 'edit', ...shared, response, rewrite: event.text };
    }
    case 'thumb':
      return seen ? label(event.up) : 'short_dwell';
    case 'task':
      return seen ? label(event.completed) : 'short_dwell';
    case 'tests':
      return seen ? label(event.passed) : 'short_dwell';
    case 'complaint':
      return seen ? label(false) : 'short_dwell';
    case 'copy':
    case 'dwell':
      return seen ? label(true) : 'short_dwell';
  }
};

/** Seconds that a response was in view, as far as they were logged. */
const dwell = ({ id }: Impression, response: number, { eventsOf }: KnownLog): number =>
  (eventsOf.get(id) ?? []).reduce(
    (most, event) =>
      event.signal === 'dwell' && event.response === response ? Math.max(most, event.seconds) : most,
    0,
  );

/** Signals by which a response is rejected. */
const isRejection = (event: SignalEvent): boolean =>
  event.signal === 'regenerate' ||
  event.signal === 'complaint' ||
  (event.signal === 'thumb' && !event.up) ||
  (event.signal === 'task' && !event.completed) ||
  (event.signal === 'tests' && !event.passed);

/** The impression that the user asked for instead and kept. */
const keptInstead = (
  rule: SignalRule,
  event: SignalEvent & { readonly signal: 'regenerate' },
  at: Impression,
  known: KnownLog,
): Impression | SignalReason => {
  const next = known.impressions.get(event.next);
  if (!next || next.id === at.id) return 'unknown_next';
  if (next.responses.length !== 1 || canonicalJson(next.prompt) !== canonicalJson(at.prompt))
    return 'other_prompt';
  if (next.responses[0] === at.responses[event.response]) return 'same_text';
  if ((known.eventsOf.get(next.id) ?? []).some(isRejection)) return 'not_kept';
  return dwell(next, 0, known) < (rule.minDwellSeconds ?? 0) ? 'short_dwell' : next;
};

const editFault = (rule: SignalRule, before: string, after: string): SignalReason | undefined => {
  if (before === after) return 'same_text';
  const change = 1 - textSimilarity(before, after);
  if (change < (rule.minChange ?? 0)) return 'small_change';
  return change > (rule.maxChange ?? 1) ? 'large_change' : undefined;
};

const provenanceOf = (
  rule: SignalRule,
  event: SignalEvent,
  at: Impression,
  propensity: number,
  source: string,
): Provenance => ({
  source,
  ...(at.user !== undefined && { annotator: at.user }),
  annotatorKind: 'implicit',
  time: event.time,
  selectionProbability: propensity,
  ...(at.language !== undefined && { language: at.language }),
  ...(event.signal === 'regenerate' && { shownFirst: 0 }),
  segments: {
    ...at.segments,
    signal: rule.name,
    surface: at.surface,
    policy: at.policy,
    ...(at.consent !== undefined && { consent: at.consent }),
  },
});
