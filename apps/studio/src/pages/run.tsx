/** @file A run: its curves as they grow, its steps, what it read and what it made. */
import { Alert, Anchor, Group, Progress, SimpleGrid, Stack, Text } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useAsk } from '../api.ts';
import { Chart } from '../chart/chart.tsx';
import { shown } from '../chart/series.ts';
import { Rows } from '../shell/rows.tsx';
import { useProject } from '../shell/session.ts';
import { Answered, Page } from '../shell/states.tsx';
import { Document, Part, State, When } from '../shell/words.tsx';
import { Lineage } from './lineage/lineage.tsx';
import { duration } from './runs/duration.ts';
import { RunSteering } from './runs/steering.tsx';

type Run = Result<'getRun'>;

const everyWhileRunning = 2000;
const fewestForCurve = 2;

export const RunPage = () => {
  const project = useProject();
  const { run } = useParams({ strict: false }) as { run: string };
  const found = useAsk('getRun', { params: { project, run } }, { every: everyWhileRunning });
  return (
    <Answered of={found} what="the run">
      {(answer) => (
        <Page
          title={answer.name}
          about={
            <Group gap="xs" component="span">
              <State of={answer.state} />
              <span>
                {answer.kind}, begun <When at={answer.createdAt} />
                {answer.startedAt &&
                  `, ${answer.endedAt === null ? 'for' : 'took'} ${duration(answer.startedAt, answer.endedAt)}`}
              </span>
            </Group>
          }
          actions={<RunSteering run={answer} />}
        >
          {answer.error !== null && (
            <Alert role="status" color="red" variant="outline" title="It failed">
              {answer.error}
            </Alert>
          )}
          {answer.taintedBy !== null && (
            <Alert
              role="status"
              color="yellow"
              variant="outline"
              title="Made with data that has been erased since"
            >
              Decide whether what it made is trained anew, retired or kept.
            </Alert>
          )}
          <Curves run={answer} />
          {answer.steps.length > 0 && <RunSteps steps={answer.steps} />}
          <Lineage of={{ run: answer.id }} />
          <SimpleGrid cols={{ base: 1, md: 2 }}>
            <Files run={answer.id} />
            <Part title="Configuration">
              <Document of={answer.config} label="Configuration" />
            </Part>
          </SimpleGrid>
        </Page>
      )}
    </Answered>
  );
};

const numberOf = (value: number | string): number => (typeof value === 'number' ? value : Number(value));

const Curves = ({ run }: { readonly run: Run }) => {
  const project = useProject();
  const names = Object.keys(run.metrics).sort();
  const series = useAsk(
    'getSeries',
    { params: { project, run: run.id }, query: { name: names, points: 1000 } },
    { enabled: names.length > 0, ...(run.state === 'running' && { every: everyWhileRunning }) },
  );
  const curves = useMemo(
    () =>
      Object.entries(series.data?.series ?? {}).map(([name, points]) => ({
        name,
        points: points.map(({ step, value }) => ({ x: step, y: numberOf(value) })),
      })),
    [series.data],
  );
  if (names.length === 0)
    return (
      <Part title="Curves">
        <Text c="dimmed">
          {run.state === 'running' ? 'No values yet; they appear as they come.' : 'None.'}
        </Text>
      </Part>
    );
  const long = curves.filter(({ points }) => points.length >= fewestForCurve);
  const single = names.filter((name) => !long.some((curve) => curve.name === name));
  return (
    <Answered of={series} what="the curves">
      {() => (
        <>
          <SimpleGrid cols={{ base: 1, lg: 2 }}>
            {long.map((curve) => (
              <Curve key={curve.name} curve={curve} />
            ))}
          </SimpleGrid>
          {single.length > 0 && (
            <Part title="Values">
              <Rows
                label="Values"
                rows={single}
                keyOf={(name) => name}
                columns={[
                  { title: 'Metric', show: (name) => name },
                  {
                    title: 'Value',
                    show: (name) => shown(numberOf(run.metrics[name]!.value)),
                    isNumber: true,
                  },
                ]}
              />
            </Part>
          )}
        </>
      )}
    </Answered>
  );
};

const Curve = ({
  curve,
}: {
  readonly curve: {
    readonly name: string;
    readonly points: readonly { readonly x: number; readonly y: number }[];
  };
}) => {
  const series = useMemo(() => [curve], [curve]);
  return <Chart caption={curve.name} series={series} xLabel="step" />;
};

const RunSteps = ({ steps }: { readonly steps: Run['steps'] }) => {
  const done = steps.filter(({ state }) => state === 'finished').length;
  return (
    <Part title="Steps">
      <Stack gap="sm">
        <Progress
          value={(100 * done) / steps.length}
          aria-label={`${done} of ${steps.length} steps are finished`}
        />
        <Rows
          label="Steps"
          rows={steps}
          keyOf={({ name }) => name}
          columns={[
            { title: 'Step', show: ({ name }) => name },
            { title: 'State', show: ({ state }) => <State of={state} /> },
            { title: 'Attempts', show: ({ attempts }) => attempts, isNumber: true },
            { title: 'Took', show: ({ startedAt, endedAt }) => duration(startedAt, endedAt) },
            { title: 'Error', show: ({ error }) => error },
          ]}
        />
      </Stack>
    </Part>
  );
};

const Files = ({ run }: { readonly run: string }) => {
  const project = useProject();
  const files = useAsk('listRunArtifacts', { params: { project, run } });
  const base = `/v1/projects/${encodeURIComponent(project)}/runs/${encodeURIComponent(run)}/artifacts/`;
  return (
    <Part title="Artifacts">
      <Answered of={files} what="artifacts">
        {({ files: all }) => (
          <Rows
            label="Artifacts"
            rows={all}
            keyOf={({ path }) => path}
            columns={[
              {
                title: 'File',
                show: ({ path }) => (
                  <Anchor
                    href={base + path.split('/').map(encodeURIComponent).join('/')}
                    underline="always"
                    size="sm"
                  >
                    {path}
                  </Anchor>
                ),
              },
              { title: 'Bytes', show: ({ bytes }) => bytes.toLocaleString(), isNumber: true },
            ]}
          />
        )}
      </Answered>
    </Part>
  );
};
