/** @file What feedback and the thread that looks for personal data say to each other. */
import type { Judgement } from '@plaudit/contract';

export interface ScrubTask {
  readonly judgement: Judgement;
  /** Of the pseudonyms of a project, 32 bytes. */
  readonly projectKey: Uint8Array;
}

export interface ScrubResult {
  /** With pseudonyms in the place of what was found. */
  readonly judgement: Judgement;
  /** Whose identifiers were found: with these an erasure finds the texts. */
  readonly subjects: readonly string[];
  /** Findings by entity type. */
  readonly found: Readonly<Record<string, number>>;
}
