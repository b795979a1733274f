/** @file The text files of a Hugging Face folder: tokenizer, its configuration, chat template. */
import { join } from 'node:path';
import { plauditError } from '@plaudit/contract';
import type { TextFiles } from './checkpoint.ts';
import { isRecord, kindOf, readJson, readText } from './file.ts';

const maxTokenizerBytes = 128 * 2 ** 20;
const maxConfigBytes = 16 * 2 ** 20;
const maxTemplateBytes = 2 ** 20;

/** `chat_template` of tokenizer_config.json is text, or a list of named templates of which `default` is for chat. */
const templateOf = (tokenizerConfig: Readonly<Record<string, unknown>>): string | undefined => {
  const template = tokenizerConfig.chat_template;
  if (typeof template === 'string') return template;
  if (!Array.isArray(template)) return undefined;
  const named = template.filter(isRecord).find(({ name }) => name === 'default');
  return typeof named?.template === 'string' ? named.template : undefined;
};

/**
 * Reads `tokenizer.json`, and where they exist `tokenizer_config.json`, `special_tokens_map.json` (for what the former
 * leaves out) and `chat_template.jinja`.
 *
 * @throws PlauditError `model.tokenizer_missing`, `model.config_invalid`
 */
export const readTextFiles = async (folder: string): Promise<TextFiles> => {
  const optional = async (name: string): Promise<Record<string, unknown>> => {
    const path = join(folder, name);
    return (await kindOf(path)) === 'file' ? readJson(path, maxConfigBytes) : {};
  };
  const tokenizerPath = join(folder, 'tokenizer.json');
  if ((await kindOf(tokenizerPath)) !== 'file')
    throw plauditError('model.tokenizer_missing', { path: folder });
  const tokenizerJson = await readJson(tokenizerPath, maxTokenizerBytes);
  const tokenizerConfig = {
    ...(await optional('special_tokens_map.json')),
    ...(await optional('tokenizer_config.json')),
  };
  const templatePath = join(folder, 'chat_template.jinja');
  const chatTemplate =
    (await kindOf(templatePath)) === 'file'
      ? await readText(templatePath, maxTemplateBytes)
      : templateOf(tokenizerConfig);
  return {
    path: folder,
    tokenizerJson,
    tokenizerConfig,
    ...(chatTemplate === undefined ? {} : { chatTemplate }),
  };
};
