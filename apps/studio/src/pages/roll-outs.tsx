/** @file Roll-outs: which bundle serves, what is on its way, and the bundles that could. */
import { Button, Group, Stack } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useAsk } from '../api.ts';
import { Rows } from '../shell/rows.tsx';
import { mayManage, useProject, useRole } from '../shell/session.ts';
import { Answered, Command, Empty, Page } from '../shell/states.tsx';
import { Part, State, To, When } from '../shell/words.tsx';
import { DeploymentCard } from './roll-outs/deployment-card.tsx';
import { nameOfBundle, namesOf } from './roll-outs/names.ts';

const every = 5000;

export const RollOuts = () => {
  const project = useProject();
  const role = useRole();
  const navigate = useNavigate();
  const deployments = useAsk('listDeployments', { params: { project } }, { every });
  const bundles = useAsk('listBundles', { params: { project } }, { every });
  const rollOuts = useAsk('listRollOuts', { params: { project } }, { every });
  const known = bundles.data?.bundles ?? [];
  const nameOf = namesOf(known);
  const underWay = (rollOuts.data?.rollOuts ?? []).filter(
    ({ status }) => status === 'running' || status === 'paused',
  );
  return (
    <Page
      title="Roll-outs"
      about="A bundle is a reward model, a policy, its reference and its guardrails as one. It goes live in steps and comes back in one."
      actions={
        mayManage(role) && (
          <Button
            onClick={() => void navigate({ to: '/p/$project/roll-outs/bundles/new', params: { project } })}
          >
            Make a bundle
          </Button>
        )
      }
    >
      <Answered of={deployments} what="deployments">
        {({ deployments: all }) =>
          all.length === 0 ? (
            <Empty title="Nothing is deployed yet">
              Make a bundle of a reward model, evaluate it, and promote it, here or from a terminal:
              <Command>plaudit model promote --help</Command>
            </Empty>
          ) : (
            <Stack gap="lg">
              {all.map((deployment) => (
                <DeploymentCard
                  key={deployment.name}
                  deployment={deployment}
                  nameOf={nameOf}
                  bundles={known}
                  rollOut={underWay.find((one) => one.deployment === deployment.name)}
                />
              ))}
            </Stack>
          )
        }
      </Answered>
      <Part title="Bundles">
        <Answered of={bundles} what="bundles">
          {({ bundles: all }) => (
            <Rows
              label="Bundles"
              rows={all}
              keyOf={({ id }) => id}
              none="No bundle yet."
              columns={[
                {
                  title: 'Bundle',
                  show: (bundle) => <To path={`roll-outs/bundles/${bundle.id}`}>{nameOfBundle(bundle)}</To>,
                  by: nameOfBundle,
                },
                {
                  title: 'State',
                  show: ({ state, taintedBy }) => (
                    <Group gap={4}>
                      <State of={state} />
                      {taintedBy !== null && <State of="erased data" />}
                    </Group>
                  ),
                  by: ({ state }) => state,
                },
                {
                  title: 'Reward model',
                  show: ({ rewardModel }) => <To path={`models/${rewardModel}`}>open</To>,
                },
                {
                  title: 'Policy',
                  show: ({ policy }) => policy !== null && <To path={`models/${policy}`}>open</To>,
                },
                { title: 'By', show: ({ createdBy }) => createdBy, by: ({ createdBy }) => createdBy },
                {
                  title: 'Changed',
                  show: ({ updatedAt }) => <When at={updatedAt} />,
                  by: ({ updatedAt }) => String(updatedAt),
                },
              ]}
            />
          )}
        </Answered>
      </Part>
      <Part title="Canaries">
        <Answered of={rollOuts} what="canaries">
          {({ rollOuts: all }) => (
            <Rows
              label="Canaries"
              rows={all}
              keyOf={({ id }) => id}
              none="No canary has been started yet."
              columns={[
                {
                  title: 'Canary',
                  show: ({ id, canary }) => <To path={`roll-outs/${id}`}>{nameOf(canary)}</To>,
                },
                {
                  title: 'Deployment',
                  show: ({ deployment }) => deployment,
                  by: ({ deployment }) => deployment,
                },
                { title: 'State', show: ({ status }) => <State of={status} />, by: ({ status }) => status },
                { title: 'By', show: ({ actor }) => actor, by: ({ actor }) => actor },
                {
                  title: 'Begun',
                  show: ({ startedAt }) => <When at={startedAt} />,
                  by: ({ startedAt }) => String(startedAt),
                },
                { title: 'Ended', show: ({ endedAt }) => <When at={endedAt} /> },
              ]}
            />
          )}
        </Answered>
      </Part>
    </Page>
  );
};
