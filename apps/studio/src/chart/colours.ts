/** @file Colours of series, and a second sign beside each: a dash and a shape, for whoever does not tell the hues apart. */

/** With a contrast of 3 to 1 on both grounds. */
const strokes = {
  light: ['#3b5bdb', '#c2410c', '#0b7285', '#862e9c', '#5c7c00', '#a61e4d'],
  dark: ['#91a7ff', '#ffa94d', '#3bc9db', '#da77f2', '#a9e34b', '#faa2c1'],
} as const;

const dashes: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [10, 3, 2, 3], [4, 4], [1, 2]];

export type Scheme = keyof typeof strokes;

export const strokeOf = (scheme: Scheme, series: number): string =>
  strokes[scheme][series % strokes[scheme].length]!;

export const strokesOf = (scheme: Scheme): string[] => [...strokes[scheme]];

export const dashOf = (series: number): number[] => [...dashes[series % dashes.length]!];

/** Of bounds, unlike those of series. */
export const levelDashOf = (level: number): number[] => (level === 0 ? [2, 6] : [14, 3]);

export const inkOf = (scheme: Scheme): string => (scheme === 'light' ? '#495057' : '#c1c6cc');
export const gridOf = (scheme: Scheme): string => (scheme === 'light' ? '#e9ecef' : '#373a40');
