/** @file Bundles, models and shares as people call them. */
import type { Result } from '@plaudit/sdk';

export type Deployment = Result<'listDeployments'>['deployments'][number];
export type Bundle = Result<'listBundles'>['bundles'][number];
export type RollOut = Result<'listRollOuts'>['rollOuts'][number];

export const percentOf = (share: number): string => `${Math.round(1000 * share) / 10} %`;

export const nameOfBundle = ({ name, version }: Bundle): string => `${name} ${version}`;

/** The name of a bundle by its id, as far as it is among those that are known. */
export const namesOf =
  (bundles: readonly Bundle[]) =>
  (id: string | null): string => {
    const found = bundles.find((one) => one.id === id);
    return found ? nameOfBundle(found) : id === null ? 'none' : id.slice(-10);
  };
