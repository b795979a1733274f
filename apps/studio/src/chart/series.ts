/** @file Series of numbers, and what they say in a sentence. */

interface Point {
  readonly x: number;
  readonly y: number;
  /** Of its interval, where it has one. */
  readonly low?: number;
  readonly high?: number;
}

export interface Series {
  readonly name: string;
  /** In ascending order of x. */
  readonly points: readonly Point[];
}

/** A number as people read it: four significant digits, or so many, and no needless ones. */
export const shown = (value: number, digits = 4): string =>
  Number.isFinite(value)
    ? new Intl.NumberFormat('en', { maximumSignificantDigits: digits }).format(value)
    : String(value);

/** What one sees at a glance. */
export const brief = (value: number): string => shown(value, 2);

/** Where a series starts and ends, and its extremes: what one sees at a glance, in words. */
export const summaryOf = (
  { name, points }: Series,
  xLabel: string,
  tellX?: (x: number) => string,
): string => {
  // A date says by itself what it is.
  const at = (x: number): string => (tellX ? tellX(x) : shown(x));
  const x = tellX ? '' : `${xLabel} `;
  const finite = points.filter(({ y }) => Number.isFinite(y));
  const [first, last] = [finite[0], finite.at(-1)];
  if (!first || !last) return `${name}: no values.`;
  if (finite.length === 1) return `${name}: ${shown(first.y)} at ${x}${at(first.x)}.`;
  const least = finite.reduce((best, one) => (one.y < best.y ? one : best));
  const most = finite.reduce((best, one) => (one.y > best.y ? one : best));
  return `${name} ${courseOf({ first, last, least, most })} between ${x}${at(first.x)} and ${at(last.x)}; least ${shown(least.y)} at ${at(least.x)}, most ${shown(most.y)} at ${at(most.x)}.`;
};

/** Shares of the span below which a change is none, and from which a turn is one. */
const [flat, turn] = [0.02, 0.15];

/** How a series goes, with its turn where it has one: over-optimisation shows in that. */
const courseOf = ({
  first,
  last,
  least,
  most,
}: Record<'first' | 'last' | 'least' | 'most', Point>): string => {
  const span = most.y - least.y;
  const [from, to] = [shown(first.y), shown(last.y)];
  if (most.y - Math.max(first.y, last.y) > turn * span)
    return `rises from ${from} to ${shown(most.y)}, then falls to ${to}`;
  if (Math.min(first.y, last.y) - least.y > turn * span)
    return `falls from ${from} to ${shown(least.y)}, then rises to ${to}`;
  if (Math.abs(last.y - first.y) <= flat * span || span === 0) return `stays near ${from}`;
  return `${last.y > first.y ? 'rises' : 'falls'} from ${from} to ${to}`;
};
