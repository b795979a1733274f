/** @file Selection simulated on judgements that are there: how many labels each rule needs beside a random choice. */
import { availableParallelism } from 'node:os';
import { plauditError } from '@plaudit/contract';
import { type SelectionRule, selectionPurposes, selectionRules } from '@plaudit/feedback';
import { loadRewardModel } from '../run/kinds.ts';
import { type PreferenceData, readPreferenceData } from '../run/preference-data.ts';
import type { OnProgress } from '../run/progress.ts';
import { readingWarnings } from '../run/warnings.ts';
import { type AnnotatedStudy, annotatedByFile, annotatedByGold, annotatorAccuracy } from './annotators.ts';
import { compareCurves, type RuleCurves, type SeedCurves, sharedLabels } from './curves.ts';
import { type Study, studyOf } from './study.ts';
import { type FeatureChoice, type StudyFeatures, studyFeatures } from './study-features.ts';
import { type Setting, settingOf, type TrialPlan } from './trial.ts';
import { runTrials, type TrialRequest } from './trials.ts';

export interface SelectionSimulationOptions {
  readonly data: readonly string[];
  readonly format?: string;
  /** Whose judgements; default: those of no criterion. */
  readonly criterion?: string;
  /** Default: all. Random is always there, because the others are measured against it. */
  readonly rules?: readonly SelectionRule[];
  /** A checkpoint whose states are the features; default: hashed words, which need none. */
  readonly base?: string;
  readonly settings?: FeatureChoice['settings'];
  /** A saved reward model that is the truth instead of the file. */
  readonly gold?: string;
  /** Of annotators behind a gold reward, in its units. Default 1. */
  readonly noise?: number;
  /** Of annotators who know the file: the probability that they say what it says. Default 1. */
  readonly annotatorAccuracy?: number;
  /** Trials of each rule. Default 10. */
  readonly seeds?: number;
  /** The first seed. Default 1. */
  readonly seed?: number;
  /** Share of the pairs kept for measuring. Default 0.3. */
  readonly heldOut?: number;
  readonly plan?: Partial<TrialPlan>;
  /** Trials at once. Default: as many as there are processors. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/** The parts of the gain that have to be reached. */
const shares = [0.9, 0.95, 0.98] as const;

const defaultPlan: TrialPlan = {
  start: 40,
  batch: 20,
  growth: 0.2,
  most: Number.MAX_SAFE_INTEGER,
  control: 0.25,
  perPrompt: 1,
  temperature: 0.25,
  purpose: 'reward',
};

export interface RuleResult extends RuleCurves {
  readonly rule: SelectionRule;
}

export interface SelectionSimulationDocument {
  readonly data: {
    readonly sources: PreferenceData['sources'];
    readonly format: string;
    readonly prompts: number;
    readonly pairs: number;
    readonly undecided: number;
    readonly leftOut: number;
  };
  readonly features: { readonly base: string | null; readonly width: number };
  readonly annotators: {
    readonly gold: string | null;
    /** How often they are expected to say what is true. */
    readonly accuracy: number;
  };
  readonly seeds: { readonly first: number; readonly count: number };
  readonly heldOut: number;
  readonly plan: Omit<TrialPlan, 'most'> & { readonly most: number | null };
  /** Mean over seeds of the pool and of the held-out side, in pairs. */
  readonly pool: number;
  readonly heldOutPairs: number;
  /** Mean accuracy of the model that all labels of the pool make, and its range over seeds. */
  readonly allLabels: { readonly accuracy: number; readonly range: readonly [number, number] };
  /** Numbers of labels at which curves are read. */
  readonly labels: readonly number[];
  /** Random first. */
  readonly rules: readonly RuleResult[];
  readonly seconds: number;
  readonly warnings: readonly string[];
}

const refuse = (option: string, problem: string): never => {
  throw plauditError('data.bad_option', { option, problem });
};

const checkedPlan = (given: Partial<TrialPlan> = {}): TrialPlan => {
  const plan = { ...defaultPlan, ...given };
  for (const option of ['start', 'batch', 'most', 'perPrompt'] as const)
    if (!(Number.isSafeInteger(plan[option]) && plan[option] >= 1))
      refuse(option, 'it is a whole number of at least 1');
  for (const option of ['control', 'temperature'] as const)
    if (!(plan[option] >= 0 && plan[option] <= 1)) refuse(option, 'it lies between 0 and 1');
  if (!(plan.growth >= 0 && plan.growth <= 10)) refuse('growth', 'it lies between 0 and 10');
  if (!selectionPurposes.includes(plan.purpose)) refuse('purpose', `it is ${selectionPurposes.join(' or ')}`);
  return plan;
};

const checkedRules = (given: readonly SelectionRule[] = selectionRules): SelectionRule[] => {
  const unknown = given.find((rule) => !selectionRules.includes(rule));
  if (unknown !== undefined) refuse('rules', `they are of ${selectionRules.join(', ')}`);
  return ['random', ...new Set(given.filter((rule) => rule !== 'random'))];
};

/** Settings of an encoder that is not there would be given for nothing. */
const checkFeatures = ({ base, settings = {} }: SelectionSimulationOptions): void => {
  const given = (['pooling', 'maxLength', 'depth', 'int8'] as const).find(
    (name) => settings[name] !== undefined,
  );
  if (base === undefined && given !== undefined)
    refuse(given, 'hashed words take none; name a checkpoint as the base');
};

const checkNumbers = ({ seeds, noise, heldOut, accuracy }: Record<string, number>): void => {
  if (!(Number.isSafeInteger(seeds) && seeds! >= 2)) refuse('seeds', 'it is a whole number of at least 2');
  if (!(noise! >= 0 && Number.isFinite(noise))) refuse('noise', 'it is a number of at least 0');
  if (!(heldOut! > 0 && heldOut! < 1)) refuse('heldOut', 'it lies between 0 and 1');
  if (!(accuracy! > 0.5 && accuracy! <= 1)) refuse('annotatorAccuracy', 'it is above 0.5 and at most 1');
};

/** The gold reward of every response. */
const goldRewards = async (
  directory: string,
  { trees }: Study,
  { settings, signal, onProgress }: SelectionSimulationOptions,
): Promise<number[][]> => {
  const model = await loadRewardModel(directory, {
    ...(settings?.provider && { provider: settings.provider }),
    ...(settings?.threads && { threads: settings.threads }),
  });
  try {
    const scores = await model.score(trees, {
      ...(signal && { signal }),
      ...(onProgress && {
        onProgress: (step, totalSteps) => onProgress({ phase: 'gold', step, totalSteps }),
      }),
    });
    return scores.map((own) => own.map(({ reward }) => reward));
  } finally {
    await model.close();
  }
};

const annotated = async (study: Study, options: SelectionSimulationOptions): Promise<AnnotatedStudy> => {
  const { gold, noise = 1, annotatorAccuracy: accuracy = 1 } = options;
  if (gold === undefined) return annotatedByFile(study, accuracy);
  return annotatedByGold(study, await goldRewards(gold, study, options), noise);
};

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Plays the labelling of a file again: from a few labels drawn evenly, each rule asks for the next ones round by round, a
 * logistic head on fixed features learns from all labels so far, and pairs of prompts that no label touches say how good it
 * is. Every rule has the same splits, first labels and answers. Control pairs count as labels and are learned from, as they
 * are in practice after they have measured the model that had not seen them.
 *
 * @example await simulateSelection({ data: ['preferences.jsonl'], rules: ['d-optimal', 'bald'], seeds: 10 })
 * @throws selection.*; data.*, reward.*, model.*, engine.*; the signal's reason
 */
export const simulateSelection = async (
  options: SelectionSimulationOptions,
): Promise<SelectionSimulationDocument> => {
  const began = performance.now();
  const {
    base,
    settings = {},
    gold,
    seeds = 10,
    seed: first = 1,
    heldOut = 0.3,
    signal,
    onProgress,
  } = options;
  const plan = checkedPlan(options.plan);
  const rules = checkedRules(options.rules);
  checkFeatures(options);
  checkNumbers({ seeds, noise: options.noise ?? 1, heldOut, accuracy: options.annotatorAccuracy ?? 1 });
  const progress = { ...(signal && { signal }), ...(onProgress && { onProgress }) };

  const data = await readPreferenceData(options.data, { ...progress, format: options.format ?? 'auto' });
  const study = await annotated(studyOf(data, options.criterion), options);
  const features = await studyFeatures(study.trees, { base: base ?? null, settings }, progress);
  const settingsBySeed = settingsOf(study, features, { seeds, first, heldOut, start: plan.start }, progress);

  const requests = [null, ...rules].flatMap((rule) =>
    settingsBySeed.map((setting): TrialRequest => ({ setting, rule, plan })),
  );
  const curves = await runTrials(requests, {
    threads: options.threads ?? availableParallelism(),
    ...(signal && { signal }),
    onTrial: (step, totalSteps) => onProgress?.({ phase: 'trials', step, totalSteps }),
  });
  const [all, ...byRule] = [null, ...rules].map(
    (_, i): SeedCurves => curves.slice(i * seeds, (i + 1) * seeds),
  );
  const reachable = all!.map(([point]) => point!.accuracy);
  const labels = sharedLabels(byRule);
  return {
    data: {
      sources: data.sources,
      format: data.format,
      prompts: study.trees.length,
      pairs: study.pairs.length,
      undecided: study.undecided,
      leftOut: study.leftOut,
    },
    features: { base: base ?? null, width: features[0]![0]!.length },
    annotators: { gold: gold ?? null, accuracy: annotatorAccuracy(study) },
    seeds: { first, count: seeds },
    heldOut,
    plan: { ...plan, most: plan.most === defaultPlan.most ? null : plan.most },
    pool: mean(settingsBySeed.map(({ pool }) => pool.length)),
    heldOutPairs: mean(settingsBySeed.map((setting) => setting.heldOut.length)),
    allLabels: { accuracy: mean(reachable), range: [Math.min(...reachable), Math.max(...reachable)] },
    labels,
    rules: rules.map((rule, i) => ({
      rule,
      ...compareCurves(byRule[i]!, byRule[0]!, reachable, labels, { shares, seed: first }),
    })),
    seconds: (performance.now() - began) / 1000,
    warnings: [...readingWarnings(data), ...gainWarnings(mean(reachable))],
  };
};

/** Least accuracy of all labels with which there is something to reach. */
const leastAccuracy = 0.55;

const gainWarnings = (accuracy: number): string[] =>
  accuracy < leastAccuracy
    ? [
        'All labels together order hardly more pairs rightly than a coin: these features show no gain that a rule could reach sooner.',
      ]
    : [];

const settingsOf = (
  study: AnnotatedStudy,
  features: StudyFeatures,
  { seeds, first, heldOut, start }: { seeds: number; first: number; heldOut: number; start: number },
  { signal, onProgress }: { readonly signal?: AbortSignal; readonly onProgress?: OnProgress },
): Setting[] =>
  Array.from({ length: seeds }, (_, i) => {
    signal?.throwIfAborted();
    onProgress?.({ phase: 'splits', step: i + 1, totalSteps: seeds });
    return settingOf(study, features, { seed: first + i, heldOut, start });
  });
