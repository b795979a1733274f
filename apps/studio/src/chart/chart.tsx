/**
 * @file The one chart: lines by uPlot, statistics by Observable Plot. Whoever does not see it gets the same from its caption, a
 * sentence computed from the numbers, and a table behind a button.
 */
import { Box, Button, Group, Paper, Stack, Table, Text, useComputedColorScheme } from '@mantine/core';
import { useDisclosure, useElementSize } from '@mantine/hooks';
import { useEffect, useId, useRef } from 'react';
import uPlot from 'uplot';
import { type Series, shown, summaryOf } from './series.ts';

/** Distinct for most people with colour blindness, with a contrast of 3 to 1 on both grounds. */
const colours = {
  light: ['#3b5bdb', '#c2410c', '#0b7285', '#862e9c', '#5c7c00', '#a61e4d'],
  dark: ['#91a7ff', '#ffa94d', '#3bc9db', '#da77f2', '#a9e34b', '#faa2c1'],
};
/** A second sign beside colour. */
const dashes: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [10, 3, 2, 3], [4, 4], [1, 2]];
const rowsShown = 200;

interface ChartProps {
  readonly caption: string;
  readonly series: readonly Series[];
  readonly xLabel: string;
  readonly yLabel?: string;
  /** `lines`: by uPlot, for curves. `bars`: by Observable Plot, one bar for each x. `dots`: against the diagonal. */
  readonly as?: 'lines' | 'bars' | 'dots';
  readonly height?: number;
  /** How x is told, such as a date. */
  readonly tellX?: (x: number) => string;
}

export const Chart = (props: ChartProps) => {
  const { caption, series, xLabel, as = 'lines', tellX = shown } = props;
  const [open, table] = useDisclosure();
  const id = useId();
  const filled = series.filter(({ points }) => points.length > 0);
  const summary = filled.map((one) => summaryOf(one, xLabel)).join(' ');
  return (
    <Paper withBorder p="md" radius="md" component="figure" m={0} aria-labelledby={id}>
      <Stack gap="xs">
        <Group justify="space-between" align="start" wrap="nowrap">
          <Text component="figcaption" fw={600} size="sm" id={id}>
            {caption}
          </Text>
          <Button
            size="compact-xs"
            variant="default"
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
            {as === 'lines' ? <Lines {...props} series={filled} /> : <Figure {...props} series={filled} />}
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

const Lines = ({ series, xLabel, yLabel, height = 220, tellX }: ChartProps) => {
  const { ref, width } = useElementSize();
  const host = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('light');
  useEffect(() => {
    if (!host.current || width === 0) return;
    const ink = scheme === 'light' ? '#495057' : '#c1c6cc';
    const grid = { stroke: scheme === 'light' ? '#e9ecef' : '#373a40', width: 1 };
    const tables = series.map(
      ({ points }): uPlot.AlignedData => [
        points.map(({ x }) => x),
        points.map(({ y }) => (Number.isFinite(y) ? y : null)),
      ],
    );
    const plot = new uPlot(
      {
        width,
        height,
        scales: { x: { time: false } },
        legend: { show: series.length > 1, live: false },
        axes: [
          {
            stroke: ink,
            grid,
            label: xLabel,
            labelSize: 22,
            ...(tellX && { values: (_: uPlot, ticks: number[]) => ticks.map(tellX) }),
          },
          {
            stroke: ink,
            grid,
            size: 64,
            values: (_: uPlot, ticks: number[]) => ticks.map(shown),
            ...(yLabel && { label: yLabel, labelSize: 22 }),
          },
        ],
        series: [
          {},
          ...series.map(({ name }, at) => ({
            label: name,
            stroke: colours[scheme][at % colours[scheme].length]!,
            dash: [...dashes[at % dashes.length]!],
            width: 2,
            spanGaps: true,
            points: { show: series[at]!.points.length < 20 },
          })),
        ],
      },
      uPlot.join(tables),
      host.current,
    );
    return () => plot.destroy();
  }, [series, width, height, scheme, xLabel, yLabel, tellX]);
  return (
    <Box ref={ref}>
      <div ref={host} aria-hidden="true" />
    </Box>
  );
};

const Figure = ({ series, xLabel, yLabel, height = 220, as }: ChartProps) => {
  const { ref, width } = useElementSize();
  const host = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('light');
  useEffect(() => {
    const place = host.current;
    if (!place || width === 0) return;
    let isGone = false;
    void import('@observablehq/plot').then((plot) => {
      if (isGone) return;
      const rows = series.flatMap(({ name, points }) => points.map((point) => ({ ...point, name })));
      const colour = { domain: series.map(({ name }) => name), range: colours[scheme] };
      const figure = plot.plot({
        width,
        height,
        color: { ...colour, legend: series.length > 1 },
        style: {
          background: 'transparent',
          color: scheme === 'light' ? '#495057' : '#c1c6cc',
          fontSize: '12px',
        },
        x: { label: xLabel, ...(as === 'bars' && { type: 'band' as const, tickFormat: shown as never }) },
        y: { label: yLabel ?? null, grid: true },
        marks:
          as === 'bars'
            ? [plot.barY(rows, { x: 'x', y: 'y', fill: 'name' }), plot.ruleY([0])]
            : [
                plot.line(
                  [
                    { x: 0, y: 0 },
                    { x: 1, y: 1 },
                  ],
                  { x: 'x', y: 'y', stroke: 'currentColor', strokeDasharray: '4 4', strokeOpacity: 0.5 },
                ),
                plot.dot(rows, { x: 'x', y: 'y', fill: 'name', r: 4 }),
              ],
      });
      place.replaceChildren(figure);
    });
    return () => {
      isGone = true;
    };
  }, [series, width, height, scheme, xLabel, yLabel, as]);
  return (
    <Box ref={ref}>
      <div ref={host} aria-hidden="true" style={{ minHeight: height }} />
    </Box>
  );
};

const Numbers = ({
  series,
  xLabel,
  tellX,
  caption,
}: Pick<ChartProps, 'series' | 'xLabel' | 'caption'> & { readonly tellX: (x: number) => string }) => {
  const xs = [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  const step = Math.max(1, Math.ceil(xs.length / rowsShown));
  const picked = xs.filter((_, at) => at % step === 0 || at === xs.length - 1);
  const values = series.map(({ points }) => new Map(points.map(({ x, y }) => [x, y])));
  return (
    <Table.ScrollContainer minWidth={200} mah={320}>
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
