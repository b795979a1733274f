/** @file A study of annotators as a page: how far they agree, how able each is, and whose judgements to look at. */
import type { CriterionAgreement, SegmentAgreement } from '../agreement/measure-agreement.ts';
import type { AnnotatorHealth, Concern } from '../annotators/health/annotator-health.ts';
import type { MeasuredShare, Picture } from '../gates/document.ts';
import { type Html, html } from '../gates/report/html.ts';
import { pictureFigure } from '../gates/report/pictures.ts';
import { counted, percent, plural, shortName } from '../gates/sentences.ts';
import type { Interval } from '../statistics/bootstrap.ts';
import { type AnnotatorStudy, abilityOf, type CriterionModel } from './annotator-study.ts';
import { reportPage, reportTable } from './page.ts';

/** Bars in one picture, and annotators in the table. */
const mostBars = 30;
const mostRows = 200;

/** What a table is about, as people say it: `comparison, helpfulness`. */
export const subjectName = ({ kind, criterion }: Pick<CriterionModel, 'kind' | 'criterion'>): string =>
  criterion === undefined ? kind : `${kind}, ${shortName(criterion)}`;

/** A concern in words; copies by whom they are of. */
export const concernText = (concern: Concern): string =>
  concern.concern === 'copy'
    ? `like ${shortName(concern.of)}`
    : concern.concern === 'gold' || concern.concern === 'attention'
      ? `fails ${concern.concern} items`
      : concern.concern;

/** The segments on which people agree least, of all criteria. */
export const worstSegments = (
  study: AnnotatorStudy,
  most: number,
): readonly (SegmentAgreement & { readonly subject: string })[] =>
  study.agreement.criteria
    .flatMap((criterion) =>
      criterion.segments.map((segment) => ({ ...segment, subject: subjectName(criterion) })),
    )
    .filter(({ alpha }) => alpha.value !== null)
    .sort((one, other) => one.alpha.value! - other.alpha.value!)
    .slice(0, most);

const decimal = (value: number | null | undefined): string => (value == null ? '' : value.toFixed(3));

const withInterval = (value: number | null, interval: Interval | null): string =>
  value === null
    ? ''
    : `${decimal(value)}${interval === null ? '' : ` (${decimal(interval[0])} to ${decimal(interval[1])})`}`;

type BarsText = Pick<Extract<Picture, { kind: 'bars' | 'curve' }>, 'title' | 'caption' | 'noun' | 'mark'>;

const bars = (picture: BarsText, items: readonly MeasuredShare[]): Picture => ({
  ...picture,
  kind: 'bars',
  items: items.slice(0, mostBars).map((item) => ({ ...item, name: shortName(item.name) })),
  omitted: Math.max(0, items.length - mostBars),
});

const agreementTable = (study: AnnotatorStudy): Html => {
  const kappas = new Map(study.pairs.map((pairs) => [subjectName(pairs), pairs.medianKappa]));
  return reportTable(
    [
      'Judged',
      'Units judged twice',
      'Annotators',
      "Krippendorff's alpha",
      'Fleiss',
      'Cohen, median',
      'Two agree',
    ],
    study.agreement.criteria.map((criterion) => [
      subjectName(criterion),
      `${counted(criterion.unitsJudgedTwice)} of ${counted(criterion.units)}`,
      counted(criterion.annotators),
      withInterval(criterion.alpha.value, criterion.alpha.interval),
      decimal(criterion.fleissKappa?.value),
      decimal(kappas.get(subjectName(criterion))),
      criterion.pairAgreement.value === null ? '' : percent(criterion.pairAgreement.value),
    ]),
  );
};

const reachable = (criterion: CriterionAgreement): Html | false => {
  const attainable = criterion.decided?.attainable;
  return (
    attainable != null &&
    html`<li>${subjectName(criterion)}: two people choose the same side in ${percent(criterion.decided!.pairAgreement.value!)}, so that one is right on about <strong>${percent(attainable.annotatorAccuracy)}</strong>; no model can agree with single judgements more often. Majorities of three are right on ${percent(attainable.majorityOf3)}, of five on ${percent(attainable.majorityOf5)}.</li>`
  );
};

const abilityBars = ({ annotators, ...model }: CriterionModel, concerns: ReadonlySet<string>): Picture =>
  bars(
    {
      title: `Ability: ${subjectName(model)}`,
      caption: 'The least able first. Those who give cause for concern are in another colour.',
      noun: 'votes',
      mark: null,
    },
    annotators.map((one) => ({
      name: one.annotator,
      value: abilityOf(one),
      interval: clipped('accuracy' in one ? one.interval : one.skillInterval),
      n: one.votes,
      flagged: concerns.has(one.annotator),
    })),
  );

const clipped = (interval: Interval | null): Interval | null =>
  interval && [Math.max(0, interval[0]), Math.min(1, interval[1])];

/** One picture for everything that is measured of annotators beside their ability. */
const healthBars = (annotators: readonly AnnotatorHealth[]): Picture[] => {
  const of = (
    picture: BarsText,
    item: (one: AnnotatorHealth) => Omit<MeasuredShare, 'name'> | undefined,
  ): Picture[] => {
    const items = annotators.flatMap((one) => {
      const found = item(one);
      return found ? [{ name: one.annotator, ...found }] : [];
    });
    return items.length === 0 ? [] : [bars(picture, items)];
  };
  return [
    ...(['gold', 'attention'] as const).flatMap((name) =>
      of(
        {
          title: `Right on ${name} items`,
          caption: `Who is paused is in another colour: the evidence against a share of ${name === 'gold' ? '70 %' : '90 %'} is strong enough, however often one looks.`,
          noun: 'items',
          mark: name === 'gold' ? 0.7 : 0.9,
        },
        (one) =>
          one[name] && {
            value: one[name].accuracy,
            interval: one[name].interval,
            n: one[name].checked,
            flagged: one[name].pause,
          },
      ),
    ),
    ...of(
      {
        title: 'Chooses what was shown first',
        caption: 'One half is expected where the order shown was random.',
        noun: 'choices',
        mark: 0.5,
      },
      ({ sides }) =>
        sides && { value: sides.first, interval: sides.interval, n: sides.decided, flagged: sides.biased },
    ),
    ...of(
      {
        title: 'Answers too fast',
        caption: 'Held against how long others took for the same; hasty are those surely above 5 %.',
        noun: 'timed judgements',
        mark: 0.05,
      },
      ({ speed }) =>
        speed && {
          value: speed.tooFast / speed.timed,
          interval: speed.interval,
          n: speed.timed,
          flagged: speed.hasty,
        },
    ),
  ];
};

const annotatorTable = ({ annotators, models }: AnnotatorStudy): Html => {
  const abilities = new Map<string, string[]>();
  for (const { annotators: able } of models)
    for (const one of able)
      abilities.set(one.annotator, [...(abilities.get(one.annotator) ?? []), percent(abilityOf(one))]);
  return html`${reportTable(
    [
      'Annotator',
      'Judgements',
      'Ability',
      'Gold',
      'Shown first',
      'Median seconds',
      'Longest run',
      'Concerns',
    ],
    annotators
      .slice(0, mostRows)
      .map(({ annotator, judgements, pause, concerns, gold, sides, speed, run }) => [
        shortName(annotator),
        counted(judgements),
        (abilities.get(annotator) ?? []).join(', '),
        gold ? `${counted(gold.right)} of ${counted(gold.checked)}` : '',
        sides ? percent(sides.first) : '',
        speed ? speed.medianSeconds.toFixed(1) : '',
        run ? counted(run.length) : '',
        html`${pause && html`<span class="chip fail">pause</span> `}${concerns.map(concernText).join(', ')}`,
      ]),
  )}${annotators.length > mostRows && html`<p class="quiet">${counted(annotators.length - mostRows)} more are not shown.</p>`}`;
};

const section = (title: string, ...content: readonly (Html | false)[]): Html =>
  html`<h2>${title}</h2>${content}`;

/**
 * A page that loads nothing, runs no script, and holds no text of the data but names of annotators, segments and criteria.
 *
 * @example await writeFile('annotators.html', renderAnnotatorReport(studyAnnotators(judgements).study))
 */
export const renderAnnotatorReport = (
  study: AnnotatorStudy,
  { title = 'Annotators' }: { readonly title?: string } = {},
): string => {
  const { annotators, agreement, models, model, copies } = study;
  const concerned = annotators.filter(({ concerns }) => concerns.length > 0);
  const paused = annotators.filter(({ pause }) => pause);
  const names = new Set(concerned.map(({ annotator }) => annotator));
  const figures = (pictures: readonly Picture[], id: string): Html | false =>
    pictures.length > 0 &&
    html`<div class="figures">${pictures.map((picture, i) => pictureFigure(picture, `${id}-${i}`))}</div>`;
  const worst = worstSegments(study, mostBars);
  const reach = agreement.criteria.map(reachable).filter((item) => item !== false);
  return reportPage(title, [
    html`<p class="lead"><strong>${plural(annotators.length, 'annotator')}</strong> gave ${plural(study.judgements - study.unnamed, 'judgement')}. ${
      concerned.length === 0
        ? 'Nobody gives cause for concern.'
        : html`<strong>${counted(concerned.length)}</strong> ${concerned.length === 1 ? 'gives' : 'give'} cause to look, and ${paused.length === 0 ? 'nobody' : counted(paused.length)} should pause.`
    }</p>`,
    study.unnamed > 0 &&
      html`<p class="quiet">${plural(study.unnamed, 'judgement')} name nobody and are not counted.</p>`,
    section(
      'How far they agree',
      agreementTable(study),
      reach.length > 0 && html`<ul>${reach}</ul>`,
      figures(
        worst.length === 0
          ? []
          : [
              bars(
                {
                  title: 'Two agree, where they agree least',
                  caption: 'Segments by alpha, the lowest first.',
                  noun: 'units',
                  mark: null,
                },
                worst.map(({ subject, name, value, pairAgreement, unitsJudgedTwice }) => ({
                  name: `${name} ${value} (${subject})`,
                  value: pairAgreement.value,
                  interval: clipped(pairAgreement.interval),
                  n: unitsJudgedTwice,
                })),
              ),
            ],
        'segments',
      ),
    ),
    models.length > 0 &&
      section(
        'How able each is',
        html`<p>By the model ${model}, of ${models.map((one) => `${plural(one.units, 'unit')} (${subjectName(one)}; ${counted(one.unsure)} stay unsure)`).join(', ')}.</p>`,
        figures(
          models.map((one) => abilityBars(one, names)),
          'ability',
        ),
      ),
    annotators.length > 0 &&
      section('Each of them', annotatorTable(study), figures(healthBars(annotators), 'health')),
    copies.length > 0 &&
      section(
        'Who judges alike',
        html`<p>These agree more than knowing the answers explains: shared accounts, copies, one program twice.</p>`,
        reportTable(
          ['Annotators', 'Units in common', 'Agree on', 'Expected'],
          copies
            .slice(0, mostRows)
            .map(({ annotators: [one, other], units, agreeing, expected }) => [
              `${shortName(one)}, ${shortName(other)}`,
              counted(units),
              counted(agreeing),
              expected.toFixed(1),
            ]),
        ),
      ),
    html`<p class="quiet">Intervals are at 95 %: over resampled prompts for agreement, Wilson's for shares.</p>`,
  ]);
};
