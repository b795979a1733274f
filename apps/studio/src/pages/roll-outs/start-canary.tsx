/** @file Starting a canary: the bundle, the shares it gets one after the other, and what it must not make worse. */
import {
  Box,
  Button,
  Group,
  Modal,
  NumberInput,
  Select,
  SimpleGrid,
  Slider,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useDo } from '../../api.ts';
import { useProject } from '../../shell/session.ts';
import { Failed, Waiting } from '../../shell/states.tsx';
import { type Bundle, type Deployment, nameOfBundle } from './names.ts';

const steps = [1, 5, 10, 25, 50, 100];

export const StartCanary = ({
  deployment: { name, revision, bundle, canary: present },
  bundles,
}: {
  readonly deployment: Deployment;
  readonly bundles: readonly Bundle[];
}) => {
  const project = useProject();
  const navigate = useNavigate();
  const start = useDo('startRollOut');
  const [open, setOpen] = useState(false);
  const [canary, setCanary] = useState<string | null>(null);
  const [first, setFirst] = useState(0);
  const [minutes, setMinutes] = useState(60);
  const [units, setUnits] = useState(200);
  const [margin, setMargin] = useState(0);
  const [slower, setSlower] = useState(50);
  const [reason, setReason] = useState('');
  const candidates = bundles.filter(
    ({ id, state }) => id !== bundle && (state === 'evaluated' || state === 'shadow'),
  );
  const judgeOf = (id: string | null) => bundles.find((one) => one.id === id)?.rewardModel;
  const sameJudge = canary !== null && judgeOf(canary) === judgeOf(bundle);
  const guardrails = [
    // Rewards of two reward models are on two scales; production's scores both then.
    ...(sameJudge || margin > 0 ? [{ metric: 'reward', margin, action: 'roll_back' } as const] : []),
    { metric: 'milliseconds', margin: slower, action: 'pause' } as const,
    { metric: 'failures', tolerated: 1, action: 'roll_back' } as const,
    { metric: 'incidents', tolerated: 1, action: 'roll_back' } as const,
  ];
  return (
    <>
      <Button
        variant="default"
        disabled={present !== null}
        title={present === null ? undefined : 'One is under way'}
        onClick={() => setOpen(true)}
      >
        Start a canary
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} size="lg" title={`A canary in ${name}`}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (!canary) return;
            const plan = {
              steps: steps.slice(first).map((share) => share / 100),
              minutes,
              units,
              guardrails,
            };
            start.mutate(
              { params: { project }, body: { deployment: name, canary, after: revision, reason, plan } },
              {
                onSuccess: ({ id }) =>
                  void navigate({
                    to: '/p/$project/roll-outs/$rollOut',
                    params: { project, rollOut: id },
                  }),
              },
            );
          }}
        >
          <Stack>
            <Select
              label="Bundle"
              description={
                candidates.length === 0
                  ? 'No bundle is evaluated: open one below and evaluate it first.'
                  : 'Evaluated ones can be tried. Its golden scores are reproduced before it gets any request.'
              }
              required
              data={candidates.map((one) => ({ value: one.id, label: nameOfBundle(one) }))}
              value={canary}
              onChange={setCanary}
            />
            <div>
              <Text size="sm" fw={500}>
                Share to begin with: {steps[first]} %
              </Text>
              <Box px="md">
                <Slider
                  min={0}
                  max={steps.length - 2}
                  step={1}
                  label={null}
                  value={first}
                  onChange={setFirst}
                  thumbLabel="Share to begin with"
                  marks={steps.slice(0, -1).map((share, value) => ({ value, label: `${share} %` }))}
                  mb="lg"
                />
              </Box>
              <Text size="sm" c="dimmed">
                Then {steps.slice(first + 1).join(', ')} %, each after its minutes and units. It is rolled
                back where failures or safety incidents become more frequent.
              </Text>
            </div>
            <SimpleGrid cols={{ base: 1, xs: 2 }}>
              <NumberInput
                label="Minutes of a step, at least"
                min={0}
                value={minutes}
                onChange={(value) => typeof value === 'number' && setMinutes(value)}
              />
              <NumberInput
                label="Units of a step, at least"
                description="Users, or prompts where users are not told."
                min={2}
                value={units}
                onChange={(value) => typeof value === 'number' && setUnits(value)}
              />
              <NumberInput
                label="Reward may be lower by"
                description={sameJudge ? 'Rolls back beyond it.' : 'Of production’s reward model.'}
                min={0}
                step={0.05}
                value={margin}
                onChange={(value) => typeof value === 'number' && setMargin(value)}
              />
              <NumberInput
                label="May be slower by, milliseconds"
                description="Pauses beyond it."
                min={0}
                value={slower}
                onChange={(value) => typeof value === 'number' && setSlower(value)}
              />
            </SimpleGrid>
            <TextInput
              label="Reason"
              required
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            {start.isPending && <Waiting what="Its models are loaded, and its golden scores reproduced" />}
            {start.isError && <Failed error={start.error} />}
            <Group>
              <Button type="submit" loading={start.isPending} disabled={canary === null}>
                Start
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
};
