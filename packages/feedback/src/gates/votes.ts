/** @file All that was said of one thing by several rows: votes on pairs of responses, on labels and on ratings. */
import { IntegerColumn, NumberColumn } from '../duplicates/columns.ts';
import { textKey } from '../duplicates/text-key.ts';
import { stepsText } from '../responses-of.ts';
import type { CheckedRow } from './checked-row.ts';
import { References } from './references.ts';
import { SegmentSets } from './segment-sets.ts';

export type VoteKind = 'pair' | 'label' | 'rating';
const kinds: readonly VoteKind[] = ['pair', 'label', 'rating'];

/** Votes on one item, as places in `Votes`, annotator by annotator and each in the order of the rows. */
export interface VotedItem {
  readonly kind: VoteKind;
  /** Absent for overall judgements. */
  readonly criterion: string | undefined;
  /** Key of the prompt. */
  readonly prompt: number;
  readonly votes: readonly number[];
}

/**
 * Votes in columns: about 80 bytes each. An answer lies between 0 and 1: of a pair 1 where the response with the larger
 * key won and 0.5 for a tie, of a label 1 where it is desirable (or the step right), of a rating its place on the scale.
 */
export class Votes {
  readonly references = new References();
  readonly segments = new SegmentSets();
  private readonly annotators = new Map<string, number>();
  private readonly criteria = new Map<string | undefined, number>();
  private readonly criterionNames: (string | undefined)[] = [];
  private readonly criterion = new IntegerColumn();
  private readonly kind = new IntegerColumn();
  private readonly prompt = new NumberColumn();
  /** Of prompt and criterion. */
  private readonly group = new NumberColumn();
  private readonly low = new NumberColumn();
  private readonly high = new NumberColumn();
  private readonly answers = new NumberColumn();
  private readonly annotator = new IntegerColumn();
  private readonly segmentSet = new IntegerColumn();
  private order: Uint32Array | null = null;

  get length(): number {
    return this.answers.length;
  }

  answer(vote: number): number {
    return this.answers.values[vote]!;
  }

  /** Number of the vote's annotator, or -1 where nobody is named. */
  annotatorOf(vote: number): number {
    return this.annotator.values[vote]!;
  }

  /** Number of the vote's segments among `segments`. */
  segmentSetOf(vote: number): number {
    return this.segmentSet.values[vote]!;
  }

  /** Keys of a pair's two responses. */
  responsesOf(vote: number): readonly [low: number, high: number] {
    return [this.low.values[vote]!, this.high.values[vote]!];
  }

  add(row: CheckedRow): void {
    const { judgement, promptKey, decisions } = row;
    if (decisions.length > 0) {
      const keys = row.responses.map(textKey);
      for (const { winner, loser, tie } of decisions) {
        const [low, high] = keys[winner]! < keys[loser]! ? [winner, loser] : [loser, winner];
        this.push(row, 'pair', keys[low]!, keys[high]!, tie ? 0.5 : winner === high ? 1 : 0);
      }
    }
    if (judgement.kind === 'label') {
      const response = textKey(judgement.response);
      this.push(row, 'label', response, response, judgement.desirable ? 1 : 0);
    }
    if (judgement.kind === 'rating') {
      const { least, most } = judgement.scale;
      const response = textKey(judgement.response);
      const place = most > least ? (judgement.value - least) / (most - least) : 0;
      this.push(row, 'rating', response, response, Math.min(1, Math.max(0, place)));
    }
    if (judgement.kind === 'steps') {
      const response = textKey(`${promptKey} ${stepsText(judgement)}`);
      for (const [step, right] of judgement.labels.entries())
        if (right !== null) this.push(row, 'label', response, step, right ? 1 : 0);
    }
  }

  /** Every item, those of a prompt and criterion one after the other. */
  *items(): Generator<VotedItem> {
    for (const group of this.groups()) yield* group;
  }

  /** The items of each prompt and criterion. */
  *groups(): Generator<readonly VotedItem[]> {
    const order = this.sorted();
    let items: VotedItem[] = [];
    let votes: number[] = [];
    for (const [place, vote] of order.entries()) {
      votes.push(vote);
      const next = order[place + 1];
      if (next !== undefined && this.sameItem(vote, next)) continue;
      items.push({
        kind: kinds[this.kind.values[vote]!]!,
        criterion: this.criterionNames[this.criterion.values[vote]!],
        prompt: this.prompt.values[vote]!,
        votes,
      });
      votes = [];
      if (next !== undefined && this.group.values[vote] === this.group.values[next]) continue;
      yield items;
      items = [];
    }
  }

  private push(row: CheckedRow, kind: VoteKind, low: number, high: number, answer: number): void {
    const { judgement, promptKey } = row;
    const { annotator } = judgement.provenance;
    this.order = null;
    this.kind.push(kinds.indexOf(kind));
    this.prompt.push(promptKey);
    this.group.push(textKey(`${kind} ${promptKey} ${judgement.criterion ?? ''}`));
    this.low.push(low);
    this.high.push(high);
    this.answers.push(answer);
    this.annotator.push(annotator === undefined ? -1 : numberOf(this.annotators, annotator));
    this.criterion.push(numberOf(this.criteria, judgement.criterion, this.criterionNames));
    this.segmentSet.push(this.segments.numberOf(judgement.provenance));
    this.references.push(row.reference);
  }

  private sameItem(a: number, b: number): boolean {
    return (
      this.group.values[a] === this.group.values[b] &&
      this.low.values[a] === this.low.values[b] &&
      this.high.values[a] === this.high.values[b]
    );
  }

  private sorted(): Uint32Array {
    if (this.order) return this.order;
    const group = this.group.values;
    const low = this.low.values;
    const high = this.high.values;
    const annotator = this.annotator.values;
    this.order = Uint32Array.from({ length: this.length }, (_, vote) => vote).sort(
      (a, b) =>
        group[a]! - group[b]! ||
        low[a]! - low[b]! ||
        high[a]! - high[b]! ||
        annotator[a]! - annotator[b]! ||
        a - b,
    );
    return this.order;
  }
}

/** The number of a key, by first appearance. */
const numberOf = <Key>(numbers: Map<Key, number>, key: Key, names: Key[] = []): number => {
  const known = numbers.get(key);
  if (known !== undefined) return known;
  numbers.set(key, numbers.size);
  names.push(key);
  return numbers.size - 1;
};
