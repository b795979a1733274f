/** @file Plaudit's own judgements with all that they say: as JSON, as CSV whose cells are JSON, or as Parquet. */
import { columns, type ExportFormat } from './format.ts';

const own = [
  ...columns('text', 'kind'),
  ...columns('messages', 'prompt'),
  ...columns('texts', 'responses'),
  ...columns('text', 'outcome', 'strength'),
  ...columns('number', 'margin', 'preference'),
  ...columns('json', 'groups'),
  ...columns('truth', 'restUnordered'),
  ...columns('text', 'response'),
  ...columns('number', 'value'),
  ...columns('json', 'scale'),
  ...columns('truth', 'desirable'),
  ...columns('text', 'rewrite'),
  ...columns('texts', 'steps'),
  ...columns('text', 'separator'),
  ...columns('truths', 'labels'),
  ...columns('text', 'criterion'),
  ...columns('json', 'provenance'),
];

export const plaudit: ExportFormat<'plaudit'> = {
  name: 'plaudit',
  columns: own,
  // So that any text comes back as it was: an empty one, and one that looks like chat messages.
  csvColumns: own.map(({ name, type }) => ({ name, type: name === 'kind' ? type : 'json' })),
  kinds: ['comparison', 'ranking', 'rating', 'label', 'edit', 'steps'],
  keeps: ['*'],
  row: (judgement) => ({ ...judgement }),
};
