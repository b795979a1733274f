/** @file The quality report: what each gate found in a set of judgements, as data that crosses borders. */
import { z } from 'zod';
import { gateNames } from './gate-names.ts';

const count = z.number().int().nonnegative();
const share = z.number().min(0).max(1);
const interval = z.tuple([z.number(), z.number()]);

/** Least and most that a value may be; a side that is absent has no limit. */
export const bounds = z.strictObject({ least: z.number().optional(), most: z.number().optional() });
export type Bounds = z.infer<typeof bounds>;

export const verdicts = ['pass', 'warn', 'fail', 'not_applicable'] as const;
export type Verdict = (typeof verdicts)[number];

/** Where something stands; never what it says. */
const rowReference = z.object({
  source: z.string(),
  /** Row of the source, where known. */
  row: z.number().int().positive().nullable(),
  /** 1-based place among the judgements that were checked. */
  position: z.number().int().positive(),
});
export type RowReference = z.infer<typeof rowReference>;

/** A share with what it was counted over. */
const measuredShare = z.object({
  name: z.string(),
  value: share.nullable(),
  interval: interval.nullable(),
  n: count,
  /** Whether it is one of those that the gate speaks of. */
  flagged: z.boolean().optional(),
});
export type MeasuredShare = z.infer<typeof measuredShare>;

const captioned = { title: z.string(), caption: z.string() };

const shares = z.object({
  ...captioned,
  /** Bars for groups without an order; a curve where they have one. */
  kind: z.enum(['bars', 'curve']),
  /** What `n` counts. */
  noun: z.string(),
  /** What the groups are, where they have an order. */
  x: z.string().optional(),
  /** The value that would be expected. */
  mark: share.nullable(),
  items: z.array(measuredShare),
  /** Groups that are not listed. */
  omitted: count,
});

const heatmap = z.object({
  ...captioned,
  kind: z.literal('heatmap'),
  rows: z.object({ name: z.string(), values: z.array(z.string()) }),
  columns: z.object({ name: z.string(), values: z.array(z.string()) }),
  /** [rows, columns] */
  counts: z.array(z.array(count)),
  /** Cells below it are thin. */
  least: count,
});

const histogram = z.object({
  ...captioned,
  kind: z.literal('histogram'),
  x: z.string(),
  noun: z.string(),
  bins: z.array(z.object({ name: z.string(), count })),
});

/** A picture's numbers. */
const picture = z.discriminatedUnion('kind', [shares, heatmap, histogram]);
export type Picture = z.infer<typeof picture>;

export const gateFamilies = [
  'rows',
  'consistency',
  'duplicates and leakage',
  'bias',
  'people',
  'content',
] as const;
export type GateFamily = (typeof gateFamilies)[number];

const gateResult = z.object({
  name: z.enum(gateNames),
  title: z.string(),
  family: z.enum(gateFamilies),
  verdict: z.enum(verdicts),
  /** Whether a failure stops training. */
  required: z.boolean(),
  /** What is held against the threshold; null where the gate does not apply. */
  value: z.number().nullable(),
  unit: z.enum(['share', 'count', 'coefficient']),
  /** 95 %, treating all judgements of one prompt as one observation; absent for what is counted and not estimated. */
  interval: interval.optional(),
  /** A value outside `warn` warns; one outside `fail`, its whole interval with it, fails. Null: never. */
  threshold: z.object({ warn: bounds.nullable(), fail: bounds.nullable() }),
  /** What the value was counted over. */
  n: count,
  noun: z.string(),
  /** What was found, or why the gate does not apply, in a sentence or two. */
  reason: z.string(),
  /** What to do about it. */
  fix: z.string(),
  evidence: z.object({
    /** How many rows show it, not only those listed. */
    total: count,
    rows: z.array(rowReference),
  }),
  /** Further numbers by name. */
  measures: z.record(z.string(), z.number().nullable()),
  pictures: z.array(picture),
});
export type GateResult = z.infer<typeof gateResult>;

export const qualityReport = z.object({
  version: z.literal(1),
  /** What was checked. */
  judgements: count,
  kinds: z.record(z.string(), count),
  /** The first hundred. */
  sources: z.array(z.string()),
  sourcesInAll: count,
  /** The worst verdict of all gates that apply. */
  verdict: z.enum(verdicts),
  /** Required gates that failed: what stops training. */
  blocking: z.array(z.enum(gateNames)),
  /** Required gates that do not apply, so that nothing is known of them. */
  unchecked: z.array(z.enum(gateNames)),
  gates: z.array(gateResult),
});
export type QualityReport = z.infer<typeof qualityReport>;
