/** @file The pictures of gates as inline SVG, each with a title, a description and its numbers. */
import type { MeasuredShare, Picture } from '../document.ts';
import { between, counted, percent } from '../sentences.ts';
import { type Html, html } from './html.ts';

const width = 520;

type Shares = Extract<Picture, { kind: 'bars' | 'curve' }>;
type Heatmap = Extract<Picture, { kind: 'heatmap' }>;
type Histogram = Extract<Picture, { kind: 'histogram' }>;

interface Drawn {
  readonly height: number;
  readonly drawing: Html;
  readonly description: string;
}

/** @param id Unique in the page: letters, digits, hyphens. */
export const pictureFigure = (picture: Picture, id: string): Html => {
  const { height, drawing, description } = drawn(picture);
  const omitted =
    'omitted' in picture && picture.omitted > 0 && ` ${counted(picture.omitted)} more are not shown.`;
  return html`<figure>
<h4 id="${id}-heading">${picture.title}</h4>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-description">
<title id="${id}-title">${picture.title}</title><desc id="${id}-description">${description}</desc>
${drawing}</svg>
<figcaption>${picture.caption}${omitted}</figcaption>
</figure>`;
};

const drawn = (picture: Picture): Drawn => {
  switch (picture.kind) {
    case 'bars':
      return bars(picture);
    case 'curve':
      return curve(picture);
    case 'heatmap':
      return heatmap(picture);
    case 'histogram':
      return histogram(picture);
  }
};

const rounded = (value: number): number => Math.round(value * 100) / 100;

const scale =
  (low: number, high: number, from: number, to: number) =>
  (value: number): number =>
    rounded(from + ((value - low) / (high - low)) * (to - from));

const said = (items: readonly MeasuredShare[]): string =>
  items
    .map(({ name, value, interval }) =>
      value === null
        ? `${name}: none`
        : `${name}: ${percent(value)}${interval === null ? '' : ` (${between(interval)})`}`,
    )
    .join('; ');

/** The end of an axis: the next round share above all that is drawn. */
const reachOf = (items: readonly MeasuredShare[], mark: number | null): number => {
  const most = Math.max(mark ?? 0, ...items.map(({ value, interval }) => interval?.[1] ?? value ?? 0));
  return [0.05, 0.1, 0.2, 0.4, 0.6].find((end) => most <= end) ?? 1;
};

const barHeight = 34;
const left = 16;

/** Horizontal bars from 0, each with its interval; those that the gate speaks of in another colour. */
const bars = ({ items, mark, noun }: Shares): Drawn => {
  const end = reachOf(items, mark);
  const x = scale(0, end, left, width - 74);
  const height = items.length * barHeight + 26;
  const marked = (y: number): Html | false =>
    mark !== null && html`<line class="mark" x1="${x(mark)}" x2="${x(mark)}" y1="${y + 13}" y2="${y + 30}"/>`;
  const drawing = html`<g>${[0, 0.25, 0.5, 0.75, 1].map(
    (part) =>
      html`<text x="${x(part * end)}" y="${height - 5}" text-anchor="middle">${tick(part * end)}</text>`,
  )}</g>${items.map(({ name, value, interval, n, flagged }, i) => {
    const y = i * barHeight + 4;
    return html`<text class="label" x="${left}" y="${y + 10}">${name} (${counted(n)} ${noun})</text>${
      value !== null &&
      html`<rect class="bar${flagged === true && ' flagged'}" x="${x(0)}" y="${y + 15}" width="${rounded(x(value) - x(0))}" height="13" rx="2"/>`
    }${marked(y)}${interval !== null && whisker(x(interval[0]), x(interval[1]), y + 22)}<text class="value" x="${width - 66}" y="${y + 26}">${value === null ? 'none' : percent(value)}</text>`;
  })}`;
  return { height, drawing, description: `Bars with 95 % intervals. ${said(items)}.` };
};

const tick = (share: number): string => percent(share, Number.isInteger(rounded(100 * share)) ? 0 : 1);

const whisker = (from: number, to: number, y: number): Html =>
  html`<line class="whisker" x1="${from}" x2="${to}" y1="${y}" y2="${y}"/><line class="whisker" x1="${from}" x2="${from}" y1="${y - 4}" y2="${y + 4}"/><line class="whisker" x1="${to}" x2="${to}" y1="${y - 4}" y2="${y + 4}"/>`;

const top = 14;
const axis = 52;

/** Shares of groups in order, joined by a line, with their intervals upright. */
const curve = ({ items, mark, x: name = '', noun }: Shares): Drawn => {
  const height = 280;
  const bottom = height - 62;
  const y = scale(0, 1, bottom, top);
  const step = (width - axis - 16) / items.length;
  const at = (i: number): number => rounded(axis + (i + 0.5) * step);
  const points = items.flatMap(({ value }, i) => (value === null ? [] : [`${at(i)},${y(value)}`]));
  const drawing = html`${[0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      html`<line class="grid" x1="${axis}" x2="${width - 16}" y1="${y(share)}" y2="${y(share)}"/><text x="${axis - 6}" y="${y(share) + 4}" text-anchor="end">${percent(share, 0)}</text>`,
  )}${mark !== null && html`<line class="mark" x1="${axis}" x2="${width - 16}" y1="${y(mark)}" y2="${y(mark)}"/>`}<polyline class="line" points="${points.join(' ')}"/>${items.map(
    ({ name: group, value, interval, n }, i) =>
      html`${
        interval !== null &&
        html`<line class="whisker" x1="${at(i)}" x2="${at(i)}" y1="${y(interval[0])}" y2="${y(interval[1])}"/>`
      }${value !== null && html`<circle class="dot" cx="${at(i)}" cy="${y(value)}" r="4"/><text class="value" x="${at(i) + 8}" y="${y(value) - 6}">${percent(value, 0)}</text>`}<text x="${at(i)}" y="${bottom + 17}" text-anchor="middle">${group}</text><text x="${at(i)}" y="${bottom + 32}" text-anchor="middle">${counted(n)}</text>`,
  )}<text class="name" x="${(axis + width - 16) / 2}" y="${height - 8}" text-anchor="middle">${name}; below it the number of ${noun}</text>`;
  return { height, drawing, description: `A curve with 95 % intervals. ${said(items)}.` };
};

const cellHeight = 26;

/** Counts of two crossings, darker where there are more; thin cells are outlined. */
const heatmap = ({ rows, columns, counts, least }: Heatmap): Drawn => {
  const labels = 150;
  const step = (width - labels - 4) / Math.max(1, columns.values.length);
  const most = Math.max(1, ...counts.flat());
  const head = columns.values.length > 1 ? 84 : 8;
  const height = head + rows.values.length * cellHeight + 4;
  const depth = (count: number): number => 0.12 + 0.88 * (Math.log1p(count) / Math.log1p(most));
  const drawing = html`${
    columns.values.length > 1 &&
    columns.values.map((value, j) => {
      const x = rounded(labels + (j + 0.5) * step);
      return html`<text transform="translate(${x + 4} ${head - 6}) rotate(-40)">${cut(value, 16)}</text>`;
    })
  }${rows.values.map((value, i) => {
    const y = head + i * cellHeight;
    return html`<text class="label" x="${labels - 8}" y="${y + 17}" text-anchor="end">${cut(value, 22)}</text>${counts[
      i
    ]!.map((count, j) => {
      const x = rounded(labels + j * step);
      const thin = count < least;
      return html`<rect class="cell${thin && ' thin'}" x="${x + 1.5}" y="${y + 1.5}" width="${rounded(step - 3)}" height="${cellHeight - 3}" rx="2"${!thin && html` fill-opacity="${rounded(depth(count))}"`}/><text class="${!thin && depth(count) > 0.55 ? 'on' : 'value'}" x="${rounded(x + step / 2)}" y="${y + 17}" text-anchor="middle">${step < 34 && count > 999 ? `${Math.round(count / 1000)}k` : counted(count)}</text>`;
    })}`;
  })}`;
  const description = rows.values
    .map((row, i) => `${row}: ${columns.values.map((column, j) => `${column} ${counts[i]![j]!}`).join(', ')}`)
    .join('; ');
  return { height, drawing, description: `Counts of judgements. ${description}.` };
};

const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;

/** Upright bars of counts with their names below. */
const histogram = ({ bins, x: name, noun }: Histogram): Drawn => {
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const wide = bins.length > 7;
  const height = wide ? bins.length * 24 + 12 : 240;
  const drawing = wide
    ? html`${bins.map(({ name: bin, count }, i) => {
        const y = i * 24 + 4;
        const length = rounded((count / most) * (width - 250));
        return html`<text class="label" x="170" y="${y + 14}" text-anchor="end">${cut(bin, 24)}</text><rect class="bar" x="178" y="${y + 3}" width="${length}" height="14" rx="2"/><text class="value" x="${184 + length}" y="${y + 14}">${counted(count)}</text>`;
      })}`
    : html`${bins.map(({ name: bin, count }, i) => {
        const step = (width - 40) / bins.length;
        const x = rounded(20 + i * step);
        const bar = rounded((count / most) * (height - 80));
        const bottom = height - 46;
        return html`<rect class="bar" x="${x + 4}" y="${rounded(bottom - bar)}" width="${rounded(step - 8)}" height="${bar}" rx="2"/><text class="value" x="${rounded(x + step / 2)}" y="${rounded(bottom - bar - 5)}" text-anchor="middle">${counted(count)}</text><text x="${rounded(x + step / 2)}" y="${bottom + 16}" text-anchor="middle">${cut(bin, 16)}</text>`;
      })}<line class="base" x1="20" x2="${width - 20}" y1="${height - 46}" y2="${height - 46}"/><text class="name" x="${width / 2}" y="${height - 10}" text-anchor="middle">${name}</text>`;
  return {
    height,
    drawing,
    description: `${noun} by ${name}. ${bins.map(({ name: bin, count }) => `${bin}: ${count}`).join('; ')}.`,
  };
};
