/** @file What several gates need: made once, fed once for each row, and only if a gate asks for it. */
import type { Judgement } from '@plaudit/contract';
import { PromptClusters } from '../near-duplicates.ts';
import type { CheckedRow } from './checked-row.ts';
import { PromptDraws } from './clustered-share.ts';
import { Votes } from './votes.ts';

/** A set of texts that must not be trained on. */
export interface Benchmark {
  readonly name: string;
  readonly texts: Iterable<string>;
}

/** How far annotators agree, from where it was measured. */
export interface MeasuredAgreement {
  /** Krippendorff's alpha. */
  readonly alpha: number;
  readonly interval: readonly [number, number] | null;
  /** Probability that two annotators say the same. */
  readonly pairAgreement?: number;
  /** Items that two or more annotators judged. */
  readonly n: number;
}

/** What a scan for personal data and secrets found. */
export interface PrivacyFindings {
  /** Findings by type of entity. */
  readonly findings: Readonly<Record<string, number>>;
  /** Rows with a finding, and rows that were scanned. */
  readonly rows: number;
  readonly n: number;
}

/** What gates need beside the judgements; a gate whose input is absent does not apply. */
export interface QualityInputs {
  /** Judgements that the model will be tested on. */
  readonly heldOut?: { readonly name: string; readonly judgements: Iterable<Judgement> };
  readonly benchmarks?: readonly Benchmark[];
  /** Null: it is known that nothing can be said. Absent: it is measured where the judgements are in memory. */
  readonly agreement?: MeasuredAgreement | null;
  /** Absent: a sample of the rows is scanned. */
  readonly privacy?: PrivacyFindings | null;
}

export class Shared {
  readonly draws = new PromptDraws();
  private clusters: PromptClusters | null = null;
  private votesOfRows: Votes | null = null;

  /** Every row's prompt, in order. */
  get prompts(): PromptClusters {
    this.clusters ??= new PromptClusters();
    return this.clusters;
  }

  get votes(): Votes {
    this.votesOfRows ??= new Votes();
    return this.votesOfRows;
  }

  add(row: CheckedRow): void {
    this.clusters?.add(row.prompt);
    this.votesOfRows?.add(row);
  }
}
