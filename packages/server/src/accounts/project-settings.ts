/** @file What an owner may set of a project. What is not set has the default that is named here. */
import { z } from 'zod';

const days = z.number().int().min(1).max(36_500);

/** What is done with personal data in feedback: nothing is looked for; it is marked and stays; pseudonyms stand in its place. */
const personalData = ['off', 'mark', 'replace'] as const;

const shape = {
  fourEyes: z
    .boolean()
    .describe('Whether a bundle needs the approval of somebody else before it serves. Default false.'),
  parityTolerance: z
    .number()
    .min(0)
    .max(10)
    .describe(
      'Largest difference of a golden score that passes, in standard deviations of the golden scores. Default 0.02.',
    ),
  observationDays: days.describe(
    'Days for which it is kept what was scored, with which reward and how quickly. Default 400.',
  ),
  impressionDays: days.describe(
    'Days for which it is kept what users were shown and what they did about it; judgements that were made from it stay. Default: for ever.',
  ),
  personalData: z
    .enum(personalData)
    .describe(
      'What is done with personal data in the texts of feedback before they are stored: off, mark (it stays and is marked) or replace (by pseudonyms). Default mark.',
    ),
};

/** A change of some: null takes one away. */
export const settingsChange = z
  .strictObject({
    fourEyes: shape.fourEyes.nullable(),
    parityTolerance: shape.parityTolerance.nullable(),
    observationDays: shape.observationDays.nullable(),
    impressionDays: shape.impressionDays.nullable(),
    personalData: shape.personalData.nullable(),
  })
  .partial();

export const projectSettings = z.object(shape).partial();
export type ProjectSettings = z.output<typeof projectSettings>;

const kept = z.object({
  fourEyes: shape.fourEyes.optional().catch(undefined),
  parityTolerance: shape.parityTolerance.optional().catch(undefined),
  observationDays: shape.observationDays.optional().catch(undefined),
  impressionDays: shape.impressionDays.optional().catch(undefined),
  personalData: shape.personalData.optional().catch(undefined),
});

/** Settings as they are kept; what an older version kept in another way has its default. */
export const settingsIn = (stored: Readonly<Record<string, unknown>>): ProjectSettings => kept.parse(stored);
