/** @file A thorough reward model distilled into a quick one: from the teacher's rewards to a saved proxy, readable top to bottom. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlauditError, plauditError } from '@plaudit/contract';
import type { PreferenceTree } from '@plaudit/feedback';
import { type Calibration, type ModelCard, modelCardFile, trainedOn } from '../model.ts';
import { warningsOf } from '../report/warnings.ts';
import { type LoadOptions, loadRewardModel, rewardModelKind } from '../run/kinds.ts';
import {
  openStaging,
  requireFree,
  type Staging,
  type StagingOptions,
  writing,
} from '../run/output-folder.ts';
import type { DataSource } from '../run/preference-data.ts';
import type { OnProgress } from '../run/progress.ts';
import { readCard } from '../run/reading.ts';
import { type RunFiles, writeModelCardText, writeRunFiles } from '../run/run-files.ts';
import {
  parseSettings,
  requireSettingsOf,
  type TrainingSettings,
  trainingSettings,
} from '../run/settings.ts';
import { createdBy } from '../run/version.ts';
import { readingWarnings, truncation } from '../run/warnings.ts';
import type { ModelComparison } from '../validation/compare.ts';
import type { ValidationDocument } from '../validation/document.ts';
import type { Fidelity } from './fidelity-document.ts';
import { type LessonData, readLessonData } from './lesson-data.ts';
import { type Lesson, lessonPairs, softTree } from './lessons.ts';
import { measureProxy, type TeacherTemperature, teacherTemperature } from './measure.ts';
import { teach } from './teach.ts';

export interface DistilOptions {
  /** Folder of a saved reward model of any kind. */
  readonly teacher: string;
  /** Files of judgements: their prompts are taught, and their held-out judgements measure the proxy too. */
  readonly data: readonly string[];
  readonly format?: string;
  /** Files whose rows hold a prompt with responses that nobody judged: those to the prompts of `data` are taught as well. */
  readonly responses?: readonly string[];
  /** `linear` or `probe`. */
  readonly kind: string;
  readonly out: string;
  readonly seed?: number;
  readonly fractions?: { readonly validation?: number; readonly test?: number };
  /** Of the proxy. */
  readonly settings?: TrainingSettings;
  /** How the teacher is opened. */
  readonly loading?: LoadOptions;
  readonly resume?: StagingOptions['resume'];
  readonly overwrite?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/** What a distillation was and what came of it; `report.json` holds it too. */
export interface DistillationDocument {
  readonly kind: string;
  readonly out: string;
  readonly seed: number;
  readonly teacher: TeacherTemperature & {
    readonly path: string;
    readonly kind: string;
    /** Of its card. */
    readonly sha256: string;
  };
  readonly data: {
    readonly sources: readonly DataSource[];
    readonly rows: number;
    readonly rejects: number;
    readonly prompts: number;
    readonly responses: number;
    /** Of the responses: those that nobody judged. */
    readonly unjudged: number;
    /** Rows of responses to prompts that are not in the data, which were left out. */
    readonly otherPrompts: number;
    /** Pairs of responses to one prompt. */
    readonly pairs: ModelCard['data']['pairs'];
  };
  readonly configuration: ModelCard['configuration'];
  readonly calibration: Calibration;
  /** Beside the teacher, on prompts that were not taught. */
  readonly fidelity: Fidelity;
  /** Beside what people said of the same prompts; null where they said too little. */
  readonly test: ValidationDocument | null;
  /** Who is nearer to what people said: the teacher is A, the proxy B. */
  readonly besideTeacher: ModelComparison | null;
  readonly seconds: number;
  readonly cost: {
    readonly teacherSeconds: number;
    readonly trainingSeconds: number;
    readonly responsesScoredPerSecond: number;
  };
  readonly resumed: boolean;
  readonly warnings: readonly string[];
  readonly createdBy: string;
}

const proxyKinds: readonly string[] = ['linear', 'probe'];

/**
 * Distils a teacher into a proxy that learns the teacher's reward differences within each prompt, and saves it. Nothing
 * half-written is left at `out`; a run that stops early keeps what the teacher has scored.
 *
 * @example
 * await distilRewardModel({ teacher: 'ensemble', data: ['preferences.jsonl'], kind: 'linear', out: 'proxy', seed: 1 })
 * @throws data.*, reward.*, model.*, engine.*, output.*; cli.interrupted when the signal was aborted
 */
export const distilRewardModel = async (options: DistilOptions): Promise<DistillationDocument> => {
  const started = performance.now();
  const { out, signal, seed = 0, overwrite = false, resume = false, format = 'auto' } = options;
  const settings = parseSettings(trainingSettings, options.settings ?? {});
  if (!proxyKinds.includes(options.kind))
    throw plauditError('reward.bad_configuration', {
      setting: 'kind',
      problem: `a proxy is ${proxyKinds.join(' or ')}`,
    });
  requireSettingsOf(await rewardModelKind(options.kind), settings);
  await requireFree(out, overwrite);
  let staging: Staging | undefined;
  try {
    const card = await readCard(options.teacher);
    const { validation = 0.1, test = 0.2 } = options.fractions ?? {};
    const read = await readLessonData({ data: options.data, responses: options.responses ?? [] }, card, {
      ...{ format, seed, fractions: { validation, test }, signal },
    });
    const sha256 = createHash('sha256')
      .update(await readFile(join(options.teacher, modelCardFile)))
      .digest('hex');
    const { base: _, provider: _provider, threads: _threads, ...decisive } = settings;
    const identity = {
      kind: `distilled ${options.kind}`,
      seed,
      data: read.data.sources.map((source) => source.sha256),
      settings: {
        ...{ ...decisive, teacher: sha256, validation, test },
        unjudged: [...read.unjudged.values()].flat().length,
      },
    };
    staging = await openStaging(out, identity, { overwrite, resume });
    return await distilInto(staging, { options, settings, seed, card, sha256, read, started });
  } catch (error) {
    const kept = (await staging?.abandon()) ?? false;
    const ofOutput = error instanceof PlauditError && error.code.startsWith('output.');
    throw signal?.aborted && !ofOutput ? interrupted(out, kept, error) : error;
  }
};

interface Prepared {
  readonly options: DistilOptions;
  readonly settings: TrainingSettings;
  readonly seed: number;
  /** Of the teacher. */
  readonly card: ModelCard;
  readonly sha256: string;
  readonly read: LessonData;
  readonly started: number;
}

/** The teacher is closed before the proxy is trained: both need not fit into memory. */
const lessonsOf = async (
  staging: Staging,
  { options, read }: Prepared,
): Promise<{ readonly lessons: readonly Lesson[]; readonly warnings: readonly string[] }> => {
  const { teacher: path, loading, signal, onProgress } = options;
  const { onTruncated, warnings } = truncation();
  const teacher = await loadRewardModel(path, loading);
  try {
    const { checkpoints } = staging;
    const progress = { checkpoints, onTruncated, signal, onProgress };
    return { lessons: await teach(teacher, read.data.trees, read.unjudged, progress), warnings };
  } finally {
    await teacher.close();
  }
};

const distilInto = async (staging: Staging, prepared: Prepared): Promise<DistillationDocument> => {
  const { options, settings, seed, card, sha256, read, started } = prepared;
  const { out, signal, onProgress } = options;
  const { data, split, fractions } = read;
  const clusters = split.cluster;
  const teaching = performance.now();
  const { lessons, warnings: truncated } = await lessonsOf(staging, prepared);
  const teacherSeconds = (performance.now() - teaching) / 1000;

  const byTree = new Map(lessons.map((lesson) => [lesson.tree.id, lesson]));
  const sideOf = (trees: readonly PreferenceTree[]): Lesson[] =>
    trees.flatMap(({ id }) => {
      const lesson = byTree.get(id)!;
      return lesson.responses.length > 1 ? [lesson] : [];
    });
  const sides = {
    train: sideOf(split.train),
    validation: sideOf(split.validation),
    test: sideOf(split.test),
  };
  const pairs = {
    train: lessonPairs(sides.train),
    validation: lessonPairs(sides.validation),
    test: lessonPairs(sides.test),
  };
  const believed = teacherTemperature(card, sides.validation, lessons, { seed, clusters });
  const soft = (side: readonly Lesson[]): PreferenceTree[] =>
    side.map((lesson) => softTree(lesson, believed.temperature));

  const trainingStarted = performance.now();
  const kind = await rewardModelKind(options.kind);
  const trained = await kind.train(
    { train: soft(sides.train), validation: soft(sides.validation), cluster: clusters },
    settings,
    {
      seed,
      origin: {
        data: {
          sources: data.sources.map(({ name, sha256: digest }) => ({ name, sha256: digest })),
          rows: data.rows,
          rejects: data.rejects.length,
          split: { seed: read.splitSeed, fractions },
          pairs,
        },
        createdBy,
      },
      checkpoints: join(staging.checkpoints, 'proxy'),
      resume: false,
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
    },
  );
  const trainingSeconds = (performance.now() - trainingStarted) / 1000;
  try {
    onProgress?.({ phase: 'test', step: 0, totalSteps: 1 });
    const measured = await measureProxy(trained, sides, data, {
      ...{ temperature: believed.temperature, seed, clusters, signal },
    });
    const { calibration, fidelity, test, testScores, besideTeacher } = measured;
    const taught = { kind: card.kind, sha256, trainedOn: trainedOn(card), temperature: believed.temperature };
    const final: ModelCard = {
      ...trained.model.card,
      calibration,
      metrics: test,
      distillation: { teacher: taught, fidelity },
    };
    const responses = lessons.reduce((sum, lesson) => sum + lesson.responses.length, 0);
    const tested = sides.test.reduce((sum, lesson) => sum + lesson.responses.length, 0);
    const document: DistillationDocument = {
      kind: options.kind,
      out,
      seed,
      teacher: { path: options.teacher, kind: card.kind, sha256, ...believed },
      data: {
        sources: data.sources,
        rows: data.rows,
        rejects: data.rejects.length,
        prompts: lessons.length,
        responses,
        unjudged: [...read.unjudged.values()].flat().length,
        otherPrompts: read.otherPrompts,
        pairs,
      },
      configuration: final.configuration,
      calibration,
      fidelity,
      test,
      besideTeacher,
      seconds: (performance.now() - started) / 1000,
      cost: {
        teacherSeconds,
        trainingSeconds,
        responsesScoredPerSecond: tested / measured.scoringSeconds,
      },
      resumed: staging.resumed,
      warnings: [
        ...readingWarnings(data),
        ...seenByTeacher(card, read),
        ...truncated,
        ...(trained.warnings ?? []),
        ...(test ? warningsOf(test) : [tooFewJudgements]),
      ],
      createdBy,
    };
    await writing(out, async () => {
      await trained.save(staging.path, final);
      await writeFiles(staging.path, { document, card: final, sides, testScores, records: trained.records });
    });
    signal?.throwIfAborted();
    await staging.publish();
    return document;
  } finally {
    await trained.model.close();
  }
};

interface ProxyFiles extends Pick<RunFiles, 'card' | 'records' | 'testScores'> {
  readonly document: DistillationDocument;
  readonly sides: { readonly test: readonly Lesson[] };
}

/** As those of a training, where judgements measured it. */
const writeFiles = async (
  folder: string,
  { document, card, records, sides, testScores }: ProxyFiles,
): Promise<void> => {
  const { test } = document;
  if (test) {
    const trees = sides.test.map(({ tree }) => tree);
    return writeRunFiles(folder, { document: { ...document, test }, card, records, test: trees, testScores });
  }
  await writeModelCardText(folder, card, document.out, document.warnings);
  await writeFile(join(folder, 'report.json'), `${JSON.stringify(document, null, 2)}\n`);
};

const tooFewJudgements =
  'People judged too little of the test side to say how often the proxy is right: it was measured beside its teacher only.';

/** A teacher that knows the judgements answers them too well, and its proxy after it. */
const seenByTeacher = (card: ModelCard, { data, asTeacher }: LessonData): string[] => {
  const seen = new Set(trainedOn(card).map(({ sha256 }) => sha256));
  const shared = asTeacher ? [] : data.sources.filter(({ sha256 }) => seen.has(sha256));
  return shared.length === 0
    ? []
    : [
        `The teacher was trained on part of ${shared.map(({ name }) => name).join(', ')}, so what is said of the judgements is too good.`,
      ];
};

const interrupted = (out: string, kept: boolean, cause: unknown): Error =>
  plauditError(
    'cli.interrupted',
    {
      resume: kept
        ? `Run the same command with --resume to go on with what the teacher has scored, in ${out}.partial.`
        : 'Nothing was left behind. Run the same command again to start anew.',
    },
    cause,
  );
