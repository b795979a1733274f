/** @file Numbers and times as the page and the live view say them. */
import { short } from '@plaudit/reward';

export const number = (value: number): string => short(value).replace('-', '−');

export const duration = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
};
