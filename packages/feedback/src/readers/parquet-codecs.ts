/** @file Decompressing pages of Parquet files, never beyond the length that a page declares. */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { type Compressors, snappyUncompress } from 'hyparquet';
import { compressors as others } from 'hyparquet-compressors';
import { ParquetFault, pageLimit } from './parquet-fault.ts';

/** Node's decompressors where it has them: they stop at a length. */
export const codecs: Compressors = {
  ...(others.LZ4 && { LZ4: (input, length) => others.LZ4!(input, bounded(length)) }),
  ...(others.LZ4_RAW && { LZ4_RAW: (input, length) => others.LZ4_RAW!(input, bounded(length)) }),
  SNAPPY: (input, length) => {
    const output = new Uint8Array(bounded(length));
    snappyUncompress(input, output);
    return output;
  },
  GZIP: (input, length) => gunzipSync(input, { maxOutputLength: Math.max(1, bounded(length)) }),
  BROTLI: (input, length) => brotliDecompressSync(input, { maxOutputLength: Math.max(1, bounded(length)) }),
  ZSTD: (input, length) => zstdDecompressSync(input, { maxOutputLength: Math.max(1, bounded(length)) }),
};

const bounded = (length: number): number => {
  if (length > pageLimit) throw new ParquetFault('parquet_too_large', 'a page holds too many bytes');
  return length;
};
