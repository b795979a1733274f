/** @file What an erasure did: the record that is kept, and that can be handed to whoever asked for it. */

/** Numbers are of rows whose content is gone; lists name what still exists and was made with them. */
export interface ErasureReport {
  readonly id: string;
  /** SHA-256 of each of the person's ids, in order: the kept record names nobody. */
  readonly subjectDigests: readonly string[];
  readonly actor: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
  readonly judgements: number;
  readonly prompts: number;
  readonly responses: number;
  readonly annotators: number;
  readonly impressions: number;
  readonly vaultEntries: number;
  /** Data keys that were shredded: copies of ciphertexts elsewhere, backups too, cannot be read any more. */
  readonly vaultKeys: number;
  /** Open assignments that were cancelled. */
  readonly assignments: number;
  /** By name, with the rows taken out of each. */
  readonly datasets: readonly { readonly name: string; readonly rows: number }[];
  readonly snapshots: readonly {
    readonly id: string;
    readonly rows: number;
    readonly erased: number;
    /** Null where no row is left. */
    readonly successor: string | null;
  }[];
  /** Names that now point at a successor; `to` is null for one that was removed. */
  readonly tags: readonly { readonly name: string; readonly from: string; readonly to: string | null }[];
  /** Ids of what was trained on an affected snapshot, directly or through a model; marked as tainted. */
  readonly runs: readonly string[];
  readonly models: readonly string[];
  readonly bundles: readonly string[];
  /** Names that serve, or have served, one of the bundles. */
  readonly deployments: readonly string[];
}
