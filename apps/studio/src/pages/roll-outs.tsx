/** @file Roll-outs: which bundle serves, what is on its way, and the button that takes the last change back. */
import { Button, Group, Modal, Progress, Select, Slider, Stack, Text, TextInput } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useState } from 'react';
import { useAsk, useDo } from '../api.ts';
import { Rows } from '../shell/rows.tsx';
import { mayManage, useProject, useRole } from '../shell/session.ts';
import { Answered, Command, Empty, Failed, Page } from '../shell/states.tsx';
import { Document, Part, State, To, When } from '../shell/words.tsx';

type Deployment = Result<'listDeployments'>['deployments'][number];
type Bundle = Result<'listBundles'>['bundles'][number];

const percent = (share: number): string => `${Math.round(100 * share)} %`;

export const RollOuts = () => {
  const project = useProject();
  const deployments = useAsk('listDeployments', { params: { project } }, { every: 5000 });
  const bundles = useAsk('listBundles', { params: { project } }, { every: 5000 });
  const rollOuts = useAsk('listRollOuts', { params: { project } }, { every: 5000 });
  const nameOf = (id: string | null): string => {
    const bundle = bundles.data?.bundles.find((one) => one.id === id);
    return bundle ? `${bundle.name} ${bundle.version}` : id === null ? 'none' : id.slice(-10);
  };
  return (
    <Page
      title="Roll-outs"
      about="A bundle is a reward model, a policy, its reference and its guardrails as one. It goes live in steps and comes back in one."
    >
      <Answered of={deployments} what="deployments">
        {({ deployments: all }) =>
          all.length === 0 ? (
            <Empty title="Nothing is deployed yet">
              Make a bundle of a reward model and promote it:
              <Command>plaudit model promote support@1 --deployment live</Command>
            </Empty>
          ) : (
            <Stack gap="lg">
              {all.map((deployment) => (
                <DeploymentCard
                  key={deployment.name}
                  deployment={deployment}
                  nameOf={nameOf}
                  bundles={bundles.data?.bundles ?? []}
                />
              ))}
            </Stack>
          )
        }
      </Answered>
      <Part title="Canaries">
        <Answered of={rollOuts} what="roll-outs">
          {({ rollOuts: all }) => (
            <Rows
              label="Canaries"
              rows={all}
              keyOf={({ id }) => id}
              none="No canary has been started yet."
              columns={[
                { title: 'Deployment', show: ({ deployment }) => deployment },
                { title: 'Canary', show: ({ canary }) => nameOf(canary) },
                { title: 'State', show: ({ status }) => <State of={status} /> },
                { title: 'By', show: ({ actor }) => actor },
                { title: 'Begun', show: ({ startedAt }) => <When at={startedAt} /> },
                { title: 'Steering', show: ({ id, status }) => <Steering id={id} status={status} /> },
              ]}
            />
          )}
        </Answered>
      </Part>
      <Part title="Bundles">
        <Answered of={bundles} what="bundles">
          {({ bundles: all }) => (
            <Rows
              label="Bundles"
              rows={all}
              keyOf={({ id }) => id}
              none="No bundle yet."
              columns={[
                { title: 'Bundle', show: ({ name, version }) => `${name} ${version}` },
                { title: 'State', show: ({ state }) => <State of={state} /> },
                {
                  title: 'Reward model',
                  show: ({ rewardModel }) => <To path={`models/${rewardModel}`}>open</To>,
                },
                { title: 'By', show: ({ createdBy }) => createdBy },
                { title: 'Changed', show: ({ updatedAt }) => <When at={updatedAt} /> },
              ]}
            />
          )}
        </Answered>
      </Part>
    </Page>
  );
};

const DeploymentCard = ({
  deployment,
  nameOf,
  bundles,
}: {
  readonly deployment: Deployment;
  readonly nameOf: (id: string | null) => string;
  readonly bundles: readonly Bundle[];
}) => {
  const role = useRole();
  const { name, revision, bundle, shadow, canary, canaryShare, actor, reason, createdAt, evidence } =
    deployment;
  return (
    <Part title={name}>
      <Stack gap="sm">
        <Text>
          <b>{nameOf(bundle)}</b> serves
          {canary !== null && (
            <>
              {' '}
              {percent(1 - canaryShare)} of requests, <b>{nameOf(canary)}</b> {percent(canaryShare)}
            </>
          )}
          {shadow !== null && (
            <>
              ; <b>{nameOf(shadow)}</b> sees all of them in the shadow
            </>
          )}
          .
        </Text>
        {canary !== null && (
          <Progress.Root size="lg" aria-label="Share of the canary">
            <Progress.Section
              value={100 * canaryShare}
              aria-label={`The canary serves ${percent(canaryShare)} of requests`}
            />
          </Progress.Root>
        )}
        <Text size="sm" c="dimmed">
          Revision {revision} by {actor}, <When at={createdAt} />: {reason}
        </Text>
        {mayManage(role) && (
          <Group>
            <RollBack deployment={deployment} />
            <StartCanary deployment={deployment} bundles={bundles} />
          </Group>
        )}
        {Object.keys(evidence).length > 0 && (
          <details>
            <summary>Evidence for this revision</summary>
            <Document of={evidence} label="Evidence" />
          </details>
        )}
      </Stack>
    </Part>
  );
};

const RollBack = ({ deployment: { name, revision } }: { readonly deployment: Deployment }) => {
  const project = useProject();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const back = useDo('rollBackDeployment');
  return (
    <>
      <Button color="red.8" onClick={() => setOpen(true)} disabled={revision < 2}>
        Roll back
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={`Roll back ${name}`}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            back.mutate(
              { params: { project, deployment: name }, body: { after: revision, reason } },
              { onSuccess: () => setOpen(false) },
            );
          }}
        >
          <Stack>
            <Text size="sm">What served before serves again, at once and without a dropped request.</Text>
            <TextInput
              label="Reason"
              required
              data-autofocus
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            {back.isError && <Failed error={back.error} />}
            <Button type="submit" color="red.8" loading={back.isPending}>
              Roll back
            </Button>
          </Stack>
        </form>
      </Modal>
    </>
  );
};

const steps = [1, 5, 10, 25, 50, 100];

const StartCanary = ({
  deployment: { name, revision, bundle },
  bundles,
}: {
  readonly deployment: Deployment;
  readonly bundles: readonly Bundle[];
}) => {
  const project = useProject();
  const [open, setOpen] = useState(false);
  const [canary, setCanary] = useState<string | null>(null);
  const [first, setFirst] = useState(0);
  const [reason, setReason] = useState('');
  const start = useDo('startRollOut');
  const candidates = bundles.filter(
    ({ id, state }) => id !== bundle && (state === 'evaluated' || state === 'shadow' || state === 'canary'),
  );
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        Start a canary
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={`A canary in ${name}`}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (canary)
              start.mutate(
                {
                  params: { project },
                  body: {
                    deployment: name,
                    canary,
                    after: revision,
                    reason,
                    plan: { steps: steps.slice(first).map((share) => share / 100) },
                  },
                },
                { onSuccess: () => setOpen(false) },
              );
          }}
        >
          <Stack>
            <Select
              label="Bundle"
              description="Evaluated ones can be tried."
              required
              data={candidates.map(({ id, name: of, version }) => ({ value: id, label: `${of} ${version}` }))}
              value={canary}
              onChange={setCanary}
            />
            <div>
              <Text size="sm" fw={500}>
                Share to begin with: {steps[first]} %
              </Text>
              <Slider
                min={0}
                max={steps.length - 1}
                step={1}
                label={null}
                value={first}
                onChange={setFirst}
                thumbLabel="Share to begin with"
                marks={steps.map((share, value) => ({ value, label: `${share} %` }))}
                mb="lg"
              />
            </div>
            <TextInput
              label="Reason"
              required
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            {start.isError && <Failed error={start.error} />}
            <Button type="submit" loading={start.isPending} disabled={canary === null}>
              Start
            </Button>
          </Stack>
        </form>
      </Modal>
    </>
  );
};

const Steering = ({ id, status }: { readonly id: string; readonly status: string }) => {
  const project = useProject();
  const role = useRole();
  const pause = useDo('pauseRollOut');
  const resume = useDo('resumeRollOut');
  if (!mayManage(role) || (status !== 'running' && status !== 'paused')) return null;
  const act = status === 'running' ? pause : resume;
  return (
    <>
      <Button
        size="xs"
        variant="default"
        loading={act.isPending}
        onClick={() => act.mutate({ params: { project, rollOut: id } })}
      >
        {status === 'running' ? 'Pause' : 'Go on'}
      </Button>
      {act.isError && <Failed error={act.error} />}
    </>
  );
};
