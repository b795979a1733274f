/**
 * @file Where ONNX Runtime finds the weights that a model keeps in other files.
 *
 * ONNX Runtime 1.30 takes one folder per session and refuses an initializer whose file, after following links, lies
 * outside it (`External data path escapes model directory`): a folder of symbolic links does not work, nor do
 * absolute paths or `..`. The Hub's cache is made of such links. So links are followed here, the deepest folder that
 * holds all files is taken, and the locations in the model are rewritten relative to it. Nothing is copied.
 */
import { realpathSync, statSync } from 'node:fs';
import { dirname, parse, relative, sep } from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { plauditError } from '@plaudit/contract';
import { ModelProtoSchema, TensorProto_DataLocation } from '../onnx/onnx_pb.ts';
import type { ExternalFile } from './compiled-graph.ts';

/**
 * Points a model's external initializers to the real files.
 *
 * @returns The model, and the folder for `session.model_external_initializers_file_folder_path`, if any.
 * @throws `engine.weights_missing`, `engine.weights_scattered`.
 */
export const locateExternalData = (
  model: Uint8Array,
  files: readonly ExternalFile[],
): { readonly model: Uint8Array; readonly folder: string | undefined } => {
  if (files.length === 0) return { model, folder: undefined };
  const found = files.map(({ location, file }) => ({ location, file: realFile(file) }));
  const folder = found.map(({ file }) => dirname(file)).reduce(commonFolder);
  const places = new Map(
    found.map(({ location, file }) => [location, relative(folder, file).split(sep).join('/')]),
  );
  if ([...places].every(([location, place]) => location === place)) return { model, folder };
  const message = fromBinary(ModelProtoSchema, model);
  for (const initializer of message.graph?.initializer ?? []) {
    if (initializer.dataLocation !== TensorProto_DataLocation.EXTERNAL) continue;
    for (const entry of initializer.externalData) {
      if (entry.key === 'location') entry.value = places.get(entry.value) ?? entry.value;
    }
  }
  return { model: toBinary(ModelProtoSchema, message), folder };
};

const realFile = (path: string): string => {
  try {
    const file = realpathSync(path);
    if (!statSync(file).isFile()) throw new Error('it is not a file');
    return file;
  } catch (error) {
    throw plauditError('engine.weights_missing', { path, problem: (error as Error).message }, error);
  }
};

/** The deepest folder that holds both. */
const commonFolder = (first: string, second: string): string => {
  if (parse(first).root !== parse(second).root)
    throw plauditError('engine.weights_scattered', { first, second });
  let folder = first;
  while (relative(folder, second).split(sep)[0] === '..') folder = dirname(folder);
  return folder;
};
