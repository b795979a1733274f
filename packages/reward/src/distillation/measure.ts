/** @file What a distilled proxy is worth: beside its teacher, and beside what people said, on prompts that it was not taught. */
import { plauditError } from '@plaudit/contract';
import type { PreferenceTree } from '@plaudit/feedback';
import type { Calibration, ModelCard, Score } from '../model.ts';
import type { TrainedModel } from '../run/kinds.ts';
import { noiseCeilingOf } from '../run/noise.ts';
import { countableIn, type PreferenceData } from '../run/preference-data.ts';
import { compareModels, type ModelComparison } from '../validation/compare.ts';
import type { ValidationDocument } from '../validation/document.ts';
import { fitCalibration } from '../validation/fit-calibration.ts';
import { headline } from '../validation/headline.ts';
import type { JoinOptions, ResponseScore } from '../validation/pairs.ts';
import { spread } from '../validation/spread.ts';
import { validate } from '../validation/validate.ts';
import { measureFidelity } from './fidelity.ts';
import type { Fidelity } from './fidelity-document.ts';
import type { Lesson } from './lessons.ts';

/** Judgements of people below which nothing is fitted to them, or said of them. */
const fewest = 5;

/** The teacher's T, and where it is from. */
export interface TeacherTemperature {
  readonly temperature: number;
  /** Its calibration; one that was fitted here on the validation side; or the spread of its rewards. */
  readonly from: 'card' | 'judgements' | 'spread';
}

const rewardsAsScores = ({ tree, rewards }: Lesson) =>
  tree.responses.map((_, i) => ({ reward: rewards[i]! }));

const judgedTrees = (lessons: readonly Lesson[]): PreferenceTree[] => lessons.map(({ tree }) => tree);

/** Differences of an uncalibrated teacher's rewards may be of any size: judgements or else their spread say which are large. */
export const teacherTemperature = (
  card: ModelCard,
  validation: readonly Lesson[],
  all: readonly Lesson[],
  options: { readonly seed: number; readonly clusters: ReadonlyMap<string, number> },
): TeacherTemperature => {
  if (card.calibration) return { temperature: card.calibration.temperature, from: 'card' };
  const fitted = fittedOn(validation, validation.map(rewardsAsScores), { reference: 0, ...options });
  return fitted
    ? { temperature: fitted.temperature, from: 'judgements' }
    : { temperature: spread(all.flatMap(({ rewards }) => [...rewards])).std, from: 'spread' };
};

/** A calibration to what people said; null where they said too little. */
const fittedOn = (
  lessons: readonly Lesson[],
  scores: readonly (readonly ResponseScore[])[],
  { reference, seed, ...join }: JoinOptions & { readonly reference: number; readonly seed: number },
): Calibration | null => {
  const trees = judgedTrees(lessons);
  if (countableIn(trees) < fewest) return null;
  return fitCalibration(headline(trees, scores, join), { reference }, { seed });
};

export interface MeasuredProxy {
  readonly fidelity: Fidelity;
  readonly calibration: Calibration;
  /** Beside what people said; null where they said too little of the test side. */
  readonly test: ValidationDocument | null;
  readonly testScores: readonly (readonly Score[])[];
  /** The teacher is A and the proxy B, on the same judgements. */
  readonly besideTeacher: ModelComparison | null;
  /** Seconds that it took to score the test side. */
  readonly scoringSeconds: number;
}

/**
 * @throws reward.too_few_pairs where the teacher orders no responses of the test side
 */
export const measureProxy = async (
  { model }: TrainedModel,
  sides: { readonly validation: readonly Lesson[]; readonly test: readonly Lesson[] },
  data: PreferenceData,
  options: {
    readonly temperature: number;
    readonly seed: number;
    readonly clusters: ReadonlyMap<string, number>;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<MeasuredProxy> => {
  const { seed, clusters, signal, temperature } = options;
  const { criteria, normaliser } = model.card;
  const score = (lessons: readonly Lesson[]): Promise<Score[][]> =>
    model.score(
      lessons.map(({ tree, responses }) => ({ prompt: tree.prompt, responses })),
      signal ? { signal } : {},
    );
  const judgedScores = (lessons: readonly Lesson[], scores: readonly (readonly Score[])[]) =>
    lessons.map(({ tree }, i) => scores[i]!.slice(0, tree.responses.length));

  const reference = normaliser.mean;
  const onValidation = judgedScores(sides.validation, await score(sides.validation));
  const fitted = fittedOn(sides.validation, onValidation, { reference, seed, clusters, criteria });
  // What it was taught are log odds.
  const calibration = fitted ?? { temperature: 1, reference };

  const started = performance.now();
  const scores = await score(sides.test);
  const scoringSeconds = (performance.now() - started) / 1000;
  const rewards = scores.map((own) => own.map(({ reward }) => reward));
  const fidelity = measureFidelity(
    sides.test,
    { rewards, temperature: calibration.temperature },
    { temperature, seed, clusters },
  );
  if (!fidelity) throw plauditError('reward.too_few_pairs', { split: 'test', pairs: 0, needed: 1 });

  const trees = judgedTrees(sides.test);
  const testScores = judgedScores(sides.test, scores);
  if (countableIn(trees) < fewest)
    return { fidelity, calibration, test: null, testScores, besideTeacher: null, scoringSeconds };
  const join = { clusters, criteria };
  return {
    ...{ fidelity, calibration, testScores, scoringSeconds },
    test: validate(trees, testScores, {
      ...{ seed, clusters, calibration, criteria },
      noiseCeiling: noiseCeilingOf(data, { seed, clusters }),
    }),
    besideTeacher: compareModels(
      headline(trees, sides.test.map(rewardsAsScores), join).pairs,
      headline(trees, testScores, join).pairs,
      { seed },
    ),
  };
};
