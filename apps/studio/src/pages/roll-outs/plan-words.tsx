/** @file The plan of a roll-out in words. */
import { List, Stack, Text } from '@mantine/core';
import { Document } from '../../shell/words.tsx';
import { percentOf } from './names.ts';

export interface RollOutPlan {
  readonly steps: readonly number[];
  readonly units: number;
  readonly minutes: number;
  readonly guardrails: readonly {
    readonly metric: string;
    readonly margin?: number;
    readonly tolerated?: number;
    readonly action: string;
  }[];
}

export const metricNames: Readonly<Record<string, string>> = {
  ...{ reward: 'Reward', milliseconds: 'Milliseconds', failures: 'Failures', incidents: 'Safety incidents' },
};

const worse = ({ metric, margin = 0, tolerated = 1 }: RollOutPlan['guardrails'][number]): string => {
  const bound = margin === 0 ? '' : ` by more than ${margin}`;
  if (metric === 'reward') return `it is lower${bound}`;
  if (metric === 'milliseconds') return `it is slower${bound}`;
  return tolerated === 1 ? 'there are more of them' : `there are more than ${tolerated} times as many`;
};

export const PlanWords = ({ plan }: { readonly plan: RollOutPlan }) => {
  const shares = plan.steps.filter((share) => share < 1).map(percentOf);
  return (
    <Stack gap="sm">
      <Text size="sm">
        {shares.join(', ')} of the traffic, then all of it. A step lasts until the canary has answered{' '}
        {plan.units.toLocaleString()} users{plan.minutes > 0 && ` and ${plan.minutes} minutes are over`}.
      </Text>
      <List size="sm">
        {plan.guardrails.map((guardrail) => (
          <List.Item key={guardrail.metric}>
            {metricNames[guardrail.metric] ?? guardrail.metric}:{' '}
            {guardrail.action === 'pause' ? 'it pauses' : 'it goes back'} where {worse(guardrail)}.
          </List.Item>
        ))}
      </List>
      <details>
        <summary>Whole plan</summary>
        <Document of={plan} label="Whole plan" />
      </details>
    </Stack>
  );
};
