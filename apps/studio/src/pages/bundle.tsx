/** @file A bundle: what it is made of, and its way to production, each step with what still stands in its way. */
import { Button, Code, Group, Select, Stack, Text, ThemeIcon, Timeline } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useParams } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useAsk, useDo } from '../api.ts';
import { brief } from '../chart/series.ts';
import { mayManage, useProject, useRole } from '../shell/session.ts';
import { Answered, Failed, Page, Waiting } from '../shell/states.tsx';
import { Document, Part, State, To, When } from '../shell/words.tsx';
import { between, percent } from './monitoring/rating.tsx';
import { Confirmed } from './roll-outs/confirmed.tsx';
import { nameOfBundle } from './roll-outs/names.ts';
import { PromoteBundle } from './roll-outs/promote.tsx';

type Found = Result<'getBundle'>;
type Records = Found['records'];

export const BundlePage = () => {
  const project = useProject();
  const { bundle } = useParams({ strict: false }) as { bundle: string };
  const found = useAsk('getBundle', { params: { project, bundle } }, { every: 10_000 });
  return (
    <Answered of={found} what="the bundle">
      {({ bundle: of, records, deployments }) => (
        <Page
          title={nameOfBundle(of)}
          about={
            <Group gap="xs" component="span">
              <State of={of.state} />
              <span>
                made <When at={of.createdAt} /> by {of.createdBy}
                {deployments.length > 0 && `, serves in ${deployments.join(', ')}`}
              </span>
            </Group>
          }
        >
          <Text size="sm">
            <To path="roll-outs">All roll-outs</To>
          </Text>
          <Way of={of} records={records} deployments={deployments} />
          <Part title="Made of">
            <Stack gap={4}>
              <Text size="sm">
                <To path={`models/${of.rewardModel}`}>Reward model</To>
              </Text>
              {of.policy !== null && (
                <Text size="sm">
                  <To path={`models/${of.policy}`}>Policy</To>
                </Text>
              )}
              {of.reference !== null && (
                <Text size="sm">
                  <To path={`models/${of.reference}`}>Reference</To>
                </Text>
              )}
            </Stack>
          </Part>
          <Part title="Guardrails">
            <Document of={of.guardrails} label="Guardrails" />
          </Part>
          <Card bundle={of.id} />
        </Page>
      )}
    </Answered>
  );
};

const newest = (records: Records, kind: Records[number]['kind']) =>
  records
    .filter((record) => record.kind === kind)
    .toSorted((a, b) => (String(a.createdAt) < String(b.createdAt) ? 1 : -1))[0];

const Way = ({
  of,
  records,
  deployments,
}: {
  readonly of: Found['bundle'];
  readonly records: Records;
  readonly deployments: readonly string[];
}) => {
  const project = useProject();
  const role = useRole();
  const settings = useAsk('getProject', { params: { project } });
  const fourEyes = settings.data?.settings.fourEyes === true;
  const evaluation = newest(records, 'evaluation');
  const parity = newest(records, 'parity');
  const approvals = records.filter(({ kind }) => kind === 'approval');
  const isApproved = approvals.some(({ actor }) => actor !== of.createdBy);
  const isReproduced = parity?.document.passed === true;
  return (
    <Part title="Its way to production">
      <Timeline bulletSize={24} lineWidth={2} active={evaluation ? (isReproduced ? 2 : 0) : -1}>
        <Step isDone={evaluation !== undefined} title="Evaluated">
          {evaluation ? (
            <Evaluated document={evaluation.document} at={evaluation.createdAt} />
          ) : (
            <Text size="sm">Nothing serves that has not been evaluated on people's judgements.</Text>
          )}
          {mayManage(role) && (of.state === 'draft' || of.state === 'rolled_back') && (
            <Evaluate bundle={of.id} />
          )}
        </Step>
        <Step isDone={isReproduced} title="Golden scores reproduced">
          {parity ? (
            <Text size="sm">
              {isReproduced
                ? 'This installation says what was said'
                : 'This installation says something else'}
              : the largest of {String(parity.document.items)} differences is{' '}
              {brief(Number(parity.document.largest))} standard deviations, where{' '}
              {brief(Number(parity.document.tolerance))} passes. <When at={parity.createdAt} />
            </Text>
          ) : (
            <Text size="sm">
              They are reproduced before it gets any request; a check beforehand takes seconds.
            </Text>
          )}
          {mayManage(role) && evaluation && <CheckParity bundle={of.id} />}
        </Step>
        <Step
          isDone={isApproved || !fourEyes}
          title={fourEyes ? 'Approved by somebody else' : 'Approved, where one likes'}
        >
          {approvals.map(({ id, actor, document, createdAt }) => (
            <Text size="sm" key={id}>
              {actor}: {String(document.reason ?? '')} <When at={createdAt} />
            </Text>
          ))}
          {approvals.length === 0 && (
            <Text size="sm">
              {fourEyes
                ? 'This project asks that somebody other than its maker approves a bundle.'
                : 'This project does not ask for it.'}
            </Text>
          )}
          <Approve bundle={of.id} />
        </Step>
        <Step isDone={of.state === 'production'} title="In production">
          <Text size="sm">
            {deployments.length > 0
              ? `${of.state === 'production' ? 'In' : `As a ${of.state} in`} ${deployments.join(', ')}.`
              : 'Promote it here at once, or start a shadow or a canary on the page of roll-outs.'}
          </Text>
          {mayManage(role) && (
            <Group gap="xs" mt="xs">
              {evaluation && of.state !== 'retired' && <PromoteBundle bundle={of.id} />}
              {deployments.length === 0 && of.state !== 'retired' && <Retire bundle={of.id} />}
            </Group>
          )}
        </Step>
      </Timeline>
    </Part>
  );
};

const Step = ({
  isDone,
  title,
  children,
}: {
  readonly isDone: boolean;
  readonly title: string;
  readonly children: ReactNode;
}) => (
  <Timeline.Item
    title={`${title}${isDone ? '' : ' (not yet)'}`}
    bullet={
      <ThemeIcon size={24} radius="xl" variant={isDone ? 'filled' : 'default'} aria-hidden="true">
        {isDone ? '✓' : ''}
      </ThemeIcon>
    }
  >
    <Stack gap={6} align="start">
      {children}
    </Stack>
  </Timeline.Item>
);

const Evaluated = ({
  document,
  at,
}: {
  readonly document: Readonly<Record<string, unknown>>;
  readonly at: unknown;
}) => {
  const { accuracy, interval, comparisons, alsoTrainedOn } = document;
  if (typeof accuracy !== 'number' || !Array.isArray(interval))
    return <Document of={document} label="Evaluation" />;
  return (
    <Text size="sm">
      It sides with people in {percent(accuracy)} of {Number(comparisons).toLocaleString()} comparisons (
      {between(interval as unknown as readonly [number, number], percent)} at 95 %). <When at={at} />
      {Number(alsoTrainedOn) > 0 &&
        ` ${Number(alsoTrainedOn).toLocaleString()} judgements of that snapshot were trained on too: that flatters it.`}
    </Text>
  );
};

const Evaluate = ({ bundle }: { readonly bundle: string }) => {
  const project = useProject();
  const snapshots = useAsk('listSnapshots', { params: { project } });
  const evaluate = useDo('evaluateBundle');
  const [chosen, setChosen] = useState<string | null>(null);
  const all = snapshots.data?.snapshots ?? [];
  return (
    <>
      <Group align="end">
        <Select
          label="On the judgements of the snapshot"
          placeholder={all.length === 0 ? 'There is none yet' : 'Choose one'}
          data={all.map(({ id, tags, rows }) => ({
            value: id,
            label: `${tags[0] ?? id.slice(0, 10)}, ${rows.toLocaleString()} rows`,
          }))}
          value={chosen}
          onChange={setChosen}
        />
        <Button
          disabled={chosen === null}
          loading={evaluate.isPending}
          onClick={() =>
            chosen !== null && evaluate.mutate({ params: { project, bundle }, body: { snapshot: chosen } })
          }
        >
          Evaluate
        </Button>
      </Group>
      {evaluate.isPending && <Waiting what="Its models are loaded and score up to 200 comparisons" />}
      {evaluate.isError && <Failed error={evaluate.error} />}
    </>
  );
};

const CheckParity = ({ bundle }: { readonly bundle: string }) => {
  const project = useProject();
  const check = useDo('checkBundleParity');
  return (
    <>
      <Button
        size="xs"
        variant="default"
        loading={check.isPending}
        onClick={() => check.mutate({ params: { project, bundle } })}
      >
        Check now
      </Button>
      {check.isPending && <Waiting what="Its models are loaded and score the golden set" />}
      {check.isError && <Failed error={check.error} />}
    </>
  );
};

const Approve = ({ bundle }: { readonly bundle: string }) => {
  const project = useProject();
  const role = useRole();
  const approve = useDo('approveBundle');
  if (!mayManage(role) && role !== 'reviewer') return null;
  return (
    <Confirmed
      label="Approve"
      title="Approve this bundle"
      about="Who made a bundle cannot approve it."
      variant="default"
      size="xs"
      isPending={approve.isPending}
      error={approve.error}
      onConfirm={(reason, done) =>
        approve.mutate({ params: { project, bundle }, body: { reason } }, { onSuccess: done })
      }
    />
  );
};

const Retire = ({ bundle }: { readonly bundle: string }) => {
  const project = useProject();
  const retire = useDo('retireBundle');
  return (
    <>
      <Button
        variant="default"
        loading={retire.isPending}
        onClick={() => retire.mutate({ params: { project, bundle } })}
      >
        Retire
      </Button>
      {retire.isError && <Failed error={retire.error} />}
    </>
  );
};

const Card = ({ bundle }: { readonly bundle: string }) => {
  const project = useProject();
  const card = useAsk('getBundleCard', { params: { project, bundle } });
  return (
    <Part title="Card">
      <Answered of={card} what="the card">
        {({ markdown }) => (
          <Code block tabIndex={0} role="group" aria-label="Card" mah={420} style={{ overflow: 'auto' }}>
            {markdown}
          </Code>
        )}
      </Answered>
    </Part>
  );
};
