/** @file What was served: rewards, traffic, lengths and incidents over time, by arm, and how fast the error budget is spent. */
import { Alert, Group, NumberInput, SegmentedControl, SimpleGrid, Stack, Text } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useMemo, useState } from 'react';
import { useAsk } from '../../api.ts';
import { Chart } from '../../chart/chart.tsx';
import { brief } from '../../chart/series.ts';
import { Rows } from '../../shell/rows.tsx';
import { useProject } from '../../shell/session.ts';
import { Answered, Empty } from '../../shell/states.tsx';
import { Term } from '../../shell/term.tsx';
import { Part, State } from '../../shell/words.tsx';
import { type Range, tellTime } from './range.ts';
import { between, percent, TooFew } from './rating.tsx';

type Bucket = Result<'rewardsOverTime'>['buckets'][number];

const every = 30_000;

const seriesOf = (
  all: readonly Bucket[],
  pick: (bucket: Bucket) => number | null,
  bandOf?: (bucket: Bucket) => readonly [number, number] | null,
) =>
  [...Map.groupBy(all, ({ arm }) => arm)].map(([name, of]) => ({
    name,
    points: of.flatMap((bucket) => {
      const y = pick(bucket);
      const band = bandOf?.(bucket);
      if (y === null) return [];
      return [{ x: Date.parse(String(bucket.at)) / 1000, y, ...(band && { low: band[0], high: band[1] }) }];
    }),
  }));

/** First and third quartile. */
const middleHalf = ({ quantiles }: Bucket): readonly [number, number] | null => {
  if (!quantiles || quantiles.length < 3) return null;
  const at = (share: number): number => quantiles[Math.round(share * (quantiles.length - 1))]!;
  return [at(0.25), at(0.75)];
};

export const Served = ({ deployment, range }: { readonly deployment: string; readonly range: Range }) => {
  const project = useProject();
  const { from, to, seconds } = range;
  const rewards = useAsk(
    'rewardsOverTime',
    { params: { project, deployment }, query: { from, to, seconds } },
    { every },
  );
  const curves = useMemo(() => {
    const all = rewards.data?.buckets ?? [];
    return {
      rewards: seriesOf(all, ({ meanReward }) => meanReward, middleHalf),
      responses: seriesOf(all, ({ responses }) => responses),
      lengths: seriesOf(all, ({ meanLength }) => meanLength),
      incidents: seriesOf(all, ({ incidents, responses }) => (responses > 0 ? incidents / responses : null)),
    };
  }, [rewards.data]);
  return (
    <Stack gap="lg">
      <Answered of={rewards} what="rewards over time">
        {({ buckets: all }) =>
          all.length === 0 ? (
            <Empty title="No request in this window">Choose a longer one, or send the first request.</Empty>
          ) : (
            <SimpleGrid cols={{ base: 1, lg: 2 }}>
              <Chart
                caption="Mean reward, with the middle half of the rewards"
                series={curves.rewards}
                xLabel="time"
                tellX={tellTime}
              />
              <Chart caption="Responses" series={curves.responses} xLabel="time" tellX={tellTime} />
              <Chart
                caption="Mean length, in characters"
                series={curves.lengths}
                xLabel="time"
                tellX={tellTime}
              />
              <Chart
                caption="Safety incidents per response"
                series={curves.incidents}
                xLabel="time"
                tellX={tellTime}
              />
            </SimpleGrid>
          )
        }
      </Answered>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Safety deployment={deployment} range={range} />
        <ErrorBudget deployment={deployment} />
      </SimpleGrid>
    </Stack>
  );
};

const Safety = ({
  deployment,
  range: { from, to },
}: {
  readonly deployment: string;
  readonly range: Range;
}) => {
  const project = useProject();
  const safety = useAsk('safetyIncidents', { params: { project, deployment }, query: { from, to } });
  return (
    <Part title="Safety incidents">
      <Answered of={safety} what="safety incidents">
        {({ arms }) => (
          <Rows
            label="Safety incidents"
            rows={arms}
            keyOf={({ arm, bundle }) => `${arm} ${bundle}`}
            none="No request in this window."
            columns={[
              { title: 'Arm', show: ({ arm }) => arm },
              { title: 'Incidents', show: ({ incidents }) => incidents, isNumber: true },
              { title: 'Responses', show: ({ responses }) => responses.toLocaleString(), isNumber: true },
              {
                title: 'Rate',
                show: ({ rate }) => (rate.enough ? percent(rate.rate) : 'no responses'),
                isNumber: true,
              },
              {
                title: '95 % interval',
                show: ({ rate }) => rate.enough && between(rate.interval, percent),
              },
            ]}
          />
        )}
      </Answered>
    </Part>
  );
};

const ErrorBudget = ({ deployment }: { readonly deployment: string }) => {
  const project = useProject();
  const [promised, setPromised] = useState(99.9);
  const [bad, setBad] = useState<'failures' | 'incidents'>('failures');
  const budget = useAsk(
    'errorBudget',
    { params: { project, deployment }, query: { objective: promised / 100, bad } },
    { every },
  );
  return (
    <Part title="Error budget">
      <Stack gap="sm">
        <Group align="end">
          <NumberInput
            label="Promised, % of responses"
            w={180}
            min={50}
            max={99.999}
            step={0.1}
            decimalScale={3}
            value={promised}
            onChange={(value) => typeof value === 'number' && value > 0 && value < 100 && setPromised(value)}
          />
          <SegmentedControl
            aria-label="What counts against it"
            data={[
              { value: 'failures', label: 'Failures' },
              { value: 'incidents', label: 'Safety incidents' },
            ]}
            value={bad}
            onChange={(value) => setBad(value as 'failures' | 'incidents')}
          />
        </Group>
        <Answered of={budget} what="the error budget">
          {(found) =>
            found.enough ? (
              <Stack gap="sm">
                {found.urgency === 'none' ? (
                  <Text size="sm">No pair of windows burns: the budget lasts its 30 days.</Text>
                ) : (
                  <Alert
                    role="status"
                    variant="outline"
                    color={found.urgency === 'page' ? 'red' : 'yellow'}
                    title={
                      found.urgency === 'page'
                        ? 'It burns so fast that somebody should be woken'
                        : 'It burns faster than it lasts: look at it in working hours'
                    }
                  />
                )}
                <Rows
                  label="Burn rates"
                  rows={found.pairs}
                  keyOf={({ name }) => name}
                  columns={[
                    {
                      title: 'Windows',
                      show: ({ name, urgency }) => (
                        <Term
                          means={`Both have to burn: the long one says that it matters, the short one that it still goes on. It then is a ${urgency}.`}
                        >
                          {name}
                        </Term>
                      ),
                    },
                    {
                      title: 'Burn, long',
                      isNumber: true,
                      show: ({ longBurn }) => (longBurn === null ? 'too few' : brief(longBurn)),
                    },
                    {
                      title: 'Burn, short',
                      isNumber: true,
                      show: ({ shortBurn }) => (shortBurn === null ? 'too few' : brief(shortBurn)),
                    },
                    { title: 'Fires above', isNumber: true, show: ({ burn }) => brief(burn) },
                    { title: 'State', show: ({ firing }) => <State of={firing ? 'firing' : 'ok'} /> },
                  ]}
                />
              </Stack>
            ) : (
              <TooFew {...found} of="responses in three days" />
            )
          }
        </Answered>
      </Stack>
    </Part>
  );
};
