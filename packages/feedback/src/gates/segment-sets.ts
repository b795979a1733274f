/** @file The segments of rows as numbers: few names, and of each name few values that are worth telling apart. */
import type { Provenance } from '@plaudit/contract';

/** Of more values or names, the rest is not told apart: they are free text, not groups. */
const mostValues = 200;
const mostNames = 50;

export interface Segment {
  readonly name: string;
  readonly value: string;
}

/** Segments and language of a row, as pairs of a name and a value. */
const segmentsOf = ({ segments, language }: Provenance): readonly (readonly [string, string])[] => {
  const named = Object.entries(segments ?? {});
  return language === undefined
    ? named
    : [...named.filter(([name]) => name !== 'language'), ['language', language]];
};

/** Numbers sets of segments, so that a row costs four bytes. */
export class SegmentSets {
  /** Values of each name with more than are told apart are left out of the sets that come later. */
  private readonly names = new Map<string, Map<string, number>>();
  private readonly segments: Segment[] = [];
  private readonly sets: (readonly number[])[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly crowdedNames = new Set<string>();

  /** Names with so many values that not all are told apart. */
  get crowded(): readonly string[] {
    return [...this.crowdedNames];
  }

  /** The number of a row's set of segments. */
  numberOf(provenance: Provenance): number {
    const members: number[] = [];
    for (const [name, value] of segmentsOf(provenance)) {
      const member = this.segmentOf(name, value);
      if (member !== null) members.push(member);
    }
    const key = members.sort((a, b) => a - b).join(' ');
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    this.numbers.set(key, this.sets.length);
    this.sets.push(members);
    return this.sets.length - 1;
  }

  /** Numbers of the segments in a set. */
  membersOf(set: number): readonly number[] {
    return this.sets[set]!;
  }

  segment(number: number): Segment {
    return this.segments[number]!;
  }

  private segmentOf(name: string, value: string): number | null {
    let values = this.names.get(name);
    if (!values) {
      if (this.names.size === mostNames) return null;
      values = new Map();
      this.names.set(name, values);
    }
    const known = values.get(value);
    if (known !== undefined) return known;
    if (values.size === mostValues) {
      this.crowdedNames.add(name);
      return null;
    }
    values.set(value, this.segments.length);
    this.segments.push({ name, value });
    return this.segments.length - 1;
  }
}
