/** @file Runs: what was trained and evaluated, several beside each other, and the form that starts one. */
import { Button, Checkbox, Group, Modal, Select, Stack } from '@mantine/core';
import { useState } from 'react';
import { useAsk } from '../api.ts';
import { useChoice, useChoices } from '../shell/address.ts';
import { Rows } from '../shell/rows.tsx';
import { mayManage, useProject, useRole } from '../shell/session.ts';
import { Answered, Command, Empty, Page } from '../shell/states.tsx';
import { Part, State, To, When } from '../shell/words.tsx';
import { Comparison } from './runs/comparison.tsx';
import { duration } from './runs/duration.ts';
import { StartRun } from './runs/start-run.tsx';

const states = ['waiting', 'running', 'finished', 'failed', 'stopped'] as const;
type RunState = (typeof states)[number];

export const Runs = () => {
  const project = useProject();
  const role = useRole();
  const [chosen, choose] = useChoice<string>('state', '');
  const [picked, setPicked] = useChoices('compare');
  const [open, setOpen] = useState(false);
  const state = states.find((one) => one === chosen);
  const runs = useAsk(
    'listRuns',
    { params: { project }, query: { limit: 500, ...(state && { state }) } },
    { every: 5000 },
  );
  return (
    <Page
      title="Runs"
      about="Each run keeps its configuration, its inputs, its curves and what it made. Choose two or more to compare."
      actions={mayManage(role) && <Button onClick={() => setOpen(true)}>Start a run</Button>}
    >
      <Answered of={runs} what="runs">
        {({ runs: all }) =>
          all.length === 0 && state === undefined ? (
            <Empty title="No run yet">
              Start one above on a snapshot, or train from a terminal:
              <Command>plaudit reward train --help</Command>
              Runs of other tools come here too, through MLflow's interface.
            </Empty>
          ) : (
            <>
              {picked.length > 1 && <Comparison runs={picked} />}
              <Part title="All runs">
                <Stack gap="sm">
                  <Group align="end">
                    <Select
                      label="State"
                      placeholder="Any"
                      clearable
                      data={[...states]}
                      value={state ?? null}
                      onChange={(value) => choose((value as RunState | null) ?? '')}
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
                      {
                        title: 'Name',
                        show: ({ id, name }) => <To path={`runs/${id}`}>{name}</To>,
                        by: ({ name }) => name,
                      },
                      { title: 'Kind', show: ({ kind }) => kind, by: ({ kind }) => kind },
                      {
                        title: 'State',
                        show: ({ state: of }) => <State of={of} />,
                        by: ({ state: of }) => of,
                      },
                      {
                        title: 'Begun',
                        show: ({ createdAt }) => <When at={createdAt} />,
                        by: ({ createdAt }) => createdAt,
                      },
                      { title: 'Took', show: ({ startedAt, endedAt }) => duration(startedAt, endedAt) },
                    ]}
                  />
                </Stack>
              </Part>
            </>
          )
        }
      </Answered>
      <Modal opened={open} onClose={() => setOpen(false)} size="lg" title="A new run">
        <StartRun />
      </Modal>
    </Page>
  );
};
