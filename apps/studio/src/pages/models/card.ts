/** @file What the model page reads of a card: those of our runs hold the validation document, those from outside may hold anything. */
type Json = Readonly<Record<string, unknown>>;
const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const numberIn = (of: Json, name: string): number | null => {
  const value = of[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
};
const listIn = (of: Json, name: string): readonly Json[] => {
  const value = of[name];
  return Array.isArray(value) ? value.filter(isJson) : [];
};
const intervalIn = (of: Json, name: string): readonly [number, number] | null => {
  const value = of[name];
  return Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === 'number')
    ? (value as unknown as readonly [number, number])
    : null;
};

export interface Measure {
  readonly name: string;
  readonly value: number;
  readonly interval: readonly [number, number] | null;
  readonly isShare: boolean;
  readonly means: string;
}

/** The held-out side as a document; null for a card that has none. */
const testOf = (card: Json): Json | null => (isJson(card.test) ? card.test : null);

/** The numbers on prompts that the model has not seen, in the order in which one asks for them. */
export const measuresOf = (card: Json): readonly Measure[] => {
  const test = testOf(card);
  if (!test) return [];
  const over = isJson(test.overLengthBaseline) ? test.overLengthBaseline : {};
  const ceiling = isJson(test.noiseCeiling) ? test.noiseCeiling : {};
  const measure = (
    name: string,
    value: number | null,
    means: string,
    { interval = null, isShare = true }: Partial<Pick<Measure, 'interval' | 'isShare'>> = {},
  ): readonly Measure[] => (value === null ? [] : [{ name, value, means, interval, isShare }]);
  return [
    ...measure(
      'Accuracy',
      numberIn(test, 'accuracy'),
      'Share of the pairs in which the response that people prefer has the higher reward; equal rewards count one half.',
      { interval: intervalIn(test, 'accuracyInterval') },
    ),
    ...measure(
      'Most that is possible',
      numberIn(ceiling, 'accuracy') ?? numberIn(ceiling, 'ceiling'),
      'What the disagreement of people among themselves allows.',
    ),
    ...measure(
      'By length alone',
      numberIn(test, 'lengthBaseline'),
      'The better of always preferring the longer and always preferring the shorter response.',
    ),
    ...measure('Over length', numberIn(over, 'difference'), 'Accuracy less what length alone reaches.', {
      interval: intervalIn(over, 'interval'),
    }),
    ...measure(
      'Calibration error',
      numberIn(test, 'ece'),
      'Expected distance of what is said from what is so.',
    ),
    ...measure(
      'Uncalibrated',
      numberIn(test, 'eceUncalibrated'),
      'The same before the temperature was fitted.',
    ),
    ...measure(
      'Brier',
      numberIn(test, 'brier'),
      'Mean squared error of the probabilities; a coin has 0.25.',
      {
        isShare: false,
      },
    ),
    ...measure('Log loss', numberIn(test, 'logLoss'), 'In nats; a coin has 0.693.', { isShare: false }),
    ...measure(
      'Length correlation',
      numberIn(test, 'lengthCorrelation'),
      'Spearman, of reward differences and length differences.',
      { isShare: false },
    ),
  ];
};

/** Bins of the reliability diagram, by the kind of probability. */
export const reliabilityOf = (card: Json) => {
  const test = testOf(card);
  const reliability = test && isJson(test.reliability) ? test.reliability : {};
  return (['calibrated', 'uncalibrated'] as const).flatMap((name) => {
    const points = listIn(reliability, name).flatMap((bin) => {
      const [x, y] = [numberIn(bin, 'confidence'), numberIn(bin, 'accuracy')];
      return x === null || y === null ? [] : [{ x, y }];
    });
    return points.length === 0 ? [] : [{ name, points }];
  });
};

export interface Group {
  readonly segment: string;
  readonly group: string;
  readonly pairs: number;
  readonly accuracy: number;
  readonly interval: readonly [number, number] | null;
  /** Whether it is below the rest beyond chance. */
  readonly isBelow: boolean;
}

/** Accuracy by segment, strength and length; what is below the rest beyond chance is marked. */
export const groupsOf = (card: Json): readonly Group[] => {
  const test = testOf(card);
  if (!test) return [];
  const slices = isJson(test.slices) ? listIn(test.slices, 'belowRest') : [];
  const below = new Set(slices.map(({ segment, group }) => `${segment} ${group}`));
  const read = (segment: string, rows: readonly Json[]): readonly Group[] =>
    rows.flatMap((row) => {
      const accuracy = numberIn(row, 'accuracy');
      const group = String(row.group ?? '');
      return accuracy === null
        ? []
        : [
            {
              ...{ segment, group, accuracy, pairs: numberIn(row, 'pairs') ?? 0 },
              interval: intervalIn(row, 'accuracyInterval'),
              isBelow: below.has(`${segment} ${group}`),
            },
          ];
    });
  const segments = isJson(test.bySegment) ? test.bySegment : {};
  return [
    ...Object.keys(segments).flatMap((name) => read(name, listIn(segments, name))),
    ...read('strength', listIn(test, 'byStrength')),
    ...read('length', listIn(test, 'byLengthDifference')),
  ];
};

/** Checks of the evaluation itself that did not pass, by name. */
export const failedChecksOf = (card: Json): readonly string[] => {
  const test = testOf(card);
  const canaries = test && isJson(test.canaries) ? test.canaries : {};
  return Object.entries(canaries).flatMap(([name, found]) =>
    isJson(found) && found.passed === false ? [name.replaceAll(/([A-Z])/g, ' $1').toLowerCase()] : [],
  );
};

export interface Law {
  readonly alpha: number;
  readonly beta: number;
  readonly start: number;
  readonly r2: number | null;
  readonly points: number;
  readonly peak: { readonly d: number; readonly kl: number; readonly reached: boolean } | null;
}

/** The law of over-optimisation that was fitted to a policy's run; null where it could not be. */
export const lawOf = (card: Json): Law | null => {
  const of = isJson(card.overOptimisation) ? card.overOptimisation : null;
  if (!of) return null;
  const [alpha, beta, start] = [numberIn(of, 'alpha'), numberIn(of, 'beta'), numberIn(of, 'start')];
  if (alpha === null || beta === null || start === null) return null;
  const peak = isJson(of.peak) ? of.peak : null;
  const [d, kl] = peak ? [numberIn(peak, 'd'), numberIn(peak, 'kl')] : [null, null];
  return {
    ...{ alpha, beta, start, r2: numberIn(of, 'r2'), points: numberIn(of, 'points') ?? 0 },
    peak: peak && d !== null && kl !== null ? { d, kl, reached: peak.reached === true } : null,
  };
};

/** Held-out means of a policy before its training and as it was kept. */
export const heldOutOf = (
  card: Json,
): readonly { readonly name: string; readonly before: number | null; readonly after: number }[] => {
  const kept = isJson(card.kept) ? card.kept : {};
  const start = isJson(card.start) ? card.start : {};
  return Object.keys(kept).flatMap((name) => {
    const after = numberIn(kept, name);
    return after === null ? [] : [{ name, before: numberIn(start, name), after }];
  });
};
