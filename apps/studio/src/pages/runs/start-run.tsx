/** @file Starting a run: a reward model, a policy, a quick model taught by a thorough one, or judgements made of signals. */
import {
  Button,
  Checkbox,
  Group,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import type { Input, Result } from '@plaudit/sdk';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useAsk, useDo } from '../../api.ts';
import { useProject } from '../../shell/session.ts';
import { Failed } from '../../shell/states.tsx';

type Plan = NonNullable<Input<'startRun'>['body']>;
type Kind = Plan['kind'];
type Of<Name extends Kind> = Extract<Plan, { kind: Name }>;
type Model = Result<'listModels'>['models'][number];

const kinds: readonly { readonly value: Kind; readonly label: string; readonly about: string }[] = [
  {
    value: 'reward.train',
    label: 'Train a reward model',
    about: 'It learns what people prefer from the judgements of a snapshot.',
  },
  {
    value: 'policy.train',
    label: 'Train a policy',
    about: 'It learns to write what a reward model, or the judgements themselves, prefer.',
  },
  {
    value: 'reward.distil',
    label: 'Teach a quick reward model',
    about: 'A quick model learns to say what a thorough one says, and can answer in its place.',
  },
  {
    value: 'feedback.judgements',
    label: 'Make judgements of signals',
    about: 'What users did about what they were shown becomes judgements, under declared rules.',
  },
];

const methods: readonly Of<'policy.train'>['method'][] = [
  ...(['sft', 'dpo', 'simpo', 'cpo', 'orpo', 'kto', 'bco'] as const),
  ...(['ppo', 'rloo', 'reinforce', 'grpo', 'online-dpo', 'best-of-n'] as const),
];
/** They write responses and ask a reward model about them. */
const sampling = new Set<string>(['ppo', 'rloo', 'reinforce', 'grpo', 'online-dpo', 'best-of-n']);

/** All fields of all kinds; each kind takes its own. */
interface Draft {
  readonly kind: Kind;
  readonly name: string;
  readonly snapshot: string | null;
  readonly despiteGates: boolean;
  readonly seed: number;
  readonly model: 'linear' | 'probe' | 'transformer';
  readonly base: string;
  readonly members: number;
  readonly epochs: number | '';
  readonly learningRate: number | '';
  readonly method: Of<'policy.train'>['method'];
  readonly policy: string;
  readonly reward: string | null;
  readonly gold: string | null;
  readonly steps: number | '';
  readonly teacher: string | null;
  readonly dataset: string;
}

const empty: Draft = {
  ...{ kind: 'reward.train', name: '', snapshot: null, despiteGates: false, seed: 0 },
  ...{ model: 'linear', base: 'new', members: 1, epochs: '', learningRate: '', method: 'ppo', policy: 'new' },
  ...{ reward: null, gold: null, steps: '', teacher: null, dataset: 'signals' },
};

/** What the server takes; undefined while something is missing. */
const planOf = (draft: Draft): Plan | undefined => {
  const { kind, name, snapshot, despiteGates, seed, epochs, learningRate, steps } = draft;
  if (kind === 'feedback.judgements') return { kind, name, dataset: draft.dataset };
  if (snapshot === null) return undefined;
  const rates = { ...(epochs !== '' && { epochs }), ...(learningRate !== '' && { learningRate }) };
  const shared = { name, snapshot, despiteGates, seed };
  if (kind === 'reward.distil')
    return draft.teacher === null || draft.model === 'transformer'
      ? undefined
      : { kind, ...shared, teacher: draft.teacher, model: draft.model };
  if (kind === 'reward.train')
    return {
      ...{ kind, ...shared, model: draft.model },
      ...(draft.members > 1 && { members: draft.members }),
      ...(draft.model !== 'linear' && { settings: { base: draft.base, ...rates } }),
    };
  const samples = sampling.has(draft.method);
  if (samples && draft.reward === null) return undefined;
  return {
    ...{ kind, ...shared, method: draft.method, policy: draft.policy },
    ...(samples && draft.reward !== null && { reward: draft.reward }),
    ...(samples && draft.gold !== null && { gold: draft.gold }),
    settings: { ...rates, ...(samples && steps !== '' && { steps }) },
  };
};

export const StartRun = () => {
  const project = useProject();
  const navigate = useNavigate();
  const start = useDo('startRun');
  const snapshots = useAsk('listSnapshots', { params: { project } });
  const models = useAsk('listModels', { params: { project }, query: { limit: 1000 } });
  const [draft, setDraft] = useState(empty);
  const set = (change: Partial<Draft>): void => setDraft((before) => ({ ...before, ...change }));
  const plan = planOf(draft);
  const all = snapshots.data?.snapshots ?? [];
  const fails = all.find(({ id }) => id === draft.snapshot)?.blocking ?? [];
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (plan)
          start.mutate(
            { params: { project }, body: plan },
            {
              onSuccess: ({ id }) =>
                void navigate({ to: '/p/$project/runs/$run', params: { project, run: id } }),
            },
          );
      }}
    >
      <Stack gap="md">
        <Select
          label="What it does"
          description={kinds.find(({ value }) => value === draft.kind)!.about}
          data={kinds.map(({ value, label }) => ({ value, label }))}
          value={draft.kind}
          allowDeselect={false}
          onChange={(value) =>
            set({ kind: value as Kind, ...(value === 'reward.distil' && { model: 'linear' }) })
          }
        />
        <TextInput
          label="Name"
          description="Of the run, and of the model that it makes."
          required
          value={draft.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        {draft.kind === 'feedback.judgements' ? (
          <TextInput
            label="Into the dataset"
            required
            value={draft.dataset}
            onChange={(event) => set({ dataset: event.currentTarget.value })}
          />
        ) : (
          <>
            <Select
              label="Snapshot"
              required
              placeholder={all.length === 0 ? 'Make one on the page of data first' : 'Choose one'}
              data={all.map(({ id, tags, rows }) => ({
                value: id,
                label: `${tags[0] ?? id.slice(0, 10)}, ${rows.toLocaleString()} rows`,
              }))}
              value={draft.snapshot}
              onChange={(value) => set({ snapshot: value })}
            />
            {fails.length > 0 && (
              <Checkbox
                label={`Train although required gates fail: ${fails.join(', ')}`}
                description="The model's card says so."
                checked={draft.despiteGates}
                onChange={(event) => set({ despiteGates: event.currentTarget.checked })}
              />
            )}
          </>
        )}
        <Particulars draft={draft} set={set} models={models.data?.models ?? []} />
        {start.isError && <Failed error={start.error} />}
        <Group>
          <Button type="submit" loading={start.isPending} disabled={!plan}>
            Start
          </Button>
          <Text size="sm" c="dimmed">
            It runs apart from the server, goes on after a restart, and can be stopped and resumed.
          </Text>
        </Group>
      </Stack>
    </form>
  );
};

interface PartOfForm {
  readonly draft: Draft;
  readonly set: (change: Partial<Draft>) => void;
  readonly models: readonly Model[];
}

const choices = (models: readonly Model[], role: Model['role']) =>
  models
    .filter((one) => one.role === role)
    .map(({ id, name, version }) => ({ value: id, label: `${name}, version ${version}` }));

const Particulars = ({ draft, set, models }: PartOfForm) => {
  if (draft.kind === 'feedback.judgements') return null;
  return (
    <>
      {draft.kind === 'policy.train' ? (
        <OfPolicy draft={draft} set={set} models={models} />
      ) : (
        <OfReward draft={draft} set={set} models={models} />
      )}
      <SimpleGrid cols={{ base: 1, xs: 3 }}>
        <NumberInput
          label="Seed"
          min={0}
          value={draft.seed}
          onChange={(value) => typeof value === 'number' && set({ seed: value })}
        />
        {draft.kind !== 'reward.distil' && draft.model !== 'linear' && <Rates draft={draft} set={set} />}
      </SimpleGrid>
    </>
  );
};

const Rates = ({ draft, set }: Omit<PartOfForm, 'models'>) => (
  <>
    <NumberInput
      label="Epochs"
      placeholder="By itself"
      min={0.1}
      value={draft.epochs}
      onChange={(value) => set({ epochs: typeof value === 'number' ? value : '' })}
    />
    <NumberInput
      label="Learning rate"
      placeholder="By itself"
      min={0}
      max={1}
      step={0.0001}
      value={draft.learningRate}
      onChange={(value) => set({ learningRate: typeof value === 'number' ? value : '' })}
    />
  </>
);

const OfReward = ({ draft, set, models }: PartOfForm) => (
  <SimpleGrid cols={{ base: 1, xs: 2 }}>
    {draft.kind === 'reward.distil' && (
      <Select
        label="Teacher"
        required
        data={choices(models, 'reward')}
        value={draft.teacher}
        onChange={(value) => set({ teacher: value })}
      />
    )}
    <Select
      label="Kind of model"
      data={[
        { value: 'linear', label: 'linear: seconds, no download' },
        { value: 'probe', label: 'probe: a head on a frozen model' },
        ...(draft.kind === 'reward.train'
          ? [{ value: 'transformer', label: 'transformer: the most accurate' }]
          : []),
      ]}
      value={draft.model}
      allowDeselect={false}
      onChange={(value) => set({ model: value as Draft['model'] })}
    />
    {draft.kind === 'reward.train' && draft.model !== 'linear' && (
      <TextInput
        label="Base"
        description="new, hf:ORGANISATION/NAME or models/NAME"
        required
        value={draft.base}
        onChange={(event) => set({ base: event.currentTarget.value })}
      />
    )}
    {draft.kind === 'reward.train' && (
      <NumberInput
        label="Models of an ensemble"
        description="1 trains one alone."
        min={1}
        max={16}
        value={draft.members}
        onChange={(value) => typeof value === 'number' && set({ members: value })}
      />
    )}
  </SimpleGrid>
);

const OfPolicy = ({ draft, set, models }: PartOfForm) => {
  const samples = sampling.has(draft.method);
  const gold = { value: 'gold', label: 'the simulated support desk (gold)' };
  const policies = choices(models, 'policy');
  const isRegistered = policies.some(({ value }) => value === draft.policy);
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }}>
      <Select
        label="Method"
        description={
          samples ? 'It samples and asks a reward model.' : 'It learns from the judgements themselves.'
        }
        data={[...methods]}
        value={draft.method}
        allowDeselect={false}
        onChange={(value) => set({ method: value as Draft['method'] })}
      />
      <Select
        label="It starts from"
        description="A registered policy, or what is written below."
        clearable
        placeholder="What is written below"
        data={policies}
        value={isRegistered ? draft.policy : null}
        onChange={(value) => set({ policy: value ?? 'new' })}
      />
      {!isRegistered && (
        <TextInput
          label="Base"
          description="new, hf:ORGANISATION/NAME or models/NAME"
          required
          value={draft.policy}
          onChange={(event) => set({ policy: event.currentTarget.value })}
        />
      )}
      {samples && (
        <>
          <Select
            label="Reward"
            required
            data={[...choices(models, 'reward'), gold]}
            value={draft.reward}
            onChange={(value) => set({ reward: value })}
          />
          <Select
            label="Gold reward"
            description="Only looked at: it says when to stop."
            clearable
            data={[...choices(models, 'reward'), gold]}
            value={draft.gold}
            onChange={(value) => set({ gold: value })}
          />
          <NumberInput
            label="Rollouts"
            placeholder="By itself"
            min={1}
            value={draft.steps}
            onChange={(value) => set({ steps: typeof value === 'number' ? value : '' })}
          />
        </>
      )}
    </SimpleGrid>
  );
};
