/**
 * @file Prints what a saved policy says of the responses of a few rows, for open_saved_policy.py to repeat in Python.
 *
 * node --conditions=source bench/compat/policy-rows.ts POLICY ROWS.jsonl > expected.json
 */
import { compile, EngineWorker, type TensorValue } from '@plaudit/engine';
import { readPromptRows } from '@plaudit/feedback';
import { policyGraph, treeBatch } from '@plaudit/models';
import { openPolicy } from '@plaudit/policy';

const [reference, rows] = process.argv.slice(2);
if (!reference || !rows) throw new Error('usage: policy-rows.ts POLICY ROWS.jsonl');

const { base, lora, values } = await openPolicy(reference, undefined);
const { weights, logProbability } = policyGraph(base.model, {
  source: base.source,
  lora,
  maxLength: base.formatter.maxLength,
});
await using worker = await EngineWorker.start();
const session = await worker.open(compile({ logProbability }));
const adapter = [...weights.trained.values()].map(({ name, shape }) => [
  name,
  { dtype: 'float32', shape, data: values!.get(name)!.data } satisfies TensorValue,
]);
const int64 = (numbers: readonly number[]): TensorValue => ({
  dtype: 'int64',
  shape: [numbers.length],
  data: BigInt64Array.from(numbers, BigInt),
});

const expected = [];
for (const { prompt: messages, responses: texts } of await readPromptRows(rows)) {
  const { prompt, responses, dropped } = base.formatter.formatTree(messages, texts);
  const places = {
    prompt: prompt.length,
    branches: responses.length,
    response: Math.max(...responses.map(({ length }) => length)),
  };
  const { feeds, promptRows, scoreRows } = treeBatch([{ prompt, responses }], places);
  const before = responses.flatMap((ids, k) =>
    ids.map((_, i) => (i === 0 ? promptRows[0]! : scoreRows[0]![k]! - ids.length + i)),
  );
  const said = await session.run({
    ...feeds,
    ...Object.fromEntries(adapter),
    'target.rows': int64(before),
    'target.ids': int64(responses.flat()),
  });
  const all = Array.from(said.logProbability!.data as Float32Array);
  for (const response of responses)
    expected.push({
      messages,
      prompt,
      whole: dropped.prompt === 0,
      response,
      logProbabilities: all.splice(0, response.length),
    });
}
process.stdout.write(`${JSON.stringify(expected)}\n`);
