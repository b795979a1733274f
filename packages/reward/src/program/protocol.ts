/** @file What passes between a program's thread and the thread that asks it. */
import type { Judged } from './rules.ts';
import type { Condition, Rule } from './specification.ts';

/** What a program's thread is made with. */
export interface ThreadData {
  readonly rules: readonly Rule[];
  /** Conditions of others, for instance of a composite's gates: answered with every response. */
  readonly conditions: readonly Condition[];
  /** URL of the module with the function; null without one. */
  readonly module: string | null;
  /** The names that the function has to give in perObjective; `any` takes whatever names it gives. */
  readonly objectives: readonly string[] | 'any' | null;
  /** One Int32: what runs now, for the message when it runs too long. See `places`. */
  readonly running: Int32Array;
}

/** What `running` holds: the number of a rule from 0 on, or one of these. */
export const places = { condition: -1, module: -2 } as const;

/** What a program says about one response. */
export interface ProgramResult {
  /** The value of each rule; null where it does not hold for the prompt. */
  readonly rules: readonly (number | null)[];
  readonly conditions: readonly boolean[];
  readonly module: ModuleResult | null;
}

export interface ModuleResult {
  readonly reward: number;
  readonly perObjective: Readonly<Record<string, number>>;
}

/** Why there is no result. `thrown` may quote the response, and goes into the cause only. */
export interface Failure {
  readonly problem: string;
  readonly thrown?: string;
}

export type Question = { readonly id: number; readonly judged: Judged };

export type Answer =
  | { readonly id: number; readonly result: ProgramResult }
  | { readonly id: number; readonly failure: Failure }
  /** The first message: the program is loaded, or why it cannot be. */
  | { readonly id: -1; readonly failure?: Failure & { readonly field?: string } };
