/** @file The families that Plaudit knows. Adding one is a file beside this and a line here. */
import { plauditError } from '@plaudit/contract';
import { bert } from './bert.ts';
import { Configuration, type Family, type TransformerModel } from './family.ts';
import { gpt2 } from './gpt2.ts';
import { llama } from './llama.ts';

export const families: readonly Family[] = [llama, gpt2, bert];

/**
 * The model that a config.json describes.
 *
 * @throws `model.family_unsupported`, `model.config_invalid`
 */
export const readModel = (config: Readonly<Record<string, unknown>>): TransformerModel => {
  const type = String(config.model_type ?? 'none');
  const family = families.find(({ modelTypes }) => modelTypes.includes(type));
  if (!family) {
    const supported = families.flatMap(({ modelTypes }) => modelTypes).join(', ');
    throw plauditError('model.family_unsupported', { family: type.slice(0, 60), supported });
  }
  return family.read(new Configuration(config));
};
