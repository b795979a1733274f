/** @file Judgements for the tests of gates, and one gate at a time. */
import type { Comparison, Label, Provenance, Rating } from '@plaudit/contract';
import { toPrompt } from '../prompt.ts';
import { type CheckedJudgements, checkQuality } from './check-quality.ts';
import type { GateResult } from './document.ts';
import { type GateName, gateNames } from './gate-names.ts';
import type { GateSettings } from './options.ts';
import type { QualityInputs } from './shared.ts';

let row = 0;
const provenanceOf = (over: Partial<Provenance> = {}): Provenance => ({
  source: 'made',
  row: ++row,
  ...over,
});

/** A comparison of two responses; the rest as little as there can be. */
export const comparison = (
  prompt: string,
  responses: readonly [string, string],
  outcome: Comparison['outcome'] = 'a',
  provenance: Partial<Provenance> = {},
): Comparison => ({
  kind: 'comparison',
  prompt: toPrompt(prompt),
  responses: [...responses],
  outcome,
  provenance: provenanceOf(provenance),
});

export const label = (
  prompt: string,
  response: string,
  desirable: boolean,
  provenance: Partial<Provenance> = {},
): Label => ({
  kind: 'label',
  prompt: toPrompt(prompt),
  response,
  desirable,
  provenance: provenanceOf(provenance),
});

export const rating = (
  prompt: string,
  response: string,
  value: number,
  provenance: Partial<Provenance> = {},
): Rating => ({
  kind: 'rating',
  prompt: toPrompt(prompt),
  response,
  value,
  scale: { least: 1, most: 5 },
  provenance: provenanceOf(provenance),
});

/** What one gate says; the others are left out. */
export const checkGate = async <Name extends GateName>(
  name: Name,
  judgements: CheckedJudgements,
  { settings, ...inputs }: QualityInputs & { readonly settings?: GateSettings[Name] } = {},
): Promise<GateResult> => {
  const others = Object.fromEntries(gateNames.filter((one) => one !== name).map((one) => [one, false]));
  const report = await checkQuality(judgements, {
    ...inputs,
    gates: { ...others, ...(settings !== undefined && { [name]: settings }) },
  });
  return report.gates.find((gate) => gate.name === name)!;
};

/** Numbers from 0 to count - 1. */
export const times = <Made>(count: number, make: (i: number) => Made): Made[] =>
  Array.from({ length: count }, (_, i) => make(i));
