/** @file Monitoring: what is served, how it has drifted, signs of hacking, people beside the model, incidents and alerts. */
import { Alert, Group, SegmentedControl, Select, Stack, Tabs } from '@mantine/core';
import { useMemo } from 'react';
import { useAsk } from '../api.ts';
import { useChoice } from '../shell/address.ts';
import { useProject } from '../shell/session.ts';
import { Answered, Command, Empty, Page } from '../shell/states.tsx';
import { To } from '../shell/words.tsx';
import { AlertRules } from './monitoring/alert-rules.tsx';
import { Drift } from './monitoring/drift.tsx';
import { Hacking } from './monitoring/hacking.tsx';
import { Incidents } from './monitoring/incidents.tsx';
import { People } from './monitoring/people.tsx';
import { after, fixedReferences, rangeOf, ranges } from './monitoring/range.ts';
import { Reviews } from './monitoring/reviews.tsx';
import { Served } from './monitoring/served.tsx';

const views = [
  { value: 'served', label: 'Served' },
  { value: 'drift', label: 'Drift' },
  { value: 'hacking', label: 'Signs of hacking' },
  { value: 'people', label: 'People' },
  { value: 'alerts', label: 'Incidents and alerts' },
] as const;
type View = (typeof views)[number]['value'];

export const Monitoring = () => {
  const project = useProject();
  const [view, setView] = useChoice<View>('view', 'served');
  const deployments = useAsk('listDeployments', { params: { project } });
  const open = useAsk('listIncidents', { params: { project }, query: { state: 'open' } }, { every: 15_000 });
  const count = open.data?.incidents.length ?? 0;
  return (
    <Page
      title="Monitoring"
      about="What is served now against a window before it. Differences have a size and a count: few requests prove little."
    >
      {count > 0 && view !== 'alerts' && (
        <Alert
          color="red"
          variant="outline"
          role="status"
          title={`${count} open ${count === 1 ? 'incident' : 'incidents'}`}
        >
          <To path="monitoring" search={{ view: 'alerts' }}>
            Look at what was found
          </To>
        </Alert>
      )}
      <Tabs value={view} onChange={(value) => setView((value ?? 'served') as View)} keepMounted={false}>
        <Tabs.List mb="lg" aria-label="What is looked at">
          {views.map(({ value, label }) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="alerts">
          <Stack gap="lg">
            <Incidents />
            <Reviews />
            <AlertRules deployments={deployments.data?.deployments.map(({ name }) => name) ?? []} />
          </Stack>
        </Tabs.Panel>
        {views
          .filter(({ value }) => value !== 'alerts')
          .map(({ value }) => (
            <Tabs.Panel key={value} value={value}>
              <Answered of={deployments} what="deployments">
                {({ deployments: all }) =>
                  all.length === 0 ? (
                    <Empty title="Nothing is watched yet">
                      Monitoring starts with the first deployment:
                      <Command>plaudit model promote --help</Command>
                    </Empty>
                  ) : (
                    <Watched view={value} deployments={all.map(({ name }) => name)} />
                  )
                }
              </Answered>
            </Tabs.Panel>
          ))}
      </Tabs>
    </Page>
  );
};

const Watched = ({ view, deployments }: { readonly view: View; readonly deployments: readonly string[] }) => {
  const [chosen, setDeployment] = useChoice<string>('deployment', deployments[0]!);
  const [hours, setHours] = useChoice<string>('hours', '168');
  const deployment = deployments.includes(chosen) ? chosen : deployments[0]!;
  const project = useProject();
  const rules = useAsk('listAlertRules', { params: { project } });
  const fixed = useMemo(() => fixedReferences(rules.data?.rules ?? [], deployment), [rules.data, deployment]);
  // Whoever wrote a reference into a rule meant that time.
  const [against, setAgainst] = useChoice<string>('against', fixed[0]?.id ?? 'before');
  const compares = view === 'drift' || view === 'hacking';
  const { range, reference } = useMemo(() => {
    const now = rangeOf(Number(hours));
    const chosenTime = fixed.find(({ id }) => id === against);
    return compares && chosenTime
      ? { range: after(now, chosenTime), reference: { ...now, from: chosenTime.from, to: chosenTime.to } }
      : { range: now, reference: rangeOf(Number(hours), Number(hours)) };
  }, [hours, fixed, against, compares]);
  return (
    <Stack gap="lg">
      <Group align="end">
        <Select
          label="Deployment"
          data={[...deployments]}
          value={deployment}
          allowDeselect={false}
          onChange={(value) => setDeployment(value!)}
        />
        <SegmentedControl aria-label="Window" data={ranges} value={hours} onChange={setHours} />
        {compares && fixed.length > 0 && (
          <Select
            label="Against"
            data={[
              { value: 'before', label: 'The window before it' },
              ...fixed.map(({ id, name }) => ({ value: id, label: `The reference of “${name}”` })),
            ]}
            value={fixed.some(({ id }) => id === against) ? against : 'before'}
            allowDeselect={false}
            w={360}
            maw="100%"
            onChange={(value) => setAgainst(value!)}
          />
        )}
      </Group>
      {view === 'served' && <Served deployment={deployment} range={range} />}
      {view === 'drift' && <Drift deployment={deployment} range={range} reference={reference} />}
      {view === 'hacking' && <Hacking deployment={deployment} range={range} reference={reference} />}
      {view === 'people' && <People deployment={deployment} range={range} />}
    </Stack>
  );
};
