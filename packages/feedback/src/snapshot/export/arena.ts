/** @file Arena battles, as FastChat publishes them.
 * @see https://github.com/lm-sys/FastChat
 */
import type { Comparison } from '@plaudit/contract';
import { answerOf, as, columns, type ExportFormat } from './format.ts';

const winners = { a: 'model_a', b: 'model_b', tie: 'tie', both_bad: 'tie (bothbad)' } as const;

export const arena: ExportFormat<'arena'> = {
  name: 'arena',
  columns: [
    ...columns('text', 'model_a', 'model_b', 'winner', 'judge'),
    ...columns('messages', 'conversation_a', 'conversation_b'),
    ...columns('text', 'turn', 'language'),
    ...columns('number', 'tstamp'),
  ],
  kinds: ['comparison'],
  keeps: [
    'provenance.annotator',
    'provenance.language',
    'provenance.time',
    'provenance.segments.model_a',
    'provenance.segments.model_b',
    'provenance.segments.turn',
  ],
  row(judgement) {
    const { prompt, responses, outcome, provenance } = as<Comparison>(judgement, 'comparison');
    const { segments, annotator, language, time } = provenance;
    return {
      model_a: segments?.model_a,
      model_b: segments?.model_b,
      winner: winners[outcome],
      judge: annotator,
      conversation_a: [...prompt, ...answerOf(responses[0])],
      conversation_b: [...prompt, ...answerOf(responses[1])],
      turn: segments?.turn,
      language,
      tstamp: time === undefined ? undefined : Date.parse(time) / 1000,
    };
  },
};
