/** @file The end of every build: the model is opened as anybody will open it, and with data calibrated and validated. */
import type { PreferenceTree } from '@plaudit/feedback';
import { type JudgeUsage, usageWarnings } from '../judge/usage.ts';
import { type Calibration, type ModelCard, type Score, writeModelCard } from '../model.ts';
import { warningsOf } from '../report/warnings.ts';
import type { ValidationDocument } from '../validation/document.ts';
import { fitCalibration } from '../validation/fit-calibration.ts';
import { headline } from '../validation/headline.ts';
import { spread } from '../validation/spread.ts';
import { validate } from '../validation/validate.ts';
import { type BuildOptions, type LoadOptions, loadRewardModel } from './kinds.ts';
import { noiseCeilingOf } from './noise.ts';
import { writing } from './output-folder.ts';
import { type PreferenceData, pairsIn } from './preference-data.ts';
import type { OnProgress } from './progress.ts';
import { readCard } from './reading.ts';
import { writeModelCardText, writeRunFiles } from './run-files.ts';
import { readingWarnings, truncation } from './warnings.ts';

/** What was built and what is known about it. */
export interface BuildDocument {
  /** Of the model that was made: an average of weights is of its members' kind. */
  readonly kind: string;
  readonly out: string;
  readonly seed: number;
  readonly objectives: readonly string[];
  readonly configuration: ModelCard['configuration'];
  readonly parts: NonNullable<ModelCard['lineage']['parts']> | null;
  /** null without data. */
  readonly calibration: Calibration | null;
  readonly data: {
    readonly sources: PreferenceData['sources'];
    readonly rows: number;
    readonly rejects: number;
    readonly pairs: { readonly calibration: number; readonly test: number };
  } | null;
  /** On the half that did not calibrate; null without data. */
  readonly test: ValidationDocument | null;
  readonly judges: readonly JudgeUsage[];
  readonly seconds: number;
  readonly warnings: readonly string[];
}

/** Comparisons that calibrate, and others that validate. */
export interface Sides {
  readonly data: PreferenceData;
  readonly calibration: readonly PreferenceTree[];
  readonly test: readonly PreferenceTree[];
  readonly clusters: ReadonlyMap<string, number>;
  /** How the split is written into the card. */
  readonly fractions: ModelCard['data']['split']['fractions'];
  readonly pairs: ModelCard['data']['pairs'];
  /** Whether these sides were held back from the training of the parts too. */
  readonly heldBack?: boolean;
}

export interface FinishOptions extends LoadOptions {
  readonly out: string;
  readonly seed: number;
  /** When the build began, milliseconds of `performance.now()`. */
  readonly started: number;
  readonly sides: Sides | null;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/** The options with which models are opened and asked. */
export const openingOptions = (
  options: LoadOptions & Pick<FinishOptions, 'signal' | 'onProgress'>,
): Pick<BuildOptions, 'provider' | 'threads' | 'base' | 'signal' | 'onProgress'> => {
  const { provider, threads, base, signal, onProgress } = options;
  return {
    ...(provider !== undefined && { provider }),
    ...(threads !== undefined && { threads }),
    ...(base !== undefined && { base }),
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  };
};

/** Opens what was built, as anybody will, and with data calibrates and validates it. */
export const finishBuild = async (path: string, options: FinishOptions): Promise<BuildDocument> => {
  const { out, seed, started, sides, signal, onProgress } = options;
  const model = await loadRewardModel(path, { ...openingOptions(options), keepFeatures: true });
  const judges: JudgeUsage[] = [];
  const { onTruncated, warnings: truncated } = truncation();
  const score = (trees: readonly PreferenceTree[], phase: string): Promise<Score[][]> =>
    model.score(trees, {
      onTruncated,
      onJudged: (usage) => judges.push(usage),
      ...(signal && { signal }),
      ...(onProgress && { onProgress: (step, totalSteps) => onProgress({ phase, step, totalSteps }) }),
    });
  const documentOf = (card: ModelCard, test: ValidationDocument | null): BuildDocument => ({
    kind: card.kind,
    out,
    seed,
    objectives: card.objectives,
    configuration: card.configuration,
    parts: card.lineage.parts ?? null,
    calibration: card.calibration,
    data: sides && {
      sources: sides.data.sources,
      rows: sides.data.rows,
      rejects: sides.data.rejects.length,
      pairs: { calibration: pairsIn(sides.calibration), test: pairsIn(sides.test) },
    },
    test,
    judges,
    seconds: (performance.now() - started) / 1000,
    warnings: [
      ...(sides ? readingWarnings(sides.data) : []),
      ...(sides && !sides.heldBack ? seenBefore(card, sides.data) : []),
      ...truncated,
      ...judges.flatMap(usageWarnings),
      ...(test ? warningsOf(test) : []),
    ],
  });
  try {
    const card = await readCard(path);
    if (!sides) {
      const document = documentOf(card, null);
      await writing(out, () => writeModelCardText(path, card, out, document.warnings));
      return document;
    }
    const { data, calibration: trees, test, clusters, fractions, pairs } = sides;
    const scores = await score(trees, 'calibrate');
    const normaliser = spread(scores.flat().map(({ reward }) => reward));
    const { criteria } = card;
    const calibration = fitCalibration(
      headline(trees, scores, { clusters, criteria }),
      { reference: normaliser.mean },
      { seed },
    );
    const calibrated: ModelCard = {
      ...card,
      normaliser,
      calibration,
      data: {
        sources: data.sources.map(({ name, sha256 }) => ({ name, sha256 })),
        rows: data.rows,
        rejects: data.rejects.length,
        split: { seed, fractions },
        pairs,
      },
    };
    const testScores = await score(test, 'test');
    const noiseCeiling = noiseCeilingOf(data, { seed, clusters });
    const validation = validate(test, testScores, { calibration, criteria, noiseCeiling, seed, clusters });
    const final: ModelCard = { ...calibrated, metrics: validation };
    const document = documentOf(final, validation);
    await writing(out, async () => {
      await writeModelCard(path, final);
      await writeRunFiles(path, {
        document: { ...document, test: validation },
        card: final,
        records: [],
        test,
        testScores,
      });
    });
    return document;
  } finally {
    await model.close();
  }
};

/** Says when the data were seen by the parts. */
const seenBefore = (card: ModelCard, { sources }: PreferenceData): string[] => {
  const seen = new Set(
    (card.lineage.parts ?? []).flatMap((part) => part.trainedOn).map(({ sha256 }) => sha256),
  );
  const shared = sources.filter(({ sha256 }) => seen.has(sha256));
  return shared.length === 0
    ? []
    : [
        `Parts of it were trained on ${shared.map(({ name }) => name).join(', ')}, so these numbers are too good and the calibration is too sure. Give data that they have not seen.`,
      ];
};
