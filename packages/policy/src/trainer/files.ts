/** @file The folder of a saved policy, which Hugging Face's libraries open too, and what a run starts from. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { plauditError } from '@plaudit/contract';
import {
  causalConfig,
  configText,
  createFormatter,
  type LoraConfig,
  locateCheckpoint,
  locateHubOrigin,
  readPeftAdapter,
  readSafetensorsHeader,
  readTensor,
  type TensorToWrite,
  valueModule,
  writeFileAtomic,
  writePeftAdapter,
  writeSafetensors,
} from '@plaudit/models';
import { type Base, type OnProgress, openBase, openLocatedBase, type TrainedValues } from '@plaudit/reward';
import { z } from 'zod';
import { policyConfiguration } from './configuration.ts';
import { policyMethods } from './settings.ts';

export const policyCardVersion = 1;
const policyCardFile = 'plaudit.json';

const source = z.object({ name: z.string(), sha256: z.string() });

/** `plaudit.json` of a policy. */
const policyCard = z.object({
  version: z.literal(policyCardVersion),
  kind: z.literal('policy'),
  method: z.enum(policyMethods),
  configuration: policyConfiguration,
  formattingDigest: z.string(),
  seed: z.number().int(),
  data: z.object({ sources: z.array(source), rows: z.number().int() }),
  /** What it was optimised against: what a person called it, and what identifies it. */
  reward: z.object({ name: z.string(), digest: z.string() }).nullable(),
  lineage: z.object({
    /** SHA-256 of the checkpoint that an adapter stands on, or that training started from. */
    base: z.string().nullable(),
    hub: z
      .object({ id: z.string(), commit: z.string().regex(/^[0-9a-f]{40}$/), file: z.string().nullable() })
      .optional(),
    /** The methods that made the policy, in order, this one included. */
    methods: z.array(z.enum(policyMethods)),
  }),
  createdBy: z.string(),
});
export type PolicyCard = z.infer<typeof policyCard>;

/** What a run starts from, or what writes. */
export interface OpenedPolicy {
  readonly base: Base;
  /** null for a plain checkpoint. */
  readonly card: PolicyCard | null;
  /** The adapter that stands beside the base; null for none. */
  readonly lora: LoraConfig | null;
  /** Trained values that the base lacks: the adapter's, and the value function's where it was kept. */
  readonly values: TrainedValues | null;
  /** SHA-256 of everything that decides what it writes. */
  readonly digest: string;
}

const valueFile = 'value.safetensors';

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** The card of a saved policy; null for a folder or file that is none. @throws policy.card_corrupt */
export const readPolicyCard = async (path: string): Promise<PolicyCard | null> => {
  const file = join(path, policyCardFile);
  if (!(await isFile(file))) return null;
  const corrupt = (problem: string): never => {
    throw plauditError('policy.card_corrupt', { path: file, problem });
  };
  let document: unknown;
  try {
    document = JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return corrupt('it is not valid JSON');
  }
  const kind = z.object({ kind: z.string() }).safeParse(document);
  if (kind.success && kind.data.kind !== 'policy') throw plauditError('policy.missing', { path });
  const parsed = policyCard.safeParse(document);
  return parsed.success
    ? parsed.data
    : corrupt(`${parsed.error.issues[0]?.path.join('.') || 'the whole document'} is missing or wrong`);
};

const readValues = async (path: string): Promise<TrainedValues> => {
  const { tensors } = await readSafetensorsHeader(path);
  const values = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const [name, entry] of tensors)
    values.set(name, { shape: entry.shape, data: await readTensor(entry) });
  return values;
};

const digestOf = (base: Base, values: TrainedValues | null): string => {
  const hash = createHash('sha256').update(`${base.digest}\n${base.formatter.digest}\n`);
  for (const [name, { data }] of [...(values ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest('hex');
};

/**
 * A policy reads what its tokenizer and chat template make of a prompt: others than those of its training, and it would
 * write something else without a word.
 *
 * @throws policy.card_corrupt
 */
const requireSameText = (
  path: string,
  { formatter, text, model, config }: Base,
  { formattingDigest, configuration: { maxLength } }: PolicyCard,
): void => {
  const { direction } = formatter;
  const { vocabularySize } = model;
  const trained = createFormatter(text, { maxLength, direction, vocabularySize, modelConfig: config });
  if (trained.digest !== formattingDigest)
    throw plauditError('policy.card_corrupt', {
      path,
      problem: `the tokenizer or chat template in ${text.path} is not the one that it was trained with`,
    });
};

/**
 * Opens what writes: a saved policy, a checkpoint's folder, a .gguf file, or a model of the Hub.
 *
 * @param maxLength Tokens of prompt and response together; what a saved policy was trained with by default
 * @param options.moved Where the base of an adapter lies now, if not where it was
 * @throws policy.missing, policy.card_corrupt, policy.base_changed, model.*
 */
export const openPolicy = async (
  reference: string,
  maxLength: number | undefined,
  options: {
    readonly moved?: string | undefined;
    readonly signal?: AbortSignal;
    readonly onProgress?: OnProgress;
  } = {},
): Promise<OpenedPolicy> => {
  const card = await readPolicyCard(reference);
  if (!card) {
    const base = await openBase(reference, maxLength ?? defaultMaxLength, options);
    return { base, card, lora: null, values: null, digest: digestOf(base, null) };
  }
  const length = maxLength ?? card.configuration.maxLength;
  const { lora } = card.configuration;
  const value = (await isFile(join(reference, valueFile)))
    ? await readValues(join(reference, valueFile))
    : [];
  if (!lora) {
    const base = await openLocatedBase({ path: reference, hub: null }, length);
    requireSameText(reference, base, card);
    const values = new Map(value);
    return { base, card, lora, values: values.size > 0 ? values : null, digest: digestOf(base, values) };
  }
  const adapter = await readPeftAdapter(reference);
  const located = options.moved
    ? await locateCheckpoint(options.moved)
    : card.lineage.hub
      ? await locateHubOrigin(card.lineage.hub)
      : await locateCheckpoint(adapter.basePath);
  const base = await openLocatedBase(located, length);
  if (base.digest !== card.lineage.base)
    throw plauditError('policy.base_changed', { path: reference, base: located.path });
  requireSameText(reference, base, card);
  const values = new Map([...adapter.values, ...value]);
  return { base, card, lora, values, digest: digestOf(base, values) };
};

/** Tokens of prompt and response together, unless a person or the model's positions say otherwise. */
export const defaultMaxLength = 1024;

const tensorsOf = (values: Iterable<readonly [string, { shape: readonly number[]; data: Float32Array }]>) =>
  new Map(
    [...values].map(([name, { shape, data }]): [string, TensorToWrite] => [
      name,
      { dtype: 'F32', shape, data },
    ]),
  );

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/**
 * Writes a policy into a folder: a PEFT adapter beside the name of its base, or all weights; the tokenizer; the value
 * function, where there is one, in a file of its own; the card.
 *
 * @throws output.disk_full, output.not_writable
 */
export const savePolicy = async (
  directory: string,
  base: Base,
  values: TrainedValues,
  card: PolicyCard,
): Promise<void> => {
  await mkdir(directory, { recursive: true });
  const isValue = (name: string): boolean => name.startsWith(`${valueModule}.`);
  const { lora } = card.configuration;
  if (lora)
    await writePeftAdapter(directory, values, {
      lora,
      model: base.model,
      base: base.hub ? { name: base.hub.id, revision: base.hub.commit } : { name: base.path! },
      task: 'CAUSAL_LM',
    });
  else {
    const own = [...values].filter(([name]) => !isValue(name));
    await writeSafetensors(join(directory, 'model.safetensors'), tensorsOf(own));
  }
  const value = [...values].filter(([name]) => isValue(name));
  if (value.length > 0) await writeSafetensors(join(directory, valueFile), tensorsOf(value));
  await writeFile(join(directory, 'config.json'), configText(causalConfig(base.config, base.model, 'F32')));
  await writeFile(join(directory, 'tokenizer.json'), JSON.stringify(base.text.tokenizerJson));
  await writeFile(join(directory, 'tokenizer_config.json'), json(base.text.tokenizerConfig));
  await writeFile(join(directory, 'chat_template.jinja'), base.formatter.chatTemplate);
  await writeFileAtomic(join(directory, policyCardFile), json(policyCard.parse(card)));
};
