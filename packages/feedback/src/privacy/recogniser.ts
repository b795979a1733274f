/** @file The shape of a recogniser: patterns with a score, a check of what matched, and the words around it that count. */
import type { TextFacts } from './plain-text.ts';

/** One way in which an entity is written. */
export interface Pattern {
  /**
   * Global, and linear in the length of the text: every repetition is bounded or leaves only one way to match. The
   * entity is the group `value` where there is one (the flag `d` is needed then), else the whole match; a group `lead`,
   * captured by a lookbehind, belongs to the entity too and goes before it.
   */
  readonly regex: RegExp;
  /** Evidence of a match that the check accepts, 0 to 1, without any word around it. */
  readonly score: number;
  /** Whether what matched is an entity (a checksum, a range); a number says how many of its first characters are. */
  readonly accepts?: (value: string) => boolean | number;
}

/** Finds entities of one type. */
export interface Recogniser {
  readonly name: string;
  /** Changes whenever what it finds does: a finding says which one found it. */
  readonly version: string;
  /** The entity type: upper-case letters and underscores, since tokens carry it. */
  readonly type: string;
  /** The country that issues it, of a national identifier: ISO 3166-1 alpha-2. */
  readonly region?: string;
  /** A cheap test before any pattern runs; false promises that no pattern matches. */
  readonly mayOccur: (facts: TextFacts) => boolean;
  readonly patterns: readonly Pattern[];
  /** Words near the entity that raise the score, in any language, lower case. */
  readonly context?: readonly string[];
  /** Words before the entity that refuse it where they are nearer than any word of the context. */
  readonly against?: readonly string[];
  /** How far before the entity a word of the context counts, in characters. Default 64. */
  readonly reach?: number;
}

/** An entity in a text; never its value. */
export interface Finding {
  /** Offset of the first UTF-16 code unit. */
  readonly start: number;
  /** Offset after the last. */
  readonly end: number;
  readonly type: string;
  /** Evidence, 0 to 1. */
  readonly score: number;
  readonly recogniser: string;
  readonly version: string;
}

/** What an entity type may be called: so that a token `<TYPE>` is told from any other text in brackets. */
export const typeName = /^[A-Z]{2,24}(?:_[A-Z]{2,24}){0,4}$/;
