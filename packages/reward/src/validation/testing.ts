/** @file What the tests of validation and report share. */
import type { PreferenceTree } from '@plaudit/feedback';
import type { ValidationDocument } from './document.ts';
import type { ScoredPair } from './pairs.ts';
import { type ValidationOptions, validate } from './validate.ts';

/** Validates pairs that were made without trees: each becomes a tree of its own, with its cluster as the prompt. */
export const validatePairs = (
  pairs: readonly ScoredPair[],
  options: ValidationOptions = {},
): ValidationDocument =>
  validate(
    pairs.map(
      (pair): PreferenceTree => ({
        id: pair.tree,
        prompt: [{ role: 'user', content: pair.cluster }],
        responses: ['w'.repeat(pair.winnerLength), 'l'.repeat(pair.loserLength)],
        pairs: [
          {
            winner: 0,
            loser: 1,
            weight: 1,
            source: pair.source,
            segments: pair.segments,
            ...(pair.row !== undefined && { row: pair.row }),
            ...(pair.strength !== undefined && { strength: pair.strength }),
          },
        ],
        segments: {},
      }),
    ),
    pairs.map((pair) => [{ reward: pair.winnerReward }, { reward: pair.loserReward }]),
    options,
  );
