/** @file A deployment: what serves under its name, how it came to that, and the buttons that change it. */
import { Group, Progress, Select, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useAsk, useDo } from '../../api.ts';
import { Rows } from '../../shell/rows.tsx';
import { mayManage, useProject, useRole } from '../../shell/session.ts';
import { Answered } from '../../shell/states.tsx';
import { Document, Part, To, When } from '../../shell/words.tsx';
import { Confirmed } from './confirmed.tsx';
import { type Bundle, type Deployment, nameOfBundle, percentOf, type RollOut } from './names.ts';
import { ShadowComparison } from './shadow-comparison.tsx';
import { StartCanary } from './start-canary.tsx';

interface DeploymentCardProps {
  readonly deployment: Deployment;
  readonly nameOf: (id: string | null) => string;
  readonly bundles: readonly Bundle[];
  /** The roll-out that is under way. */
  readonly rollOut: RollOut | undefined;
}

export const DeploymentCard = ({ deployment, nameOf, bundles, rollOut }: DeploymentCardProps) => {
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
              {percentOf(1 - canaryShare)} of requests, <b>{nameOf(canary)}</b> {percentOf(canaryShare)}
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
              aria-label={`The canary serves ${percentOf(canaryShare)} of requests`}
            />
          </Progress.Root>
        )}
        {rollOut && <To path={`roll-outs/${rollOut.id}`}>How the canary does</To>}
        <Text size="sm" c="dimmed">
          Revision {revision} by {actor}, <When at={createdAt} />: {reason}
        </Text>
        {mayManage(role) && (
          <Group>
            <RollBack deployment={deployment} />
            <StartCanary deployment={deployment} bundles={bundles} />
            <Shadow deployment={deployment} bundles={bundles} />
          </Group>
        )}
        {shadow !== null && <ShadowComparison deployment={name} />}
        <details>
          <summary>History</summary>
          <History deployment={name} nameOf={nameOf} />
        </details>
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

const RollBack = ({ deployment: { name, revision, canary } }: { readonly deployment: Deployment }) => {
  const project = useProject();
  const back = useDo('rollBackDeployment');
  return (
    <Confirmed
      label="Roll back"
      title={`Roll back ${name}`}
      about={
        canary === null
          ? 'The last good bundle serves again, at once and without a dropped request, after it has reproduced its golden scores.'
          : 'The canary is taken away at once; production serves everything again.'
      }
      color="red.8"
      disabled={revision < 2}
      isPending={back.isPending}
      error={back.error}
      onConfirm={(reason, done) =>
        back.mutate(
          { params: { project, deployment: name }, body: { after: revision, reason } },
          { onSuccess: done },
        )
      }
    />
  );
};

const Shadow = ({
  deployment: { name, revision, bundle, shadow, canary },
  bundles,
}: Pick<DeploymentCardProps, 'deployment' | 'bundles'>) => {
  const project = useProject();
  const set = useDo('setShadow');
  const [chosen, setChosen] = useState<string | null>(null);
  const candidates = bundles.filter(
    ({ id, state }) => id !== bundle && id !== canary && state === 'evaluated',
  );
  return (
    <Confirmed
      label={shadow === null ? 'Start a shadow' : 'End the shadow'}
      title={shadow === null ? `A shadow of ${name}` : `End the shadow of ${name}`}
      about="A shadow scores every response that production scores; nobody gets its answers."
      variant="default"
      isPending={set.isPending}
      error={set.error}
      onConfirm={(reason, done) => {
        const next = shadow === null ? chosen : null;
        if (shadow !== null || next !== null)
          set.mutate(
            { params: { project, deployment: name }, body: { after: revision, reason, bundle: next } },
            { onSuccess: done },
          );
      }}
    >
      {shadow === null && (
        <Select
          label="Bundle"
          description={
            candidates.length === 0 ? 'No other bundle is evaluated.' : 'Evaluated ones can be tried.'
          }
          required
          data={candidates.map((one) => ({ value: one.id, label: nameOfBundle(one) }))}
          value={chosen}
          onChange={setChosen}
        />
      )}
    </Confirmed>
  );
};

const History = ({
  deployment,
  nameOf,
}: {
  readonly deployment: string;
  readonly nameOf: (id: string | null) => string;
}) => {
  const project = useProject();
  const history = useAsk('deploymentHistory', { params: { project, deployment } });
  return (
    <Answered of={history} what="the history">
      {({ revisions }) => (
        <Rows
          label={`History of ${deployment}`}
          rows={revisions}
          keyOf={({ revision }) => String(revision)}
          columns={[
            {
              title: 'Revision',
              show: ({ revision }) => revision,
              isNumber: true,
              by: ({ revision }) => revision,
            },
            { title: 'Production', show: ({ bundle }) => nameOf(bundle) },
            {
              title: 'Canary',
              show: ({ canary, canaryShare }) =>
                canary === null ? '' : `${nameOf(canary)}, ${percentOf(canaryShare)}`,
            },
            { title: 'By', show: ({ actor }) => actor, by: ({ actor }) => actor },
            { title: 'Why', show: ({ reason }) => reason },
            {
              title: 'When',
              show: ({ createdAt }) => <When at={createdAt} />,
              by: ({ createdAt }) => String(createdAt),
            },
          ]}
        />
      )}
    </Answered>
  );
};
