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

export const tellTime = (seconds: number): string =>
  new Date(seconds * 1000).toLocaleString(undefined, { month: 'short', day: 'numeric', hour: '2-digit' });
