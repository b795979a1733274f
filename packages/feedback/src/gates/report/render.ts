/** @file The quality report as one self-contained HTML page, for a person who decides whether to train on the data. */
import type { Bounds, GateResult, QualityReport, RowReference, Verdict } from '../document.ts';
import { gateFamilies } from '../document.ts';
import { counted, finePercent, listed, plural, shortName } from '../sentences.ts';
import { type Html, html } from './html.ts';
import { pictureFigure } from './pictures.ts';
import { styleSheet } from './style.ts';

const verdictNames: Readonly<Record<Verdict, string>> = {
  pass: '✓ passes',
  warn: '! warns',
  fail: '✕ fails',
  not_applicable: '– does not apply',
};

const chip = (verdict: Verdict): Html => html`<span class="chip ${verdict}">${verdictNames[verdict]}</span>`;

const show = (value: number, unit: GateResult['unit']): string =>
  unit === 'share' ? finePercent(value) : unit === 'count' ? counted(value) : value.toFixed(3);

/** What passes, in words. */
const passes = ({ threshold: { warn, fail }, unit }: GateResult): string => {
  const limit = warn ?? fail;
  return limit === null ? 'anything' : within(limit, unit);
};

const within = ({ least, most }: Bounds, unit: GateResult['unit']): string => {
  if (least !== undefined && most !== undefined) return `${show(least, unit)} to ${show(most, unit)}`;
  if (least !== undefined) return `at least ${show(least, unit)}`;
  if (most === undefined) return 'anything';
  return most === 0 ? 'none' : `at most ${show(most, unit)}`;
};

const measured = ({ value, interval, unit }: GateResult): string =>
  value === null
    ? ''
    : `${show(value, unit)}${interval ? ` (${show(interval[0], unit)} to ${show(interval[1], unit)})` : ''}`;

const applies = ({ verdict }: GateResult): boolean => verdict !== 'not_applicable';

const lead = (report: QualityReport): Html => {
  const count = (verdict: Verdict): number => report.gates.filter((gate) => gate.verdict === verdict).length;
  const [failed, warned, passed] = [count('fail'), count('warn'), count('pass')];
  const parts = [
    failed > 0 && `${failed} ${failed === 1 ? 'fails' : 'fail'}`,
    warned > 0 && `${warned} ${warned === 1 ? 'warns' : 'warn'}`,
    passed > 0 && `${passed} ${passed === 1 ? 'passes' : 'pass'}`,
  ].filter((part) => part !== false);
  return html`<p class="lead">Of the quality gates that apply to these <strong>${plural(report.judgements, 'judgement')}</strong>, <strong>${listed(parts) || 'none says anything'}</strong>. ${
    count('not_applicable') > 0 && `${plural(count('not_applicable'), 'gate')} had nothing to look at.`
  }</p>`;
};

const sources = ({ sources: names, sourcesInAll }: QualityReport): Html =>
  html`<p class="quiet">From ${listed(names.slice(0, 5).map(shortName)) || 'nowhere'}${sourcesInAll > 5 && ` and ${counted(sourcesInAll - 5)} more`}.</p>`;

const blocking = (report: QualityReport): Html | false => {
  const stopping = report.gates.filter(({ name }) => report.blocking.includes(name));
  return (
    stopping.length > 0 &&
    html`<div class="box" role="note"><strong>What stops training on these data</strong><ul>${stopping.map(
      (gate) => html`<li><a href="#${gate.name}">${gate.title}</a>: ${gate.reason}</li>`,
    )}</ul></div>`
  );
};

const capitalised = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

const verdictTable = (report: QualityReport): Html =>
  html`<div class="scroll"><table class="verdicts"><thead><tr><th scope="col">Gate</th><th scope="col" class="left">Verdict</th><th scope="col">Measured (95 % interval)</th><th scope="col">Passes</th><th scope="col">Counted over</th></tr></thead><tbody>${gateFamilies.map(
    (family) => {
      const own = report.gates.filter((gate) => gate.family === family && applies(gate));
      return (
        own.length > 0 &&
        html`<tr><th class="family" colspan="5" scope="rowgroup">${capitalised(family)}</th></tr>${own.map(
          (gate) =>
            html`<tr><th scope="row"><a href="#${gate.name}">${gate.title}</a>${gate.required && html` <span class="quiet">required</span>`}</th><td class="left">${chip(gate.verdict)}</td><td>${measured(gate)}</td><td>${passes(gate)}</td><td>${counted(gate.n)} ${gate.noun}</td></tr>`,
        )}`
      );
    },
  )}</tbody></table></div>`;

const rowName = ({ source, row, position }: RowReference): string =>
  `${shortName(source)}, ${row === null ? `judgement ${counted(position)}` : `row ${counted(row)}`}`;

const evidence = ({ evidence: { rows, total } }: GateResult): Html | false =>
  rows.length > 0 &&
  html`<details><summary>${total > rows.length ? `The first ${rows.length} of ${counted(total)} rows` : plural(total, 'row')}</summary><ul>${rows.map(
    (row) => html`<li>${rowName(row)}</li>`,
  )}</ul></details>`;

const gateCard = (gate: GateResult): Html => html`<section class="gate ${gate.verdict}" id="${gate.name}">
<header><h3>${gate.title}</h3>${chip(gate.verdict)}</header>
<p>${gate.reason}</p>
${gate.verdict !== 'pass' && html`<p class="fix"><strong>What to do.</strong> ${gate.fix}</p>`}
${figures(gate)}
${evidence(gate)}
</section>`;

/** Of a gate that passes behind a fold: there is nothing in them that needs attention. */
const figures = ({ name, verdict, pictures }: GateResult): Html | false => {
  if (pictures.length === 0) return false;
  const drawn = html`<div class="figures">${pictures.map((picture, i) => pictureFigure(picture, `${name}-${i}`))}</div>`;
  return verdict === 'pass' || verdict === 'not_applicable'
    ? html`<details><summary>${pictures.map(({ title }) => title).join('; ')}</summary>${drawn}</details>`
    : drawn;
};

/** What needs attention first, then the rest, each in the order of the report. */
const cards = (report: QualityReport, title: string, verdicts: readonly Verdict[]): Html | false => {
  const own = verdicts.flatMap((verdict) => report.gates.filter((gate) => gate.verdict === verdict));
  return own.length > 0 && html`<h2>${title}</h2>${own.map(gateCard)}`;
};

const silent = (report: QualityReport): Html | false => {
  const own = report.gates.filter((gate) => !applies(gate));
  return (
    own.length > 0 &&
    html`<h2>What could not be checked</h2><ul>${own.map(
      (gate) =>
        html`<li><strong>${gate.title}</strong>${gate.required && html` <span class="quiet">required</span>`}: ${gate.reason}${figures(gate)}</li>`,
    )}</ul>`
  );
};

/**
 * Renders the page. It loads nothing from anywhere, runs no script, and holds no text of the data but names of segments,
 * annotators and files, all escaped.
 *
 * @example await writeFile('quality.html', renderQualityReport(await checkQuality(judgements)))
 */
export const renderQualityReport = (
  report: QualityReport,
  { title = 'Data quality report' }: { readonly title?: string } = {},
): string => {
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title><style>${styleSheet}</style></head><body>
<main>
<h1>${title}</h1>
${lead(report)}
${sources(report)}
${blocking(report)}
${verdictTable(report)}
${cards(report, 'What needs attention', ['fail', 'warn'])}
${cards(report, 'What passes', ['pass'])}
${silent(report)}
</main></body></html>
`;
  return page.text;
};
