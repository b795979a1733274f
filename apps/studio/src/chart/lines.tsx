/** @file Curves, bands and histograms on a canvas, by uPlot. */
import { Box, useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import type { DrawingProps } from './chart.tsx';
import { dashOf, gridOf, inkOf, levelDashOf, strokeOf } from './colours.ts';
import { shown } from './series.ts';

/** Below so many points each is marked: a line alone does not say where its values are. */
const marked = 20;
const finite = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null;

const paled = (stroke: string): string => `${stroke}33`;

export const Lines = ({
  series,
  xLabel,
  yLabel,
  height = 220,
  tellX,
  levels = [],
  as,
  cursor,
  onPoint,
}: DrawingProps) => {
  const { ref, width } = useElementSize();
  const host = useRef<HTMLDivElement>(null);
  const drawn = useRef<uPlot | null>(null);
  const scheme = useComputedColorScheme('light');
  useEffect(() => {
    if (!host.current || width === 0) return;
    const ink = inkOf(scheme);
    const grid = { stroke: gridOf(scheme), width: 1 };
    const isHistogram = as === 'histogram';
    const tables: uPlot.AlignedData[] = [];
    const curves: uPlot.Series[] = [{}];
    const bands: uPlot.Band[] = [];
    series.forEach(({ points }, at) => {
      const stroke = strokeOf(scheme, at);
      const xs = points.map(({ x }) => x);
      const hasBand = points.some(({ low }) => low !== undefined);
      tables.push([
        xs,
        points.map(({ y }) => finite(y)),
        ...(hasBand ? [points.map(({ high }) => finite(high)), points.map(({ low }) => finite(low))] : []),
      ]);
      curves.push({
        stroke,
        dash: dashOf(isHistogram ? 1 - Math.min(1, at) : at),
        width: 2,
        spanGaps: !isHistogram,
        points: { show: !isHistogram && points.length < marked },
        ...(isHistogram && { paths: uPlot.paths.stepped!({ align: 1 }) }),
        ...(isHistogram && at > 0 && { fill: paled(stroke) }),
      });
      if (!hasBand) return;
      const edge: uPlot.Series = { stroke: paled(stroke), width: 1, spanGaps: true, points: { show: false } };
      bands.push({ series: [curves.length, curves.length + 1], fill: paled(stroke) });
      curves.push(edge, edge);
    });
    const xs = series.flatMap(({ points }) => points.map(({ x }) => x));
    const ends = [Math.min(...xs), Math.max(...xs)];
    for (const [at, { y }] of levels.entries()) {
      tables.push([ends, [y, y]]);
      curves.push({
        stroke: ink,
        dash: levelDashOf(at),
        width: 1.5,
        spanGaps: true,
        points: { show: false },
      });
    }
    const plot = new uPlot(
      {
        width,
        height,
        scales: { x: { time: false } },
        legend: { show: false },
        cursor: { drag: { setScale: false } },
        bands,
        hooks: {
          setCursor: [(of) => onPoint(of.cursor.idx == null ? null : (of.data[0][of.cursor.idx] ?? null))],
        },
        axes: [
          {
            stroke: ink,
            grid,
            label: xLabel,
            size: 30,
            labelSize: 20,
            ...(tellX && { space: 90, values: (_: uPlot, ticks: number[]) => ticks.map(tellX) }),
          },
          {
            stroke: ink,
            grid,
            size: 64,
            values: (_: uPlot, ticks: number[]) => ticks.map((tick) => shown(tick)),
            ...(yLabel && { label: yLabel, labelSize: 22 }),
          },
        ],
        series: curves,
      },
      uPlot.join(tables),
      host.current,
    );
    drawn.current = plot;
    return () => {
      drawn.current = null;
      plot.destroy();
    };
  }, [series, width, height, scheme, xLabel, yLabel, tellX, levels, as, onPoint]);
  useEffect(() => {
    const plot = drawn.current;
    if (plot && cursor !== null)
      plot.setCursor({ left: plot.valToPos(cursor, 'x'), top: plot.bbox.height / 4 }, false);
  }, [cursor]);
  return (
    <Box ref={ref}>
      <div ref={host} aria-hidden="true" style={{ minHeight: height }} />
    </Box>
  );
};
