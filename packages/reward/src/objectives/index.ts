/** @file The objectives by name. Adding one is a file beside this and a line here. */
import { type BradleyTerryOptions, bradleyTerry } from './bradley-terry.ts';
import type { Objective } from './objective.ts';

export const objectiveNames = ['bradley-terry'] as const;
export type ObjectiveName = (typeof objectiveNames)[number];

const objectives: Readonly<Record<ObjectiveName, (options: BradleyTerryOptions) => Objective>> = {
  'bradley-terry': bradleyTerry,
};

/** The objective of a configuration, with its options. */
export const objectiveOf = (
  configuration: BradleyTerryOptions & { readonly objective: ObjectiveName },
): Objective => objectives[configuration.objective](configuration);
