/** @file What a Parquet file's description says of its columns and row groups, checked before any of them is read. */
import { type FileMetaData, parquetSchema, type RowGroup, type SchemaTree } from 'hyparquet';
import { groupBytesLimit, groupValuesLimit, ParquetFault } from './parquet-fault.ts';
import type { ColumnMetaData } from './parquet-pages.ts';

/**
 * Checks that every row group lies inside the file and can be held.
 *
 * @throws ParquetFault
 */
export const checkMetadata = (metadata: FileMetaData, fileBytes: number): void => {
  try {
    checkGroups(metadata, fileBytes);
  } catch (cause) {
    if (cause instanceof ParquetFault) throw cause;
    // The description has any type anywhere in it when its bytes are not what they were.
    throw new ParquetFault('parquet_damaged', 'its description contradicts itself', cause);
  }
};

const checkGroups = (metadata: FileMetaData, fileBytes: number): void => {
  const columns = columnPaths(metadata);
  let rows = 0n;
  for (const [i, group] of metadata.row_groups.entries()) {
    // The decoder starts on all columns at once, and nobody waits for one that it finds no place for.
    const paths = group.columns.map((column) => column.meta_data?.path_in_schema.join('\0'));
    if (paths.length !== columns.length || paths.some((path, k) => path !== columns[k]))
      throw new ParquetFault('parquet_damaged', `row group ${i + 1} has other columns than the file`);
    checkGroup(group, i + 1, fileBytes);
    rows += BigInt(group.num_rows);
  }
  if (rows !== BigInt(metadata.num_rows))
    throw new ParquetFault('parquet_damaged', 'its row groups hold another number of rows than it declares');
};

/** The paths of the columns that hold values, in the order of the schema. */
const columnPaths = (metadata: FileMetaData): string[] => {
  const paths: string[] = [];
  const names = new Set<string>();
  const visit = ({ children, path }: SchemaTree, depth: number): void => {
    if (depth > deepest) throw new ParquetFault('parquet_damaged', 'its schema is nested too deeply');
    if (children.length === 0) paths.push(path.join('\0'));
    for (const child of children) visit(child, depth + 1);
  };
  for (const child of schemaOf(metadata).children) {
    if (names.has(child.element.name))
      throw new ParquetFault('parquet_damaged', 'it has two columns of one name');
    names.add(child.element.name);
    visit(child, 1);
  }
  return paths;
};

/** Levels of lists and structures in a column. */
const deepest = 32;

const schemaOf = (metadata: FileMetaData): SchemaTree => {
  const tree = parquetSchema(metadata);
  if (tree.count !== metadata.schema.length)
    throw new ParquetFault('parquet_damaged', 'its schema has loose ends');
  return tree;
};

const checkGroup = (group: RowGroup, number: number, fileBytes: number): void => {
  const damaged = (problem: string): ParquetFault =>
    new ParquetFault('parquet_damaged', `row group ${number} ${problem}`);
  const tooLarge = (unit: string): ParquetFault =>
    new ParquetFault('parquet_too_large', `row group ${number} holds too many ${unit}`);
  if (group.num_rows < 0n || group.num_rows > BigInt(groupValuesLimit)) throw tooLarge('rows');
  let bytes = 0n;
  let values = 0n;
  for (const { meta_data: column, file_path } of group.columns) {
    if (!column || file_path) throw damaged('lies in another file');
    const { start, end } = placeOf(column);
    if (!(start >= 4n && end >= start && end <= BigInt(fileBytes))) throw damaged('points outside the file');
    if (column.num_values < 0n || column.total_uncompressed_size < 0n)
      throw damaged('declares a negative size');
    bytes += column.total_uncompressed_size;
    values += column.num_values;
  }
  if (bytes > BigInt(groupBytesLimit)) throw tooLarge('bytes');
  if (values > BigInt(groupValuesLimit)) throw tooLarge('values');
};

const placeOf = (column: ColumnMetaData): { start: bigint; end: bigint } => {
  const start = BigInt(column.dictionary_page_offset || column.data_page_offset);
  return { start, end: start + BigInt(column.total_compressed_size) };
};

/** Where a column of a row group lies in the file, in bytes. */
export const columnRange = (column: ColumnMetaData): { start: number; end: number } => {
  const { start, end } = placeOf(column);
  return { start: Number(start), end: Number(end) };
};
