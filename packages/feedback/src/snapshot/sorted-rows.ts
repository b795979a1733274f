/** @file Rows put in the order of their ids, on the disk where they do not fit into memory. */
import { appendFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A row as canonical JSON, and its id. */
export interface RowLine {
  readonly id: string;
  readonly line: string;
}

/** Rows are parted by the first digits of their ids, which are as good as random. */
const digits = 2;
const idLength = 64;

/**
 * Sorts any number of rows by parting them first: memory holds `most` characters and, at the end, one part of 256.
 */
export class SortedRows {
  private readonly folder: string;
  private readonly most: number;
  private readonly parts = new Map<string, string[]>();
  private readonly spilled = new Set<string>();
  private held = 0;

  /**
   * @param folder An empty folder for what does not fit; its files are removed again
   * @param most Characters that are held before they are written out
   */
  constructor(folder: string, most: number) {
    this.folder = folder;
    this.most = most;
  }

  async add({ id, line }: RowLine): Promise<void> {
    const key = id.slice(0, digits);
    const part = this.parts.get(key);
    if (part) part.push(`${id}${line}\n`);
    else this.parts.set(key, [`${id}${line}\n`]);
    this.held += line.length;
    if (this.held > this.most) await this.spill();
  }

  /** The rows by id, each once. */
  async *sorted(): AsyncGenerator<RowLine> {
    const keys = [...new Set([...this.parts.keys(), ...this.spilled])].sort();
    for (const key of keys) {
      const held = this.parts.get(key)?.join('') ?? '';
      const written = this.spilled.has(key) ? await readFile(this.file(key), 'utf8') : '';
      const rows = `${written}${held}`.split('\n');
      rows.pop();
      rows.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
      let last = '';
      for (const row of rows) {
        if (row === last) continue;
        last = row;
        yield { id: row.slice(0, idLength), line: row.slice(idLength) };
      }
      this.parts.delete(key);
      if (this.spilled.has(key)) await rm(this.file(key));
    }
  }

  private async spill(): Promise<void> {
    for (const [key, part] of this.parts) {
      await appendFile(this.file(key), part.join(''));
      this.spilled.add(key);
    }
    this.parts.clear();
    this.held = 0;
  }

  private file(key: string): string {
    return join(this.folder, `part-${key}`);
  }
}
