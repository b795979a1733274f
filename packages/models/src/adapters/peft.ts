/** @file Adapters in PEFT's format: `adapter_config.json` and `adapter_model.safetensors`, with a head or without. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { plauditError } from '@plaudit/contract';
import { z } from 'zod';
import {
  readSafetensorsHeader,
  readTensor,
  type TensorToWrite,
  writeFileAtomic,
  writeSafetensors,
} from '../checkpoint/index.ts';
import type { TransformerModel } from '../families/family.ts';
import { isLoraName, type LoraConfig } from './lora.ts';
import { type Values, withoutValueFunction } from './merge.ts';

/** What PEFT takes the model for: a sequence classifier, whose head is saved with the adapter, or a causal model. */
export type PeftTask = 'SEQ_CLS' | 'CAUSAL_LM';

/** What PEFT puts before the names of the model that it wraps. */
const prefix = 'base_model.model.';
const configFile = 'adapter_config.json';
const weightsFile = 'adapter_model.safetensors';

/** What a plain LoRA lacks, as PEFT writes it where it is not used. */
const unused = {
  use_dora: z.literal(false).nullish(),
  use_rslora: z.literal(false).nullish(),
  bias: z.literal('none').nullish(),
  lora_bias: z.literal(false).nullish(),
  rank_pattern: z.strictObject({}).nullish(),
  alpha_pattern: z.strictObject({}).nullish(),
};

const adapterConfig = z.object({
  peft_type: z.literal('LORA'),
  task_type: z.enum(['SEQ_CLS', 'CAUSAL_LM']).nullish(),
  base_model_name_or_path: z.string().min(1),
  r: z.number().int().positive(),
  lora_alpha: z.number().positive(),
  lora_dropout: z.number().min(0).lt(1).default(0),
  target_modules: z.array(z.string().min(1)).min(1),
  ...unused,
});

/**
 * Writes an adapter, for a sequence classifier with the head that was trained with it. Of a causal model's values those
 * of a value function are left out, for PEFT has no place for them.
 *
 * @param base Where PEFT loads the base from: a path, or an id of the Hub with a revision
 * @throws RangeError for a causal model's value that is not the adapter's
 */
export const writePeftAdapter = async (
  directory: string,
  values: Values,
  {
    lora,
    model,
    base,
    task = 'SEQ_CLS',
  }: {
    readonly lora: LoraConfig;
    readonly model: TransformerModel;
    /** A sequence classifier by default. */
    readonly task?: PeftTask;
    readonly base: { readonly name: string; readonly revision?: string };
  },
): Promise<void> => {
  const written = task === 'CAUSAL_LM' ? withoutValueFunction(values) : values;
  const other = task === 'CAUSAL_LM' && [...written.keys()].find((name) => !isLoraName(name));
  if (other) throw new RangeError(`an adapter of a causal model has no place for ${other}`);
  const config = {
    peft_type: 'LORA',
    task_type: task,
    base_model_name_or_path: base.name,
    ...(base.revision !== undefined && { revision: base.revision }),
    r: lora.rank,
    lora_alpha: lora.alpha,
    lora_dropout: lora.dropout,
    target_modules: lora.targets,
    modules_to_save: task === 'SEQ_CLS' ? model.head.saved : null,
    bias: 'none',
    fan_in_fan_out: model.family === 'gpt2',
    inference_mode: true,
  };
  await writeFileAtomic(join(directory, configFile), `${JSON.stringify(config, null, 2)}\n`);
  const tensors = new Map<string, TensorToWrite>(
    [...written].map(([name, { shape, data }]) => [`${prefix}${name}`, { dtype: 'F32', shape, data }]),
  );
  await writeSafetensors(join(directory, weightsFile), tensors);
};

/** An adapter as read. */
export interface PeftAdapter {
  readonly lora: LoraConfig;
  /** null where the file does not say. */
  readonly task: PeftTask | null;
  /** Absolute path of the base. */
  readonly basePath: string;
  /** By the names of the graph: PEFT's without its prefix. */
  readonly values: Values;
}

/**
 * Reads an adapter. What a plain LoRA does not have (DoRA, a scale by the root of the rank, ranks of single modules) is
 * refused, for its numbers would mean something else.
 *
 * @throws `model.config_invalid`, `model.config_missing`, `model.corrupt`
 */
export const readPeftAdapter = async (directory: string): Promise<PeftAdapter> => {
  const path = join(directory, configFile);
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw plauditError('model.config_missing', { path }, cause);
  });
  const parsed = adapterConfig.safeParse(jsonOf(text));
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.') || 'the whole document';
    throw plauditError('model.config_invalid', { path, problem: `${field} is missing or not supported` });
  }
  const { task_type: task, base_model_name_or_path: base, target_modules: targets } = parsed.data;
  const { r: rank, lora_alpha: alpha, lora_dropout: dropout } = parsed.data;
  const file = await readSafetensorsHeader(join(directory, weightsFile));
  const values = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const [name, entry] of file.tensors) {
    const bare = name.startsWith(prefix) ? name.slice(prefix.length) : name;
    values.set(bare, { shape: entry.shape, data: await readTensor(entry) });
  }
  return {
    lora: { rank, alpha, dropout, targets },
    task: task ?? null,
    basePath: resolve(directory, base),
    values,
  };
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
