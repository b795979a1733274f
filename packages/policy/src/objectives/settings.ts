/** @file Settings of objectives and controllers: checked against their schema, each fault named by its field. */
import { plauditError } from '@plaudit/contract';
import { z } from 'zod';

/** What several objectives take. A probability that a label is wrong has to be below a half. */
export const positive = z.number().positive();
export const nonnegative = z.number().nonnegative();
export const errorShare = z.number().min(0).lt(0.5);

/** A problem as the end of a sentence. zod's own words, without their capital. */
const problemOf = (issue: z.core.$ZodIssue): string =>
  issue.code === 'unrecognized_keys'
    ? 'there is no such setting'
    : issue.message.charAt(0).toLowerCase() + issue.message.slice(1);

const settingOf = (issue: z.core.$ZodIssue): string =>
  [...issue.path, ...(issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [])].join('.') || 'all';

/** @throws policy.bad_configuration for the first fault, by field */
export const parseSettings = <Schema extends z.ZodType>(schema: Schema, given: unknown): z.infer<Schema> => {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw plauditError('policy.bad_configuration', { setting: settingOf(issue), problem: problemOf(issue) });
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
