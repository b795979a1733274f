/** @file The window that is looked at, and the one before it that it is held against. */
export const hour = 3_600_000;
/** Points of a chart over time. */
const buckets = 48;

export interface Range {
  readonly from: string;
  readonly to: string;
  /** Of a bucket. */
  readonly seconds: number;
}

export const ranges = [
  { value: '1', label: 'An hour' },
  { value: '24', label: 'A day' },
  { value: '168', label: 'A week' },
  { value: '720', label: 'A month' },
];

/** The range that ends now, to the minute, so that what is asked stays the same for as long. */
export const rangeOf = (hours: number, before = 0): Range => {
  const end = Math.floor(Date.now() / 60_000) * 60_000 - before * hour;
  return {
    from: new Date(end - hours * hour).toISOString(),
    to: new Date(end).toISOString(),
    seconds: Math.round((hours * 3600) / buckets),
  };
};

/** A time that stays what it is, as an alert rule names it. */
export interface FixedReference {
  /** Of the rule. */
  readonly id: string;
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** The fixed times that alert rules of a deployment compare with. */
export const fixedReferences = (
  rules: readonly { readonly id: string; readonly name: string; readonly rule: object }[],
  deployment: string,
): readonly FixedReference[] =>
  rules.flatMap(({ id, name, rule }) => {
    const { deployment: of, reference } = rule as {
      deployment?: string;
      reference?: { from?: string; to?: string };
    };
    return of === deployment && reference?.from !== undefined && reference.to !== undefined
      ? [{ id, name, from: reference.from, to: reference.to }]
      : [];
  });

/** What of a range lies after a reference: what is in both would be compared with itself. */
export const after = (range: Range, { to }: Pick<FixedReference, 'to'>): Range =>
  Date.parse(range.from) >= Date.parse(to) ? range : { ...range, from: to };

export const tellTime = (seconds: number): string =>
  new Date(seconds * 1000).toLocaleString(undefined, {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  });
