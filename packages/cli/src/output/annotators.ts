/** @file A study of annotators as text: how far they agree, how able they are, and whose judgements to look at. */
import type { AnnotatorStudy, CriterionAgreement } from '@plaudit/feedback';
import { aligned, between, count, percent, plural } from './text.ts';

/** Named one by one; the report has more. */
const shownAnnotators = 12;
const shownSegments = 3;

/** What of `@plaudit/feedback` the text is made with: it is loaded when a command runs. */
interface Words {
  readonly abilityOf: typeof import('@plaudit/feedback').abilityOf;
  readonly concernText: typeof import('@plaudit/feedback').concernText;
  readonly subjectName: typeof import('@plaudit/feedback').subjectName;
  readonly worstSegments: typeof import('@plaudit/feedback').worstSegments;
}

type Row = readonly [string, string];

export const annotatorsText = (study: AnnotatorStudy, words: Words): string => {
  const { annotators, agreement, unnamed } = study;
  if (annotators.length === 0)
    return `No judgement says who gave it, so that nothing can be said of annotators.
Give each row the name of its annotator, under any pseudonym.
`;
  const rows: Row[] = [
    ['annotators', count(annotators.length)],
    [
      'judgements',
      `${count(study.judgements - unnamed)}${unnamed > 0 ? `, and ${count(unnamed)} that name nobody` : ''}`,
    ],
  ];
  const known = (['gold', 'attention'] as const).flatMap((name): Row[] => {
    const items = study[name];
    if (items === null) return [];
    const contradictory =
      items.contradictory > 0 ? `; ${count(items.contradictory)} with two answers are left out` : '';
    return [[`${name} items`, `${count(items.items)}${contradictory}`]];
  });
  return `${aligned([...rows, ...known])}
Agreement:
${aligned(agreement.criteria.flatMap((criterion) => agreementRows(criterion, study, words)))}${segmentsText(study, words)}
${modelText(study, words)}${concernsText(study, words)}`;
};

const agreementRows = (
  criterion: CriterionAgreement,
  { pairs }: AnnotatorStudy,
  { subjectName }: Words,
): Row[] => {
  const name = subjectName(criterion);
  const { alpha, pairAgreement, fleissKappa, decided, unitsJudgedTwice, units } = criterion;
  if (alpha.value === null)
    return [
      [
        name,
        unitsJudgedTwice === 0
          ? `nothing known: none of ${plural(units, 'unit')} was judged by two`
          : 'nothing known: all say one and the same',
      ],
    ];
  const cohen = pairs.find((one) => subjectName(one) === name);
  const numbers = [
    `alpha ${alpha.value.toFixed(3)}${alpha.interval ? ` (${alpha.interval.map((end) => end.toFixed(3)).join(' to ')})` : ''}`,
    ...(fleissKappa?.value == null ? [] : [`Fleiss' kappa ${fleissKappa.value.toFixed(3)}`]),
    ...(cohen?.medianKappa == null
      ? []
      : [`Cohen's kappa ${cohen.medianKappa.toFixed(3)} (median of ${plural(cohen.pairs, 'pair')})`]),
    ...(pairAgreement.value === null ? [] : [`two agree in ${percent(pairAgreement.value)}`]),
    `${count(unitsJudgedTwice)} of ${plural(units, 'unit')} judged twice`,
  ];
  const attainable = decided?.attainable;
  return [
    [name, numbers.join(', ')],
    ...(attainable
      ? [
          [
            '',
            `one annotator is right on about ${percent(attainable.annotatorAccuracy)}: no model agrees with single judgements more often; majorities of three are right on ${percent(attainable.majorityOf3)}`,
          ] as const,
        ]
      : []),
  ];
};

const segmentsText = (study: AnnotatorStudy, { worstSegments }: Words): string => {
  const worst = worstSegments(study, shownSegments);
  if (worst.length === 0) return '';
  return `Least agreement:
${aligned(
  worst.map(({ name, value, subject, alpha, unitsJudgedTwice }) => [
    `${name} ${value}`,
    `alpha ${alpha.value!.toFixed(3)} (${subject}, ${plural(unitsJudgedTwice, 'unit')})`,
  ]),
)}`;
};

const modelText = ({ models, model }: AnnotatorStudy, { abilityOf, subjectName }: Words): string => {
  if (models.length === 0)
    return model === 'crowd-bradley-terry'
      ? 'Ability: crowd-bradley-terry takes comparisons, and there are none.\n'
      : 'Ability: models take what has classes (comparisons, rankings, labels, steps), and there is none.\n';
  return models
    .map((one) => {
      const { annotators, units, unsure, converged } = one;
      const search = converged === false ? '; the search did not end, so take its numbers as rough' : '';
      const rows = annotators.slice(0, shownAnnotators).map((able): Row => {
        const interval = 'accuracy' in able ? able.interval : able.skillInterval;
        const side =
          'skill' in able && able.sideBias !== null ? `, first side ${percent(able.sideBias)}` : '';
        return [
          able.annotator,
          `${percent(abilityOf(able))}${interval ? `  (${between(interval)})` : ''}, ${plural(able.votes, 'vote')}${side}`,
        ];
      });
      const rest =
        annotators.length > shownAnnotators
          ? `  and ${count(annotators.length - shownAnnotators)} more who are abler\n`
          : '';
      return `Ability by ${model}, ${subjectName(one)}, the least able first (${count(unsure)} of ${plural(units, 'unit')} stay unsure${search}):
${aligned(rows)}${rest}`;
    })
    .join('');
};

const concernsText = ({ annotators, copies }: AnnotatorStudy, { concernText }: Words): string => {
  const concerned = annotators.filter(({ concerns }) => concerns.length > 0);
  if (concerned.length === 0) return 'Nobody gives cause for concern.\n';
  const rows = concerned
    .slice(0, shownAnnotators)
    .map(({ annotator, concerns, pause, gold, attention, sides, speed, run }): Row => {
      const numbers = [
        ...(gold ? [`gold ${count(gold.right)} of ${count(gold.checked)}`] : []),
        ...(attention ? [`attention ${count(attention.right)} of ${count(attention.checked)}`] : []),
        ...(sides?.biased ? [`chose the first in ${percent(sides.first)} of ${count(sides.decided)}`] : []),
        ...(speed?.hasty ? [`${count(speed.tooFast)} of ${count(speed.timed)} too fast`] : []),
        ...(run?.straightLining ? [`the same answer ${count(run.length)} times running`] : []),
      ];
      return [
        annotator,
        `${pause ? 'PAUSE: ' : ''}${concerns.map(concernText).join(', ')}${numbers.length > 0 ? ` (${numbers.join('; ')})` : ''}`,
      ];
    });
  const rest =
    concerned.length > shownAnnotators ? `  and ${count(concerned.length - shownAnnotators)} more\n` : '';
  const alike =
    copies.length > 0 ? `${plural(copies.length, 'pair')} of annotators judge too much alike.\n` : '';
  return `Cause to look:\n${aligned(rows)}${rest}${alike}`;
};
