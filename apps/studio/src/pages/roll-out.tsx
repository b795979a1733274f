/** @file A canary: where it is in its plan, what comes next and why, and how it compares with production over time. */
import { Alert, Box, Button, Group, SimpleGrid, Slider, Stack, Text } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useAsk, useDo } from '../api.ts';
import { Chart } from '../chart/chart.tsx';
import { brief } from '../chart/series.ts';
import { Rows } from '../shell/rows.tsx';
import { mayManage, useProject, useRole } from '../shell/session.ts';
import { Answered, Failed, Page } from '../shell/states.tsx';
import { Term } from '../shell/term.tsx';
import { Part, State, To, When } from '../shell/words.tsx';
import { tellTime } from './monitoring/range.ts';
import { Confirmed } from './roll-outs/confirmed.tsx';
import { namesOf, percentOf, type RollOut } from './roll-outs/names.ts';
import { metricNames, PlanWords, type RollOutPlan } from './roll-outs/plan-words.tsx';

type Look = NonNullable<Result<'getRollOut'>['look']>;
type Points = Result<'rollOutCourse'>['points'];

export const RollOutPage = () => {
  const project = useProject();
  const { rollOut } = useParams({ strict: false }) as { rollOut: string };
  const found = useAsk('getRollOut', { params: { project, rollOut } }, { every: 5000 });
  const bundles = useAsk('listBundles', { params: { project } });
  const nameOf = namesOf(bundles.data?.bundles ?? []);
  return (
    <Answered of={found} what="the canary">
      {({ rollOut: of, look }) => {
        const plan = of.plan as unknown as RollOutPlan;
        return (
          <Page
            title={`${nameOf(of.canary)} in ${of.deployment}`}
            about={
              <Group gap="xs" component="span">
                <State of={of.status} />
                <span>
                  begun <When at={of.startedAt} /> by {of.actor}
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
              <To path="roll-outs">All roll-outs</To>
            </Text>
            {look && <Now look={look} plan={plan} />}
            <Course rollOut={of.id} plan={plan} isOpen={look !== null} />
            <Part title="Plan">
              <PlanWords plan={plan} />
            </Part>
          </Page>
        );
      }}
    </Answered>
  );
};

const Steering = ({ of: { id, status, deployment, canary } }: { readonly of: RollOut }) => {
  const project = useProject();
  const role = useRole();
  const pause = useDo('pauseRollOut');
  const resume = useDo('resumeRollOut');
  const back = useDo('rollBackDeployment');
  const promote = useDo('promoteBundle');
  const current = useAsk('getDeployment', { params: { project, deployment } });
  if (!mayManage(role) || (status !== 'running' && status !== 'paused')) return null;
  const act = status === 'running' ? pause : resume;
  const after = current.data?.revision ?? 0;
  const to = { project, deployment };
  return (
    <>
      <Button
        variant="default"
        loading={act.isPending}
        onClick={() => act.mutate({ params: { project, rollOut: id } })}
      >
        {status === 'running' ? 'Pause' : 'Go on'}
      </Button>
      <Confirmed
        label="Promote now"
        title="Give it all of the traffic"
        about="The steps that are left are skipped. Its golden scores are reproduced first."
        variant="default"
        isPending={promote.isPending}
        error={promote.error}
        onConfirm={(reason, done) =>
          promote.mutate({ params: to, body: { after, reason, bundle: canary } }, { onSuccess: done })
        }
      />
      <Confirmed
        label="Roll back"
        title="Take the canary away"
        about="Production serves everything again, at once and without a dropped request."
        color="red.8"
        isPending={back.isPending}
        error={back.error}
        onConfirm={(reason, done) =>
          back.mutate({ params: to, body: { after, reason } }, { onSuccess: done })
        }
      />
      {act.isError && <Failed error={act.error} />}
    </>
  );
};

const nextOf = ({ kind, reason, share }: Look['decision']): string => {
  switch (kind) {
    case 'hold':
      return `It stays at this step: ${reason}.`;
    case 'advance':
      return `It goes on to ${percentOf(share ?? 0)} at the next look.`;
    case 'promote':
      return 'It takes all of the traffic at the next look.';
    case 'pause':
      return `It is paused at the next look: ${reason}.`;
    default:
      return `It is rolled back at the next look: ${reason}.`;
  }
};

const Now = ({
  look: { decision, guardrails, seen },
  plan,
}: {
  readonly look: Look;
  readonly plan: RollOutPlan;
}) => {
  const step = Math.max(0, plan.steps.indexOf(seen.share));
  const isBad = decision.kind === 'pause' || decision.kind === 'roll_back';
  return (
    <Part title="Now">
      <Stack gap="md">
        <Alert
          variant="outline"
          role="status"
          color={isBad ? 'red' : 'indigo'}
          title={`Step ${step + 1} of ${plan.steps.length}: ${percentOf(seen.share)} of requests`}
        >
          {nextOf(decision)}
        </Alert>
        <Box px="md">
          <Slider
            value={step}
            min={0}
            max={plan.steps.length - 1}
            step={1}
            label={null}
            disabled
            thumbLabel={`Step ${step + 1} of ${plan.steps.length}`}
            marks={plan.steps.map((share, value) => ({ value, label: percentOf(share) }))}
            mb="lg"
          />
        </Box>
        <Text size="sm">
          At this step the canary has answered {seen.canary.units.toLocaleString()} units of{' '}
          {plan.units.toLocaleString()} needed, production {seen.production.units.toLocaleString()}.
        </Text>
        <Rows
          label="Guardrails"
          rows={guardrails}
          keyOf={({ metric }) => metric}
          columns={[
            { title: 'Guardrail', show: ({ metric }) => metricNames[metric] ?? metric },
            {
              title: 'State',
              show: ({ crossed, evidence }) => (
                <State of={crossed ? 'crossed' : evidence === null ? 'too little data' : 'holds'} />
              ),
            },
            {
              title: 'Canary against production',
              isNumber: true,
              show: ({ metric, difference }) =>
                difference === null
                  ? 'cannot be said'
                  : metric === 'failures' || metric === 'incidents'
                    ? `${brief(difference)} times`
                    : `${difference > 0 ? '+' : ''}${brief(difference)}`,
            },
            {
              title: 'Effect',
              isNumber: true,
              show: ({ effect }) => effect !== null && `${brief(effect)} SD`,
            },
            {
              title: 'Evidence of harm',
              isNumber: true,
              show: ({ evidence, needed }) => (
                <Term means="Evidence that may be looked at at any time: what a bet on harm would have multiplied. It acts where it reaches what is needed, so that a harmless canary is hardly ever taken back.">
                  {evidence === null ? 'none' : brief(evidence)} of {brief(needed)}
                </Term>
              ),
            },
          ]}
        />
      </Stack>
    </Part>
  );
};

/** Evidence spans orders of magnitude. */
const magnitude = (value: number): number => Math.log10(Math.max(value, 1e-3));

const Course = ({
  rollOut,
  plan,
  isOpen,
}: {
  readonly rollOut: string;
  readonly plan: RollOutPlan;
  readonly isOpen: boolean;
}) => {
  const project = useProject();
  const course = useAsk('rollOutCourse', { params: { project, rollOut } }, isOpen ? { every: 30_000 } : {});
  return (
    <Answered of={course} what="its course">
      {({ points }) => <Curves points={points} plan={plan} />}
    </Answered>
  );
};

const Curves = ({ points, plan }: { readonly points: Points; readonly plan: RollOutPlan }) => {
  const curves = useMemo(
    () =>
      plan.guardrails.map(({ metric, margin }) => {
        const at = (pick: (of: Points[number]['guardrails'][number]) => object | null) =>
          points.flatMap((point) => {
            const found = point.guardrails.find((one) => one.metric === metric);
            const value = found ? pick(found) : null;
            return value
              ? [{ x: Date.parse(String(point.at)) / 1000, ...(value as { readonly y: number }) }]
              : [];
          });
        const bound = margin === undefined ? undefined : metric === 'reward' ? -margin : margin;
        return {
          metric,
          differences: at(({ difference, interval }) =>
            difference === null
              ? null
              : { y: difference, ...(interval && { low: interval[0], high: interval[1] }) },
          ),
          evidence: at(({ evidence }) => (evidence === null ? null : { y: magnitude(evidence) })),
          levels: [
            { name: 'no difference', y: bound === undefined ? 1 : 0 },
            ...(bound ? [{ name: 'guardrail', y: bound }] : []),
          ],
        };
      }),
    [points, plan],
  );
  const needed = points.at(-1)?.guardrails[0]?.needed;
  const evidence = useMemo(
    () => curves.map((of) => ({ name: metricNames[of.metric] ?? of.metric, points: of.evidence })),
    [curves],
  );
  const bounds = useMemo(
    () => (needed === undefined ? [] : [{ name: 'needed to act', y: magnitude(needed) }]),
    [needed],
  );
  if (points.length === 0)
    return (
      <Part title="Over time">
        <Text c="dimmed">Neither arm has answered anything yet.</Text>
      </Part>
    );
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }}>
      {curves.map(({ metric, differences, levels }) => (
        <Guarded key={metric} metric={metric} differences={differences} levels={levels} />
      ))}
      <Chart
        caption="Evidence of harm, in powers of ten"
        series={evidence}
        levels={bounds}
        xLabel="time"
        tellX={tellTime}
      />
    </SimpleGrid>
  );
};

const Guarded = ({
  metric,
  differences,
  levels,
}: {
  readonly metric: string;
  readonly differences: readonly { readonly x: number; readonly y: number }[];
  readonly levels: readonly { readonly name: string; readonly y: number }[];
}) => {
  const isRate = metric === 'failures' || metric === 'incidents';
  const series = useMemo(
    () => [{ name: isRate ? 'canary over production' : 'canary minus production', points: differences }],
    [differences, isRate],
  );
  return (
    <Chart
      caption={`${metricNames[metric] ?? metric}: ${isRate ? 'times as often as in production' : 'difference, with the interval that holds at every look'}`}
      series={series}
      levels={levels}
      xLabel="time"
      tellX={tellTime}
    />
  );
};
