/** @file What a policy's training did: trained and gold reward against the distance from the reference, the fitted law, its peak. */
import { SimpleGrid, Stack, Text } from '@mantine/core';
import type { Result } from '@plaudit/sdk';
import { useMemo } from 'react';
import { useAsk } from '../../api.ts';
import { Chart } from '../../chart/chart.tsx';
import { shown } from '../../chart/series.ts';
import { Rows } from '../../shell/rows.tsx';
import { useProject } from '../../shell/session.ts';
import { Answered } from '../../shell/states.tsx';
import { Term } from '../../shell/term.tsx';
import { Part } from '../../shell/words.tsx';
import { heldOutOf, type Law, lawOf } from './card.ts';
import { distances, drawable, rewards } from './drawable.ts';

type Series = Result<'getSeries'>['series'];

/** Points of the fitted curve. */
const drawn = 60;

/** Gold reward at the root of the divergence. @see Gao et al. 2022, section 3.1 */
const lawAt = ({ start, alpha, beta }: Law, d: number): number =>
  start + (d > 0 ? d * (alpha - beta * Math.log(d)) : 0);

const curvesOf = (series: Series, law: Law | null) => {
  const [distance] = distances.filter((name) => series[name]);
  const roots = new Map(
    (series[distance ?? ''] ?? []).map(({ step, value }) => [step, Math.sqrt(Math.max(0, Number(value)))]),
  );
  const curves = rewards.flatMap(([metric, name]) => {
    const points = (series[metric] ?? []).flatMap(({ step, value }) => {
      const x = roots.get(step);
      return x === undefined ? [] : [{ x, y: Number(value) }];
    });
    return points.length === 0 ? [] : [{ name, points: points.toSorted((a, b) => a.x - b.x) }];
  });
  const far = Math.max(0, ...roots.values());
  if (!law || far === 0) return curves;
  const points = Array.from({ length: drawn + 1 }, (_, i) => {
    const x = (far * i) / drawn;
    return { x, y: lawAt(law, x) };
  });
  return [...curves, { name: 'fitted law', points }];
};

export const OverOptimisation = ({
  run,
  card,
}: {
  readonly run: string;
  readonly card: Readonly<Record<string, unknown>>;
}) => {
  const project = useProject();
  const found = useAsk('getRun', { params: { project, run } });
  const names = drawable(Object.keys(found.data?.metrics ?? {}));
  const series = useAsk(
    'getSeries',
    { params: { project, run }, query: { name: [...names], points: 500 } },
    { enabled: names.length > 0 },
  );
  const law = useMemo(() => lawOf(card), [card]);
  const curves = useMemo(() => curvesOf(series.data?.series ?? {}, law), [series.data, law]);
  return (
    <Answered of={found} what="the run">
      {() =>
        names.length === 0 ? (
          <Text c="dimmed">
            Its run did not measure the distance from a reference: methods that learn from pairs have none.
          </Text>
        ) : (
          <Stack gap="sm">
            <Chart
              caption="Reward against the square root of the divergence from the reference"
              xLabel="√KL, nats"
              yLabel="reward"
              series={curves}
              height={300}
            />
            <LawSentence law={law} />
          </Stack>
        )
      }
    </Answered>
  );
};

const LawSentence = ({ law }: { readonly law: Law | null }) => {
  if (law === null)
    return (
      <Text size="sm" c="dimmed">
        No law is fitted: that takes a gold reward, five evaluations, and a policy that has moved.
      </Text>
    );
  const { alpha, beta, r2, points, peak } = law;
  return (
    <Text size="sm">
      <Term means="Gold reward = start + d (α − β ln d), with d the square root of the divergence (Gao et al. 2022): how much of the trained reward is real, and where more of it does harm.">
        Fitted law
      </Term>
      : α {shown(alpha, 3)}, β {shown(beta, 3)}
      {r2 !== null && `, R² ${shown(r2, 3)}`}, from {points} evaluations.{' '}
      {peak === null
        ? 'It has no highest point: the gold reward rises as far as was looked.'
        : peak.reached
          ? `The gold reward is highest at a divergence of ${shown(peak.kl, 3)} nats, and the run went past it.`
          : `The gold reward would be highest at a divergence of ${shown(peak.kl, 3)} nats, which the run has not reached.`}
    </Text>
  );
};

const titles: Readonly<Record<string, string>> = {
  ...{ reward: 'Trained reward', gold: 'Gold reward', goldError: 'Standard error of gold' },
  ...{ kl: 'Divergence, nats', length: 'Tokens', ended: 'Ended by itself, share', prompts: 'Prompts' },
};

export const PolicyNumbers = ({
  run,
  card,
}: {
  readonly run: string | null;
  readonly card: Readonly<Record<string, unknown>>;
}) => {
  const numbers = useMemo(() => heldOutOf(card), [card]);
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }}>
      {run !== null && (
        <Part title="Over-optimisation">
          <OverOptimisation run={run} card={card} />
        </Part>
      )}
      <Part title="Held-out prompts">
        <Rows
          label="Held-out prompts"
          rows={numbers}
          keyOf={({ name }) => name}
          none="Its card holds no numbers of held-out prompts."
          columns={[
            { title: 'Mean', show: ({ name }) => titles[name] ?? name },
            { title: 'Before', isNumber: true, show: ({ before }) => before !== null && shown(before, 3) },
            { title: 'After', isNumber: true, show: ({ after }) => shown(after, 3) },
          ]}
        />
      </Part>
    </SimpleGrid>
  );
};
