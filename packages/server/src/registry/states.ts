/** @file The states of a bundle, and which may follow which. */
import { plauditError } from '@plaudit/contract';
import type { Bundle } from '@plaudit/store';

export type BundleState = Bundle['state'];

export const bundleStates = [
  'draft',
  'evaluated',
  'shadow',
  'canary',
  'production',
  'retired',
  'rolled_back',
] as const satisfies readonly BundleState[];

const next: Readonly<Record<BundleState, readonly BundleState[]>> = {
  draft: ['evaluated', 'retired'],
  evaluated: ['shadow', 'canary', 'production', 'retired'],
  shadow: ['evaluated', 'canary', 'production', 'retired', 'rolled_back'],
  canary: ['evaluated', 'production', 'rolled_back'],
  // Retired when the next one takes its place, rolled back when it is taken away.
  production: ['retired', 'rolled_back'],
  // An earlier version comes back by a roll-back.
  retired: ['production'],
  rolled_back: ['evaluated', 'retired'],
};

export const mayBecome = (from: BundleState, to: BundleState): boolean => next[from].includes(to);

/** @throws PlauditError registry.bad_transition */
export const requireTransition = (from: BundleState, to: BundleState): void => {
  if (!mayBecome(from, to))
    throw plauditError('registry.bad_transition', { from, to, possible: next[from].join(', ') });
};
