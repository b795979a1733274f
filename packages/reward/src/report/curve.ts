/** @file A figure of curves over one axis: steps of a run, mostly. */
import { axes, dots, type Figure, figure, horizontal, polyline, short, vertical } from './figures.ts';
import { type Html, html } from './html.ts';

export interface Series {
  readonly name: string;
  /** Class of the style sheet: `one`, `two`, `ideal`. */
  readonly style: string;
  /** x, y and, where it is known, the standard error of y; in rising order of x where a line joins them. */
  readonly points: readonly (readonly [number, number, number?])[];
  /** Default: a line. */
  readonly drawn?: 'dots' | 'dotted line';
}

/** A dashed line across the picture at one value, with its name. */
interface Mark {
  readonly axis: 'x' | 'y';
  readonly at: number;
  readonly name: string;
}

export interface Curve {
  /** Unique in the page: letters, digits, hyphens. */
  readonly id: string;
  readonly title: string;
  /** Default `step`. */
  readonly x?: string;
  readonly y: string;
  readonly caption: string;
  readonly series: readonly Series[];
  readonly show?: (value: number) => string;
  /** Whether 0 is in the picture, so that noise around a large number looks as small as it is. */
  readonly zero?: boolean;
  readonly marks?: readonly Mark[];
  /** In the place of the points as drawn. */
  readonly table?: Figure['table'];
}

const capitalised = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

/** null where fewer than two points are there. */
export const curveFigure = ({
  id,
  title,
  x: xName = 'step',
  y: yName,
  caption,
  series,
  show = short,
  zero = false,
  marks = [],
  table,
}: Curve): Html | null => {
  const drawn = series.filter((s) => s.points.length > 0);
  const points = drawn.flatMap((s) => s.points);
  if (points.length < 2) return null;
  const xs = [...points.map(([x]) => x), ...marks.flatMap((m) => (m.axis === 'x' ? [m.at] : []))];
  const ys = [
    ...(zero ? [0] : []),
    ...points.flatMap(([, y, error = 0]) => [y - error, y + error]),
    ...marks.flatMap((m) => (m.axis === 'y' ? [m.at] : [])),
  ];
  const low = Math.min(...ys);
  const high = Math.max(...ys);
  const space = 0.05 * (high - low) || 0.05;
  const x = horizontal(Math.min(...xs), Math.max(...xs));
  const y = vertical(zero && low === 0 ? 0 : low - space, high + space);
  const draw = (s: Series): Html => {
    const places = s.points.map(([at, value]) => [x.at(at), y.at(value)] as const);
    const whiskers = s.points.map(
      ([at, value, error]) =>
        error !== undefined &&
        html`<line class="whisker ${s.style}" x1="${x.at(at)}" x2="${x.at(at)}" y1="${y.at(value - error)}" y2="${y.at(value + error)}"/>`,
    );
    const line = s.drawn !== 'dots' && polyline(places, s.style);
    const dotted =
      s.drawn !== undefined &&
      dots(
        places.map(([cx, cy]) => ({ x: cx, y: cy, radius: 3 })),
        s.style,
      );
    return html`${line}${whiskers}${dotted}`;
  };
  return figure({
    id,
    title,
    description: drawn
      .map((s) => `${s.name} from ${show(s.points[0]![1])} to ${show(s.points.at(-1)![1])}`)
      .join('; '),
    legend: drawn.map((s) => ({ name: s.name, style: s.style })),
    drawing: html`${axes(x, y, { x: xName, y: yName }, { x: short, y: show })}${marks.map((mark, i) => drawMark(mark, i, x, y))}${drawn.map(draw)}`,
    caption,
    table: table ?? {
      head: [capitalised(xName), ...drawn.map((s) => s.name)],
      rows: [...new Set(drawn.flatMap((s) => s.points.map(([at]) => at)))]
        .sort((a, b) => a - b)
        .map((at) => [
          Number.isInteger(at) ? at : short(at),
          ...drawn.map((s) => {
            const found = s.points.find(([place]) => place === at);
            return found === undefined ? '' : show(found[1]);
          }),
        ]),
    },
  });
};

const drawMark = (
  { axis, at, name }: Mark,
  place: number,
  x: ReturnType<typeof horizontal>,
  y: ReturnType<typeof vertical>,
): Html => {
  const [left, right] = [x.at(x.low), x.at(x.high)];
  const [bottom, top] = [y.at(y.low), y.at(y.high)];
  if (axis === 'y')
    return html`<line class="half" x1="${left}" x2="${right}" y1="${y.at(at)}" y2="${y.at(at)}"/><text x="${right}" y="${y.at(at) - 4}" text-anchor="end">${name}</text>`;
  const line = x.at(at);
  const onRight = line > (left + right) / 2;
  return html`<line class="half" x1="${line}" x2="${line}" y1="${top}" y2="${bottom}"/><text x="${onRight ? line - 4 : line + 4}" y="${top + 10 + 13 * place}" text-anchor="${onRight ? 'end' : 'start'}">${name}</text>`;
};
