/**
 * @file The one chart: lines and histograms by uPlot, bars and dots by Observable Plot. Whoever does not see it gets the same
 * from its caption, a sentence computed from the numbers, the values under a cursor that arrow keys move, and a table.
 */
import { Box, Button, Group, Paper, Stack, Table, Text, VisuallyHidden } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type KeyboardEvent, useCallback, useId, useMemo, useState } from 'react';
import { Figure } from './figure.tsx';
import { Legend } from './legend.tsx';
import { Lines } from './lines.tsx';
import { type Series, shown, summaryOf } from './series.ts';

const rowsShown = 200;
const noLevels: readonly Level[] = [];

/** A bound that the curves are held against. */
export interface Level {
  readonly name: string;
  readonly y: number;
}

interface ChartProps {
  readonly caption: string;
  readonly series: readonly Series[];
  readonly xLabel: string;
  readonly yLabel?: string;
  /**
   * `lines`: curves, with a band where points have one. `histogram`: the first series as an outline, the second filled over it;
   * x is the left edge of a bin. `bars`: one for each x. `dots`: against the diagonal.
   */
  readonly as?: 'lines' | 'histogram' | 'bars' | 'dots';
  readonly height?: number;
  /** How x is told, such as a date. */
  readonly tellX?: (x: number) => string;
  readonly levels?: readonly Level[];
  /** What the numbers say, where it is not their course. */
  readonly summary?: string;
}

export interface DrawingProps extends ChartProps {
  /** The x that the keyboard is at. */
  readonly cursor: number | null;
  /** Told the x that a mouse is over. */
  readonly onPoint: (x: number | null) => void;
}

const tellNumber = (x: number): string => shown(x);

/** Every x of any series, ascending. */
const positionsOf = (series: readonly Series[]): readonly number[] =>
  [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);

/** What all series say at one x. */
const saidAt = (series: readonly Series[], x: number, tellX: (x: number) => string): string =>
  `${tellX(x)}: ${series
    .flatMap(({ name, points }) => {
      const point = points.find((one) => one.x === x);
      if (!point) return [];
      const band = point.low !== undefined && point.high !== undefined;
      return `${name} ${shown(point.y)}${band ? ` (${shown(point.low!)} to ${shown(point.high!)})` : ''}`;
    })
    .join(', ')}`;

export const Chart = (props: ChartProps) => {
  const { caption, series, xLabel, as = 'lines', tellX = tellNumber, levels = noLevels } = props;
  const [open, table] = useDisclosure();
  const id = useId();
  const filled = useMemo(() => series.filter(({ points }) => points.length > 0), [series]);
  const summary = props.summary ?? filled.map((one) => summaryOf(one, xLabel, props.tellX)).join(' ');
  return (
    <Paper withBorder p="md" radius="md" component="figure" m={0} miw={0} aria-labelledby={id}>
      <Stack gap="xs">
        <Group justify="space-between" align="start" wrap="nowrap">
          <Text component="figcaption" fw={600} size="sm" id={id}>
            {caption}
          </Text>
          <Button
            size="compact-xs"
            variant="default"
            style={{ flexShrink: 0 }}
            onClick={table.toggle}
            aria-expanded={open}
            aria-label={`${open ? 'Hide' : 'Show'} the numbers of ${caption}`}
          >
            {open ? 'Hide numbers' : 'Numbers'}
          </Button>
        </Group>
        {filled.length === 0 ? (
          <Text size="sm" c="dimmed">
            No values yet.
          </Text>
        ) : (
          <>
            <Cursor {...props} series={filled} as={as} />
            {(filled.length > 1 || levels.length > 0) && (
              <Legend names={filled.map(({ name }) => name)} levels={levels} as={as} />
            )}
            <Text size="xs" c="dimmed">
              {summary}
            </Text>
          </>
        )}
        {open && <Numbers series={filled} xLabel={xLabel} tellX={tellX} caption={caption} />}
      </Stack>
    </Paper>
  );
};

/** The drawing with a cursor in it: a mouse or the arrow keys move it, and what is there is told. */
const Cursor = (props: ChartProps) => {
  const { series, tellX = tellNumber, caption, as } = props;
  const xs = useMemo(() => positionsOf(series), [series]);
  const [at, setAt] = useState<number | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const onPoint = useCallback((x: number | null) => setOver(x), []);
  const key = (event: KeyboardEvent): void => {
    const wide = Math.max(1, Math.round(xs.length / 10));
    const from = at ?? -1;
    const to = {
      ...{ ArrowRight: from + 1, ArrowLeft: from - 1, PageDown: from + wide, PageUp: from - wide },
      ...{ Home: 0, End: xs.length - 1 },
    }[event.key];
    if (event.key === 'Escape') setAt(null);
    if (to === undefined) return;
    event.preventDefault();
    setAt(Math.min(xs.length - 1, Math.max(0, to)));
  };
  const cursor = at === null ? null : (xs[Math.min(at, xs.length - 1)] ?? null);
  const told = cursor ?? over;
  const drawing = { ...props, cursor, onPoint };
  return (
    <Box
      className="chart"
      tabIndex={0}
      role="group"
      aria-label={`Values of ${caption}: the arrow keys go through them`}
      onKeyDown={key}
      onBlur={() => setAt(null)}
    >
      {as === 'lines' || as === 'histogram' ? <Lines {...drawing} /> : <Figure {...drawing} />}
      <Text size="xs" mih={18} aria-hidden="true" className="chart-said">
        {told === null ? '' : saidAt(series, told, tellX)}
      </Text>
      <VisuallyHidden aria-live="polite">
        {cursor === null ? '' : saidAt(series, cursor, tellX)}
      </VisuallyHidden>
    </Box>
  );
};

const Numbers = ({
  series,
  xLabel,
  tellX,
  caption,
}: Pick<ChartProps, 'series' | 'xLabel' | 'caption'> & { readonly tellX: (x: number) => string }) => {
  const xs = positionsOf(series);
  const step = Math.max(1, Math.ceil(xs.length / rowsShown));
  const picked = xs.filter((_, at) => at % step === 0 || at === xs.length - 1);
  const values = series.map(({ points }) => new Map(points.map(({ x, y }) => [x, y])));
  return (
    <Table.ScrollContainer
      minWidth={200}
      mah={320}
      type="native"
      tabIndex={0}
      role="group"
      aria-label={caption}
    >
      <Table stickyHeader captionSide="top">
        <Table.Caption>
          {caption}
          {step > 1 ? `: one of every ${step} values` : ''}
        </Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{xLabel}</Table.Th>
            {series.map(({ name }) => (
              <Table.Th key={name}>{name}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {picked.map((x) => (
            <Table.Tr key={x}>
              <Table.Td>{tellX(x)}</Table.Td>
              {values.map((of, at) => (
                <Table.Td key={series[at]!.name}>{of.has(x) ? shown(of.get(x)!) : ''}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
};
