/** @file Runs: what was trained and evaluated, and several beside each other. */
import { Button, Checkbox, Group, Select, Stack, Text } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useState } from 'react';
import { useAsk } from '../api.ts';
import { shown } from '../chart/series.ts';
import { Rows } from '../shell/rows.tsx';
import { useProject } from '../shell/session.ts';
import { Answered, Command, Empty, Page } from '../shell/states.tsx';
import { Part, State, To, When } from '../shell/words.tsx';

const states = ['waiting', 'running', 'finished', 'failed', 'stopped'] as const;

export const Runs = () => {
  const project = useProject();
  const [state, setState] = useState<(typeof states)[number] | null>(null);
  const [picked, setPicked] = useState<readonly string[]>([]);
  const runs = useAsk(
    'listRuns',
    { params: { project }, query: { ...(state && { state }) } },
    { every: 5000 },
  );
  return (
    <Page
      title="Runs"
      about="Each run keeps its configuration, its inputs, its curves and what it made. Choose two or more to compare."
    >
      <Answered of={runs} what="runs">
        {({ runs: all }) =>
          all.length === 0 && state === null ? (
            <Empty title="No run yet">
              Train a reward model on a snapshot:
              <Command>plaudit reward train --dataset votes@v1</Command>
              Runs of other tools come here too, through MLflow's interface.
            </Empty>
          ) : (
            <>
              <Part title="All runs">
                <Stack gap="sm">
                  <Group align="end">
                    <Select
                      label="State"
                      placeholder="Any"
                      clearable
                      data={[...states]}
                      value={state}
                      onChange={(value) => setState(value as typeof state)}
                    />
                    {picked.length > 0 && (
                      <Button variant="default" onClick={() => setPicked([])}>
                        Compare none
                      </Button>
                    )}
                  </Group>
                  <Rows
                    label="Runs"
                    rows={all}
                    keyOf={({ id }) => id}
                    none="No run is in this state."
                    columns={[
                      {
                        title: 'Compare',
                        show: ({ id, name }) => (
                          <Checkbox
                            aria-label={`Compare ${name}`}
                            checked={picked.includes(id)}
                            onChange={({ currentTarget }) =>
                              setPicked(
                                currentTarget.checked ? [...picked, id] : picked.filter((one) => one !== id),
                              )
                            }
                          />
                        ),
                      },
                      { title: 'Name', show: ({ id, name }) => <To path={`runs/${id}`}>{name}</To> },
                      { title: 'Kind', show: ({ kind }) => kind },
                      { title: 'State', show: ({ state: of }) => <State of={of} /> },
                      { title: 'Begun', show: ({ createdAt }) => <When at={createdAt} /> },
                      { title: 'Took', show: ({ startedAt, endedAt }) => duration(startedAt, endedAt) },
                    ]}
                  />
                </Stack>
              </Part>
              {picked.length > 1 && <Comparison runs={picked} />}
            </>
          )
        }
      </Answered>
    </Page>
  );
};

export const duration = (from: string | null, to: string | null): string => {
  if (from === null) return '';
  const seconds = ((to === null ? Date.now() : Date.parse(to)) - Date.parse(from)) / 1000;
  if (seconds < 90) return `${shown(Math.max(0, seconds))} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${shown(seconds / 3600)} h`;
};

const Comparison = ({ runs }: { readonly runs: readonly string[] }) => {
  const project = useProject();
  const compared = useAsk('compareRuns', { params: { project }, query: { run: runs } });
  return (
    <Part title="Compared">
      <Answered of={compared} what="the comparison">
        {(answer) => <Compared answer={answer} />}
      </Answered>
    </Part>
  );
};

const told = (value: unknown): string =>
  value === null || value === undefined ? '' : typeof value === 'number' ? shown(value) : String(value);

const Compared = ({ answer: { runs, settings, metrics } }: { readonly answer: Result<'compareRuns'> }) => {
  const rows = [
    ...Object.entries(metrics).map(([name, values]) => ({ kind: 'metric', name, values })),
    ...Object.entries(settings).map(([name, values]) => ({ kind: 'setting', name, values })),
  ].map((row) => ({ ...row, differs: new Set(row.values.map((one) => JSON.stringify(one))).size > 1 }));
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        {rows.filter(({ differs }) => differs).length} of {rows.length} metrics and settings differ; they come
        first.
      </Text>
      <Rows
        label="Metrics and settings"
        rows={rows.sort((a, b) => Number(b.differs) - Number(a.differs))}
        keyOf={({ kind, name }) => `${kind} ${name}`}
        columns={[
          {
            title: 'Metric or setting',
            show: ({ name, differs }) => (
              <Text size="sm" fw={differs ? 600 : 400}>
                {name}
              </Text>
            ),
          },
          ...runs.map(({ name }, at) => ({
            title: runs.filter((run) => run.name === name).length > 1 ? `${name} (${at + 1})` : name,
            show: ({ values }: { readonly values: readonly unknown[] }) => told(values[at]),
            isNumber: true,
          })),
        ]}
      />
    </Stack>
  );
};
