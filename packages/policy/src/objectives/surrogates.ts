/** @file The online objectives by name. Adding one is a file beside this and a line here. */
import { cispo, cispoSettings } from './cispo.ts';
import { gspo, gspoSettings } from './gspo.ts';
import { ppo, ppoSettings } from './ppo.ts';
import { reinforce, reinforceSettings } from './reinforce.ts';
import { configured, entryNamed } from './settings.ts';
import type { Surrogate } from './surrogate.ts';

const surrogates = {
  ppo: configured(ppoSettings, ppo),
  gspo: configured(gspoSettings, gspo),
  cispo: configured(cispoSettings, cispo),
  reinforce: configured(reinforceSettings, reinforce),
};

export type SurrogateName = keyof typeof surrogates;
export const surrogateNames = Object.keys(surrogates) as readonly SurrogateName[];

/**
 * An online objective with the settings given, and its defaults for the rest.
 *
 * @throws policy.bad_configuration for a name that there is none of, and for settings that do not fit
 * @example surrogate('ppo', { clipHigh: 0.28, entropyCoefficient: 0.01 })
 */
export const surrogate = (name: string, settings: unknown = {}): Surrogate =>
  entryNamed<(given: unknown) => Surrogate>(surrogates, name)(settings);
