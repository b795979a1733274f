/** @file An interval as a line on a common scale with its numbers beside it: where 0 lies is seen at once. */
import { Group, Text } from '@mantine/core';
import { between } from '../monitoring/rating.tsx';

type Range = readonly [number, number];

/** What holds all intervals, and 0. */
export const rangeOfIntervals = (intervals: readonly Range[]): Range => [
  Math.min(0, ...intervals.map(([low]) => low)),
  Math.max(0, ...intervals.map(([, high]) => high)),
];

const width = 140;
const margin = 6;

export const Interval = ({
  of: [low, high],
  at,
  range: [from, to],
}: {
  readonly of: Range;
  readonly at: number;
  readonly range: Range;
}) => {
  const place = (value: number): number =>
    margin + ((width - 2 * margin) * (value - from)) / (to - from || 1);
  return (
    <Group gap="xs" wrap="nowrap">
      <svg width={width} height="20" aria-hidden="true" style={{ flexShrink: 0 }}>
        <line x1={place(0)} x2={place(0)} y1="0" y2="20" stroke="currentColor" strokeDasharray="3 3" />
        <line x1={place(low)} x2={place(high)} y1="10" y2="10" stroke="currentColor" strokeWidth="2" />
        <circle cx={place(at)} cy="10" r="4" fill="currentColor" />
      </svg>
      <Text size="sm" style={{ whiteSpace: 'nowrap' }}>
        {between([low, high])}
      </Text>
    </Group>
  );
};
