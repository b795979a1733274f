/** @file The offline objectives by name. Adding one is a function beside this and a line here. */
import { aot, aotSettings, aotUnpaired } from './aot.ts';
import { bco, bcoPair, bcoPairSettings, bcoSettings } from './bco.ts';
import {
  discopop,
  discopopSettings,
  dpo,
  dpoPerToken,
  exoPair,
  exoSettings,
  hingeDpo,
  ipo,
  plainSettings,
  robustDpo,
  robustSettings,
  sigmoidSettings,
} from './difference.ts';
import { apoZeroUnpaired, kto, ktoSettings } from './kto.ts';
import type { LabelObjective, PairObjective, PreferenceObjective } from './preference-objective.ts';
import { cpo, cpoSettings, orpo, orpoSettings, simpo, simpoSettings } from './reference-free.ts';
import { apoDown, apoZero, ncaPair, separateSettings, sppoHard } from './separate.ts';
import { configured, entryNamed } from './settings.ts';

const pairs = {
  sigmoid: configured(sigmoidSettings, dpo),
  sigmoid_norm: configured(sigmoidSettings, dpoPerToken),
  robust: configured(robustSettings, robustDpo),
  hinge: configured(plainSettings, hingeDpo),
  ipo: configured(plainSettings, ipo),
  exo_pair: configured(exoSettings, exoPair),
  discopop: configured(discopopSettings, discopop),
  nca_pair: configured(separateSettings, ncaPair),
  sppo_hard: configured(separateSettings, sppoHard),
  apo_zero: configured(separateSettings, apoZero),
  apo_down: configured(separateSettings, apoDown),
  bco_pair: configured(bcoPairSettings, bcoPair),
  aot: configured(aotSettings, aot),
  aot_unpaired: configured(aotSettings, aotUnpaired),
  cpo: configured(cpoSettings, cpo),
  simpo: configured(simpoSettings, simpo),
  orpo: configured(orpoSettings, orpo),
};

const labels = {
  kto: configured(ktoSettings, kto),
  apo_zero_unpaired: configured(ktoSettings, apoZeroUnpaired),
  bco: configured(bcoSettings, bco),
};

export type PairObjectiveName = keyof typeof pairs;
export type LabelObjectiveName = keyof typeof labels;
export const pairObjectiveNames = Object.keys(pairs) as readonly PairObjectiveName[];
export const labelObjectiveNames = Object.keys(labels) as readonly LabelObjectiveName[];

/**
 * An objective of pairs with the settings given, and its defaults for the rest. Names are TRL's.
 *
 * @throws policy.bad_configuration for a name that there is none of, and for settings that do not fit
 * @example pairObjective('sigmoid', { beta: 0.3, labelSmoothing: 0.1 })
 */
export const pairObjective = (name: string, settings: unknown = {}): PairObjective =>
  entryNamed<(given: unknown) => PairObjective>(pairs, name)(settings);

/** The same for objectives of labelled responses. @throws policy.bad_configuration */
export const labelObjective = (name: string, settings: unknown = {}): LabelObjective =>
  entryNamed<(given: unknown) => LabelObjective>(labels, name)(settings);

/** The same for either. @throws policy.bad_configuration */
export const preferenceObjective = (name: string, settings: unknown = {}): PreferenceObjective =>
  entryNamed<(given: unknown) => PreferenceObjective>({ ...pairs, ...labels }, name)(settings);
