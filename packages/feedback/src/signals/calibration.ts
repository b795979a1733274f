/** @file How far each rule's judgements agree with what people said of the same pairs when they were asked. */
import { type Comparison, canonicalJson, type Judgement, type Prompt } from '@plaudit/contract';
import { type Interval, wilsonInterval } from '../statistics/bootstrap.ts';

/** A rule's agreement with explicit comparisons. */
export interface RuleCalibration {
  readonly rule: string;
  /** Pairs of responses that both the rule and people prefer one of. */
  readonly pairs: number;
  readonly agreed: number;
  /** Pairs that both judged, on which one side or the other was undecided. */
  readonly undecided: number;
  /** Share of the pairs; 0.5 without any. */
  readonly agreement: number;
  /** Wilson, 95 %; 0 to 1 without any pairs. */
  readonly interval: Interval;
  /** What a judgement of the rule should count for beside one that is always right. */
  readonly weight: number;
}

/** A judgement made from a signal, and by which rule. */
export interface RuledJudgement {
  readonly rule: string;
  readonly judgement: Judgement;
}

/**
 * Compares the judgements of each rule with explicit comparisons of the same two responses to the same prompt. A pair counts
 * once, however many users and people judged it: each side says what most of its judgements say.
 *
 * The weight is `max(0, 2 a - 1)` with the lower end `a` of the agreement's interval: when a label is right with
 * probability a, whichever response is the better one, its expectation is (2 a - 1) times the truth. A rule that was not
 * shown to be better than a coin weighs nothing.
 */
export const calibrateSignals = (
  implicit: Iterable<RuledJudgement>,
  explicit: Iterable<Comparison>,
): RuleCalibration[] => {
  const said = new Map<string, number>();
  for (const comparison of explicit) {
    const { prompt, responses, outcome } = comparison;
    const lead = outcome === 'a' ? 1 : outcome === 'b' ? -1 : 0;
    addLead(said, pairOf(prompt, responses[0], responses[1]), lead);
  }
  const byRule = Map.groupBy(implicit, ({ rule }) => rule);
  return [...byRule]
    .map(([rule, judgements]) => {
      const leads = leadsOf(judgements.map(({ judgement }) => judgement));
      return calibrationOf(rule, leads, said);
    })
    .sort((a, b) => (a.rule < b.rule ? -1 : 1));
};

const calibrationOf = (
  rule: string,
  leads: ReadonlyMap<string, number>,
  said: ReadonlyMap<string, number>,
): RuleCalibration => {
  let [pairs, agreed, undecided] = [0, 0, 0];
  for (const [pair, lead] of leads) {
    const explicit = said.get(pair);
    if (explicit === undefined) continue;
    if (lead === 0 || explicit === 0) undecided++;
    else {
      pairs++;
      if (lead > 0 === explicit > 0) agreed++;
    }
  }
  const agreement = pairs === 0 ? 0.5 : agreed / pairs;
  const interval: Interval = pairs === 0 ? [0, 1] : wilsonInterval(agreement, pairs);
  return { rule, pairs, agreed, undecided, agreement, interval, weight: Math.max(0, 2 * interval[0] - 1) };
};

interface Pair {
  readonly key: string;
  /** 1 where the first response of the pair is the first one given, else -1. */
  readonly sign: number;
}

const pairOf = (prompt: Prompt, one: string, other: string): Pair => {
  const swapped = one > other;
  const responses = swapped ? [other, one] : [one, other];
  return { key: canonicalJson([prompt, responses]), sign: swapped ? -1 : 1 };
};

const addLead = (leads: Map<string, number>, { key, sign }: Pair, lead: number): void => {
  leads.set(key, (leads.get(key) ?? 0) + sign * lead);
};

/** By how many judgements the first response of each pair leads. */
const leadsOf = (judgements: readonly Judgement[]): Map<string, number> => {
  const leads = new Map<string, number>();
  const labels = new Map<string, { readonly prompt: Prompt; readonly leads: Map<string, number> }>();
  for (const judgement of judgements) {
    const { prompt } = judgement;
    if (judgement.kind === 'comparison') {
      const lead = judgement.outcome === 'a' ? 1 : judgement.outcome === 'b' ? -1 : 0;
      addLead(leads, pairOf(prompt, ...judgement.responses), lead);
    } else if (judgement.kind === 'edit')
      addLead(leads, pairOf(prompt, judgement.rewrite, judgement.response), 1);
    else if (judgement.kind === 'label') {
      const key = canonicalJson(prompt);
      const known = labels.get(key) ?? { prompt, leads: new Map<string, number>() };
      labels.set(key, known);
      const { response, desirable } = judgement;
      known.leads.set(response, (known.leads.get(response) ?? 0) + (desirable ? 1 : -1));
    }
  }
  for (const { prompt, leads: own } of labels.values()) addLabelPairs(leads, prompt, own);
  return leads;
};

/** Labels say of two responses to one prompt which is better where most of one's are good and most of the other's bad. */
const addLabelPairs = (
  leads: Map<string, number>,
  prompt: Prompt,
  own: ReadonlyMap<string, number>,
): void => {
  const good = [...own].filter(([, lead]) => lead > 0);
  const bad = [...own].filter(([, lead]) => lead < 0);
  for (const [better] of good) for (const [worse] of bad) addLead(leads, pairOf(prompt, better, worse), 1);
};
