/** @file What the model page draws of a card: cards are documents of those who made the model, so that nothing in them is certain. */

type Json = Readonly<Record<string, unknown>>;
const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export interface Metric {
  readonly name: string;
  readonly value: number;
  readonly interval?: readonly [number, number];
}

const intervalOf = (value: unknown): readonly [number, number] | undefined =>
  Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === 'number')
    ? (value as unknown as readonly [number, number])
    : undefined;

const deepest = 4;

/** Every number under `metrics`, `report` or `evaluation`, by its path; one with an interval beside it has that too. */
export const metricsOf = (card: Json): readonly Metric[] => {
  const found: Metric[] = [];
  const walk = (value: unknown, path: readonly string[]): void => {
    if (typeof value === 'number') found.push({ name: path.join(' '), value });
    if (!isJson(value) || path.length > deepest) return;
    const own = value.value ?? value.estimate;
    const interval = intervalOf(value.interval);
    if (typeof own === 'number' && interval) {
      found.push({ name: path.join(' '), value: own, interval });
      return;
    }
    for (const [key, one] of Object.entries(value)) walk(one, [...path, key]);
  };
  for (const key of ['metrics', 'report', 'evaluation']) walk(card[key], []);
  return found.slice(0, 60);
};

/** Bins of a reliability diagram, wherever the card calls them so. */
export const calibrationOf = (card: Json): readonly { readonly x: number; readonly y: number }[] => {
  const calibration = isJson(card.calibration) ? card.calibration : undefined;
  const bins = calibration?.bins ?? calibration?.reliability;
  if (!Array.isArray(bins)) return [];
  return bins.flatMap((bin: unknown) => {
    if (!isJson(bin)) return [];
    const x = bin.predicted ?? bin.confidence ?? bin.mean;
    const y = bin.observed ?? bin.accuracy ?? bin.share;
    return typeof x === 'number' && typeof y === 'number' ? [{ x, y }] : [];
  });
};

export const segmentsOf = (
  card: Json,
): readonly { readonly name: string; readonly accuracy: number; readonly pairs: number }[] => {
  const { segments } = card;
  if (!Array.isArray(segments)) return [];
  return segments.flatMap((segment: unknown) => {
    if (!isJson(segment) || typeof segment.accuracy !== 'number') return [];
    const name = [segment.name, segment.segment, segment.value]
      .filter((one) => typeof one === 'string')
      .join(' ');
    const pairs = segment.pairs ?? segment.n;
    return [{ name, accuracy: segment.accuracy, pairs: typeof pairs === 'number' ? pairs : 0 }];
  });
};
