/** @file Ratings, one a row, with the ends of their scale: what spreadsheets and statistics packages read. */
import type { Rating } from '@plaudit/contract';
import { as, columns, type ExportFormat } from './format.ts';

export const ratings: ExportFormat<'ratings'> = {
  name: 'ratings',
  columns: [
    ...columns('messages', 'prompt'),
    ...columns('text', 'response', 'criterion'),
    ...columns('number', 'value', 'least', 'most'),
    ...columns('text', 'annotator', 'language'),
  ],
  kinds: ['rating'],
  keeps: ['criterion', 'provenance.annotator', 'provenance.language'],
  row(judgement) {
    const { prompt, response, criterion, value, scale, provenance } = as<Rating>(judgement, 'rating');
    const { annotator, language } = provenance;
    return { prompt, response, criterion, value, ...scale, annotator, language };
  },
};
