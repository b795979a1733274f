/** @file Clusters of near-duplicate prompts, so that a split cannot put one question on two sides. */
import type { Prompt } from '@plaudit/contract';
import { IntegerColumn, NumberColumn } from './duplicates/columns.ts';
import { SimilarTexts, type SimilarTextsFound } from './duplicates/similar-texts.ts';
import { normaliseText } from './duplicates/text-grams.ts';
import { textKey } from './duplicates/text-key.ts';
import { UnionFind } from './union-find.ts';

export { textSimilarity } from './duplicates/text-grams.ts';

export interface NearDuplicateOptions {
  /**
   * Least Jaccard similarity of two prompts' character 5-gram sets to be near-duplicates, 0 to 1. Default 0.7: a prompt
   * with one sentence in five rewritten still counts, two prompts that only share a template do not.
   */
  readonly threshold?: number;
  /** Least length of a normalised first user turn for which sharing it makes two conversations one cluster. */
  readonly firstTurnLength?: number;
}

/**
 * Prompts one after the other, and then their clusters. Holds of each distinct prompt its normalised text and some
 * hundred bytes, never the prompt.
 */
export class PromptClusters {
  private readonly similar: SimilarTexts;
  private readonly firstTurnLength: number;
  /** For each prompt the number of its text among the distinct ones. */
  private readonly texts = new IntegerColumn();
  /** The key of every beginning of every conversation, whole ones left out, and the prompt that begins so. */
  private readonly beginnings = new NumberColumn();
  private readonly beginners = new IntegerColumn();
  /** The first prompt that is this whole conversation. */
  private readonly whole = new Map<number, number>();
  private readonly firstTurns = new Map<number, number>();
  /** Prompts that share a whole conversation or a first turn: the first one and another, in turns. */
  private readonly sharing = new IntegerColumn();

  constructor({ threshold = 0.7, firstTurnLength = 20 }: NearDuplicateOptions = {}) {
    this.similar = new SimilarTexts({ threshold });
    this.firstTurnLength = firstTurnLength;
  }

  /** Prompts that were added. */
  get size(): number {
    return this.texts.length;
  }

  /** Prompts that differ in more than case, punctuation and spacing. */
  get distinct(): number {
    return this.similar.size;
  }

  /** The number of a prompt's text among the distinct ones, by first appearance. */
  textOf(prompt: number): number {
    return this.texts.values[prompt]!;
  }

  /** Adds the next prompt; returns the number of its text among the distinct ones. */
  add(prompt: Prompt): number {
    const number = this.size;
    const text = normaliseText(prompt.map(({ content }) => content).join(' '));
    const distinct = this.similar.add(text);
    this.texts.push(distinct);
    this.addConversation(prompt, number);
    const first = firstTurn(prompt, text);
    if (first.length >= this.firstTurnLength) this.share(this.firstTurns, textKey(first), number);
    return distinct;
  }

  /** Distinct texts that are near-duplicates, without what conversations share. */
  nearDuplicates(onAlike?: (a: number, b: number, similarity: number) => void): SimilarTextsFound {
    return this.similar.join(onAlike);
  }

  /** A cluster number for each prompt, by first appearance. */
  clusters(): Int32Array {
    const clusters = new UnionFind(this.size);
    const { clusters: alike } = this.similar.join();
    const firsts = new Map<number, number>();
    for (let prompt = 0; prompt < this.size; prompt++)
      clusters.joinKey(firsts, alike.root(this.textOf(prompt)), prompt);
    const { values: sharing, length } = this.sharing;
    for (let i = 0; i < length; i += 2) clusters.join(sharing[i]!, sharing[i + 1]!);
    for (let i = 0; i < this.beginnings.length; i++) {
      const other = this.whole.get(this.beginnings.values[i]!);
      if (other !== undefined) clusters.join(other, this.beginners.values[i]!);
    }
    return clusters.numbers();
  }

  /**
   * A beginning's key is made of that of the beginning before it and the turn, so that every turn is looked at once; a key
   * made of the whole beginning took time with the square of the turns.
   */
  private addConversation(prompt: Prompt, number: number): void {
    let key = 0;
    for (const [turn, { role, content }] of prompt.entries()) {
      key = textKey(`${key} ${role} ${content}`);
      if (turn === prompt.length - 1) this.share(this.whole, key, number);
      else {
        this.beginnings.push(key);
        this.beginners.push(number);
      }
    }
  }

  private share(firsts: Map<number, number>, key: number, number: number): void {
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, number);
    else {
      this.sharing.push(first);
      this.sharing.push(number);
    }
  }
}

/** The first user turn, normalised; `text` is the whole prompt so, which in a prompt of one turn is the same. */
const firstTurn = (prompt: Prompt, text: string): string =>
  prompt.length === 1 && prompt[0]!.role === 'user'
    ? text
    : normaliseText(prompt.find((turn) => turn.role === 'user')?.content ?? '');

/**
 * A cluster number for each prompt. Prompts share a cluster when they are near-duplicates in text, when one is the
 * beginning of the other's conversation, when they share a long enough first user turn, or through a chain of these.
 * Numbers are given by first appearance.
 *
 * @see Broder 1997 (MinHash); Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, 3.4 (banding)
 */
export const clusterPrompts = (
  prompts: readonly Prompt[],
  options: NearDuplicateOptions = {},
): Int32Array => {
  const clusters = new PromptClusters(options);
  for (const prompt of prompts) clusters.add(prompt);
  return clusters.clusters();
};
