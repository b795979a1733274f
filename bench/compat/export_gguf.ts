/**
 * @file Writes a checkpoint as a folder of Hugging Face's and that folder as GGUF files, for open_gguf.py to read.
 *
 * node --conditions=source bench/compat/export_gguf.ts CHECKPOINT OUT
 */
import { join } from 'node:path';
import { openCheckpoint, readModel, writeGguf, writeMergedCausal } from '@plaudit/models';

const [path, out] = process.argv.slice(2);
if (!path || !out) throw new Error('usage: export_gguf.ts CHECKPOINT OUT');
const base = await openCheckpoint(path);
await writeMergedCausal(out, { checkpoint: base, model: readModel(base.config) });
const checkpoint = await openCheckpoint(out);
const model = readModel(checkpoint.config);
for (const type of ['F16', 'Q8_0'] as const)
  await writeGguf(join(out, `model-${type}.gguf`), { checkpoint, model, name: 'export' }, type);
