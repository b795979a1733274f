/** @file Models: reward models, policies and references, by name and version. */
import { Select } from '@mantine/core';
import { useState } from 'react';
import { useAsk } from '../api.ts';
import { Rows } from '../shell/rows.tsx';
import { useProject } from '../shell/session.ts';
import { Answered, Command, Empty, Page } from '../shell/states.tsx';
import { Part, State, To, When } from '../shell/words.tsx';

type Role = 'reward' | 'policy' | 'reference';

export const ModelList = ({ of: role }: { readonly of?: Role | undefined }) => {
  const project = useProject();
  const models = useAsk('listModels', { params: { project }, query: { ...(role && { role }) } });
  return (
    <Answered of={models} what="models">
      {({ models: all }) =>
        all.length === 0 ? (
          <Empty title={role === 'policy' ? 'No policy yet' : 'No model yet'}>
            {role === 'policy'
              ? 'Train one against a reward model:'
              : 'A training run registers what it made:'}
            <Command>
              {role === 'policy'
                ? 'plaudit policy train --reward support@1'
                : 'plaudit reward train --dataset votes@v1'}
            </Command>
          </Empty>
        ) : (
          <Part title={role === 'policy' ? 'Policies' : 'All models'}>
            <Rows
              label="Models"
              rows={all}
              keyOf={({ id }) => id}
              columns={[
                {
                  title: 'Model',
                  show: ({ id, name, version }) => (
                    <To path={`models/${id}`}>{`${name}, version ${version}`}</To>
                  ),
                },
                { title: 'Role', show: (model) => model.role },
                { title: 'Kind', show: ({ card }) => (typeof card.kind === 'string' ? card.kind : '') },
                { title: 'Made', show: ({ createdAt }) => <When at={createdAt} /> },
                {
                  title: 'Data',
                  show: ({ taintedBy }) => (taintedBy === null ? 'as it was' : <State of="erased since" />),
                },
              ]}
            />
          </Part>
        )
      }
    </Answered>
  );
};

export const Models = () => {
  const [role, setRole] = useState<Role | null>(null);
  return (
    <Page
      title="Models"
      about="Each version with its card, the run that made it and the data behind it."
      actions={
        <Select
          aria-label="Role"
          placeholder="Any role"
          clearable
          data={['reward', 'policy', 'reference']}
          value={role}
          onChange={(value) => setRole(value as Role | null)}
        />
      }
    >
      <ModelList of={role ?? undefined} />
    </Page>
  );
};
