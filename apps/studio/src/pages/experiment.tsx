/** @file An experiment: its state, what it says so far, and whether that may be believed. */
import { Button, Group, Text } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useParams } from '@tanstack/react-router';
import { useAsk, useDo } from '../api.ts';
import { mayManage, useProject, useRole } from '../shell/session.ts';
import { Answered, Command, Empty, Failed, Page } from '../shell/states.tsx';
import { Document, Part, State, To, When } from '../shell/words.tsx';
import { Report } from './experiments/report.tsx';
import { Confirmed } from './roll-outs/confirmed.tsx';

type Experiment = Result<'getExperiment'>;

export const ExperimentPage = () => {
  const project = useProject();
  const { experiment } = useParams({ strict: false }) as { experiment: string };
  const found = useAsk('getExperiment', { params: { project, experiment } }, { every: 10_000 });
  return (
    <Answered of={found} what="the experiment">
      {(of) => (
        <Page
          title={of.name}
          about={
            <Group gap="xs" component="span">
              <State of={of.state} />
              <span>
                made <When at={of.createdAt} />
                {of.startedAt !== null && (
                  <>
                    , begun <When at={of.startedAt} />
                  </>
                )}
                {of.endedAt !== null && (
                  <>
                    , ended <When at={of.endedAt} />
                  </>
                )}
              </span>
            </Group>
          }
          actions={<Steering of={of} />}
        >
          <Text size="sm">
            <To path="experiments">All experiments</To>
          </Text>
          {of.conclusion !== null && typeof of.conclusion.reason === 'string' && (
            <Part title="Conclusion">
              <Text>{of.conclusion.reason}</Text>
            </Part>
          )}
          {of.state === 'draft' ? (
            <Empty title="It has not begun">
              Start it: from then on its plan stays as it is. Your program then asks which arm a unit is in,
              and says what came of it:
              <Command>{`POST /v1/projects/${project}/experiments/${of.id}/assign`}</Command>
              <Command>{`POST /v1/projects/${project}/experiments/${of.id}/outcomes`}</Command>
            </Empty>
          ) : (
            <Report experiment={of} />
          )}
          <Part title="Plan">
            <Document of={of.plan} label="Plan" />
          </Part>
        </Page>
      )}
    </Answered>
  );
};

const Steering = ({ of: { id, state } }: { readonly of: Experiment }) => {
  const project = useProject();
  const role = useRole();
  const start = useDo('startExperiment');
  const stop = useDo('stopExperiment');
  if (!mayManage(role) || state === 'stopped') return null;
  const params = { project, experiment: id };
  return (
    <>
      {state === 'draft' && (
        <Button loading={start.isPending} onClick={() => start.mutate({ params })}>
          Start
        </Button>
      )}
      {state === 'running' && (
        <Confirmed
          label="Stop"
          title="Stop the experiment"
          about="What it says now is its conclusion. It may be stopped at any time: its intervals hold at every look."
          variant="default"
          isPending={stop.isPending}
          error={stop.error}
          onConfirm={(reason, done) => stop.mutate({ params, body: { reason } }, { onSuccess: done })}
        />
      )}
      {start.isError && <Failed error={start.error} />}
    </>
  );
};
