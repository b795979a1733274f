/** @file Rows that are there twice: the same judgement by the same annotator, or nearly the same prompt and responses. */
import type { Judgement } from '@plaudit/contract';
import { z } from 'zod';
import { canonicalJson } from '../../canonical-json.ts';
import { SimilarTexts } from '../../duplicates/similar-texts.ts';
import { normaliseText, textSimilarity } from '../../duplicates/text-grams.ts';
import { textKey } from '../../duplicates/text-key.ts';
import type { CheckedRow } from '../checked-row.ts';
import { Evidence } from '../evidence.ts';
import { defineGate, notApplicable } from '../gate.ts';
import { References } from '../references.ts';
import { finePercent, plural } from '../sentences.ts';
import { thresholds } from '../thresholds.ts';

/** Characters of the prompt and of each response that near-duplicates are told by. */
const partLength = 500;
/** Responses of a row that are looked at. */
const mostResponses = 8;
const separator = '\u0001';

/** A row's beginning: the end of the prompt, where the question is, and the responses in an order of their own. */
const textOfRow = ({ promptText, responses }: CheckedRow): string => {
  const beginnings = responses
    .slice(0, mostResponses)
    .map((response) => normaliseText(response.slice(0, partLength)));
  return [normaliseText(promptText.slice(-partLength)), ...beginnings.sort()].join(separator);
};

/** The similarity of the least similar part; of each response with the other row's that is most like it. */
const similarityOfRows = (a: string, b: string): number => {
  const [promptA, ...responsesA] = a.split(separator) as [string, ...string[]];
  const [promptB, ...responsesB] = b.split(separator) as [string, ...string[]];
  if (responsesA.length !== responsesB.length) return 0;
  let least = textSimilarity(promptA, promptB);
  const left = [...responsesB];
  for (const response of responsesA) {
    const alike = left.map((other) => textSimilarity(response, other));
    const best = Math.max(...alike);
    left.splice(alike.indexOf(best), 1);
    least = Math.min(least, best);
  }
  return least;
};

/** All that a judgement says and who says it, in one form for both orders of a comparison. */
const statementOf = (judgement: Judgement): string => {
  const { provenance, ...said } = judgement;
  const by = provenance.annotator ?? null;
  if (said.kind !== 'comparison' || said.responses[0] <= said.responses[1]) return canonicalJson([by, said]);
  const { responses, outcome, preference, ...rest } = said;
  const turned = { a: 'b', b: 'a', tie: 'tie', both_bad: 'both_bad' }[outcome];
  return canonicalJson([
    by,
    {
      ...rest,
      responses: [responses[1], responses[0]],
      outcome: turned,
      preference: preference === undefined ? undefined : 1 - preference,
    },
  ]);
};

export const duplicateRows = defineGate({
  name: 'duplicate-rows',
  title: 'Duplicate rows',
  family: 'duplicates and leakage',
  unit: 'share',
  required: false,
  memory: 'rows',
  fix: 'Keep one of each: a row that is there twice counts twice. If the copies are separate judgements, give each its annotator.',
  settings: z.strictObject({
    ...thresholds({ most: 0.02 }, { most: 0.25 }),
    /** Least similarity of prompts and of responses, each with its counterpart, to be nearly the same row. */
    similarity: z.number().min(0.7).max(1).default(0.85),
  }),
  start: ({ similarity }) => {
    const statements = new Set<number>();
    const copies = new Evidence();
    const firsts = new References();
    const texts = new SimilarTexts({ threshold: similarity, bands: 16, similarity: similarityOfRows });
    let rows = 0;
    return {
      add: (row) => {
        rows++;
        const statement = textKey(statementOf(row.judgement));
        if (statements.has(statement)) {
          copies.add(row.reference);
          return;
        }
        statements.add(statement);
        const text = texts.add(textOfRow(row));
        if (text === firsts.length) firsts.push(row.reference);
      },
      finish: () => {
        if (rows === 0) return notApplicable('There are no judgements.', 'judgements');
        const exact = copies.found.total;
        const evidence = copies;
        const near = new Set<number>();
        texts.join((a, b) => near.add(Math.max(a, b)));
        for (const text of near) evidence.add(firsts.at(text));
        const value = (exact + near.size) / rows;
        return {
          value,
          n: rows,
          noun: 'judgements',
          reason:
            value === 0
              ? `No two of ${plural(rows, 'judgement')} are the same or nearly so.`
              : `Of ${plural(rows, 'judgement')} ${plural(exact, 'repeats', 'repeat')} an earlier one exactly and ${plural(near.size, 'differs', 'differ')} from one in a few words only (${finePercent(value)} together).`,
          evidence: evidence.found,
          measures: { exact, near: near.size },
        };
      },
    };
  },
});
