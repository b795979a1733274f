/** @file Experiments: A/B comparisons with intervals that may be looked at at any time. */
import { Button, Modal } from '@mantine/core';
import { useState } from 'react';
import { useAsk } from '../api.ts';
import { Rows } from '../shell/rows.tsx';
import { mayManage, useProject, useRole } from '../shell/session.ts';
import { Answered, Empty, Page } from '../shell/states.tsx';
import { Part, State, To, When } from '../shell/words.tsx';
import { PlanForm } from './experiments/plan-form.tsx';

export const Experiments = () => {
  const project = useProject();
  const role = useRole();
  const experiments = useAsk('listExperiments', { params: { project } }, { every: 10_000 });
  const [open, setOpen] = useState(false);
  return (
    <Page
      title="Experiments"
      about="Arms that differ in one thing, people who are shared out by chance, and a difference with an interval that holds whenever one looks."
      actions={mayManage(role) && <Button onClick={() => setOpen(true)}>Plan an experiment</Button>}
    >
      <Answered of={experiments} what="experiments">
        {({ experiments: all }) =>
          all.length === 0 ? (
            <Empty title="No experiment yet">
              Plan one: its arms, the metric that decides, and the least effect that matters. From it comes
              how many units it takes.
            </Empty>
          ) : (
            <Part title="All experiments">
              <Rows
                label="Experiments"
                rows={all}
                keyOf={({ id }) => id}
                columns={[
                  {
                    title: 'Name',
                    show: ({ id, name }) => <To path={`experiments/${id}`}>{name}</To>,
                    by: ({ name }) => name,
                  },
                  { title: 'State', show: ({ state }) => <State of={state} />, by: ({ state }) => state },
                  {
                    title: 'Made',
                    show: ({ createdAt }) => <When at={createdAt} />,
                    by: ({ createdAt }) => String(createdAt),
                  },
                  { title: 'Begun', show: ({ startedAt }) => <When at={startedAt} /> },
                  { title: 'Ended', show: ({ endedAt }) => <When at={endedAt} /> },
                ]}
              />
            </Part>
          )
        }
      </Answered>
      <Modal opened={open} onClose={() => setOpen(false)} size="lg" title="A new experiment">
        <PlanForm />
      </Modal>
    </Page>
  );
};
