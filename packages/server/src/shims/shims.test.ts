/** @file Each shim against the request and response of its documentation, field by field. */
import { join } from 'node:path';
import { sigmoid } from '@plaudit/contract';
import { openReward } from '@plaudit/policy';
import { loadRewardModel, type RewardModel } from '@plaudit/reward';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PolicyService } from '../serving/policy-service.ts';
import { ScoringService } from '../serving/scoring-service.ts';
import { temporaryFolder, trainLinear } from '../serving/testing.ts';
import { testApp } from '../testing.ts';
import { shimRoutes } from './index.ts';

const folder = temporaryFolder();
const scoring = new ScoringService({ limits: { maxQueue: 40 } });
const policies = new PolicyService();
const { request, store, app } = testApp(() =>
  shimRoutes({ scoring, policies, now: () => new Date(1_745_383_213_000), newId: () => '7c-87' }),
);
const post = (url: string, body: unknown) => request('viewer', 'POST', url, body);
const tooMany = Array.from({ length: 30 }, (_, i) => `text ${i}`);

let model: RewardModel;
/** What the model itself says. */
const reward = async (prompt: string, response: string): Promise<number> =>
  (await model.score([{ prompt: [{ role: 'user', content: prompt }], responses: [response] }]))[0]![0]!
    .reward;

beforeAll(async () => {
  const directory = await trainLinear(folder, 'linear');
  await scoring.serve(store().project.id, 'rm', { production: { model: { version: 'rm@1', directory } } });
  model = await loadRewardModel(join(folder, 'linear'));
}, 120_000);
afterAll(() => scoring.close());

describe('vLLM', () => {
  const conversation = {
    model: 'rm',
    messages: [
      { role: 'user', content: 'P' },
      { role: 'assistant', content: 'R' },
    ],
    use_activation: false,
  };

  it('/pooling with messages, as the documentation asks for a reward', async () => {
    const { status, body } = await post('/pooling', {
      ...conversation,
      task: 'classify',
      add_generation_prompt: false,
      continue_final_message: false,
      add_special_tokens: false,
      chat_template: null,
      truncate_prompt_tokens: 4096,
      truncation_side: 'left',
      priority: 0,
      request_id: 'r',
      cache_salt: null,
      encoding_format: 'float',
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      id: 'pool-7c87',
      object: 'list',
      created: 1_745_383_213,
      model: 'rm',
      data: [{ index: 0, object: 'pooling', data: [await reward('P', 'R')] }],
      usage: { prompt_tokens: 0, total_tokens: 0, completion_tokens: 0, prompt_tokens_details: null },
    });
  });

  it('/pooling with texts that a template made, and as base64', async () => {
    const input = ['<|im_start|>user\nP<|im_end|>\n<|im_start|>assistant\nR<|im_end|>\n', 'plain'];
    const { body } = await post('/pooling', {
      model: 'rm',
      input,
      use_activation: false,
      encoding_format: 'base64',
    });
    const values = body.data.map(({ data }: { data: string }) => Buffer.from(data, 'base64').readFloatLE(0));
    expect(values[0]).toBe(Math.fround(await reward('P', 'R')));
    expect(values[1]).toBe(Math.fround(await reward('', 'plain')));
  });

  it('/classify squashes as vLLM does unless it is told not to, by the new name or the old one', async () => {
    const { body } = await post('/classify', { ...conversation, use_activation: undefined });
    const raw = await reward('P', 'R');
    expect(body).toEqual({
      id: 'classify-7c87',
      object: 'list',
      created: 1_745_383_213,
      model: 'rm',
      data: [{ index: 0, label: 'LABEL_0', probs: [sigmoid(raw)], num_classes: 1 }],
      usage: { prompt_tokens: 0, total_tokens: 0, completion_tokens: 0, prompt_tokens_details: null },
    });
    for (const off of [{ use_activation: false }, { use_activation: undefined, activation: false }])
      expect((await post('/classify', { ...conversation, ...off })).body.data[0].probs).toEqual([raw]);
  });

  it('/score: one query for all documents, or one for each, by the new names and the old ones', async () => {
    const both = [await reward('Q', 'a'), await reward('Q', 'b')];
    const scores = ({ body }: { body: { data: { score: number }[] } }): number[] =>
      body.data.map(({ score }) => score);
    const raw = { model: 'rm', use_activation: false };
    expect(scores(await post('/score', { ...raw, queries: 'Q', documents: ['a', 'b'] }))).toEqual(both);
    expect(scores(await post('/score', { ...raw, text_1: ['Q', 'Q'], text_2: ['a', 'b'] }))).toEqual(both);
    const { body } = await post('/vllm/v1/score', { ...raw, queries: 'Q', documents: 'a' });
    expect(body).toMatchObject({
      id: 'score-7c87',
      object: 'list',
      data: [{ index: 0, object: 'score', score: both[0] }],
    });
    expect((await post('/score', { ...raw, queries: ['Q', 'Q'], documents: ['a'] })).status).toBe(400);
  });

  it.each(['/rerank', '/v1/rerank', '/v2/rerank', '/vllm/rerank'])(
    '%s sorts documents by relevance',
    async (url) => {
      const { body } = await post(url, {
        model: 'rm',
        query: 'Q',
        documents: ['a', { text: 'b b b' }],
        top_n: 2,
      });
      const expected = [
        { index: 0, document: { text: 'a' }, relevance_score: sigmoid(await reward('Q', 'a')) },
        { index: 1, document: { text: 'b b b' }, relevance_score: sigmoid(await reward('Q', 'b b b')) },
      ].sort((a, b) => b.relevance_score - a.relevance_score);
      expect(body).toEqual({
        id: 'rerank-7c87',
        model: 'rm',
        usage: { prompt_tokens: 0, total_tokens: 0 },
        results: expected,
      });
      expect((await post(url, { query: 'Q', documents: ['a', 'b'], top_n: 1 })).body.results).toHaveLength(1);
    },
  );

  it('errors are vLLM’s: a document with message, type and code', async () => {
    const { status, body } = await post('/classify', { ...conversation, model: 'other' });
    expect(status).toBe(404);
    expect(body).toEqual({
      error: { message: expect.any(String), type: 'NotFoundError', param: null, code: 404 },
    });
    expect((await post('/classify', { model: 'rm', input: [1, 2, 3] })).body.error.type).toBe(
      'BadRequestError',
    );
    const all = await Promise.all(
      [0, 1, 2].map((n) => post('/classify', { model: 'rm', input: tooMany.map((text) => `${text} ${n}`) })),
    );
    const refused = all.find(({ status: each }) => each === 429)!;
    expect(refused.body.error.code).toBe(429);
    expect(refused.headers['retry-after']).toBeDefined();
  });
});

describe('TEI', () => {
  it('/predict takes a text, a pair, and a batch of both', async () => {
    const raw = { raw_scores: true };
    const [pair, text] = [await reward('prompt', 'response'), await reward('', 'only text')];
    expect((await post('/tei/predict', { ...raw, inputs: 'only text' })).body).toEqual([
      { score: text, label: 'LABEL_0' },
    ]);
    expect((await post('/tei/predict', { ...raw, inputs: ['prompt', 'response'] })).body).toEqual([
      { score: pair, label: 'LABEL_0' },
    ]);
    const { body, headers } = await post('/tei/predict', {
      inputs: [['prompt', 'response'], ['only text']],
      truncate: false,
      truncation_direction: 'right',
      raw_scores: true,
    });
    expect(body).toEqual([[{ score: pair, label: 'LABEL_0' }], [{ score: text, label: 'LABEL_0' }]]);
    for (const name of [
      'x-compute-type',
      'x-compute-time',
      'x-compute-characters',
      'x-compute-tokens',
      'x-total-time',
      'x-queue-time',
      'x-inference-time',
    ])
      expect(headers[name]).toBeDefined();
  });

  it('/predict squashes unless raw scores are asked for', async () => {
    const { body } = await post('/tei/predict', { inputs: 'only text' });
    expect(body[0].score).toBe(sigmoid(await reward('', 'only text')));
  });

  it('/rerank sorts texts and gives them back where that is asked for', async () => {
    const asked = {
      query: 'Q',
      texts: ['a'],
      truncate: false,
      truncation_direction: 'Right',
      raw_scores: false,
    };
    const score = sigmoid(await reward('Q', 'a'));
    expect((await post('/tei/rerank', { ...asked, return_text: false })).body).toEqual([
      { index: 0, text: null, score },
    ]);
    expect((await post('/tei/rerank', { ...asked, return_text: true })).body[0].text).toBe('a');
  });

  it('errors are TEI’s, with its types and statuses', async () => {
    const errorOf = async (url: string, body: unknown): Promise<unknown[]> => {
      const { status, body: answer } = await post(url, body);
      expect(Object.keys(answer).sort()).toEqual(['error', 'error_type']);
      return [status, answer.error_type];
    };
    expect(await errorOf('/tei/predict', { inputs: [] })).toEqual([400, 'empty']);
    expect(await errorOf('/tei/rerank', { query: 'Q', texts: [] })).toEqual([400, 'empty']);
    expect(await errorOf('/tei/predict', { inputs: 7 })).toEqual([422, 'validation']);
    expect(await errorOf('/tei/predict', { inputs: Array.from({ length: 33 }, () => ['a']) })).toEqual([
      422,
      'validation',
    ]);
    const busy = Array.from({ length: 3 }, (_, n) => ({
      inputs: tooMany.map((text) => [`${text} tei ${n}`]),
    }));
    const all = await Promise.all(busy.map((body) => post('/tei/predict', body)));
    expect(all.find(({ status }) => status === 429)!.body.error_type).toBe('overloaded');
  });
});

describe('SGLang', () => {
  it('/classify gives rewards as embeddings of one number', async () => {
    const text = ['<|im_start|>user\nP<|im_end|>\n<|im_start|>assistant\nR<|im_end|>\n', 'plain'];
    const { body } = await post('/sglang/classify', { model: 'rm', text });
    expect(body.map(({ embedding }: { embedding: number[] }) => embedding)).toEqual([
      [await reward('P', 'R')],
      [await reward('', 'plain')],
    ]);
    expect(body[0].meta_info).toMatchObject({ weight_version: 'rm@1', prompt_tokens: 0 });
    expect((await post('/sglang/classify', { text: 'plain' })).body.embedding).toHaveLength(1);
  });

  it('/v1/embeddings as verl reads it: the last number of the last item', async () => {
    const { body } = await post('/sglang/v1/embeddings', { model: 'rm', input: 'plain' });
    expect(body.data.at(-1).embedding.at(-1)).toBe(await reward('', 'plain'));
    expect(body).toMatchObject({
      object: 'list',
      model: 'rm',
      data: [{ object: 'embedding', index: 0 }],
      usage: { prompt_tokens: 0 },
    });
  });
});

describe('OpenRLHF', () => {
  it('/get_reward gives rewards, scores and logs in the order of the queries', async () => {
    const prompts = ['<|im_start|>user\nP<|im_end|>\n<|im_start|>assistant\n', 'What?'];
    const query = [`${prompts[0]}R<|im_end|>`, 'What? That.'];
    const { status, body } = await post('/get_reward', { query, prompts, labels: ['', ''] });
    expect(status).toBe(200);
    expect(body.rewards).toEqual([await reward('P', 'R'), await reward('What?', ' That.')]);
    expect(Object.keys(body).sort()).toEqual(['extra_logs', 'rewards', 'scores']);
    for (const score of body.scores) expect(score >= 0 && score <= 1).toBe(true);
    expect(body.extra_logs.preference).toEqual(body.rewards);
    const alone = await post('/get_reward', { query: [query[0]] });
    expect(alone.body.rewards).toEqual([body.rewards[0]]);
  });

  it('is what our own client of remote rewards speaks', async () => {
    await app().listen({ port: 0, host: '127.0.0.1' });
    const { port } = app().server.address() as { port: number };
    const source = await openReward(`http://127.0.0.1:${port}/get_reward`, {
      endpoint: { headers: { authorization: 'Bearer viewer' } },
    });
    const [first] = await source.score([{ prompt: [{ role: 'user', content: 'P' }], responses: ['R', 'S'] }]);
    expect(first).toMatchObject([{ reward: await reward('P', 'R') }, { reward: await reward('P', 'S') }]);
  });

  it('answers an error, and never null or 0, where one query has no reward', async () => {
    const all = await Promise.all(
      [0, 1, 2].map((n) => post('/get_reward', { query: tooMany.map((text) => `${text} rl ${n}`) })),
    );
    const refused = all.filter(({ status }) => status !== 200);
    expect(refused.length).toBeGreaterThan(0);
    for (const { body } of refused) expect(Object.keys(body)).toEqual(['error']);
  });
});

describe('LLaMA-Factory', () => {
  it('/v1/score/evaluation gives a score for each text, whatever the model is called', async () => {
    const messages = ['<|im_start|>user\nP<|im_end|>\n<|im_start|>assistant\nR<|im_end|>\n'];
    const { body } = await post('/v1/score/evaluation', { model: 'model', messages });
    expect(body).toEqual({
      id: 'scoreeval-7c87',
      object: 'score.evaluation',
      model: 'rm',
      scores: [await reward('P', 'R')],
    });
    expect((await post('/v1/score/evaluation', { model: 'model', messages: [] })).body).toEqual({
      detail: expect.any(String),
    });
  });
});
