/**
 * @file The safetensors header, read as hostile input: eight bytes of length, JSON, then the tensors back to back.
 * @see https://github.com/huggingface/safetensors#format
 */
import { PlauditError, plauditError } from '@plaudit/contract';
import { elementCount, type PlainDtype, type TensorEntry } from './checkpoint.ts';
import { decodeUtf8, fileSize, isRecord, readRegion } from './file.ts';

/** Bytes per element of the dtypes that safetensors files may hold. */
export const bytesPerElement: Readonly<Record<PlainDtype, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
};

/** The header of the largest model known to us has 10 MB; the format allows 100. */
const maxHeaderBytes = 32 * 2 ** 20;
const maxTensors = 200_000;
const maxNameLength = 1024;
const maxRank = 8;

export interface SafetensorsFile {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** `__metadata__` of the header. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** The keys of the outermost object of valid JSON text, repeats included, which JSON.parse would drop silently. */
const outermostKeys = (json: string): string[] => {
  const keys: string[] = [];
  let depth = 0;
  let expectKey = false;
  for (let i = 0; i < json.length; i++) {
    const character = json[i];
    if (character === '"') {
      const start = i;
      for (i++; json[i] !== '"'; i++) if (json[i] === '\\') i++;
      if (depth === 1 && expectKey) keys.push(JSON.parse(json.slice(start, i + 1)) as string);
      expectKey = false;
    } else if (character === '{' || character === '[') {
      depth++;
      expectKey = depth === 1;
    } else if (character === '}' || character === ']') depth--;
    else if (character === ',') expectKey = depth === 1;
  }
  return keys;
};

const parseEntry = (
  path: string,
  name: string,
  value: unknown,
  dataStart: number,
  dataLength: number,
): TensorEntry => {
  const corrupt = (problem: string): PlauditError =>
    plauditError('model.corrupt', {
      path,
      problem: `tensor ${JSON.stringify(name.slice(0, 100))} ${problem}`,
    });
  if (name.length === 0 || name.length > maxNameLength)
    throw corrupt(`has a name of ${name.length} characters`);
  if (!isRecord(value)) throw corrupt('is not described by an object');
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string') throw corrupt('has no dtype');
  if (!Object.hasOwn(bytesPerElement, dtype))
    throw plauditError('model.dtype_unsupported', {
      path,
      tensor: name.slice(0, 100),
      dtype: dtype.slice(0, 20),
    });
  if (
    !Array.isArray(shape) ||
    shape.length > maxRank ||
    !shape.every((size) => Number.isSafeInteger(size) && size >= 0)
  )
    throw corrupt('has no valid shape');
  if (
    !Array.isArray(offsets) ||
    offsets.length !== 2 ||
    !offsets.every((offset) => Number.isSafeInteger(offset))
  )
    throw corrupt('has no valid data_offsets');
  const [begin, end] = offsets as [number, number];
  if (begin < 0 || end < begin || end > dataLength) throw corrupt('lies outside of the file');
  const byteLength = elementCount(shape as number[]) * bytesPerElement[dtype as PlainDtype];
  // A product beyond 2^53 is inexact but far larger than any file, so the comparison still fails as it should.
  if (byteLength !== end - begin)
    throw corrupt(`of shape [${shape}] and dtype ${dtype} has ${end - begin} bytes`);
  return {
    name,
    dtype: dtype as PlainDtype,
    shape: shape as number[],
    file: path,
    offset: dataStart + begin,
    byteLength,
  };
};

/** The format wants every byte of the data to belong to exactly one tensor: bytes in a hole could be anything. */
const checkCoverage = (
  path: string,
  entries: Iterable<TensorEntry>,
  dataStart: number,
  fileLength: number,
): void => {
  const ordered = [...entries].sort((a, b) => a.offset - b.offset || a.byteLength - b.byteLength);
  let position = dataStart;
  for (const entry of ordered) {
    if (entry.offset !== position) {
      const fault = entry.offset < position ? 'overlap' : 'leave a hole';
      throw plauditError('model.corrupt', {
        path,
        problem: `its tensors ${fault} at ${JSON.stringify(entry.name.slice(0, 100))}`,
      });
    }
    position += entry.byteLength;
  }
  if (position !== fileLength)
    throw plauditError('model.corrupt', {
      path,
      problem: `${fileLength - position} bytes at its end belong to no tensor`,
    });
};

/**
 * Reads and checks the header of a safetensors file; no tensor is read.
 *
 * @throws PlauditError `model.corrupt`, `model.wrong_format`, `model.dtype_unsupported`, `model.missing`, `model.unreadable`
 */
export const readSafetensorsHeader = async (path: string): Promise<SafetensorsFile> => {
  const fileLength = await fileSize(path);
  const corrupt = (problem: string, cause?: unknown): PlauditError =>
    plauditError('model.corrupt', { path, problem }, cause);
  if (fileLength < 10) throw corrupt(`it has only ${fileLength} bytes`);
  const lengthBytes = await readRegion(path, 0, 8);
  const declared = new DataView(lengthBytes.buffer).getBigUint64(0, true);
  if (declared > BigInt(fileLength - 8)) throw corrupt('its header is longer than the file');
  if (declared > BigInt(maxHeaderBytes)) throw corrupt(`its header is longer than ${maxHeaderBytes} bytes`);
  const headerLength = Number(declared);
  let json: string;
  let header: unknown;
  try {
    json = decodeUtf8(await readRegion(path, 8, headerLength));
    if (!json.startsWith('{')) throw new SyntaxError('no object');
    header = JSON.parse(json);
  } catch (cause) {
    if (cause instanceof PlauditError) throw cause;
    throw corrupt('its header is not JSON', cause);
  }
  if (!isRecord(header)) throw corrupt('its header is not a JSON object');
  const keys = outermostKeys(json);
  if (keys.length > maxTensors) throw corrupt(`it names more than ${maxTensors} tensors`);
  if (new Set(keys).size !== keys.length) throw corrupt('its header names a tensor twice');

  const dataStart = 8 + headerLength;
  const tensors = new Map<string, TensorEntry>();
  const metadata = new Map<string, string>();
  for (const [name, value] of Object.entries(header)) {
    if (name !== '__metadata__') {
      tensors.set(name, parseEntry(path, name, value, dataStart, fileLength - dataStart));
      continue;
    }
    if (!isRecord(value)) throw corrupt('its __metadata__ is not an object');
    for (const [key, text] of Object.entries(value)) {
      if (typeof text !== 'string') throw corrupt('its __metadata__ holds something other than text');
      metadata.set(key, text);
    }
  }
  checkCoverage(path, tensors.values(), dataStart, fileLength);
  return { path, tensors, metadata };
};
