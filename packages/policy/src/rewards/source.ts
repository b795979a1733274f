/** @file What a reward is to a policy: something that scores the texts of responses, and says so where it could not. */
import { createHash } from 'node:crypto';
import { PlauditError, type Prompt } from '@plaudit/contract';

/** One prompt with the responses that a policy gave to it. Rewards read texts: their tokenizers are their own matter. */
export interface RewardItem {
  readonly prompt: Prompt;
  readonly responses: readonly string[];
}

export interface RewardScore {
  /** Always finite. */
  readonly reward: number;
  /** What it is made of, by name: contributions that add up to it, or its objectives. Empty for a bare number. */
  readonly parts: Readonly<Record<string, number>>;
  /** Standard deviation of the reward, where it knows one. */
  readonly uncertainty: number | null;
}

/** A response without a reward. That is never a reward of 0. */
export interface RewardFailure {
  readonly failed: PlauditError;
}

export type RewardOutcome = RewardScore | RewardFailure;

export interface RewardOptions {
  readonly signal?: AbortSignal;
  /** After so many failed responses the others need not be asked: they fail alike. */
  readonly giveUpAfter?: number;
}

/** Anything that rewards. `close` frees what it holds; a closed reward scores no more. */
export interface RewardSource {
  /** What a person called it, for messages. */
  readonly name: string;
  /** SHA-256 (hexadecimal) of what identifies it, so that a run is not resumed with another. */
  readonly digest: string;
  /** Mean and standard deviation of its rewards, where they were measured. */
  readonly normaliser: { readonly mean: number; readonly std: number } | null;
  /**
   * @returns For each item, one outcome for each response, in the order given
   * @throws the signal's reason; anything else only for a fault of Plaudit's own
   */
  score(items: readonly RewardItem[], options?: RewardOptions): Promise<RewardOutcome[][]>;
  close(): Promise<void>;
}

export const hasFailed = (outcome: RewardOutcome): outcome is RewardFailure => 'failed' in outcome;

export const digestOf = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
};

/** The error of a failure that may be counted; others are no failure of a reward. */
export const countable = (error: unknown, signal: AbortSignal | undefined): PlauditError => {
  signal?.throwIfAborted();
  if (error instanceof PlauditError) return error;
  throw error;
};

/** One response of many, with its place in the items. */
export interface Place {
  readonly item: number;
  readonly response: number;
}

/**
 * Asks about pieces of the responses until all are answered or too many have failed. The pieces that were not asked then
 * fail with the last error.
 *
 * @param most Pieces that are asked about at once
 * @param size Responses of a piece
 * @param inARow So many failed pieces without an answer in between are too many as well
 * @param ask Gives an outcome for each response of its piece
 */
export const inPieces = async (
  items: readonly RewardItem[],
  {
    most,
    size,
    inARow = Number.POSITIVE_INFINITY,
  }: { readonly most: number; readonly size: number; readonly inARow?: number },
  { signal, giveUpAfter = Number.POSITIVE_INFINITY }: RewardOptions,
  ask: (places: readonly Place[]) => Promise<readonly RewardOutcome[]>,
): Promise<RewardOutcome[][]> => {
  const places = items.flatMap(({ responses }, item) => responses.map((_, response) => ({ item, response })));
  const pieces = Array.from({ length: Math.ceil(places.length / size) }, (_, i) =>
    places.slice(i * size, (i + 1) * size),
  );
  const outcomes: RewardOutcome[][] = items.map(() => []);
  let next = 0;
  let failures = 0;
  let failedPieces = 0;
  let last: RewardFailure | undefined;
  const lane = async (): Promise<void> => {
    while (next < pieces.length) {
      signal?.throwIfAborted();
      const piece = pieces[next++]!;
      const over = failures >= giveUpAfter || failedPieces >= inARow;
      const answers = over ? piece.map(() => last!) : await ask(piece);
      failedPieces = answers.every(hasFailed) ? failedPieces + 1 : 0;
      for (const [i, { item, response }] of piece.entries()) {
        const outcome = answers[i]!;
        outcomes[item]![response] = outcome;
        if (hasFailed(outcome)) {
          failures++;
          last = outcome;
        }
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, pieces.length) }, lane));
  return outcomes;
};
