/** @file A verdict as a word with a sign beside it, and numbers that rest on enough or say what they lack. */
import { Badge, Text } from '@mantine/core';
import { brief } from '../../chart/series.ts';
import type { Size } from './verdict.ts';

const signs = { none: '○', small: '◔', moderate: '◑', large: '●' } as const;
const colours = { none: 'green', small: 'gray', moderate: 'yellow', large: 'red' } as const;

export const Rating = ({ of, what }: { readonly of: Size; readonly what: string }) => (
  <Badge
    variant="outline"
    color={colours[of]}
    c="var(--mantine-color-text)"
    style={{ textTransform: 'none', flexShrink: 0, minWidth: 'max-content' }}
    leftSection={<span aria-hidden="true">{signs[of]}</span>}
  >
    {of === 'none' ? `no ${what}` : `${of} ${what}`}
  </Badge>
);

export const TooFew = ({
  n,
  needed,
  of,
}: {
  readonly n: number;
  readonly needed: number;
  readonly of: string;
}) => (
  <Text size="sm" c="dimmed">
    Too few {of}: {n.toLocaleString()} of {needed.toLocaleString()} needed.
  </Text>
);

/** To a ten-thousandth: what is less is nothing that anybody acts on. */
export const percent = (share: number): string => `${brief(Math.round(1e6 * share) / 1e4)} %`;

export const between = (
  [low, high]: readonly [number, number],
  tell: (value: number) => string = brief,
): string => `${tell(low)} to ${tell(high)}`;
