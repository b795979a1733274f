/** @file Token ids in the place of texts, as vLLM takes them: those of the model, and no others. */
import { loadRewardModel, type RewardModel } from '@plaudit/reward';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatterOf } from '../serving/fit.ts';
import { PolicyService } from '../serving/policy-service.ts';
import { ScoringService } from '../serving/scoring-service.ts';
import { temporaryFolder, trainLinear, trainTransformer } from '../serving/testing.ts';
import { testApp } from '../testing.ts';
import { vllmRoutes } from './vllm.ts';

const folder = temporaryFolder();
const scoring = new ScoringService();
const { request, store } = testApp(() => vllmRoutes({ scoring, policies: new PolicyService() }));
const post = (url: string, body: unknown) => request('viewer', 'POST', url, body);
let reader: RewardModel;

beforeAll(async () => {
  const directory = await trainTransformer(folder, 'reader');
  const load = { threads: 1 };
  reader = await loadRewardModel(directory, load);
  const project = store().project.id;
  await scoring.serve(project, 'reader', { production: { model: { version: 'r@1', directory, load } } });
  const linear = await trainLinear(folder, 'linear');
  await scoring.serve(project, 'rm', { production: { model: { version: 'rm@1', directory: linear } } });
}, 120_000);
afterAll(async () => {
  await reader.close();
  await scoring.close();
});

describe('vLLM', () => {
  it('takes the tokens of the model in the place of texts, and no others', async () => {
    const formatter = formatterOf(reader)!;
    const conversations = [
      ['bcd', 'fgh'],
      ['fgh bcd', 'bcd'],
    ] as const;
    const idsOf = ([prompt, response]: readonly [string, string]) => {
      const { prompt: head, responses } = formatter.formatTree(
        [{ role: 'user', content: prompt }],
        [response],
      );
      return [...head, ...responses[0]!];
    };
    const asked = { model: 'reader', use_activation: false };
    const input = conversations.map(idsOf);
    const { status, body } = await post('/pooling', { ...asked, input });
    expect(status).toBe(200);
    for (const [i, [prompt, response]] of conversations.entries()) {
      const messages = [
        { role: 'user', content: prompt },
        { role: 'assistant', content: response },
      ];
      const said = await post('/pooling', { ...asked, messages });
      expect(body.data[i].data[0]).toBeCloseTo(said.body.data[0].data[0], 4);
    }
    // One list, and without the token that ends the response.
    expect((await post('/classify', { ...asked, input: input[0]!.slice(0, -1) })).body.data).toHaveLength(1);
    const errorOf = async (body: object) => {
      const { status: code, body: said } = await post('/pooling', { ...asked, ...body });
      return [code, said.error.message];
    };
    expect(await errorOf({ input: [5, 6, 7] })).toEqual([
      400,
      'The field input cannot be served: the token ids are not a conversation in the format that the model was trained with.',
    ]);
    expect((await errorOf({ input: [1e6] }))[1]).toMatch(/a token id is larger than \d+, the largest one/);
    expect(await errorOf({ model: 'rm', input: [1, 2, 3] })).toEqual([
      400,
      'The field input cannot be served: it holds token ids, and a model of kind linear reads texts and has no tokenizer.',
    ]);
  });
});
