/** @file Making a bundle: a reward model, a policy and its reference, and guardrails, versioned as one. */
import { Button, Group, Select, SimpleGrid, Stack, TextInput } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useAsk, useDo } from '../api.ts';
import { useChoice } from '../shell/address.ts';
import { useProject } from '../shell/session.ts';
import { Answered, Command, Empty, Failed, Page } from '../shell/states.tsx';
import { Part } from '../shell/words.tsx';
import { type Guardrails, GuardrailsEditor, isValid } from './roll-outs/guardrails.tsx';

type Model = Result<'listModels'>['models'][number];

const choicesOf = (models: readonly Model[], roles: readonly Model['role'][]) =>
  models
    .filter(({ role }) => roles.includes(role))
    .map(({ id, name, version, taintedBy }) => ({
      value: id,
      label: `${name}, version ${version}${taintedBy === null ? '' : ' (erased data)'}`,
    }));

export const NewBundle = () => {
  const project = useProject();
  const models = useAsk('listModels', { params: { project }, query: { limit: 1000 } });
  return (
    <Page
      title="Make a bundle"
      about="What serves together is versioned together. A name that is there gets its next version."
    >
      <Answered of={models} what="models">
        {({ models: all }) =>
          all.some(({ role }) => role === 'reward') ? (
            <BundleForm models={all} />
          ) : (
            <Empty title="No reward model yet">
              A bundle needs one. Train it on the page of runs, or add one from a terminal:
              <Command>plaudit model --help</Command>
            </Empty>
          )
        }
      </Answered>
    </Page>
  );
};

const BundleForm = ({ models }: { readonly models: readonly Model[] }) => {
  const project = useProject();
  const navigate = useNavigate();
  const create = useDo('createBundle');
  const [given] = useChoice<string>('reward', '');
  const [name, setName] = useState('');
  const [rewardModel, setRewardModel] = useState<string | null>(given === '' ? null : given);
  const [policy, setPolicy] = useState<string | null>(null);
  const [reference, setReference] = useState<string | null>(null);
  const [guardrails, setGuardrails] = useState<Guardrails>({});
  return (
    <Part title="Bundle">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (rewardModel === null) return;
          create.mutate(
            {
              params: { project },
              body: {
                ...{ name, rewardModel, guardrails },
                ...(policy !== null && { policy }),
                ...(reference !== null && { reference }),
              },
            },
            {
              onSuccess: ({ id }) =>
                void navigate({
                  to: '/p/$project/roll-outs/bundles/$bundle',
                  params: { project, bundle: id },
                }),
            },
          );
        }}
      >
        <Stack gap="md">
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <TextInput
              label="Name"
              description="Such as the product that it answers for."
              required
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Select
              label="Reward model"
              description="It brings its own normaliser."
              required
              searchable
              data={choicesOf(models, ['reward'])}
              value={rewardModel}
              onChange={setRewardModel}
            />
            <Select
              label="Policy"
              description="Without one it scores and ranks only."
              clearable
              searchable
              data={choicesOf(models, ['policy'])}
              value={policy}
              onChange={setPolicy}
            />
            <Select
              label="Reference"
              description="What the policy is kept near to."
              clearable
              searchable
              data={choicesOf(models, ['reference', 'policy'])}
              value={reference}
              onChange={setReference}
            />
          </SimpleGrid>
          <GuardrailsEditor of={guardrails} onChange={setGuardrails} />
          {create.isError && <Failed error={create.error} />}
          <Group>
            <Button
              type="submit"
              loading={create.isPending}
              disabled={rewardModel === null || !isValid(guardrails)}
            >
              Make it
            </Button>
          </Group>
        </Stack>
      </form>
    </Part>
  );
};
