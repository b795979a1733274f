/** @file AlpacaEval annotations: a preference from 1 (first output) to 2 (second), 1.5 being a tie.
 * @see https://github.com/tatsu-lab/alpaca_eval
 */
import type { Comparison } from '@plaudit/contract';
import { ExportFault } from './column.ts';
import { as, columns, type ExportFormat, oneTurn } from './format.ts';

export const alpacaeval: ExportFormat<'alpacaeval'> = {
  name: 'alpacaeval',
  columns: [
    ...columns('text', 'instruction', 'output_1', 'output_2'),
    ...columns('number', 'preference'),
    ...columns('text', 'annotator', 'dataset', 'generator_1', 'generator_2'),
  ],
  kinds: ['comparison'],
  keeps: [
    'preference',
    'provenance.annotator',
    'provenance.segments.dataset',
    'provenance.segments.generator_1',
    'provenance.segments.generator_2',
  ],
  row(judgement) {
    const comparison = as<Comparison>(judgement, 'comparison');
    const { prompt, responses, provenance } = comparison;
    return {
      instruction: oneTurn(prompt),
      output_1: responses[0],
      output_2: responses[1],
      preference: 2 - shareOfFirst(comparison),
      annotator: provenance.annotator,
      dataset: provenance.segments?.dataset,
      generator_1: provenance.segments?.generator_1,
      generator_2: provenance.segments?.generator_2,
    };
  },
};

/** The share of the votes for the first, which must say the same as the outcome: the format has nothing else. */
const shareOfFirst = ({ outcome, preference }: Comparison): number => {
  if (outcome === 'both_bad') throw new ExportFault('both_bad');
  const certain = { a: 1, b: 0, tie: 0.5 }[outcome];
  const share = preference ?? certain;
  if (Math.sign(share - 0.5) !== Math.sign(certain - 0.5)) throw new ExportFault('preference_differs');
  return share;
};
