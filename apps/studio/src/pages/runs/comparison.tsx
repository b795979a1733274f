/** @file Runs beside each other: one metric of all of them in one chart, and what differs in their settings and results. */
import { Select, Stack, Text } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { client, useAsk } from '../../api.ts';
import { Chart } from '../../chart/chart.tsx';
import { shown } from '../../chart/series.ts';
import { useChoice } from '../../shell/address.ts';
import { Rows } from '../../shell/rows.tsx';
import { useProject } from '../../shell/session.ts';
import { Answered } from '../../shell/states.tsx';
import { Part } from '../../shell/words.tsx';

type Compared = Result<'compareRuns'>;

const every = 5000;

export const Comparison = ({ runs }: { readonly runs: readonly string[] }) => {
  const project = useProject();
  const compared = useAsk('compareRuns', { params: { project }, query: { run: [...runs] } }, { every });
  return (
    <Part title="Compared">
      <Answered of={compared} what="the comparison">
        {(answer) => (
          <Stack gap="md">
            <Curves of={answer} />
            <Differences of={answer} />
          </Stack>
        )}
      </Answered>
    </Part>
  );
};

/** Names that tell the runs apart. */
const namesOf = ({ runs }: Compared): readonly string[] =>
  runs.map(({ name }, at) =>
    runs.filter((run) => run.name === name).length > 1 ? `${name} (${at + 1})` : name,
  );

const Curves = ({ of }: { readonly of: Compared }) => {
  const project = useProject();
  const names = namesOf(of);
  // Those that most runs have come first.
  const metrics = Object.entries(of.metrics)
    .toSorted(
      ([, a], [, b]) => b.filter((one) => one !== null).length - a.filter((one) => one !== null).length,
    )
    .map(([name]) => name);
  const [chosen, choose] = useChoice<string>(
    'metric',
    metrics.find((name) => /loss/.test(name)) ?? metrics[0] ?? '',
  );
  const metric = metrics.includes(chosen) ? chosen : (metrics[0] ?? '');
  const answers = useQueries({
    queries: of.runs.map(({ id, state }) => ({
      queryKey: ['getSeries', project, id, metric],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
        client.call(
          'getSeries',
          { params: { project, run: id }, query: { name: [metric], points: 500 } },
          { signal },
        ),
      enabled: metric !== '',
      ...(state === 'running' && { refetchInterval: every }),
    })),
  });
  const asOf = answers.map(({ dataUpdatedAt }) => dataUpdatedAt).join(' ');
  const series = useMemo(
    () =>
      names.map((name, at) => ({
        name,
        points: (answers[at]?.data?.series[metric] ?? []).map(({ step, value }) => ({
          x: step,
          y: Number(value),
        })),
      })),
    // Lists that are made anew with each look: what they hold changes with these only.
    [metric, asOf, of.runs.length],
  );
  if (metric === '') return null;
  return (
    <>
      <Select
        label="Metric"
        maw={420}
        searchable
        data={metrics}
        value={metric}
        allowDeselect={false}
        onChange={(value) => choose(value!)}
      />
      <Chart caption={`${metric}, by run`} series={series} xLabel="step" height={280} />
    </>
  );
};

const told = (value: unknown): string =>
  value === null || value === undefined
    ? ''
    : typeof value === 'number'
      ? shown(value)
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value);

const Differences = ({ of }: { readonly of: Compared }) => {
  const names = namesOf(of);
  const rows = [
    ...Object.entries(of.settings).map(([name, values]) => ({ kind: 'setting', name, values })),
    ...Object.entries(of.metrics).map(([name, values]) => ({ kind: 'metric', name, values })),
  ].map((row) => ({ ...row, differs: new Set(row.values.map((one) => JSON.stringify(one))).size > 1 }));
  return (
    <>
      <Text size="sm" c="dimmed">
        Settings that are the same in all runs are left out.
      </Text>
      <Rows
        label="Settings and results"
        rows={rows}
        keyOf={({ kind, name }) => `${kind} ${name}`}
        columns={[
          {
            title: 'Setting or result',
            show: ({ name, differs }) => (
              <Text size="sm" fw={differs ? 600 : 400}>
                {name}
              </Text>
            ),
            by: ({ kind, name }) => `${kind === 'setting' ? 0 : 1} ${name}`,
          },
          { title: 'Is a', show: ({ kind }) => kind, by: ({ kind }) => kind },
          ...names.map((title, at) => ({
            title,
            show: ({ values }: { readonly values: readonly unknown[] }) => told(values[at]),
            isNumber: true,
          })),
        ]}
      />
    </>
  );
};
