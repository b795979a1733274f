/** @file Originals for the vault: what an import adds to it, without anything of people who asked to be forgotten. */
import type { ScrubbedJudgement } from '@plaudit/feedback';
import type { Store, VaultRecords } from '@plaudit/store';

/**
 * Chooses what of the originals of an import's batches goes into the vault. A token stands for one original, so a person
 * whom the vault knows needs nothing more; and what an erasure took out does not come back with the same file.
 */
export class NewOriginals {
  private readonly store: Store;
  private readonly settled = new Set<string>();

  constructor(store: Store) {
    this.store = store;
  }

  async of(scrubbed: readonly ScrubbedJudgement[]): Promise<VaultRecords> {
    const keys = scrubbed
      .flatMap(({ vault }) => vault.keys)
      .filter(({ subject }) => !this.settled.has(subject));
    const subjects = [...new Set(keys.map(({ subject }) => subject))];
    if (subjects.length === 0) return { keys: [], entries: [] };
    const known = new Set((await this.store.vault.keysOf(subjects)).map(({ subject }) => subject));
    const fresh = new Set<string>();
    for (const subject of subjects) {
      this.settled.add(subject);
      if (!known.has(subject) && (await this.store.erase.of(subject)).length === 0) fresh.add(subject);
    }
    const entries = new Map(
      scrubbed
        .flatMap(({ vault }) => vault.entries)
        .filter(({ subject }) => fresh.has(subject))
        .map((entry) => [entry.token, entry]),
    );
    return { keys: keys.filter(({ subject }) => fresh.has(subject)), entries: [...entries.values()] };
  }
}
