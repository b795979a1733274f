/** @file What changed between two snapshots, row by row: added, removed, judged anew, or said again with another provenance. */
import type { Judgement } from '@plaudit/contract';
import { canonicalJson } from '../canonical-json.ts';
import { rowId } from './manifest.ts';
import type { SnapshotRow } from './read-folder.ts';

/** The same annotator on the same responses by the same criterion, before and after. */
export interface ChangedRow {
  readonly before: SnapshotRow;
  readonly after: SnapshotRow;
}

export interface SnapshotDiff {
  readonly added: readonly SnapshotRow[];
  readonly removed: readonly SnapshotRow[];
  /** Another outcome than before. */
  readonly relabelled: readonly ChangedRow[];
  /** The same outcome with another provenance: another file, row, time or segment. */
  readonly restated: readonly ChangedRow[];
  /** Rows in both. */
  readonly unchanged: number;
}

/**
 * Compares two snapshots whose rows come in ascending order of their ids, as `readSnapshot` gives them. Only rows that
 * differ are held.
 */
export const diffSnapshots = async (
  before: AsyncIterable<SnapshotRow>,
  after: AsyncIterable<SnapshotRow>,
): Promise<SnapshotDiff> => {
  const [left, right] = [before[Symbol.asyncIterator](), after[Symbol.asyncIterator]()];
  const removed: SnapshotRow[] = [];
  const added: SnapshotRow[] = [];
  let unchanged = 0;
  let [one, other] = [await left.next(), await right.next()];
  while (!one.done || !other.done) {
    if (!one.done && (other.done || one.value.id < other.value.id)) {
      removed.push(one.value);
      one = await left.next();
    } else if (!other.done && (one.done || other.value.id < one.value.id)) {
      added.push(other.value);
      other = await right.next();
    } else {
      unchanged++;
      [one, other] = [await left.next(), await right.next()];
    }
  }
  return { ...changedRows(removed, added), unchanged };
};

/** The same of judgements in memory, in any order. */
export const diffJudgements = (
  before: Iterable<Judgement>,
  after: Iterable<Judgement>,
): Promise<SnapshotDiff> => diffSnapshots(inOrder(before), inOrder(after));

async function* inOrder(judgements: Iterable<Judgement>): AsyncGenerator<SnapshotRow> {
  const rows = new Map<string, Judgement>();
  for (const judgement of judgements) rows.set(rowId(judgement), judgement);
  for (const id of [...rows.keys()].sort()) yield { id, judgement: rows.get(id)! };
}

/**
 * Sorts rows that are in one snapshot only into those that go together and those that do not.
 *
 * @param removed Rows of the earlier snapshot alone
 * @param added Rows of the later snapshot alone
 */
export const changedRows = (
  removed: readonly SnapshotRow[],
  added: readonly SnapshotRow[],
): Omit<SnapshotDiff, 'unchanged'> => {
  const relabelled: ChangedRow[] = [];
  const restated: ChangedRow[] = [];
  const gone: SnapshotRow[] = [];
  const fresh: SnapshotRow[] = [];
  const later = Map.groupBy(added, ({ judgement }) => subjectOf(judgement));
  const earlier = Map.groupBy(removed, ({ judgement }) => subjectOf(judgement));
  for (const [subject, rows] of earlier) {
    const candidates = [...(later.get(subject) ?? [])];
    const unmatched: SnapshotRow[] = [];
    for (const before of rows) {
      const said = outcomeOf(before.judgement);
      const place = candidates.findIndex(({ judgement }) => outcomeOf(judgement) === said);
      if (place < 0) unmatched.push(before);
      else restated.push({ before, after: candidates.splice(place, 1)[0]! });
    }
    for (const before of unmatched) {
      const after = candidates.shift();
      if (after) relabelled.push({ before, after });
      else gone.push(before);
    }
    fresh.push(...candidates);
    later.delete(subject);
  }
  for (const rows of later.values()) fresh.push(...rows);
  return { added: byId(fresh), removed: byId(gone), relabelled, restated };
};

const byId = (rows: readonly SnapshotRow[]): SnapshotRow[] =>
  [...rows].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));

/** What a judgement is about: which responses, by which criterion, and who says it. The order of responses does not count. */
const subjectOf = (judgement: Judgement): string => {
  const { kind, prompt, criterion, provenance } = judgement;
  const { annotator } = provenance;
  return canonicalJson({ kind, prompt, criterion, annotator, responses: judgedOf(judgement) });
};

const judgedOf = (judgement: Judgement): unknown => {
  switch (judgement.kind) {
    case 'comparison':
    case 'ranking':
      return [...judgement.responses].sort();
    case 'steps':
      return [judgement.steps, judgement.separator];
    default:
      return judgement.response;
  }
};

/** What a judgement says of its subject, in words that do not depend on the order of the responses. */
const outcomeOf = (judgement: Judgement): string => {
  switch (judgement.kind) {
    case 'comparison': {
      const { responses, outcome, strength, margin, preference } = judgement;
      const swapped = responses[0] > responses[1];
      const turned = { a: 'b', b: 'a', tie: 'tie', both_bad: 'both_bad' } as const;
      return canonicalJson({
        outcome: swapped ? turned[outcome] : outcome,
        strength,
        margin,
        preference: preference === undefined ? undefined : rounded(swapped ? 1 - preference : preference),
      });
    }
    case 'ranking': {
      const { responses, groups, restUnordered = false } = judgement;
      const named = groups.map((group) => group.map((i) => responses[i]).sort());
      return canonicalJson({ groups: named, restUnordered });
    }
    case 'rating':
      return canonicalJson({ value: judgement.value, scale: judgement.scale });
    case 'label':
      return canonicalJson(judgement.desirable);
    case 'edit':
      return canonicalJson(judgement.rewrite);
    case 'steps':
      return canonicalJson(judgement.labels);
  }
};

/** One minus a share is not the share that it was to the last digit. */
const rounded = (share: number): number => Math.round(1e9 * share) / 1e9;
