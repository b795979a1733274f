/** @file A policy written so that others run it: merged safetensors, or one GGUF file for llama.cpp. */
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { plauditError } from '@plaudit/contract';
import { writeGguf, writeMergedCausal } from '@plaudit/models';
import { openStaging, requireFree, writing } from '@plaudit/reward';
import { openPolicy } from '../trainer/files.ts';

export const exportFormats = ['safetensors', 'gguf-f16', 'gguf-q8_0'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportPolicyOptions {
  /** A folder for safetensors, a file for GGUF. */
  readonly out: string;
  readonly format: string;
  /** What safetensors store; F32 by default. */
  readonly dtype?: 'F32' | 'F16' | 'BF16';
  readonly overwrite?: boolean;
  readonly base?: string;
  readonly signal?: AbortSignal;
}

export interface ExportDocument {
  readonly policy: string;
  readonly out: string;
  readonly format: ExportFormat;
  readonly bytes: number;
}

/**
 * Writes a policy as a whole model: an adapter is added into its base.
 *
 * @throws policy.*, model.* (`model.gguf_unsupported` for what llama.cpp could not run alike), output.*
 */
export const exportPolicy = async (
  reference: string,
  { out, format: asked, dtype = 'F32', overwrite = false, base: moved, signal }: ExportPolicyOptions,
): Promise<ExportDocument> => {
  const format = exportFormats.find((name) => name === asked);
  if (!format)
    throw plauditError('policy.bad_configuration', {
      setting: 'format',
      problem: `it has to be one of ${exportFormats.join(', ')}`,
    });
  if (!['F32', 'F16', 'BF16'].includes(dtype))
    throw plauditError('policy.bad_configuration', {
      setting: 'dtype',
      problem: 'it has to be F32, F16 or BF16',
    });
  const { base, lora, values } = await openPolicy(reference, undefined, {
    moved,
    ...(signal && { signal }),
  });
  const merged = {
    checkpoint: base.checkpoint!,
    model: base.model,
    lora,
    values: lora ? values! : new Map(),
    text: base.text,
    chatTemplate: base.formatter.chatTemplate,
  };
  if (format === 'safetensors') {
    await requireFree(out, overwrite);
    const staging = await openStaging(
      out,
      { kind: 'policy export', seed: 0, data: [], settings: {} },
      { overwrite: true, resume: false },
    );
    try {
      await writing(out, () => writeMergedCausal(staging.path, { ...merged, dtype }));
      await staging.publish();
    } catch (error) {
      await staging.abandon();
      throw error;
    }
    return { policy: reference, out, format, bytes: await sizeOf(`${out}/model.safetensors`) };
  }
  if (!overwrite && (await stat(out).catch(() => null)))
    throw plauditError('output.would_replace', { path: out });
  const type = format === 'gguf-f16' ? 'F16' : 'Q8_0';
  const name = basename(resolve(reference));
  await writing(out, () => writeGguf(out, { ...merged, name }, type));
  return { policy: reference, out, format, bytes: await sizeOf(out) };
};

const sizeOf = async (path: string): Promise<number> => (await stat(path)).size;
