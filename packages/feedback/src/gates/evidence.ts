/** @file The rows that show what a gate found: all are counted, the first are kept. */
import type { GateResult, RowReference } from './document.ts';

/** Rows that a report lists for one gate. */
const mostRows = 20;

export class Evidence {
  private total = 0;
  private rows: RowReference[] = [];

  /** Rows may come in any order; those that stand first are kept. */
  add(reference: RowReference): void {
    this.total++;
    if (this.rows.length === mostRows && reference.position > this.rows.at(-1)!.position) return;
    const at = this.rows.findIndex(({ position }) => position > reference.position);
    this.rows.splice(at < 0 ? this.rows.length : at, 0, reference);
    this.rows.length = Math.min(this.rows.length, mostRows);
  }

  get found(): GateResult['evidence'] {
    return { total: this.total, rows: this.rows };
  }
}

export const noEvidence: GateResult['evidence'] = { total: 0, rows: [] };
