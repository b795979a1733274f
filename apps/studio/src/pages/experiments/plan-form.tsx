/** @file The plan of an experiment: arms, what decides, and how many units the least effect that matters takes. */
import {
  Button,
  Checkbox,
  Group,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useAsk, useDo } from '../../api.ts';
import { useProject } from '../../shell/session.ts';
import { Failed } from '../../shell/states.tsx';

interface Arm {
  readonly name: string;
  readonly deployment: string | null;
}

export const PlanForm = () => {
  const project = useProject();
  const navigate = useNavigate();
  const create = useDo('createExperiment');
  const datasets = useAsk('listDatasets', { params: { project } });
  const [name, setName] = useState('');
  const [arms, setArms] = useState<readonly Arm[]>([
    { name: 'control', deployment: null },
    { name: 'treatment', deployment: null },
  ]);
  const [metric, setMetric] = useState('');
  const [better, setBetter] = useState<'up' | 'down'>('up');
  const [covariate, setCovariate] = useState(true);
  const [correlation, setCorrelation] = useState(0);
  const [effect, setEffect] = useState(0.1);
  const [secondary, setSecondary] = useState<string[]>([]);
  const [segments, setSegments] = useState<string[]>([]);
  const [duels, setDuels] = useState<string | null>(null);
  const size = useSize(effect, arms.length, covariate ? correlation : 0);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate(
          {
            params: { project },
            body: {
              name,
              plan: {
                arms: arms.map((arm) => ({
                  name: arm.name,
                  ...(arm.deployment !== null && { deployment: arm.deployment }),
                })),
                primary: { name: metric, better, covariate },
                secondary: secondary.map((one) => ({ name: one })),
                segments,
                ...(size !== null && { units: Math.max(100, size.units) }),
                ...(duels !== null && { duels: { dataset: duels } }),
              },
            },
          },
          {
            onSuccess: ({ id }) =>
              void navigate({
                to: '/p/$project/experiments/$experiment',
                params: { project, experiment: id },
              }),
          },
        );
      }}
    >
      <Stack gap="md">
        <TextInput
          label="Name"
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Arms arms={arms} onChange={setArms} />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput
            label="Metric that decides"
            description="As your program records it, such as solved."
            required
            value={metric}
            onChange={(event) => setMetric(event.currentTarget.value)}
          />
          <Select
            label="Better is"
            description="The direction that you hope for."
            data={[
              { value: 'up', label: 'more' },
              { value: 'down', label: 'less' },
            ]}
            value={better}
            allowDeselect={false}
            onChange={(value) => setBetter(value as 'up' | 'down')}
          />
        </SimpleGrid>
        <Checkbox
          label="Use a covariate of the units (CUPED)"
          description="A number known before the experiment, such as the same metric last month: it makes the intervals narrower."
          checked={covariate}
          onChange={(event) => setCovariate(event.currentTarget.checked)}
        />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <NumberInput
            label="Least effect that matters"
            description="In standard deviations of the metric."
            required
            min={0.001}
            max={10}
            step={0.01}
            value={effect}
            onChange={(value) => typeof value === 'number' && setEffect(value)}
          />
          <NumberInput
            label="Correlation with the covariate"
            description="From old data; 0 where it is not known."
            disabled={!covariate}
            min={0}
            max={0.99}
            step={0.1}
            value={correlation}
            onChange={(value) => typeof value === 'number' && setCorrelation(value)}
          />
        </SimpleGrid>
        <Text size="sm" role="status">
          {size === null
            ? 'How many units it takes is computed from the effect.'
            : `It takes about ${size.units.toLocaleString()} units in all to see that effect four times of five, looked at on every day; ${size.lookedAtOnce.toLocaleString()} if it were looked at once.`}
        </Text>
        <TagsInput
          label="Other metrics"
          description="Corrected for their number; they decide nothing. Press Enter after each."
          value={secondary}
          onChange={setSecondary}
        />
        <TagsInput
          label="Segments"
          description="Names of what is looked at apart, such as language. Press Enter after each."
          value={segments}
          onChange={setSegments}
        />
        <Select
          label="Win rate from the comparisons of"
          description="A dataset whose comparisons name the arms of both responses (armA, armB)."
          placeholder="No dataset"
          clearable
          data={(datasets.data?.datasets ?? []).map((one) => one.name)}
          value={duels}
          onChange={setDuels}
        />
        {create.isError && <Failed error={create.error} />}
        <Group>
          <Button type="submit" loading={create.isPending}>
            Make a draft
          </Button>
        </Group>
      </Stack>
    </form>
  );
};

/** Milliseconds after the last key before the server is asked. */
const quiet = 300;

const useSize = (effect: number, arms: number, correlation: number) => {
  const project = useProject();
  const [asked] = useDebouncedValue({ effect, arms, correlation }, quiet);
  const size = useAsk(
    'experimentSize',
    { params: { project }, query: asked },
    { enabled: asked.effect >= 0.001 && asked.arms >= 2 },
  );
  return size.data ?? null;
};

const Arms = ({
  arms,
  onChange,
}: {
  readonly arms: readonly Arm[];
  readonly onChange: (arms: readonly Arm[]) => void;
}) => {
  const project = useProject();
  const deployments = useAsk('listDeployments', { params: { project } });
  return (
    <Stack gap="xs">
      {arms.map((arm, at) => (
        <Group key={at} align="end">
          <TextInput
            label={at === 0 ? 'Control' : `Arm ${at + 1}`}
            required
            flex={1}
            miw={140}
            value={arm.name}
            onChange={(event) => onChange(arms.with(at, { ...arm, name: event.currentTarget.value }))}
          />
          <Select
            label="Served by"
            placeholder="Your program knows"
            clearable
            flex={1}
            miw={140}
            data={(deployments.data?.deployments ?? []).map((one) => one.name)}
            value={arm.deployment}
            onChange={(value) => onChange(arms.with(at, { ...arm, deployment: value }))}
          />
          {arms.length > 2 && at > 0 && (
            <Button
              variant="default"
              aria-label={`Remove arm ${at + 1}`}
              onClick={() => onChange(arms.toSpliced(at, 1))}
            >
              Remove
            </Button>
          )}
        </Group>
      ))}
      {arms.length < 10 && (
        <Group>
          <Button
            size="xs"
            variant="default"
            onClick={() => onChange([...arms, { name: `treatment ${arms.length}`, deployment: null }])}
          >
            Add an arm
          </Button>
        </Group>
      )}
    </Stack>
  );
};
