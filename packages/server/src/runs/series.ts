/** @file A metric's history as so many points as a curve can show. */

/**
 * Points at equal distances, always with the first and the last. A curve of a million steps is drawn from a thousand.
 *
 * @param most At least 2
 */
export const thinned = <T>(points: readonly T[], most: number): readonly T[] => {
  if (points.length <= most) return points;
  const stride = (points.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, i) => points[Math.round(i * stride)]!);
};
