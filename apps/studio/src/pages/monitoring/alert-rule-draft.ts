/** @file An alert rule while it is written: every field there, and turned into what the server takes at the end. */
import type { Input, Result } from '@plaudit/sdk';
import { shown } from '../../chart/series.ts';

type Rule = Result<'listAlertRules'>['rules'][number];
export type GivenRule = NonNullable<Input<'createAlertRule'>['body']>['rule'];
type Measure = GivenRule['measure'];
export type MeasureName = Measure['of'];
type Channel = NonNullable<GivenRule['channels']>[number];

/** Measures in the order of the form, with what their numbers mean and a bound to begin with. */
export const measures: readonly {
  readonly of: MeasureName;
  readonly label: string;
  readonly unit: string;
  readonly bound: number;
  readonly side: 'above' | 'below';
}[] = [
  { of: 'mean reward', label: 'Mean reward', unit: 'raw reward', bound: 0, side: 'below' },
  { of: 'reward psi', label: 'Reward drift, PSI', unit: '0.25 has moved', bound: 0.25, side: 'above' },
  {
    of: 'reward wasserstein',
    label: 'Reward drift, Wasserstein',
    unit: 'standard deviations',
    bound: 0.5,
    side: 'above',
  },
  {
    of: 'length wasserstein',
    label: 'Length drift, Wasserstein',
    unit: 'standard deviations',
    bound: 0.5,
    side: 'above',
  },
  { of: 'prompt auc', label: 'Prompt drift, classifier', unit: '0.5 is a coin', bound: 0.65, side: 'above' },
  {
    of: 'segment distance',
    label: 'Drift of a segment',
    unit: 'Jensen-Shannon distance, 0 to 1',
    bound: 0.2,
    side: 'above',
  },
  { of: 'incident rate', label: 'Safety incidents', unit: 'share', bound: 0.01, side: 'above' },
  {
    of: 'incident excess',
    label: 'More safety incidents than before',
    unit: 'evidence; 20 is rare at any look',
    bound: 20,
    side: 'above',
  },
  { of: 'failure rate', label: 'Failures', unit: 'share', bound: 0.02, side: 'above' },
  { of: 'refusal rate', label: 'Refusals', unit: 'share', bound: 0.1, side: 'above' },
  { of: 'truncation rate', label: 'Cut off', unit: 'share', bound: 0.1, side: 'above' },
  { of: 'saturation', label: 'Scores at the top', unit: 'share; 0.01 is usual', bound: 0.03, side: 'above' },
  {
    of: 'length correlation',
    label: 'Reward pays for length',
    unit: 'correlation within prompts',
    bound: 0.3,
    side: 'above',
  },
  { of: 'repetition', label: 'Repetition', unit: 'share', bound: 0.2, side: 'above' },
  { of: 'shadow flip rate', label: 'Flips of the shadow', unit: 'share of pairs', bound: 0.2, side: 'above' },
  { of: 'human agreement', label: 'Agreement with people', unit: 'share', bound: 0.6, side: 'below' },
  {
    of: 'annotators with concerns',
    label: 'Annotators with concerns',
    unit: 'people',
    bound: 0,
    side: 'above',
  },
  {
    of: 'error budget',
    label: 'Error budget burns',
    unit: 'bounds of its own',
    bound: 0,
    side: 'above',
  },
];

export const measureOf = (of: MeasureName) => measures.find((one) => one.of === of)!;

export interface RuleDraft {
  readonly name: string;
  readonly deployment: string;
  readonly of: MeasureName;
  readonly segment: string;
  readonly dataset: string;
  /** Percent of good responses that is promised. */
  readonly promised: number;
  readonly bad: 'failures' | 'incidents' | 'low rewards' | 'slow';
  readonly badBound: number;
  readonly side: 'above' | 'below';
  readonly bound: number;
  readonly sure: boolean;
  readonly window: number;
  /** What it is compared with: so many minutes before the window, or a fixed time that stays as it is. */
  readonly reference: NonNullable<GivenRule['reference']>;
  readonly lasting: number;
  readonly noData: 'alert' | 'keep' | 'ok';
  readonly severity: 1 | 2 | 3 | 4;
  readonly repeat: number;
  readonly channels: readonly Channel[];
}

const fresh: Omit<RuleDraft, 'deployment'> = {
  ...{ name: '', of: 'reward psi', segment: '', dataset: '' },
  ...{ promised: 99.9, bad: 'failures', badBound: 0, side: 'above', bound: 0.25, sure: true },
  ...{ window: 60, reference: { minutes: 7 * 24 * 60 }, lasting: 0 },
  ...{ noData: 'alert', severity: 3, repeat: 240, channels: [] },
};

/** The draft of a rule that is there, or of a new one. */
export const draftOf = (found: Rule | null, deployments: readonly string[]): RuleDraft => {
  const base: RuleDraft = { ...fresh, deployment: deployments[0] ?? '' };
  if (found === null) return base;
  const rule = found.rule as unknown as GivenRule;
  const { measure } = rule;
  return {
    ...{ ...base, name: found.name, deployment: rule.deployment, of: measure.of },
    ...('segment' in measure && { segment: measure.segment }),
    ...('dataset' in measure && { dataset: measure.dataset }),
    ...('objective' in measure && {
      ...{ promised: 100 * measure.objective, bad: measure.bad ?? 'failures', badBound: measure.bound ?? 0 },
    }),
    ...(rule.below === undefined
      ? { side: 'above' as const, bound: rule.above ?? 0 }
      : { side: 'below' as const, bound: rule.below }),
    ...{ sure: rule.sure ?? true, window: rule.window ?? 60, reference: rule.reference ?? fresh.reference },
    ...{ lasting: rule.for ?? 0, noData: rule.noData ?? 'alert', severity: rule.severity ?? 3 },
    ...{ repeat: rule.repeat ?? 240, channels: rule.channels ?? [] },
  };
};

const measureGiven = ({ of, segment, dataset, promised, bad, badBound }: RuleDraft): Measure => {
  switch (of) {
    case 'segment distance':
      return { of, segment };
    case 'human agreement':
    case 'annotators with concerns':
      return { of, dataset };
    case 'error budget':
      return {
        ...{ of, objective: promised / 100, bad },
        ...((bad === 'low rewards' || bad === 'slow') && { bound: badBound }),
      };
    default:
      return { of };
  }
};

export const ruleOf = (draft: RuleDraft): GivenRule => ({
  ...{ deployment: draft.deployment, measure: measureGiven(draft), window: draft.window },
  ...{ reference: draft.reference, sure: draft.sure, for: draft.lasting, noData: draft.noData },
  ...{ severity: draft.severity, repeat: draft.repeat, channels: draft.channels },
  ...(draft.of !== 'error budget' && { [draft.side]: draft.bound }),
});

/** A rule in a sentence. */
export const toldRule = (given: Readonly<Record<string, unknown>>): string => {
  const rule = given as unknown as GivenRule;
  const bound =
    rule.above !== undefined
      ? ` above ${shown(rule.above)}`
      : rule.below !== undefined
        ? ` below ${shown(rule.below)}`
        : '';
  const lasting = rule.for ? ` for ${rule.for} min` : '';
  const channels = (rule.channels ?? []).map(({ to }) => to).join(', ') || 'the studio only';
  return `${measureOf(rule.measure.of)?.label ?? rule.measure.of}${bound}${lasting} in ${rule.deployment}, over ${rule.window ?? 60} min; tells ${channels}`;
};
