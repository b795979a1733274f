/** @file The report of a run: one self-contained HTML page for a person who decides whether to use the policy. */
import { type Html, html, percent, short, styleSheet } from '@plaudit/reward';
import type { DriftWarning } from '../drift/index.ts';
import type { BestOfNPanel } from '../overoptimisation/index.ts';
import type { PolicyRecord } from '../trainer/record.ts';
import { learningFigures, policyFigures, rewardFigures, type Steering } from './curves.ts';
import { bestOfNSection, overOptimisationPanel } from './over-optimisation.ts';
import { samplesOf } from './samples.ts';
import type { HeldOut } from './series.ts';
import { policyStyle } from './style.ts';
import { duration, number } from './words.ts';

/** What the page says of a run beside its records; a run's whole document has it all. */
export interface ReportedRun {
  readonly method: string;
  /** What the run began with. */
  readonly policy: string;
  readonly seed: number;
  readonly data: {
    readonly sources: readonly { readonly name: string; readonly sha256: string }[];
    readonly rows: number;
    readonly rejects: number;
    readonly train: number;
    readonly heldOut: number;
  };
  readonly reward: { readonly name: string; readonly digest?: string | null } | null;
  /** Every setting; objects in it are shown by the path to each value. */
  readonly configuration: object;
  readonly updates: number;
  readonly keptStep: number;
  /** Why the run ended early; null where it did not. */
  readonly stopped: string | null;
  /** Held-out prompts before the first update, and with the weights that were kept. */
  readonly start: HeldOut | null;
  readonly kept: HeldOut | null;
  readonly drift: readonly DriftWarning[];
  readonly warnings: readonly string[];
  readonly seconds: number;
  readonly createdBy: string;
}

export interface PolicyReportInput {
  readonly document: ReportedRun;
  readonly records: readonly PolicyRecord[];
  readonly title?: string;
  /** Where best-of-n was measured too. */
  readonly bestOfN?: BestOfNPanel;
}

const numberAt = (configuration: object, ...path: readonly string[]): number | null => {
  let value: unknown = configuration;
  for (const name of path) value = (value as Record<string, unknown> | null | undefined)?.[name];
  return typeof value === 'number' ? value : null;
};

const steeringOf = ({ configuration, keptStep, updates }: ReportedRun): Steering => ({
  klTarget: numberAt(configuration, 'online', 'kl', 'target'),
  klLimit: numberAt(configuration, 'online', 'kl', 'limit'),
  costLimit: numberAt(configuration, 'online', 'costLimit'),
  keptStep: keptStep === updates ? null : keptStep,
});

const gold = ({ gold, goldError }: HeldOut): string =>
  gold === undefined ? '' : `${number(gold)}${goldError === undefined ? '' : ` ± ${short(goldError)}`}`;

const lead = (run: ReportedRun, records: readonly PolicyRecord[]): Html => {
  const { updates, keptStep, start, kept } = run;
  const which =
    keptStep === updates
      ? `After ${updates.toLocaleString('en')} updates`
      : `With the weights of update ${keptStep.toLocaleString('en')} of ${updates.toLocaleString('en')}, which were kept,`;
  if (kept && start)
    return html`<p class="lead">${which} the trained reward on ${kept.prompts.toLocaleString('en')} held-out prompts is <strong>${number(kept.reward)}</strong>; before training it was ${number(start.reward)}.${
      kept.gold !== undefined &&
      html` The gold reward is <strong>${gold(kept)}</strong>; it was ${gold(start)}.`
    } The policy is ${short(kept.kl)} nats away from where it began.</p>`;
  const validated = records.findLast(
    ({ step, validationLoss }) => step <= keptStep && validationLoss !== undefined,
  );
  if (!validated) return html`<p class="lead">${which} nothing held out was measured.</p>`;
  return html`<p class="lead">${which} the validation loss is <strong>${number(validated.validationLoss!)}</strong>${
    validated.validationAccuracy !== undefined &&
    html`, and the policy prefers the chosen response in <strong>${percent(validated.validationAccuracy)}</strong> of the pairs`
  }.</p>`;
};

const tile = (value: string, name: string): Html => html`<div><b>${value}</b><span>${name}</span></div>`;

/** What the kept policy does on held-out prompts, beside what it did before. */
const tiles = ({ start, kept, updates, seconds }: ReportedRun, records: readonly PolicyRecord[]): Html => {
  const before = (value: (heldOut: HeldOut) => string): string => (start ? `, ${value(start)} before` : '');
  const tokens = records.reduce((sum, record) => sum + record.tokens, 0);
  return html`<div class="tiles">
${kept && tile(number(kept.reward), `trained reward${before(({ reward }) => number(reward))}`)}
${kept?.gold !== undefined && tile(number(kept.gold), `gold reward${before(gold)}`)}
${kept && tile(short(kept.kl), 'nats from the initial policy')}
${kept && tile(short(kept.length), `tokens a response${before(({ length }) => short(length))}`)}
${kept && tile(percent(kept.ended, 0), `of responses end by themselves${before(({ ended }) => percent(ended, 0))}`)}
${tile(updates.toLocaleString('en'), `updates over ${tokens.toLocaleString('en')} tokens`)}
${tile(duration(seconds), 'in all')}
</div>`;
};

const warningBox = ({ drift, warnings }: ReportedRun): Html | null => {
  const said = new Set(drift.map(({ message }) => message));
  const others = warnings.filter((warning) => !said.has(warning));
  if (drift.length + others.length === 0) return null;
  return html`<div class="warning" role="note"><strong>Before you use it</strong><ul>${drift.map(
    ({ step, ongoing, message }) =>
      html`<li>${message} <em>(${ongoing ? `since update ${step}` : `first at update ${step}, over since`})</em></li>`,
  )}${others.map((warning) => html`<li>${warning}</li>`)}</ul></div>`;
};

const rowsTable = (rows: readonly (readonly [string, string])[]): Html =>
  html`<div class="scroll"><table class="settings"><tbody>${rows.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</tbody></table></div>`;

const provenance = ({ method, policy, seed, data, reward, createdBy }: ReportedRun): Html =>
  rowsTable([
    ['Method', method],
    ['Began with', policy],
    ...(reward ? [['Reward', reward.name] as const] : []),
    ...data.sources.map(({ name, sha256 }) => ['Data', `${name} (sha256 ${sha256.slice(0, 12)}…)`] as const),
    [
      'Rows',
      `${data.rows.toLocaleString('en')} read, ${data.rejects.toLocaleString('en')} set aside; ${data.train.toLocaleString('en')} to train on, ${data.heldOut.toLocaleString('en')} held out`,
    ],
    ['Seed', String(seed)],
    ['Made by', `Plaudit ${createdBy}`],
  ]);

/** Every value of a configuration by its path: `online.kl.target`. */
const flattened = (value: unknown, path = ''): [string, string][] => {
  if (Array.isArray(value)) return [[path, value.map(String).join(', ')]];
  if (value !== null && typeof value === 'object')
    return Object.entries(value).flatMap(([name, inner]) =>
      flattened(inner, path === '' ? name : `${path}.${name}`),
    );
  return [[path, value === null ? 'none' : String(value)]];
};

const section = (title: string, figures: readonly (Html | null)[]): Html | false =>
  figures.some((one) => one !== null) && html`<h2>${title}</h2><div class="figures">${figures}</div>`;

/**
 * Renders the page. It loads nothing from anywhere, runs no script, and every text from the run is escaped.
 *
 * @example await writeFile('report.html', renderPolicyReport({ document, records }))
 */
export const renderPolicyReport = (input: PolicyReportInput): string => {
  const { document: run, records, bestOfN } = input;
  const title = input.title ?? `Policy report: ${run.method}`;
  const steering = steeringOf(run);
  const panel = overOptimisationPanel(records, run.start, run.stopped !== null);
  const samples = samplesOf(records);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title><style>${styleSheet}${policyStyle}</style></head><body>
<main>
<h1>${title}</h1>
${lead(run, records)}
${run.stopped !== null && html`<div class="stopped" role="note"><strong>The run ended early.</strong> ${run.stopped}</div>`}
${warningBox(run)}
${tiles(run, records)}
${section('What it was trained on, and what it was not', rewardFigures(records, run.start, steering))}
${panel && html`<h2>Over-optimisation</h2>${panel}`}
${bestOfN && bestOfNSection(bestOfN)}
${section('How the policy changed', policyFigures(records, run.start, steering))}
${section('How it learnt', learningFigures(records, steering))}
${samples.length > 0 && html`<h2>What it says</h2><p class="quiet">Samples of rollouts, the last update first.</p>${samples}`}
<h2>Where it comes from</h2>
${provenance(run)}
<details><summary>The whole configuration</summary>${rowsTable(flattened(run.configuration))}</details>
</main></body></html>
`.text;
};
