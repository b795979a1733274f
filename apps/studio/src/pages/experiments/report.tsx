/** @file What an experiment says so far: the arms, the sample ratio, differences with their intervals, segments, and win rates. */
import { Alert, NumberInput, SimpleGrid, Stack, Text } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useState } from 'react';
import { useAsk } from '../../api.ts';
import { brief } from '../../chart/series.ts';
import { Rows } from '../../shell/rows.tsx';
import { useProject } from '../../shell/session.ts';
import { Answered } from '../../shell/states.tsx';
import { Term } from '../../shell/term.tsx';
import { Part, State } from '../../shell/words.tsx';
import { between, percent } from '../monitoring/rating.tsx';
import { Interval, rangeOfIntervals } from './interval.tsx';

type Found = Result<'reportExperiment'>;
type Compared = Found['primary'][number] & { readonly segment?: string; readonly value?: string };
type Costs = Readonly<
  Record<string, { readonly labels?: number; readonly compute?: number; readonly judge?: number }>
>;

const every = 15_000;

export const Report = ({ experiment: { id, state } }: { readonly experiment: Result<'getExperiment'> }) => {
  const project = useProject();
  const [costs, setCosts] = useState<Costs>({});
  const report = useAsk(
    'reportExperiment',
    { params: { project, experiment: id }, body: { costs } },
    state === 'running' ? { every } : {},
  );
  return (
    <Answered of={report} what="the numbers">
      {(found) => (
        <Stack gap="lg">
          <Belief of={found} />
          <SimpleGrid cols={{ base: 1, lg: 2 }}>
            <Arms of={found} />
            <SampleRatio of={found} />
          </SimpleGrid>
          <Differences title="What decides" rows={found.primary} />
          {found.secondary.length > 0 && (
            <Differences title="Other metrics, corrected for their number" rows={found.secondary} />
          )}
          {found.segments.length > 0 && (
            <Differences title="Segments, corrected for their number" rows={found.segments} />
          )}
          {found.duels.length > 0 && <Duels of={found} costs={costs} onCosts={setCosts} />}
        </Stack>
      )}
    </Answered>
  );
};

const Belief = ({ of: { hold, primary } }: { readonly of: Found }) => {
  if (hold !== null)
    return (
      <Alert role="status" variant="outline" color="red" title="Do not use this result">
        {hold}
      </Alert>
    );
  const sure = primary.flatMap((row) => (row.enough && row.verdict !== 'open' ? [row] : []));
  return (
    <Alert
      role="status"
      variant="outline"
      color={sure.length > 0 ? 'green' : 'gray'}
      title={
        sure.length > 0
          ? sure
              .map(({ arm, control, verdict, metric }) => `${arm} is ${verdict} than ${control} on ${metric}`)
              .join('; ')
          : 'Open: no difference is sure yet'
      }
    >
      Nothing speaks against the result: the arms have their shares, and next to no unit saw two of them.
    </Alert>
  );
};

const Arms = ({ of: { arms, conflicting } }: { readonly of: Found }) => (
  <Part title="Arms">
    <Rows
      label="Arms"
      rows={arms}
      keyOf={({ arm }) => arm}
      columns={[
        { title: 'Arm', show: ({ arm }) => arm },
        {
          title: 'Units',
          isNumber: true,
          show: ({ units }) => units.toLocaleString(),
          by: ({ units }) => units,
        },
        ...Object.keys(arms[0]?.means ?? {}).map((metric) => ({
          title: metric,
          isNumber: true,
          show: ({ means }: Found['arms'][number]) => {
            const { mean, n } = means[metric]!;
            return mean === null ? 'none yet' : `${brief(mean)} (n ${n.toLocaleString()})`;
          },
        })),
      ]}
    />
    {conflicting.units > 0 && (
      <Text size="sm" c="dimmed" mt="xs">
        {conflicting.units.toLocaleString()} units saw two arms and count for none.
      </Text>
    )}
  </Part>
);

const SampleRatio = ({ of: { sampleRatio, arms } }: { readonly of: Found }) => (
  <Part title="Sample ratio">
    {sampleRatio.enough ? (
      <Text size="sm">
        <State of={sampleRatio.mismatch ? 'mismatch' : 'as planned'} />{' '}
        <Term means="A chi-square test of the counts against the shares of the plan. A p-value below 0.001 says that something chose who is in which arm; then no result can be used.">
          Chi-square
        </Term>{' '}
        {brief(sampleRatio.chiSquare)}, p {brief(sampleRatio.pValue)}; furthest is{' '}
        {arms[sampleRatio.furthest.arm]?.arm}, by {percent(sampleRatio.furthest.deviation)} of its share.
      </Text>
    ) : (
      <Text size="sm" c="dimmed">
        Too few units: {sampleRatio.n} of {sampleRatio.needed} needed.
      </Text>
    )}
  </Part>
);

const keyOf = ({ metric, arm, segment = '', value = '' }: Compared): string =>
  `${metric} ${arm} ${segment} ${value}`;

const Differences = ({ title, rows }: { readonly title: string; readonly rows: readonly Compared[] }) => {
  const range = rangeOfIntervals(rows.flatMap((row) => (row.enough ? [row.interval] : [])));
  const hasSegments = rows.some(({ segment }) => segment !== undefined);
  return (
    <Part title={title}>
      <Rows
        label={title}
        rows={rows}
        keyOf={keyOf}
        columns={[
          ...(hasSegments
            ? [
                {
                  title: 'Segment',
                  show: ({ segment, value }: Compared) => `${segment}: ${value}`,
                  by: ({ segment, value }: Compared) => `${segment} ${value}`,
                },
              ]
            : []),
          { title: 'Metric', show: ({ metric }) => metric },
          { title: 'Arm', show: ({ arm }) => arm },
          {
            title: 'Verdict',
            show: (row) => <State of={row.enough ? row.verdict : `too few: ${row.n} of ${row.needed}`} />,
          },
          {
            title: 'Difference',
            isNumber: true,
            show: (row) => row.enough && `${row.difference > 0 ? '+' : ''}${brief(row.difference)}`,
            by: (row) => (row.enough ? row.difference : null),
          },
          {
            title: 'Interval that holds at every look',
            show: (row) => row.enough && <Interval of={row.interval} at={row.difference} range={range} />,
          },
          {
            title: 'Effect',
            isNumber: true,
            show: (row) => row.enough && row.effect !== null && `${brief(row.effect)} SD`,
          },
          {
            title: 'Covariate took',
            isNumber: true,
            show: (row) =>
              row.enough && row.varianceRemoved > 0 && `${percent(row.varianceRemoved)} of the variance`,
          },
          { title: 'n', isNumber: true, show: (row) => row.n.toLocaleString() },
        ]}
      />
    </Part>
  );
};

const Duels = ({
  of: { duels, arms },
  costs,
  onCosts,
}: {
  readonly of: Found;
  readonly costs: Costs;
  readonly onCosts: (costs: Costs) => void;
}) => (
  <Part title="Win rate, and what a point of it costs">
    <Stack gap="md">
      <Rows
        label="Win rates"
        rows={duels}
        keyOf={({ arm }) => arm}
        columns={[
          { title: 'Arm', show: ({ arm }) => arm },
          {
            title: 'Win rate',
            isNumber: true,
            show: ({ result }) =>
              result.enough
                ? percent(result.winRate.winRate)
                : `too few: ${result.n} of ${result.needed} prompts`,
          },
          {
            title: 'At every look',
            show: ({ result }) => result.enough && between(result.interval, percent),
          },
          {
            title: 'At equal length',
            show: ({ result }) => {
              if (!result.enough) return null;
              const { lengthControlled } = result.winRate;
              if (!lengthControlled) return 'cannot be said';
              const { winRate, interval } = lengthControlled;
              return `${percent(winRate)}${interval ? ` (${between(interval, percent)})` : ''}`;
            },
          },
          {
            title: 'Shown first won',
            isNumber: true,
            show: ({ result }) => result.enough && result.firstShown !== null && percent(result.firstShown),
          },
          {
            title: 'Cost of a point',
            isNumber: true,
            show: ({ cost }) =>
              cost === null
                ? 'give the costs'
                : cost.perPoint === null
                  ? 'no point is sure'
                  : `${brief(cost.perPoint)}${cost.interval ? ` (${between(cost.interval)})` : ''}`,
          },
        ]}
      />
      {arms.map(({ arm }) => (
        <SimpleGrid key={arm} cols={{ base: 1, xs: 3 }}>
          {(['labels', 'compute', 'judge'] as const).map((kind) => (
            <NumberInput
              key={kind}
              label={`${arm}: ${kind}`}
              description="What was spent, in one currency."
              min={0}
              value={costs[arm]?.[kind] ?? ''}
              onChange={(value) =>
                typeof value === 'number' && onCosts({ ...costs, [arm]: { ...costs[arm], [kind]: value } })
              }
            />
          ))}
        </SimpleGrid>
      ))}
    </Stack>
  </Part>
);
