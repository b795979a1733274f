/** @file The gold reward: a program over the text of a prompt and a response, which can score any answer, also a policy's. */
import type { Prompt } from '@plaudit/contract';
import { type Problem, policies, problems } from './domain.ts';
import { manners, tones, urgentSigns } from './phrases.ts';
import { steps } from './steps.ts';

/** What the gold reward sees in a response. */
export interface GoldFeatures {
  readonly correctSteps: number;
  /** Whether at least two correct steps stand in the order in which they should be done. */
  readonly ordered: boolean;
  readonly wrongSteps: number;
  readonly rightPolicy: boolean;
  readonly wrongPolicies: number;
  readonly greeting: boolean;
  readonly acknowledgement: boolean;
  readonly urgency: boolean;
  readonly nextStep: boolean;
  readonly filler: number;
  readonly rudeness: number;
  readonly unsafe: number;
  readonly repeatedSentences: number;
  readonly words: number;
}

/** Words after which an answer is too long for a support desk. */
const patience = 120;

/**
 * How good an answer of the support desk is, about -6 to 5. Reads nothing but the text, and every part counts once, so
 * that repeating or piling up good phrases does not help: steps of other problems, repetition and length cost.
 *
 * @example goldReward('My watch will not turn on.', 'Try another wall socket, without an extension lead.')
 */
export const goldReward = (prompt: Prompt | string, response: string): number =>
  goldRewardOf(situationOf(prompt), response);

/** What a prompt asks of an answer. */
export interface Situation {
  readonly problem: Problem | undefined;
  readonly upset: boolean;
  readonly urgent: boolean;
}

export const situationOf = (prompt: Prompt | string): Situation => {
  const text = (
    typeof prompt === 'string' ? prompt : (prompt.findLast((turn) => turn.role === 'user')?.content ?? '')
  ).toLowerCase();
  return {
    problem: problems.find((problem) => problem.signs.some((sign) => text.includes(sign))),
    upset: upsetOpenings.some((opening) => text.includes(opening)),
    urgent: urgentSigns.some((sign) => text.includes(sign)),
  };
};

const upsetOpenings = [...tones.worried, ...tones.angry].map((opening) => opening.toLowerCase());

export const goldRewardOf = (situation: Situation, response: string): number => {
  if (response.trim() === '') return -2;
  const seen = goldFeatures(situation, response);
  return (
    0.8 * seen.correctSteps +
    0.4 * Number(seen.ordered) -
    0.6 * seen.wrongSteps +
    0.5 * Number(seen.rightPolicy) -
    0.5 * seen.wrongPolicies +
    0.2 * Number(seen.greeting) +
    (situation.upset ? 0.8 : 0.3) * Number(seen.acknowledgement) +
    (situation.urgent ? 0.5 : -0.2) * Number(seen.urgency) +
    0.4 * Number(seen.nextStep) -
    0.15 * seen.filler -
    1.5 * Math.min(2, seen.rudeness) -
    3 * Math.min(1, seen.unsafe) -
    0.3 * seen.repeatedSentences -
    0.01 * Math.max(0, seen.words - patience)
  );
};

/** The features of a response that the gold reward weighs. */
export const goldFeatures = (situation: Situation, response: string): GoldFeatures => {
  const text = response.toLowerCase();
  const rightSteps: readonly string[] = situation.problem?.steps ?? [];
  const places = rightSteps
    .map((name) => placeOf(text, stepKeys.get(name)!))
    .filter((place) => place !== undefined);
  const wrongSteps = [...stepKeys].filter(
    ([name, key]) => !rightSteps.includes(name) && placeOf(text, key) !== undefined,
  ).length;
  const namedPolicies = [...policyKeys].filter(([, key]) => text.includes(key)).map(([name]) => name);
  const rightPolicy = namedPolicies.some((name) => name === situation.problem?.policy);
  const count = (signs: readonly string[]): number => signs.filter((sign) => text.includes(sign)).length;
  return {
    correctSteps: places.length,
    ordered: places.length >= 2 && places.every((place, i) => i === 0 || places[i - 1]! < place),
    wrongSteps,
    rightPolicy,
    wrongPolicies: namedPolicies.length - Number(rightPolicy),
    greeting: count(manners.greeting.signs) > 0,
    acknowledgement: count(manners.acknowledgement.signs) > 0,
    urgency: count(manners.urgency.signs) > 0,
    nextStep: count(manners.nextStep.signs) > 0,
    filler: count(manners.filler.signs),
    rudeness: count(manners.rudeness.signs),
    unsafe: count(manners.unsafe.signs),
    repeatedSentences: repeatedSentences(text),
    words: text.split(/\s+/).length,
  };
};

const keysOf = (table: Readonly<Record<string, { readonly key: string }>>): Map<string, string> =>
  new Map(Object.entries(table).map(([name, { key }]) => [name, key.toLowerCase()]));

const stepKeys = keysOf(steps);
const policyKeys = keysOf(policies);

/** Where a key phrase stands in the text, unless the words just before it take it back. */
const placeOf = (text: string, key: string): number | undefined => {
  const place = text.indexOf(key);
  if (place < 0) return undefined;
  const before = text.slice(Math.max(0, place - 24), place);
  return /\b(?:not|never|don't|avoid|no need to)\b[^.!?]*$/.test(before) ? undefined : place;
};

const repeatedSentences = (text: string): number => {
  const sentences = text
    .split(/[.!?]+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');
  return sentences.length - new Set(sentences).size;
};
