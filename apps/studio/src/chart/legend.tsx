/** @file Which line is which: by colour and dash, or by colour and shape. */
import { Group, Text, useComputedColorScheme } from '@mantine/core';
import type { Level } from './chart.tsx';
import { dashOf, inkOf, levelDashOf, strokeOf } from './colours.ts';

const Sample = ({ stroke, dash }: { readonly stroke: string; readonly dash: readonly number[] }) => (
  <svg width="28" height="10" aria-hidden="true">
    <line x1="0" x2="28" y1="5" y2="5" stroke={stroke} strokeWidth="2.5" strokeDasharray={dash.join(' ')} />
  </svg>
);

/** Observable Plot's first symbols of strokes, as they are drawn there. */
const shapes = ['○', '+', '◇', '△', '✱', '□'];

export const Legend = ({
  names,
  levels,
  as,
}: {
  readonly names: readonly string[];
  readonly levels: readonly Level[];
  readonly as: 'lines' | 'histogram' | 'bars' | 'dots';
}) => {
  const scheme = useComputedColorScheme('light');
  return (
    <Group gap="md" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
      {names.map((name, at) => (
        <Group key={name} gap={6} component="li" wrap="nowrap">
          {as === 'dots' ? (
            <span aria-hidden="true" style={{ color: strokeOf(scheme, at) }}>
              {shapes[at % shapes.length]}
            </span>
          ) : (
            <Sample
              stroke={strokeOf(scheme, at)}
              dash={dashOf(as === 'histogram' ? 1 - Math.min(1, at) : at)}
            />
          )}
          <Text size="xs">{name}</Text>
        </Group>
      ))}
      {levels.map(({ name }, at) => (
        <Group key={name} gap={6} component="li" wrap="nowrap">
          <Sample stroke={inkOf(scheme)} dash={levelDashOf(at)} />
          <Text size="xs">{name}</Text>
        </Group>
      ))}
    </Group>
  );
};
