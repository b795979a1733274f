/** @file What a check may be told: settings of gates, and which of them are required. */
import { plauditError } from '@plaudit/contract';
import { z } from 'zod';
import type { Thresholds } from './gate.ts';
import { type GateName, gateNames } from './gate-names.ts';
import { gates } from './gates.ts';

/** Of each gate the settings that differ from its own, or false to leave it out. */
export type GateSettings = {
  readonly [G in (typeof gates)[number] as G['name']]?: z.input<G['settings']> | false | undefined;
};

export interface GateOptions {
  readonly gates?: GateSettings;
  /** Gates whose failure stops training. Default: empty texts, outcomes all the same, contradictions, leakage, contamination. */
  readonly required?: readonly GateName[];
}

/** Settings of every gate, complete; null for a gate that is left out. */
export interface ReadOptions {
  readonly settings: ReadonlyMap<GateName, Thresholds | null>;
  readonly required: ReadonlySet<GateName>;
}

const schema = z.strictObject({
  gates: z
    .strictObject(
      Object.fromEntries(
        gates.map(({ name, settings }) => [name, z.union([z.literal(false), settings]).optional()]),
      ),
    )
    .optional(),
  required: z.array(z.enum(gateNames)).optional(),
});

/**
 * Completes options with what holds unless told.
 *
 * @throws data.bad_option for a gate or a setting that there is not, and for a value that it cannot take
 */
export const readGateOptions = (options: GateOptions): ReadOptions => {
  const read = schema.safeParse(options);
  if (!read.success) throw badOption(read.error);
  const given = (read.data.gates ?? {}) as Readonly<Record<string, Thresholds | false | undefined>>;
  return {
    settings: new Map(
      gates.map(({ name, settings }) => [
        name,
        given[name] === false ? null : (given[name] ?? settings.parse({})),
      ]),
    ),
    required: new Set(read.data.required ?? gates.filter(({ required }) => required).map(({ name }) => name)),
  };
};

/** The deepest fault: that of a setting, not that neither form of a gate's settings fits. */
const badOption = (error: z.ZodError): Error => {
  let [issue, path] = [error.issues[0]!, [...error.issues[0]!.path]];
  while (issue.code === 'invalid_union' && issue.errors.at(-1)?.[0]) {
    issue = issue.errors.at(-1)![0]!;
    path = [...path, ...issue.path];
  }
  return plauditError('data.bad_option', { option: path.join('.') || 'options', problem: issue.message });
};
