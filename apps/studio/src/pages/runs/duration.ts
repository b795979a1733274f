/** @file How long something took, or has taken so far. */
import { shown } from '../../chart/series.ts';

export const duration = (from: string | null, to: string | null): string => {
  if (from === null) return '';
  const seconds = ((to === null ? Date.now() : Date.parse(to)) - Date.parse(from)) / 1000;
  if (seconds < 90) return `${shown(Math.max(0, seconds))} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${shown(seconds / 3600)} h`;
};
