/** @file Models: reward models, policies and references, by name and version. */
import { Select } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useAsk } from '../api.ts';
import { useChoice } from '../shell/address.ts';
import { Rows } from '../shell/rows.tsx';
import { useProject } from '../shell/session.ts';
import { Answered, Command, Empty, Page } from '../shell/states.tsx';
import { Part, State, To, When } from '../shell/words.tsx';
import { measuresOf } from './models/card.ts';
import { percent } from './monitoring/rating.tsx';

type Model = Result<'listModels'>['models'][number];
type Role = 'reward' | 'policy' | 'reference';

const accuracyOf = ({ card }: Model): number | null =>
  measuresOf(card).find(({ name }) => name === 'Accuracy')?.value ?? null;

const accuracy = {
  show: (model: Model) => {
    const found = accuracyOf(model);
    return found !== null && percent(found);
  },
  by: accuracyOf,
};

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
              {role === 'policy' ? 'plaudit policy train --help' : 'plaudit reward train --help'}
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
                { title: 'Role', show: (model) => model.role, by: (model) => model.role },
                ...(role === 'policy' ? [] : [{ title: 'Accuracy', isNumber: true, ...accuracy }]),
                { title: 'Kind', show: ({ card }) => (typeof card.kind === 'string' ? card.kind : '') },
                {
                  title: 'Made',
                  show: ({ createdAt }) => <When at={createdAt} />,
                  by: ({ createdAt }) => createdAt,
                },
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
  const [chosen, choose] = useChoice<Role | ''>('role', '');
  const role = chosen === '' ? null : chosen;
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
          onChange={(value) => choose((value as Role | null) ?? '')}
        />
      }
    >
      <ModelList of={role ?? undefined} />
    </Page>
  );
};
