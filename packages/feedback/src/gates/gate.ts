/** @file What a gate is: settings, one pass over the rows, and what it observed. */
import type { z } from 'zod';
import type { CheckedRow } from './checked-row.ts';
import type { Bounds, GateFamily, GateResult } from './document.ts';
import type { GateName } from './gate-names.ts';
import type { QualityInputs, Shared } from './shared.ts';

/** The thresholds that every gate has. */
export interface Thresholds {
  readonly warn: Bounds | null;
  readonly fail: Bounds | null;
}

/** What a gate measured; the thresholds make a verdict of it. */
export interface Observation {
  /** Null where the gate does not apply; `reason` then says why. */
  readonly value: number | null;
  readonly interval?: readonly [number, number];
  /** The value of data without a fault, where that lies between the bounds: an interval that holds it does not warn. */
  readonly neutral?: number;

  readonly n: number;
  readonly noun: string;
  readonly reason: string;
  readonly evidence?: GateResult['evidence'];
  readonly measures?: GateResult['measures'];
  readonly pictures?: GateResult['pictures'];
}

/** What a gate's memory grows with. */
type Growth = 'nothing' | 'annotators' | 'segments' | 'benchmarks' | 'distinct prompts' | 'rows';

/** A gate at work. */
export interface RunningGate {
  readonly add?: (row: CheckedRow) => void;
  readonly finish: () => Observation | Promise<Observation>;
}

export interface Gate<
  Name extends GateName = GateName,
  Schema extends z.ZodType<Thresholds> = z.ZodType<Thresholds>,
> {
  readonly name: Name;
  readonly title: string;
  readonly family: GateFamily;
  readonly unit: GateResult['unit'];
  /** Whether a failure stops training, unless the options say which gates are required. */
  readonly required: boolean;
  readonly memory: Growth;
  readonly fix: string;
  readonly settings: Schema;
  start(settings: z.output<Schema>, shared: Shared, inputs: QualityInputs): RunningGate;
}

/** Keeps the types of a gate's settings together; it does nothing else. */
export const defineGate = <const Name extends GateName, Schema extends z.ZodType<Thresholds>>(
  gate: Gate<Name, Schema>,
): Gate<Name, Schema> => gate;

/** The gate has nothing to look at. */
export const notApplicable = (reason: string, noun: string): Observation => ({
  value: null,
  n: 0,
  noun,
  reason,
});
