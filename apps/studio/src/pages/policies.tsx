/** @file Policies: those that were trained, and how reward and distance from the reference grow together while they are. */
import { Select, Stack } from '@mantine/core';
import { useAsk } from '../api.ts';
import { useChoice } from '../shell/address.ts';
import { useProject } from '../shell/session.ts';
import { Page } from '../shell/states.tsx';
import { Part, To } from '../shell/words.tsx';
import { OverOptimisation } from './models/policy-numbers.tsx';
import { ModelList } from './models.tsx';

export const Policies = () => (
  <Page
    title="Policies"
    about="Reward that rises while the gold reward, or people's agreement, falls is over-optimisation: stop before it, by distance from the reference."
  >
    <OfOneRun />
    <ModelList of="policy" />
  </Page>
);

const OfOneRun = () => {
  const project = useProject();
  const runs = useAsk('listRuns', { params: { project }, query: { kind: 'policy.train' } });
  const models = useAsk('listModels', { params: { project }, query: { role: 'policy' } });
  const training = runs.data?.runs ?? [];
  const [chosen, choose] = useChoice<string>('run', '');
  const run = training.find(({ id }) => id === chosen) ?? training[0];
  if (!run) return null;
  const made = models.data?.models.find((one) => one.run === run.id);
  return (
    <Part title="Over-optimisation">
      <Stack gap="md">
        <Select
          label="Run"
          maw={420}
          data={training.map(({ id, name, createdAt }) => ({
            value: id,
            label: `${name}, ${new Date(createdAt).toLocaleDateString()}`,
          }))}
          value={run.id}
          allowDeselect={false}
          onChange={(value) => choose(value!)}
        />
        <OverOptimisation run={run.id} card={made?.card ?? {}} />
        {made && <To path={`models/${made.id}`}>Its numbers, and what it writes now and wrote before</To>}
      </Stack>
    </Part>
  );
};
