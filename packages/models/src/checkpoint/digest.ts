/** @file The identity of a checkpoint: a hash over everything that decides what the model computes. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { canonicalJson } from '@plaudit/contract';
import type { TensorEntry } from './checkpoint.ts';
import { readPieces } from './file.ts';

/** Not part of what the model computes: who wrote the file and with which version. */
const provenanceFields = new Set(['transformers_version', '_name_or_path', 'torch_dtype', 'dtype']);

/**
 * SHA-256 over configuration, tensor names, dtypes and shapes, and the bytes of each weight file in order of its name.
 * A sample of the bytes would not do: fine-tuned weights differ from their base in a few layers only.
 */
export const checkpointDigest = async (
  config: Readonly<Record<string, unknown>>,
  tensors: ReadonlyMap<string, TensorEntry>,
): Promise<string> => {
  const hash = createHash('sha256');
  const kept = Object.fromEntries(Object.entries(config).filter(([field]) => !provenanceFields.has(field)));
  const listed = [...tensors.values()]
    .map(({ name, dtype, shape }) => JSON.stringify([name, dtype, shape]))
    .sort();
  hash.update(`plaudit checkpoint 1\n${canonicalJson(kept)}\n${listed.join('\n')}\n`);
  const files = [...new Set([...tensors.values()].map((entry) => entry.file))];
  files.sort((a, b) => (basename(a) < basename(b) ? -1 : 1));
  for (const file of files) for await (const piece of readPieces(file)) hash.update(piece);
  return hash.digest('hex');
};
