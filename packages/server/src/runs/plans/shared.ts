/** @file What the plans of runs have in common: names, snapshots, seeds, and references that lead to nothing of the server's. */
import { z } from 'zod';

/** What a run is to be recorded with before it begins. */
export interface PlannedRun {
  /** The plan with its snapshot by id: what the process of the run reads. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly snapshots: readonly { readonly id: string; readonly purpose: string }[];
  readonly models: readonly { readonly id: string; readonly purpose: string }[];
}

export const runName = z.string().min(1).max(200);
export const snapshotName = z.string().max(200).describe('Id or tag of a snapshot');
export const seed = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER).default(0);
export const despiteGates = z
  .boolean()
  .default(false)
  .describe('Train although gates that it requires failed');

/** A new model, one of a hub, or a folder below the store's `models`: no other path of the server. */
export const base = z
  .string()
  .max(300)
  .regex(
    /^(new|hf:\w[\w.-]*\/\w[\w.-]*|models(\/[\w][\w.-]*)+)$/,
    'it is new, hf:ORGANISATION/NAME or models/NAME',
  );

const share = z.number().gt(0).lt(1);

export const fractions = z
  .strictObject({ validation: share, test: share })
  .refine(({ validation, test }) => validation + test < 1, 'nothing would be left to train on')
  .default({ validation: 0.1, test: 0.2 });

/** The id of a model that is registered in the project. */
export const modelId = z.uuid();

/** The simulated support desk's own judgement, which no model made. */
export const gold = z.literal('gold');
