/** @file A forest plot: estimates on a line, each with its interval, as inline SVG. */
import { type Html, html } from '../gates/report/html.ts';
import { shortName } from '../gates/sentences.ts';
import type { Interval } from '../statistics/bootstrap.ts';

interface ForestItem {
  readonly name: string;
  readonly value: number;
  readonly interval: Interval;
}

export interface Forest {
  readonly title: string;
  readonly caption: string;
  /** What the estimates are, under the axis. */
  readonly x: string;
  /** Where nothing is: no difference, the reference. */
  readonly mark: number;
  readonly items: readonly ForestItem[];
}

const width = 960;
const names = 230;
const values = 190;
const rowHeight = 24;

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** The power of ten, or twice or five times it, that makes about six steps. */
const stepOf = (span: number): number => {
  const rough = span / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((times) => times * power >= rough) ?? 10);
};

/** @param id Unique in the page: letters, digits, hyphens. */
export const forestFigure = ({ title, caption, x: axis, mark, items }: Forest, id: string): Html => {
  const ends = items.flatMap(({ value, interval }) => [value, ...interval]).filter(Number.isFinite);
  const [low, high] = [Math.min(mark, ...ends), Math.max(mark, ...ends)];
  const span = high > low ? high - low : 1;
  const step = stepOf(span);
  const x = (value: number): number => rounded(names + ((value - low) / span) * (width - names - values));
  const height = items.length * rowHeight + 50;
  const bottom = height - 40;
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step); tick * step <= high + 1e-9; tick++) ticks.push(tick * step);
  const said = items.map(
    ({ name, value, interval: [from, to] }) =>
      `${name}: ${value.toFixed(2)} (${from.toFixed(2)} to ${to.toFixed(2)})`,
  );
  return html`<figure>
<h4 id="${id}-heading">${title}</h4>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-description">
<title id="${id}-title">${title}</title><desc id="${id}-description">Estimates with 95 % intervals. ${said.join('; ')}.</desc>
${ticks.map(
  (tick) =>
    html`<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="4" y2="${bottom}"/><text x="${x(tick)}" y="${bottom + 16}" text-anchor="middle">${String(Number(tick.toPrecision(6)))}</text>`,
)}<line class="mark" x1="${x(mark)}" x2="${x(mark)}" y1="4" y2="${bottom}"/>
${items.map(({ name, value, interval: [from, to] }, i) => {
  const y = i * rowHeight + 16;
  return html`<text class="label" x="${names - 10}" y="${y + 4}" text-anchor="end">${shortened(name)}</text><line class="whisker" x1="${x(from)}" x2="${x(to)}" y1="${y}" y2="${y}"/><circle class="dot" cx="${x(value)}" cy="${y}" r="4"/><text class="value" x="${width - values + 12}" y="${y + 4}">${value.toFixed(2)} (${from.toFixed(2)} to ${to.toFixed(2)})</text>`;
})}<text class="name" x="${(names + width - values) / 2}" y="${height - 6}" text-anchor="middle">${axis}</text></svg>
<figcaption>${caption}</figcaption>
</figure>`;
};

const longest = 32;

const shortened = (name: string): string => {
  const short = shortName(name);
  return short.length <= longest ? short : `${short.slice(0, longest - 1)}…`;
};
