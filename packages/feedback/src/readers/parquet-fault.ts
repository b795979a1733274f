/** @file What can be wrong with a Parquet file, and how much of one is held in memory. */

/** Becomes an error of the table where the file's name is known. */
export class ParquetFault extends Error {
  override readonly name = 'ParquetFault';
  readonly kind: 'parquet_damaged' | 'parquet_too_large';

  constructor(kind: ParquetFault['kind'], problem: string, cause?: unknown) {
    super(problem, { cause });
    this.kind = kind;
  }
}

/** Bytes of one page once decompressed. Writers aim at one MiB; a page of one long row can be larger. */
export const pageLimit = 256 * 1024 * 1024;
/** Bytes of a row group once decompressed, and values in it: it is decoded whole. */
export const groupBytesLimit = 1024 * 1024 * 1024;
export const groupValuesLimit = 32 * 1024 * 1024;
