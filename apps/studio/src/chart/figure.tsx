/** @file Bars and dots, by Observable Plot, which is loaded with the first of them. */
import { Box, useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import type { DrawingProps } from './chart.tsx';
import { inkOf, strokesOf } from './colours.ts';

export const Figure = ({ series, xLabel, yLabel, height = 220, as, tellX, cursor }: DrawingProps) => {
  const { ref, width } = useElementSize();
  const host = useRef<HTMLDivElement>(null);
  const [placeOf, setPlaceOf] = useState<{ readonly of: (x: number) => number } | null>(null);
  const scheme = useComputedColorScheme('light');
  useEffect(() => {
    const place = host.current;
    if (!place || width === 0) return;
    let isGone = false;
    void import('@observablehq/plot').then((plot) => {
      if (isGone) return;
      const rows = series.flatMap(({ name, points }) => points.map((point) => ({ ...point, name })));
      const figure = plot.plot({
        width,
        height,
        color: { domain: series.map(({ name }) => name), range: strokesOf(scheme) },
        symbol: { domain: series.map(({ name }) => name) },
        style: { background: 'transparent', color: inkOf(scheme), fontSize: '12px' },
        x: {
          label: xLabel,
          ...(as === 'bars' && { type: 'band' as const, ...(tellX && { tickFormat: tellX as never }) }),
        },
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
                plot.ruleX(
                  rows.filter(({ low }) => low !== undefined),
                  { x: 'x', y1: 'low', y2: 'high', stroke: 'name' },
                ),
                plot.dot(rows, { x: 'x', y: 'y', stroke: 'name', symbol: 'name', r: 5, strokeWidth: 2 }),
              ],
      });
      place.replaceChildren(figure);
      const scale = figure.scale('x');
      setPlaceOf(scale ? { of: (x) => (scale.apply(x) as number) + (scale.bandwidth ?? 0) / 2 } : null);
    });
    return () => {
      isGone = true;
    };
  }, [series, width, height, scheme, xLabel, yLabel, as, tellX]);
  return (
    <Box ref={ref} pos="relative">
      <div ref={host} aria-hidden="true" style={{ minHeight: height }} />
      {cursor !== null && placeOf && <div className="chart-cursor" style={{ left: placeOf.of(cursor) }} />}
    </Box>
  );
};
