/** @file References to rows in a few bytes each. */
import { IntegerColumn } from '../duplicates/columns.ts';
import type { RowReference } from './document.ts';

export class References {
  private readonly names: string[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly sources = new IntegerColumn();
  private readonly rows = new IntegerColumn();
  private readonly positions = new IntegerColumn();

  get length(): number {
    return this.rows.length;
  }

  push({ source, row, position }: RowReference): void {
    let number = this.numbers.get(source);
    if (number === undefined) {
      number = this.names.length;
      this.names.push(source);
      this.numbers.set(source, number);
    }
    this.sources.push(number);
    this.rows.push(row ?? 0);
    this.positions.push(position);
  }

  at(index: number): RowReference {
    const row = this.rows.values[index]!;
    return {
      source: this.names[this.sources.values[index]!]!,
      row: row === 0 ? null : row,
      position: this.positions.values[index]!,
    };
  }
}
