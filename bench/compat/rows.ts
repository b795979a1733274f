/**
 * @file Prints what a saved transformer reward model makes of a few rows, for open_saved_model.py to repeat in Python.
 *
 * node --conditions=source bench/compat/rows.ts MODEL ROWS.jsonl > expected.json
 */
import { readPromptRows } from '@plaudit/feedback';
import { loadRewardModel } from '@plaudit/reward';

const [model, rows] = process.argv.slice(2);
if (!model || !rows) throw new Error('usage: rows.ts MODEL ROWS.jsonl');
const loaded = await loadRewardModel(model);
if (!('base' in loaded)) throw new Error(`${model} is not a transformer reward model`);
const { formatter } = (loaded as typeof loaded & { base: { formatter: import('@plaudit/models').Formatter } })
  .base;
const items = await readPromptRows(rows);
const scores = await loaded.score(items);
const expected = items.flatMap(({ prompt, responses }, i) =>
  responses.map((response, k) => {
    const reward = scores[i]![k]!.reward;
    if (formatter.direction === 'bidirectional') return { ...formatter.formatRow(prompt, response), reward };
    const { prompt: ids, responses: answers } = formatter.formatTree(prompt, [response]);
    return { ids: [...ids, ...answers[0]!], reward };
  }),
);
process.stdout.write(`${JSON.stringify(expected)}\n`);
await loaded.close();
