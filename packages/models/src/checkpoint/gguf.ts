/**
 * @file The GGUF header, read as hostile input: metadata of key and value, then the list of tensors.
 * @see https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
import { type PlauditError, plauditError } from '@plaudit/contract';
import { elementCount, type TensorDtype } from './checkpoint.ts';
import { blockLayout } from './dequantise.ts';
import { decodeUtf8, fileSize, readRegion } from './file.ts';

type GgufNumbers =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** 64-bit integers become the nearest number. */
export type GgufValue = number | boolean | string | GgufNumbers | readonly string[] | readonly boolean[];

export interface GgufTensor {
  readonly name: string;
  readonly dtype: TensorDtype;
  /** Row-major order: GGUF's own dimensions reversed. */
  readonly shape: readonly number[];
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly byteLength: number;
}

export interface GgufFile {
  readonly path: string;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
}

/** A vocabulary of 256,000 tokens with its merges has 12 MB. */
const maxHeaderBytes = 128 * 2 ** 20;
const maxTensors = 200_000;
const maxEntries = 10_000;
const maxKeyLength = 1024;
const maxStrings = 4_000_000;
const maxDimensions = 4;

const dtypeOfType: Readonly<Record<number, TensorDtype>> = {
  0: 'F32',
  1: 'F16',
  2: 'Q4_0',
  3: 'Q4_1',
  6: 'Q5_0',
  7: 'Q5_1',
  8: 'Q8_0',
  12: 'Q4_K',
  14: 'Q6_K',
  24: 'I8',
  25: 'I16',
  26: 'I32',
  27: 'I64',
  28: 'F64',
  30: 'BF16',
};

/** Names of the types that exist and are not read, for the message. */
const otherTypes: Readonly<Record<number, string>> = {
  9: 'Q8_1',
  10: 'Q2_K',
  11: 'Q3_K',
  13: 'Q5_K',
  15: 'Q8_K',
  16: 'IQ2_XXS',
  17: 'IQ2_XS',
  18: 'IQ3_XXS',
  19: 'IQ1_S',
  20: 'IQ4_NL',
  21: 'IQ3_S',
  22: 'IQ2_S',
  23: 'IQ4_XS',
  29: 'IQ1_M',
  34: 'TQ1_0',
  35: 'TQ2_0',
  39: 'MXFP4',
};

/** The part of the file that was given ends inside of the header, and the file goes on. */
class MoreNeeded extends Error {}

/** Reads little-endian values one after the other and never past the end. */
class Cursor {
  position = 0;
  private readonly path: string;
  private readonly bytes: Uint8Array<ArrayBuffer>;
  private readonly view: DataView;
  private readonly fileLength: number;

  constructor(path: string, bytes: Uint8Array<ArrayBuffer>, fileLength: number) {
    this.path = path;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.fileLength = fileLength;
  }

  corrupt(problem: string): PlauditError {
    return plauditError('model.corrupt', { path: this.path, problem });
  }

  /** Moves past `length` bytes and returns where they start. */
  private take(length: number): number {
    const start = this.position;
    if (length > this.fileLength - start) throw this.corrupt('it ends inside of its header');
    if (length > this.bytes.byteLength - start) throw new MoreNeeded();
    this.position = start + length;
    return start;
  }

  u8 = (): number => this.view.getUint8(this.take(1));
  i8 = (): number => this.view.getInt8(this.take(1));
  u16 = (): number => this.view.getUint16(this.take(2), true);
  i16 = (): number => this.view.getInt16(this.take(2), true);
  u32 = (): number => this.view.getUint32(this.take(4), true);
  i32 = (): number => this.view.getInt32(this.take(4), true);
  f32 = (): number => this.view.getFloat32(this.take(4), true);
  f64 = (): number => this.view.getFloat64(this.take(8), true);
  u64 = (): number => Number(this.view.getBigUint64(this.take(8), true));
  i64 = (): number => Number(this.view.getBigInt64(this.take(8), true));

  bool = (): boolean => {
    const byte = this.u8();
    if (byte > 1) throw this.corrupt('a boolean is neither 0 nor 1');
    return byte === 1;
  };

  /** @param least the fewest bytes that one of the counted things takes, so that a count can be checked at once */
  count(least: number, most: number, what: string): number {
    const count = this.u64();
    if (count > most) throw this.corrupt(`it claims ${count} ${what}, the limit is ${most}`);
    if (count * least > this.fileLength - this.position) throw this.corrupt('it ends inside of its header');
    return count;
  }

  string = (limit = maxHeaderBytes): string => {
    const length = this.count(1, limit, 'bytes in a string');
    const start = this.take(length);
    try {
      return decodeUtf8(this.bytes.subarray(start, start + length));
    } catch {
      throw this.corrupt('a string is not UTF-8');
    }
  };

  slice(length: number): ArrayBuffer {
    const start = this.take(length);
    return this.bytes.slice(start, start + length).buffer;
  }
}

const readNumbers = (cursor: Cursor, type: number): GgufNumbers => {
  const size = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 10: 8, 11: 8, 12: 8 }[type];
  if (size === undefined) throw cursor.corrupt(`an array has the unknown type ${type}`);
  const count = cursor.count(size, maxHeaderBytes / size, 'numbers in an array');
  const buffer = cursor.slice(count * size);
  switch (type) {
    case 0:
      return new Uint8Array(buffer);
    case 1:
      return new Int8Array(buffer);
    case 2:
      return new Uint16Array(buffer);
    case 3:
      return new Int16Array(buffer);
    case 4:
      return new Uint32Array(buffer);
    case 5:
      return new Int32Array(buffer);
    case 6:
      return new Float32Array(buffer);
    case 10:
      return Float64Array.from(new BigUint64Array(buffer), Number);
    case 11:
      return Float64Array.from(new BigInt64Array(buffer), Number);
    default:
      return new Float64Array(buffer);
  }
};

const readArray = (cursor: Cursor): GgufValue => {
  const type = cursor.u32();
  if (type === 9) throw cursor.corrupt('an array holds arrays, which no known model needs');
  if (type === 8) {
    const count = cursor.count(8, maxStrings, 'strings in an array');
    return Array.from({ length: count }, () => cursor.string());
  }
  if (type === 7) {
    const count = cursor.count(1, maxStrings, 'booleans in an array');
    return Array.from({ length: count }, cursor.bool);
  }
  return readNumbers(cursor, type);
};

const readValue = (cursor: Cursor): GgufValue => {
  const type = cursor.u32();
  const { u8, i8, u16, i16, u32, i32, f32, bool, string, u64, i64, f64 } = cursor;
  const read = [
    u8,
    i8,
    u16,
    i16,
    u32,
    i32,
    f32,
    bool,
    () => string(),
    () => readArray(cursor),
    u64,
    i64,
    f64,
  ][type];
  if (!read) throw cursor.corrupt(`a value has the unknown type ${type}`);
  return read();
};

interface TensorInfo {
  readonly name: string;
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
  /** From the start of the data. */
  readonly offset: number;
  readonly byteLength: number;
}

const readTensorInfo = (path: string, cursor: Cursor): TensorInfo => {
  const name = cursor.string(maxKeyLength);
  if (name.length === 0) throw cursor.corrupt('a tensor has no name');
  const quoted = JSON.stringify(name.slice(0, 100));
  const rank = cursor.u32();
  if (rank > maxDimensions) throw cursor.corrupt(`tensor ${quoted} has ${rank} dimensions`);
  const shape = Array.from({ length: rank }, cursor.u64).reverse();
  const type = cursor.u32();
  const offset = cursor.u64();
  const dtype = dtypeOfType[type];
  if (dtype === undefined) {
    const known = otherTypes[type];
    if (known === undefined) throw cursor.corrupt(`tensor ${quoted} has the unknown type ${type}`);
    throw plauditError('model.dtype_unsupported', { path, tensor: name.slice(0, 100), dtype: known });
  }
  const layout = blockLayout[dtype];
  if (!shape.every(Number.isSafeInteger) || (shape.at(-1) ?? 1) % layout.elements !== 0)
    throw cursor.corrupt(`tensor ${quoted} has a shape that ${dtype} cannot have`);
  // A product beyond 2^53 is inexact but far larger than any file, which the check of bounds then refuses.
  const byteLength = (elementCount(shape) / layout.elements) * layout.bytes;
  return { name, dtype, shape, offset, byteLength };
};

/** Tensors stand one behind the other, each padded to the alignment: llama.cpp refuses anything else as well. */
const checkCoverage = (
  path: string,
  infos: readonly TensorInfo[],
  dataLength: number,
  alignment: number,
): void => {
  let position = 0;
  for (const info of [...infos].sort((a, b) => a.offset - b.offset || a.byteLength - b.byteLength)) {
    const quoted = JSON.stringify(info.name.slice(0, 100));
    if (info.offset + info.byteLength > dataLength)
      throw plauditError('model.corrupt', { path, problem: `it ends inside of tensor ${quoted}` });
    if (info.offset !== position)
      throw plauditError('model.corrupt', {
        path,
        problem: `its tensors ${info.offset < position ? 'overlap' : 'leave a hole'} at ${quoted}`,
      });
    position = Math.ceil((info.offset + info.byteLength) / alignment) * alignment;
  }
};

/** @param bytes the start of the file; whole or not */
const parseHeader = (path: string, bytes: Uint8Array<ArrayBuffer>, fileLength: number): GgufFile => {
  const cursor = new Cursor(path, bytes, fileLength);
  const magic = cursor.u32();
  if (magic !== 0x46554747)
    throw plauditError('model.wrong_format', {
      path,
      expected: 'GGUF',
      found: 'it does not start with the letters GGUF',
    });
  const version = cursor.u32();
  if (version === 0x03000000 || version === 0x02000000)
    throw plauditError('model.feature_unsupported', {
      path,
      feature: 'big-endian numbers',
      cure: 'Use the little-endian file that everyone else uses.',
    });
  if (version !== 2 && version !== 3)
    throw plauditError('model.feature_unsupported', {
      path,
      feature: `GGUF version ${version}`,
      cure: 'Convert it with a current llama.cpp to version 3.',
    });
  const tensorCount = cursor.count(24, maxTensors, 'tensors');
  const entryCount = cursor.count(13, maxEntries, 'metadata entries');
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < entryCount; i++) {
    const key = cursor.string(maxKeyLength);
    if (metadata.has(key)) throw cursor.corrupt('its metadata names a key twice');
    metadata.set(key, readValue(cursor));
  }
  const infos = new Map<string, TensorInfo>();
  for (let i = 0; i < tensorCount; i++) {
    const info = readTensorInfo(path, cursor);
    if (infos.has(info.name)) throw cursor.corrupt('its header names a tensor twice');
    infos.set(info.name, info);
  }
  const alignment = metadata.get('general.alignment') ?? 32;
  if (
    typeof alignment !== 'number' ||
    !(alignment >= 1 && alignment <= 2 ** 20) ||
    !Number.isInteger(Math.log2(alignment))
  )
    throw cursor.corrupt('its alignment is not a power of two');
  const dataStart = Math.ceil(cursor.position / alignment) * alignment;
  checkCoverage(path, [...infos.values()], Math.max(0, fileLength - dataStart), alignment);
  const tensors = new Map<string, GgufTensor>();
  for (const info of infos.values()) tensors.set(info.name, { ...info, offset: dataStart + info.offset });
  return { path, metadata, tensors };
};

/**
 * Reads and checks the header of a GGUF file; no tensor is read.
 *
 * @throws PlauditError `model.corrupt`, `model.wrong_format`, `model.dtype_unsupported`, `model.feature_unsupported`,
 *   `model.missing`, `model.unreadable`
 */
export const readGgufHeader = async (path: string): Promise<GgufFile> => {
  const fileLength = await fileSize(path);
  // Nothing says how long the header is: read more until it fits. Each pass parses from the start.
  for (let length = 4 * 2 ** 20; ; length *= 4) {
    const bytes = await readRegion(path, 0, Math.min(length, fileLength, maxHeaderBytes));
    try {
      return parseHeader(path, bytes, fileLength);
    } catch (cause) {
      if (!(cause instanceof MoreNeeded)) throw cause;
      if (length >= maxHeaderBytes)
        throw plauditError('model.corrupt', {
          path,
          problem: `its header is longer than ${maxHeaderBytes} bytes`,
        });
    }
  }
};
