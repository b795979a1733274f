/** @file Tests: a step's calls are shown as somebody else would make them. */
import type { Client } from '@plaudit/sdk';
import { expect, it } from 'vitest';
import { callsIn } from './calls.ts';

it('names each kind of call that changes something once, and passes all of them on', async () => {
  const passed: string[] = [];
  const client: Client = {
    async call(operation) {
      passed.push(operation);
      return undefined as never;
    },
  };
  const calls = callsIn('quick');
  const heard = calls.heard(client);
  const params = { project: 'quick' };
  await heard.call('listRuns', { params });
  for (const name of ['a', 'b']) await heard.call('createDataset', { params, body: { name } });
  expect(passed).toEqual(['listRuns', 'createDataset', 'createDataset']);
  expect(calls.taken()).toEqual(['POST /v1/projects/quick/datasets']);
  expect(calls.taken()).toEqual([]);
});
