/** @file Policies: those that were trained, and how reward and distance from the reference grow together while they are. */
import { Select, Stack } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useAsk } from '../api.ts';
import { Chart } from '../chart/chart.tsx';
import { useProject } from '../shell/session.ts';
import { Answered, Page } from '../shell/states.tsx';
import { Part } from '../shell/words.tsx';
import { ModelList } from './models.tsx';

export const Policies = () => (
  <Page
    title="Policies"
    about="Reward that rises while the gold reward, or people's agreement, falls is over-optimisation: stop before it, by distance from the reference."
  >
    <OverOptimisation />
    <ModelList of="policy" />
  </Page>
);

const isDistance = (name: string): boolean => /(^|[._/ ])kl\b|kl_|divergence/i.test(name);
const isReward = (name: string): boolean => /reward|win|gold|return/i.test(name);

const OverOptimisation = () => {
  const project = useProject();
  const runs = useAsk('listRuns', { params: { project } });
  const training = (runs.data?.runs ?? []).filter(({ kind }) => kind.startsWith('policy'));
  const [chosen, setChosen] = useState<string | null>(null);
  const run = chosen ?? training[0]?.id;
  if (training.length === 0) return null;
  return (
    <Part title="Over-optimisation">
      <Stack gap="md">
        <Select
          label="Run"
          maw={420}
          data={training.map(({ id, name }) => ({ value: id, label: name }))}
          value={run ?? null}
          allowDeselect={false}
          onChange={setChosen}
        />
        {run && <Panel run={run} />}
      </Stack>
    </Part>
  );
};

const Panel = ({ run }: { readonly run: string }) => {
  const project = useProject();
  const found = useAsk('getRun', { params: { project, run } });
  const names = Object.keys(found.data?.metrics ?? {}).filter((name) => isDistance(name) || isReward(name));
  const series = useAsk(
    'getSeries',
    { params: { project, run }, query: { name: names, points: 500 } },
    { enabled: names.length > 0 },
  );
  const curves = useMemo(() => {
    const all = Object.entries(series.data?.series ?? {});
    const distance = new Map(
      (all.find(([name]) => isDistance(name))?.[1] ?? []).map(({ step, value }) => [step, Number(value)]),
    );
    return all
      .filter(([name]) => !isDistance(name))
      .map(([name, points]) => ({
        name,
        points: points
          .flatMap(({ step, value }) =>
            distance.size === 0
              ? [{ x: step, y: Number(value) }]
              : distance.has(step)
                ? [{ x: Math.sqrt(Math.max(0, distance.get(step)!)), y: Number(value) }]
                : [],
          )
          .sort((a, b) => a.x - b.x),
      }));
  }, [series.data]);
  const hasDistance = names.some(isDistance);
  return (
    <Answered of={found} what="the run">
      {() => (
        <Chart
          caption={hasDistance ? 'Reward against the square root of the KL divergence' : 'Reward by step'}
          xLabel={hasDistance ? '√KL from the reference' : 'step'}
          yLabel="reward"
          series={curves}
          height={280}
        />
      )}
    </Answered>
  );
};
