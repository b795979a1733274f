/** @file The abilities of systems as a page: a forest plot, the table, and what the place and covariates add. */
import type { BradleyTerry } from '../abilities/bradley-terry.ts';
import type { TieRule } from '../abilities/outcome-model.ts';
import type { Coefficient } from '../abilities/spread.ts';
import { type Html, html } from '../gates/report/html.ts';
import { counted, plural } from '../gates/sentences.ts';
import { forestFigure } from './forest.ts';
import { reportPage, reportTable } from './page.ts';

export interface SystemsReportOptions {
  readonly title?: string;
  readonly reference?: string;
  readonly ties?: TieRule;
}

const coefficientRow = (name: string, { value, standardError, interval: [low, high] }: Coefficient) => [
  name,
  value.toFixed(3),
  standardError.toFixed(3),
  `${low.toFixed(3)} to ${high.toFixed(3)}`,
];

/** What the model estimates beside abilities, by the names under which tables show it. */
export const effectsOf = ({
  home,
  covariates,
  tie,
}: BradleyTerry): readonly (readonly [string, Coefficient])[] => [
  ...(home ? [['place', home] as const] : []),
  ...Object.entries(covariates),
  ...(tie ? [['tie', tie] as const] : []),
];

/**
 * A page that loads nothing and holds only names of systems and numbers.
 *
 * @example await writeFile('systems.html', renderSystemsReport(bradleyTerryAbilities(contests)))
 */
export const renderSystemsReport = (
  abilities: BradleyTerry,
  { title = 'Abilities of systems', reference, ties = 'half' }: SystemsReportOptions = {},
): string => {
  const { systems, comparisons, clusters } = abilities;
  const best = systems.filter(({ ranks }) => ranks[0] === 1);
  const effects = effectsOf(abilities);
  const zero = reference === undefined ? 'the mean of all systems' : reference;
  const lead = html`<p class="lead">${plural(systems.length, 'system')} in <strong>${counted(Math.round(comparisons))} comparisons</strong>. ${
    best.length === 1
      ? html`<strong>${best[0]!.system}</strong> is ahead of every other one.`
      : html`No interval lies above those of the best ${best.length}.`
  }</p>
<p class="quiet">Bradley-Terry by maximum likelihood; ties: ${ties}. ${clusters !== null && `Intervals treat comparisons that hang together, such as those of one prompt, as one observation: there are ${counted(clusters)}. `}An ability is ln odds of winning against ${zero}; a lead of 1 wins 73 of 100.</p>`;
  const forest = forestFigure(
    {
      title: 'Abilities',
      caption: `With 95 % intervals. The dashed line is ${zero}.`,
      x: 'ability, ln odds',
      mark: 0,
      items: systems.map(({ system, ability, interval }) => ({ name: system, value: ability, interval })),
    },
    'abilities',
  );
  const table = reportTable(
    ['System', 'Ability', 'Standard error', '95 % interval', 'Rank', 'Won', 'Lost', 'Tied'],
    systems.map(({ system, ability, standardError, interval, ranks, wins, losses, ties: tied }) => [
      ...coefficientRow(system, { value: ability, standardError, interval }),
      ranks[0] === ranks[1] ? String(ranks[0]) : `${ranks[0]} to ${ranks[1]}`,
      ...[wins, losses, tied].map((number) => counted(Math.round(number * 10) / 10)),
    ]),
  );
  const body: (Html | false)[] = [lead, forest, html`<h2>Table</h2>`, table];
  if (effects.length > 0)
    body.push(
      html`<h2>What else decides</h2><p>ln odds that the place adds, that one unit of a covariate adds, and the parameter of ties.</p>`,
      reportTable(
        ['Effect', 'Value', 'Standard error', '95 % interval'],
        effects.map(([name, effect]) => coefficientRow(name, effect)),
      ),
    );
  return reportPage(title, body);
};
