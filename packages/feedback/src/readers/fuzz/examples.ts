/** @file A good row of every format, from which the tests of readers make hostile ones. */
import type { FormatName } from '../formats/formats.ts';

const messages = [{ role: 'user', content: 'p' }];
const answer = (content: string) => [{ role: 'assistant', content }];
const provenance = { source: 's', row: 1, segments: { task: 'chat' } };

export const examples: Readonly<Record<FormatName, readonly object[]>> = {
  plaudit: [
    {
      kind: 'comparison',
      prompt: messages,
      responses: ['x', 'y'],
      outcome: 'a',
      preference: 0.7,
      provenance,
    },
    { kind: 'ranking', prompt: messages, responses: ['x', 'y', 'z'], groups: [[2], [0, 1]], provenance },
    { kind: 'rating', prompt: messages, response: 'x', value: 3, scale: { least: 1, most: 5 }, provenance },
    { kind: 'label', prompt: messages, response: 'x', desirable: false, provenance },
    { kind: 'edit', prompt: messages, response: 'x', rewrite: 'y', provenance },
    { kind: 'steps', prompt: messages, steps: ['a', 'b'], separator: ' ', labels: [true, null], provenance },
    {
      kind: 'label',
      prompt: JSON.stringify(messages),
      response: '"x"',
      desirable: 'true',
      provenance: '{"source":"s"}',
    },
  ],
  hh: [{ chosen: '\n\nHuman: p\n\nAssistant: x', rejected: '\n\nHuman: p\n\nAssistant: y' }],
  'llama-factory': [
    { system: 's', history: [['q', 'r']], instruction: 'p', input: 'i', chosen: 'x', rejected: 'y' },
    {
      conversations: [{ from: 'human', value: 'p' }],
      chosen: { from: 'gpt', value: 'x' },
      rejected: { from: 'gpt', value: 'y' },
    },
    { instruction: 'p', output: 'x', kto_tag: true },
  ],
  trl: [
    { prompt: 'p', chosen: 'x', rejected: 'y', margin: 1, strength: 'much', segments: { task: 'chat' } },
    { prompt: messages, chosen: answer('x'), rejected: answer('y') },
    { chosen: [...messages, ...answer('x')], rejected: [...messages, ...answer('y')] },
  ],
  'trl-unpaired': [{ prompt: 'p', completion: 'x', label: true }],
  'trl-stepwise': [{ prompt: 'p', completions: ['a', 'b'], labels: [true, false] }],
  autoj: [{ scenario: 'chat', prompt: 'p', 'response 1': 'x', 'response 2': 'y', label: 2 }],
  pandalm: [
    {
      instruction: 'p',
      input: '',
      response1: 'x',
      response2: 'y',
      annotator1: 0,
      annotator2: 1,
      annotator3: 1,
    },
  ],
  alpacaeval: [{ instruction: 'p', output_1: 'x', output_2: 'y', preference: 1.2, annotator: 'judge' }],
  oasst: [
    {
      message_tree_id: 't',
      prompt: {
        role: 'prompter',
        text: 'p',
        lang: 'en',
        replies: [
          { role: 'assistant', text: 'x', rank: 0, replies: [] },
          {
            role: 'assistant',
            text: 'y',
            rank: 1,
            replies: [{ role: 'prompter', text: 'q', replies: [{ role: 'assistant', text: 'z', rank: 0 }] }],
          },
        ],
      },
    },
  ],
  unieval: [{ source: 'p', system_output: 'x', scores: { informativeness: 3, naturalness: 4, overall: 3 } }],
  ultrafeedback: [
    {
      instruction: 'p',
      completions: [
        { model: 'm', response: 'x', annotations: { helpfulness: { Rating: '4' } }, overall_score: 8 },
        { model: 'n', response: 'y', annotations: { honesty: { Rating: 'N/A' } }, overall_score: 3 },
      ],
    },
  ],
  ratings: [{ prompt: 'p', response: 'x', value: 3, criterion: 'tone', least: 1, most: 5, annotator: 'ann' }],
  'gsm8k-solutions': [
    {
      question: 'p',
      ground_truth: 'g',
      small: { is_correct: false, solution: 'x' },
      large: { is_correct: true, solution: 'y' },
    },
  ],
  'big-bench-mistake': [{ input: 'p', steps: ['a', 'b'], target: 't', answer: 'a', mistake_index: 1 }],
  arena: [
    {
      model_a: 'm',
      model_b: 'n',
      winner: 'tie (bothbad)',
      judge: 'arena_user_1',
      conversation_a: [...messages, ...answer('x')],
      conversation_b: [...messages, ...answer('y')],
      language: 'English',
      tstamp: 1682351591.1322,
    },
  ],
  openrlhf: [{ instruction: 'p', response: 'x', score: true }],
  'tldr-judged': [
    {
      query: 'p',
      postprocessed_response: 'x',
      reference_responses: 'y',
      preferred: 'ours',
      shuffled_index: 1,
    },
  ],
  prometheus: [
    {
      instruction:
        '###The instruction to evaluate:\np\n\n###Response to evaluate:\nx\n\n###Reference Answer (Score 5):\nr\n\n###Score Rubrics:\n[Is it good?]\nScore 1: no\n\n###Feedback:',
      gpt4_score: [4, 5, 3],
      category: 'generic',
    },
  ],
  qags: [
    {
      article: 'p',
      summary_sentences: [
        {
          sentence: 'x',
          responses: [
            { worker_id: 0, response: 'yes' },
            { worker_id: 3, response: 'no' },
          ],
        },
      ],
    },
  ],
  popquorn: [
    { instance_id: '1', user_id: '0', text: 'x', offensiveness: '1.0', gender: 'Woman', age: '35-39' },
  ],
  'le-wi-di': [
    {
      text: 'x',
      'annotation task': 'irony detection',
      annotations: '0,1',
      annotators: 'Ann1,Ann2',
      lang: 'en',
      soft_label: { 0: 0.5, 1: 0.5 },
      other_info: { 'other annotations': { aggression: '0,1' }, 'annotators group': 'g1,g2', g1: 'target' },
    },
    {
      text: { context: 'p', statement: 'x' },
      'annotation task': 'inference',
      annotations: { Ann1: 'neutral', Ann2: 'entailment,neutral' },
      annotators: 'Ann1,Ann2,Ann2',
      soft_label: { entailment: { 0: 0.5 }, neutral: { 1: 1 } },
      other_info: { Ann1: 'left' },
    },
  ],
  mqm: [
    {
      system: 'm',
      doc: 'd',
      doc_id: '1',
      seg_id: '1',
      rater: 'r',
      source: 'p',
      target: 'x <v>y</v>',
      category: 'Accuracy/Addition',
      severity: 'Minor',
      metadata: '{"timestamp":1724377728301,"timing":{}}',
    },
  ],
  'listening-scores': [
    { audio_path: 'a.wav', score: '4.0', evaluator_id: '7' },
    { audio_path: 'a.wav, b.wav', score: '3.0', evaluator_id: '7' },
  ],
  'image-reward': [{ id: '1', prompt: 'p', generations: ['a.webp', 'b.webp', 'c.webp'], ranking: [1, 2, 2] }],
};
