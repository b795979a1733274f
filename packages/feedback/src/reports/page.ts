/** @file The frame of every report: one self-contained page that loads nothing and runs no script. */
import { type Html, html } from '../gates/report/html.ts';
import { styleSheet } from '../gates/report/style.ts';

export const reportPage = (title: string, body: readonly (Html | false)[]): string =>
  html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title><style>${styleSheet}</style></head><body>
<main>
<h1>${title}</h1>
${body}
</main></body></html>
`.text;

/** A table; the first cell of each row names it. */
export const reportTable = (head: readonly string[], rows: readonly (readonly (string | Html)[])[]): Html =>
  html`<div class="scroll"><table><thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>${rows.map(
    ([name, ...cells]) =>
      html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`,
  )}</tbody></table></div>`;
