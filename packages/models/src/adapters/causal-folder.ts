/** @file A trained policy as a plain folder of Hugging Face's: a causal language model that any of its readers opens. */
import { join } from 'node:path';
import {
  type Checkpoint,
  configText,
  type TextFiles,
  writeFileAtomic,
  writeSafetensors,
} from '../checkpoint/index.ts';
import type { TransformerModel } from '../families/family.ts';
import type { LoraConfig } from './lora.ts';
import { mergedCausalTensors, type Values } from './merge.ts';

export interface MergedCausal {
  /** What the policy was trained from. */
  readonly checkpoint: Checkpoint;
  readonly model: TransformerModel;
  /** Of the adapter that was trained; null where all weights were, or none. */
  readonly lora?: LoraConfig | null;
  /** The trained values by the names of the graph; none by default. Those of a value function are left out. */
  readonly values?: Values;
  /** The checkpoint's own by default. */
  readonly text?: TextFiles;
  /** The template that the policy was trained with, where it is not the checkpoint's. */
  readonly chatTemplate?: string;
  /** What the file stores; float32 by default. */
  readonly dtype?: 'F32' | 'F16' | 'BF16';
}

/** What a sequence classifier's configuration has more than a causal model's. */
const classifierFields = new Set(['num_labels', 'id2label', 'label2id', 'problem_type']);

const torchNames = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' };

/** The class that opens the model: `LlamaForCausalLM` and its like, GPT-2's under its own name. */
const causalClass = ({ classifier, family }: TransformerModel): string =>
  classifier.replace('ForSequenceClassification', family === 'gpt2' ? 'LMHeadModel' : 'ForCausalLM');

/** `config.json` of the causal model. Nothing of it but its class and its dtype differs from the base's. */
export const causalConfig = (
  config: Readonly<Record<string, unknown>>,
  model: TransformerModel,
  dtype: keyof typeof torchNames,
): Record<string, unknown> => {
  const { dtype: _, torch_dtype: __, ...kept } = config;
  return {
    ...Object.fromEntries(Object.entries(kept).filter(([field]) => !classifierFields.has(field))),
    architectures: [causalClass(model)],
    torch_dtype: torchNames[dtype],
  };
};

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/**
 * Writes the policy as a folder with `model.safetensors`, `config.json`, `tokenizer.json`, `tokenizer_config.json` and,
 * where there is one, `chat_template.jinja`. The configuration is written last.
 *
 * @throws model.feature_unsupported, model.tokenizer_missing, output.disk_full, output.not_writable
 */
export const writeMergedCausal = async (directory: string, merged: MergedCausal): Promise<void> => {
  const { checkpoint, model, lora = null, values = new Map(), dtype = 'F32' } = merged;
  const text = merged.text ?? (await checkpoint.text());
  const chatTemplate = merged.chatTemplate ?? text.chatTemplate;
  const tensors = mergedCausalTensors(checkpoint, model, lora, values, dtype);
  const write = (name: string, content: string): Promise<void> =>
    writeFileAtomic(join(directory, name), content);
  await writeSafetensors(join(directory, 'model.safetensors'), tensors);
  await write('tokenizer.json', JSON.stringify(text.tokenizerJson));
  await write('tokenizer_config.json', json(text.tokenizerConfig));
  if (chatTemplate !== undefined) await write('chat_template.jinja', chatTemplate);
  await write('config.json', configText(causalConfig(checkpoint.config, model, dtype)));
};
