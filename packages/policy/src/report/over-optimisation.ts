/** @file The over-optimisation panel: trained reward and gold against the square root of the divergence. */
import { type Curve, curveFigure, type Html, html, short } from '@plaudit/reward';
import {
  type BestOfNPanel,
  fitEvaluations,
  lawGain,
  type OverOptimisationFit,
} from '../overoptimisation/index.ts';
import type { PolicyRecord } from '../trainer/record.ts';
import { evaluationsOf, type HeldOut, thinned } from './series.ts';
import { number } from './words.ts';

interface PanelPoint {
  /** Square root of nats. */
  readonly d: number;
  readonly proxy: number;
  readonly gold: number;
  readonly goldError?: number | undefined;
}

type Law = Pick<OverOptimisationFit, 'law' | 'alpha' | 'beta' | 'start' | 'peak'>;

/** Points of the fitted curve. */
const samples = 60;

/** A trained reward whose gain is this many times that of gold is drawn smaller, or gold would be a flat line. */
const mostRatio = 4;

const spread = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);

const panelFigure = (
  curve: Pick<Curve, 'id' | 'title' | 'x' | 'caption' | 'table'>,
  points: readonly PanelPoint[],
  fit: Law | null,
  marks: Curve['marks'] = [],
): Html | null => {
  if (points.length < 2) return null;
  const ordered = points.toSorted((a, b) => a.d - b.d);
  const first = points[0]!;
  const goldStart = fit?.start ?? first.gold;
  const ratio = spread(points.map(({ proxy }) => proxy)) / spread(points.map(({ gold }) => gold));
  const scale = Number.isFinite(ratio) && ratio > mostRatio ? Number((1.5 / ratio).toPrecision(1)) : 1;
  const far = ordered.at(-1)!.d;
  const end = fit?.peak && fit.peak.d <= 1.25 * far ? Math.max(far, 1.02 * fit.peak.d) : far;
  return curveFigure({
    ...curve,
    y: 'gain over the initial policy',
    series: [
      {
        name: scale === 1 ? 'trained reward' : `trained reward, drawn at ${short(scale)} of its size`,
        style: 'one',
        drawn: 'dotted line',
        points: ordered.map(({ d, proxy }) => [d, scale * (proxy - first.proxy)]),
      },
      {
        name: 'gold',
        style: 'two',
        drawn: 'dots',
        points: ordered.map(({ d, gold, goldError }) => [d, gold - goldStart, goldError]),
      },
      {
        name: 'fitted law',
        style: 'fit',
        points: fit
          ? Array.from({ length: samples + 1 }, (_, i) => {
              const d = (end * i) / samples;
              return [d, lawGain(fit.law, fit, d)] as const;
            })
          : [],
      },
    ],
    marks: [
      ...(fit?.peak && fit.peak.d <= end ? [{ axis: 'x', at: fit.peak.d, name: 'peak' } as const] : []),
      ...marks,
    ],
  });
};

const sentenceOfPeak = ({ peak }: Law, extra: string): string =>
  peak === null
    ? 'The fitted curve has no highest point: nothing points to over-optimisation yet.'
    : peak.reached
      ? `The fitted curve is highest at a divergence of ${short(peak.kl)} nats, with a gain of ${number(peak.gain)}${extra}.`
      : `The fitted curve would be highest at ${short(peak.kl)} nats, further than the policy has gone: a guess.`;

const formulas = {
  rl: 'd (α − β ln d)',
  'best-of-n': 'd (α − β d)',
} as const;

/** Of a run with a gold reward; null without one. */
export const overOptimisationPanel = (
  records: readonly PolicyRecord[],
  start: HeldOut | null,
  stopped: boolean,
): Html | null => {
  const evaluations = evaluationsOf(records, start).flatMap(({ step, heldOut }) =>
    heldOut.gold === undefined ? [] : [{ step, ...heldOut, gold: heldOut.gold }],
  );
  if (evaluations.length < 2) return null;
  const fit = fitEvaluations(
    evaluations.map(({ step, kl, reward, gold, goldError }) => ({
      ...{ step, kl, gold, proxy: reward, goldError: goldError ?? null },
    })),
  );
  const d = (kl: number): number => Math.sqrt(Math.max(0, kl));
  const last = evaluations.at(-1)!;
  const drawn = panelFigure(
    {
      id: 'over-optimisation',
      title: 'Gold against the divergence',
      x: 'square root of the divergence (nats)',
      caption: 'Each dot is an evaluation on held-out prompts; bars are one standard error.',
      table: {
        head: ['Update', 'Divergence (nats)', 'Trained reward', 'Gold', 'Standard error'],
        rows: thinned(evaluations).map(({ step, kl, reward, gold, goldError }) => [
          step,
          number(kl),
          number(reward),
          number(gold),
          goldError === undefined ? '' : number(goldError),
        ]),
      },
    },
    thinned(evaluations).map(({ kl, reward, gold, goldError }) => ({
      d: d(kl),
      proxy: reward,
      gold,
      goldError,
    })),
    fit,
    stopped ? [{ axis: 'x', at: d(last.kl), name: 'stop' }] : [],
  );
  return html`<div class="figures">${drawn}<div class="panel"><h3>The law of over-optimisation</h3>${
    fit === null
      ? html`<p>Fewer than five evaluations, or a policy that has hardly moved: the law cannot be fitted.</p>`
      : html`<p>Gold = ${number(fit.start)} + ${formulas.rl} with d the square root of the divergence (Gao et al. 2022), fitted to ${fit.points} evaluations:</p>
<div class="scroll"><table><tbody>
<tr><th scope="row">α</th><td>${number(fit.alpha)} ± ${short(fit.alphaError)}</td></tr>
<tr><th scope="row">β</th><td>${number(fit.beta)} ± ${short(fit.betaError)}</td></tr>
<tr><th scope="row">R²</th><td>${fit.r2 === null ? 'none' : fit.r2.toFixed(3)}</td></tr>
${fit.peak && html`<tr><th scope="row">d at the peak</th><td>${short(fit.peak.d)} ± ${short(fit.peak.dError)}</td></tr>`}
</tbody></table></div>
<p>${sentenceOfPeak(fit, '')}</p>`
  }</div></div>`;
};

const interval = (value: readonly [number, number] | null): string =>
  value === null ? '' : ` (95 % interval ${number(value[0])} to ${number(value[1])})`;

/** Of samples that were scored by both rewards. */
export const bestOfNSection = ({ curve, fit }: BestOfNPanel): Html => {
  const { points } = curve;
  const best = points.reduce((most, point) => (point.gold > most.gold ? point : most));
  const drawn = panelFigure(
    {
      id: 'best-of-n',
      title: 'Best of n',
      x: 'square root of the bound of the divergence (nats)',
      caption: `From 1 to ${points.at(-1)!.n} responses to each of ${curve.prompts.toLocaleString('en')} prompts, without drawing any: the unbiased estimate. The bound is ln n − (n − 1) / n.`,
      table: {
        head: ['n', 'At most (nats)', 'Trained reward', 'Gold', '95 % interval'],
        rows: points.map(({ n, klBound, proxy, gold, interval: range }) => [
          n,
          klBound.toFixed(3),
          number(proxy),
          number(gold),
          range === null ? '' : `${number(range[0])} to ${number(range[1])}`,
        ]),
      },
    },
    points.map(({ klBound, proxy, gold }) => ({ d: Math.sqrt(klBound), proxy, gold })),
    fit,
  );
  return html`<h2>Choosing the best of n responses</h2><div class="figures">${drawn}<div class="panel"><h3>What choosing gains</h3>
<p>The best scored of ${best.n} responses has the most gold, ${number(best.gold)}; one response has ${number(points[0]!.gold)}.</p>
${fit && html`<p>Law: gold = ${number(fit.start)} + ${formulas['best-of-n']}, α ${number(fit.alpha)}${interval(fit.alphaInterval)}, β ${number(fit.beta)}${interval(fit.betaInterval)}. ${sentenceOfPeak(fit, ' by the law')}</p>`}</div></div>`;
};
