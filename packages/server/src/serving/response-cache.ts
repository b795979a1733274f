/** @file What a model version has said already: the same conversation, formatted the same way, has the same score. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '@plaudit/contract';
import type { ServedScore, WorkItem } from './protocol.ts';

/**
 * The name of a question to a model version. A model that is trained again, or that formats otherwise, has other answers.
 *
 * @param version Unique in the service: its project and its name
 */
export const cacheKey = (version: string, formattingDigest: string | null, item: WorkItem): string =>
  createHash('sha256')
    .update(canonicalJson([version, formattingDigest, item]))
    .digest('base64');

/** The answers that were used last, up to a number of responses. */
export class ResponseCache {
  /** Responses; nothing is kept where it is 0. */
  readonly limit: number;
  private readonly kept = new Map<string, readonly ServedScore[]>();
  private size = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get(key: string): readonly ServedScore[] | undefined {
    const found = this.kept.get(key);
    if (!found) return undefined;
    // A map keeps the order of insertion: what is put in again is the youngest.
    this.kept.delete(key);
    this.kept.set(key, found);
    return found;
  }

  set(key: string, scores: readonly ServedScore[]): void {
    if (scores.length > this.limit || this.kept.has(key)) return;
    this.kept.set(key, scores);
    this.size += scores.length;
    for (const [oldest, { length }] of this.kept) {
      if (this.size <= this.limit) return;
      this.kept.delete(oldest);
      this.size -= length;
    }
  }
}
