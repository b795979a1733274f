/** @file Monitoring: rewards over time, drift against the window before, safety, alerts and what has been made of them. */
import {
  Button,
  Group,
  Modal,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useMemo, useState } from 'react';
import { useAsk, useDo } from '../api.ts';
import { Chart } from '../chart/chart.tsx';
import { shown } from '../chart/series.ts';
import { Rows } from '../shell/rows.tsx';
import { mayRead, useProject, useRole } from '../shell/session.ts';
import { Answered, Command, Empty, Failed, Page } from '../shell/states.tsx';
import { Document, Part, State, When } from '../shell/words.tsx';

const hour = 3_600_000;
const ranges = [
  { value: '24', label: 'A day' },
  { value: '168', label: 'A week' },
  { value: '720', label: 'A month' },
];
/** Points of a chart over time. */
const buckets = 48;

interface Range {
  readonly from: string;
  readonly to: string;
  readonly seconds: number;
}

/** The range that ends now, to the minute, so that what is asked stays the same for as long. */
const rangeOf = (hours: number, before = 0): Range => {
  const end = Math.floor(Date.now() / 60_000) * 60_000 - before * hour;
  return {
    from: new Date(end - hours * hour).toISOString(),
    to: new Date(end).toISOString(),
    seconds: Math.round((hours * 3600) / buckets),
  };
};

const tellTime = (seconds: number): string =>
  new Date(seconds * 1000).toLocaleString(undefined, { month: 'short', day: 'numeric', hour: '2-digit' });

export const Monitoring = () => {
  const project = useProject();
  const deployments = useAsk('listDeployments', { params: { project } });
  return (
    <Page
      title="Monitoring"
      about="What is served now against a window before it. Differences have a size and a count: few requests prove little."
    >
      <Answered of={deployments} what="deployments">
        {({ deployments: all }) =>
          all.length === 0 ? (
            <Empty title="Nothing is watched yet">
              Monitoring starts with the first deployment:
              <Command>plaudit model promote support@1 --deployment live</Command>
            </Empty>
          ) : (
            <Watched deployments={all.map(({ name }) => name)} />
          )
        }
      </Answered>
      <Incidents />
      <AlertRules />
    </Page>
  );
};

const Watched = ({ deployments }: { readonly deployments: readonly string[] }) => {
  const [deployment, setDeployment] = useState(deployments[0]!);
  const [hours, setHours] = useState('168');
  const range = useMemo(() => rangeOf(Number(hours)), [hours]);
  const reference = useMemo(() => rangeOf(Number(hours), Number(hours)), [hours]);
  return (
    <>
      <Group align="end">
        <Select
          label="Deployment"
          data={[...deployments]}
          value={deployment}
          allowDeselect={false}
          onChange={(value) => setDeployment(value!)}
        />
        <SegmentedControl aria-label="Window" data={ranges} value={hours} onChange={setHours} />
      </Group>
      <Rewards deployment={deployment} range={range} />
      <Drift deployment={deployment} range={range} reference={reference} />
    </>
  );
};

type Bucket = Result<'rewardsOverTime'>['buckets'][number];

const seriesOf = (all: readonly Bucket[], value: (bucket: Bucket) => number | null) =>
  [...Map.groupBy(all, ({ arm }) => arm)].map(([name, of]) => ({
    name,
    points: of.flatMap((bucket) => {
      const y = value(bucket);
      return y === null ? [] : [{ x: Date.parse(String(bucket.at)) / 1000, y }];
    }),
  }));

const Rewards = ({ deployment, range }: { readonly deployment: string; readonly range: Range }) => {
  const project = useProject();
  const { from, to, seconds } = range;
  const rewards = useAsk(
    'rewardsOverTime',
    { params: { project, deployment }, query: { from, to, seconds } },
    { every: 30_000 },
  );
  const curves = useMemo(() => {
    const all = rewards.data?.buckets ?? [];
    return {
      rewards: seriesOf(all, ({ meanReward }) => meanReward),
      responses: seriesOf(all, ({ responses }) => responses),
      lengths: seriesOf(all, ({ meanLength }) => meanLength),
      incidents: seriesOf(all, ({ incidents, responses }) => (responses > 0 ? incidents / responses : null)),
    };
  }, [rewards.data]);
  return (
    <Answered of={rewards} what="rewards over time">
      {({ buckets: all }) =>
        all.length === 0 ? (
          <Empty title="No request in this window">Choose a longer one, or send the first request.</Empty>
        ) : (
          <SimpleGrid cols={{ base: 1, lg: 2 }}>
            <Chart caption="Mean reward" series={curves.rewards} xLabel="time" tellX={tellTime} />
            <Chart caption="Responses" series={curves.responses} xLabel="time" tellX={tellTime} />
            <Chart caption="Mean length, in words" series={curves.lengths} xLabel="time" tellX={tellTime} />
            <Chart
              caption="Safety incidents per response"
              series={curves.incidents}
              xLabel="time"
              tellX={tellTime}
            />
          </SimpleGrid>
        )
      }
    </Answered>
  );
};

const Drift = ({
  deployment,
  range,
  reference,
}: {
  readonly deployment: string;
  readonly range: Range;
  readonly reference: Range;
}) => {
  const project = useProject();
  const query = {
    from: range.from,
    to: range.to,
    referenceFrom: reference.from,
    referenceTo: reference.to,
  };
  const drift = useAsk('drift', { params: { project, deployment }, query });
  return (
    <Part title="Drift against the window before">
      <Answered of={drift} what="drift">
        {(answer) => <Measures of={answer} />}
      </Answered>
    </Part>
  );
};

/** Every number of a report by its path; the whole is one click away. */
const Measures = ({ of }: { readonly of: Readonly<Record<string, unknown>> }) => {
  const found: { readonly name: string; readonly value: number }[] = [];
  const walk = (value: unknown, path: readonly string[]): void => {
    if (typeof value === 'number') found.push({ name: path.join(' '), value });
    else if (typeof value === 'object' && value !== null && !Array.isArray(value) && path.length < 4)
      for (const [key, one] of Object.entries(value)) walk(one, [...path, key]);
  };
  walk(of, []);
  return (
    <Stack gap="sm">
      <Rows
        label="Measures"
        rows={found.slice(0, 40)}
        keyOf={({ name }) => name}
        none="Too few requests to compare."
        columns={[
          { title: 'Measure', show: ({ name }) => name },
          { title: 'Value', show: ({ value }) => shown(value), isNumber: true },
        ]}
      />
      <details>
        <summary>Whole report</summary>
        <Document of={of} label="Whole report" />
      </details>
    </Stack>
  );
};

type Incident = Result<'listIncidents'>['incidents'][number];

const Incidents = () => {
  const project = useProject();
  const incidents = useAsk('listIncidents', { params: { project } }, { every: 15_000 });
  return (
    <Part title="Incidents">
      <Answered of={incidents} what="incidents">
        {({ incidents: all }) => (
          <Rows
            label="Incidents"
            rows={all}
            keyOf={({ id }) => id}
            none="None has been opened."
            columns={[
              { title: 'What', show: ({ title }) => title },
              { title: 'Kind', show: ({ kind }) => kind },
              { title: 'Severity', show: ({ severity }) => severity, isNumber: true },
              { title: 'State', show: ({ state }) => <State of={state} /> },
              { title: 'Opened', show: ({ openedAt }) => <When at={openedAt} /> },
              { title: 'Do', show: (incident) => <Handling incident={incident} /> },
            ]}
          />
        )}
      </Answered>
    </Part>
  );
};

const Handling = ({ incident: { id, state, title, resolution } }: { readonly incident: Incident }) => {
  const project = useProject();
  const role = useRole();
  const acknowledge = useDo('acknowledgeIncident');
  const resolve = useDo('resolveIncident');
  const [open, setOpen] = useState(false);
  const [said, setSaid] = useState('');
  if (state === 'resolved') return <Text size="sm">{resolution}</Text>;
  if (!mayRead(role) || role === 'viewer') return null;
  const params = { project, incident: id };
  return (
    <Group gap="xs">
      {state === 'open' && (
        <Button
          size="xs"
          variant="default"
          loading={acknowledge.isPending}
          onClick={() => acknowledge.mutate({ params })}
        >
          I look at it
        </Button>
      )}
      <Button size="xs" variant="default" onClick={() => setOpen(true)}>
        Resolve
      </Button>
      {acknowledge.isError && <Failed error={acknowledge.error} />}
      <Modal opened={open} onClose={() => setOpen(false)} title={title}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            resolve.mutate({ params, body: { resolution: said } }, { onSuccess: () => setOpen(false) });
          }}
        >
          <Stack>
            <TextInput
              label="What it was, and what has been done"
              required
              data-autofocus
              value={said}
              onChange={(event) => setSaid(event.currentTarget.value)}
            />
            {resolve.isError && <Failed error={resolve.error} />}
            <Button type="submit" loading={resolve.isPending}>
              Resolve
            </Button>
          </Stack>
        </form>
      </Modal>
    </Group>
  );
};

const AlertRules = () => {
  const project = useProject();
  const rules = useAsk('listAlertRules', { params: { project } }, { every: 15_000 });
  const silence = useDo('silenceAlertRule');
  return (
    <Part title="Alert rules">
      <Answered of={rules} what="alert rules">
        {({ rules: all }) => (
          <Stack gap="sm">
            <Rows
              label="Alert rules"
              rows={all}
              keyOf={({ id }) => id}
              none="No rule yet. Make one over the API with createAlertRule."
              columns={[
                { title: 'Rule', show: ({ name }) => name },
                { title: 'State', show: ({ state }) => <State of={state.condition} /> },
                {
                  title: 'Value',
                  show: ({ state: { value } }) => (value === null ? '' : shown(value)),
                  isNumber: true,
                },
                { title: 'Of', show: ({ state: { n } }) => n.toLocaleString(), isNumber: true },
                {
                  title: 'Silent',
                  show: ({ id, silencedUntil }) =>
                    silencedUntil !== null ? (
                      <>
                        until <When at={silencedUntil} />
                      </>
                    ) : (
                      <Button
                        size="xs"
                        variant="default"
                        loading={silence.isPending}
                        onClick={() =>
                          silence.mutate({
                            params: { project, rule: id },
                            body: { until: new Date(Date.now() + hour).toISOString() },
                          })
                        }
                      >
                        For an hour
                      </Button>
                    ),
                },
              ]}
            />
            {silence.isError && <Failed error={silence.error} />}
          </Stack>
        )}
      </Answered>
    </Part>
  );
};
