/** @file Settings of objectives and controllers: checked against their schema, each fault named by its field. */
import { plauditError } from '@plaudit/contract';
import { settingFault } from '@plaudit/reward';
import { z } from 'zod';

/** What several objectives take. A probability that a label is wrong has to be below a half. */
export const positive = z.number().positive();
export const nonnegative = z.number().nonnegative();
export const errorShare = z.number().min(0).lt(0.5);

/** @throws policy.bad_configuration for the first fault, by field */
export const parseSettings = <Schema extends z.ZodType>(schema: Schema, given: unknown): z.infer<Schema> => {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw plauditError('policy.bad_configuration', settingFault(parsed.error));
};

/** An entry of a table of objectives: what makes one from settings that are still to be checked. */
export const configured =
  <Schema extends z.ZodType, Made>(schema: Schema, make: (settings: z.infer<Schema>) => Made) =>
  (given: unknown): Made =>
    make(parseSettings(schema, given));

/** @throws policy.bad_configuration naming what there is, for a name that is not in the table */
export const entryNamed = <Entry>(table: Readonly<Record<string, Entry>>, name: string): Entry => {
  if (Object.hasOwn(table, name)) return table[name]!;
  throw plauditError('policy.bad_configuration', {
    setting: 'objective',
    problem: `there is no ${name}; there are ${Object.keys(table).join(', ')}`,
  });
};
