import { describe, expect, it } from 'vitest';
import { toPrompt } from '../../prompt.ts';
import { readJudgements } from '../read-judgements.ts';
import { reasons, said, temporaryFiles } from '../testing.ts';

const { file, read } = temporaryFiles();
const prompt = toPrompt('p');

describe('Arena battles', () => {
  const turn = (role: string, content: string) => ({ role, content });
  const battle = (winner: unknown, rest: object = {}) => ({
    model_a: 'm',
    model_b: 'n',
    winner,
    judge: 'arena_user_7',
    conversation_a: [turn('user', 'p'), turn('assistant', 'x')],
    conversation_b: [turn('user', 'p'), turn('assistant', 'y')],
    turn: 1,
    language: 'English',
    tstamp: 1682351591.1322,
    ...rest,
  });

  it('are comparisons with ties and two bad answers, who judged them and when', async () => {
    const winners = ['model_a', 'model_b', 'tie', 'tie (bothbad)'];
    const found = await read(...winners.map((winner) => battle(winner)));
    expect(found.format).toBe('arena');
    expect(said(found.judgements)).toEqual(
      ['a', 'b', 'tie', 'both_bad'].map((outcome) => ({
        kind: 'comparison',
        prompt,
        responses: ['x', 'y'],
        outcome,
      })),
    );
    expect(found.judgements[0]!.provenance).toMatchObject({
      annotator: 'arena_user_7',
      annotatorKind: 'human',
      language: 'English',
      time: '2023-04-24T15:53:11.132Z',
      segments: { model_a: 'm', model_b: 'n', turn: '1' },
    });
  });

  it('are set aside where the two conversations went apart before the last answer', async () => {
    const longer = (first: string) => [
      turn('user', 'p'),
      turn('assistant', first),
      turn('user', 'q'),
      turn('assistant', first),
    ];
    const found = await read(
      battle('model_a', { judge: 'gpt-4', tstamp: 1e300 }),
      battle('model_a', { conversation_a: longer('x'), conversation_b: longer('y') }),
      battle(undefined),
      battle('model_c'),
      battle('tie', { conversation_a: 'text' }),
      battle('tie', { conversation_b: [turn('user', 'p')] }),
    );
    expect(reasons(found)).toEqual([
      [2, 'conversation_b', 'prompts_differ'],
      [3, 'winner', 'missing_label'],
      [4, 'winner', 'label_out_of_range'],
      [5, 'conversation_a', 'missing_response'],
      [6, 'conversation_b', 'no_answer'],
    ]);
    expect(found.judgements[0]!.provenance).not.toHaveProperty('annotatorKind');
    expect(found.judgements[0]!.provenance).not.toHaveProperty('time');
  });
});

describe('OpenRLHF rows', () => {
  it('that are unpaired are labels, and those that are paired are TRL rows', async () => {
    const row = { instruction: 'p', response: 'x' };
    const found = await read({ ...row, score: true }, { ...row, score: 0 }, { ...row, score: 3 });
    expect(found.format).toBe('openrlhf');
    expect(said(found.judgements)).toEqual(
      [true, false].map((desirable) => ({ kind: 'label', prompt, response: 'x', desirable })),
    );
    expect(reasons(found)).toEqual([[3, 'score', 'label_out_of_range']]);
  });
});

describe('judged TL;DR rows', () => {
  it('keep which summary the judge saw first, and are set aside where it did not judge', async () => {
    const header = ',query,postprocessed_response,reference_responses,explanation,preferred,shuffled_index';
    const rows = ['0,p,x,y,why,ours,1', '1,p,x,y,why,reference,0', '2,p,x,y,,,', '3,p,x,y,why,both,0'];
    const found = await readJudgements(await file([header, ...rows, ''].join('\n')));
    expect(found.format).toBe('tldr-judged');
    const comparison = { kind: 'comparison', prompt, responses: ['x', 'y'] };
    expect(said(found.judgements)).toEqual([
      { ...comparison, outcome: 'a' },
      { ...comparison, outcome: 'b' },
    ]);
    expect(found.judgements.map(({ provenance }) => provenance.shownFirst)).toEqual([1, 0]);
    expect(reasons(found)).toEqual([
      [3, 'preferred', 'missing_label'],
      [4, 'preferred', 'label_out_of_range'],
    ]);
  });
});

describe('Prometheus rows', () => {
  const text = (response = 'x') =>
    `###Task Description:\nScore.\n\n###The instruction to evaluate:\np\n\n###Response to evaluate:\n${response}\n\n###Reference Answer (Score 5):\nr\n\n###Score Rubrics:\n[Is it kind?]\nScore 1: No.\n\n###Feedback: `;

  it('give a rating for each go of the judge, equal ones told apart', async () => {
    const found = await read(
      { instruction: text(), gpt4_score: [4, 4, 5], category: 'generic' },
      { instruction: text(), gpt4_score: [4, 6, 'high'] },
      { instruction: text(''), gpt4_score: [1] },
      { instruction: 'Be kind.', gpt4_score: [1] },
      { instruction: text() },
    );
    expect(found.format).toBe('prometheus');
    const rating = { kind: 'rating', prompt, response: 'x', criterion: 'Is it kind?' };
    expect(said(found.judgements)).toEqual(
      [4, 4, 5, 4].map((value) => ({ ...rating, value, scale: { least: 1, most: 5 } })),
    );
    expect(new Set(found.judgements.map((one) => JSON.stringify(one))).size).toBe(4);
    expect(reasons(found)).toEqual([
      [2, 'gpt4_score.1', 'label_out_of_range'],
      [2, 'gpt4_score.2', 'label_out_of_range'],
      [3, 'instruction', 'empty_response'],
      [4, 'instruction', 'bad_field'],
      [5, 'gpt4_score', 'missing_label'],
    ]);
  });
});

describe('QAGS rows', () => {
  it('are a label of each worker for each sentence', async () => {
    const sentence = (text: unknown, ...answers: unknown[]) => ({
      sentence: text,
      responses: answers.map((response, worker_id) => ({ worker_id, response })),
    });
    const found = await read({
      article: 'p',
      summary_sentences: [sentence('x', 'yes', 'no', 'maybe'), sentence('', 'yes'), sentence('y', 'no'), 7],
    });
    expect(found.format).toBe('qags');
    const label = { kind: 'label', prompt, criterion: 'consistency' };
    expect(said(found.judgements)).toEqual([
      { ...label, response: 'x', desirable: true },
      { ...label, response: 'x', desirable: false },
      { ...label, response: 'y', desirable: false },
    ]);
    expect(found.judgements.map(({ provenance }) => provenance.annotator)).toEqual(['0', '1', '0']);
    expect(reasons(found).map((reason) => (reason as unknown[]).slice(1))).toEqual([
      ['summary_sentences.0.responses.2', 'label_out_of_range'],
      ['summary_sentences.1.sentence', 'empty_response'],
      ['summary_sentences.3', 'bad_field'],
    ]);
  });
});

describe('judgements of texts that answer no prompt', () => {
  it('say so, and have the words for what was judged in its place', async () => {
    const popquorn = await read(
      { instance_id: 1, user_id: 7, text: 'x', offensiveness: '2.0', gender: 'Woman', age: '35-39' },
      { instance_id: 2, user_id: 7, text: 'y', offensiveness: '6.0' },
    );
    expect(popquorn.judgements).toEqual([
      {
        kind: 'rating',
        prompt: toPrompt('offensiveness'),
        response: 'x',
        criterion: 'offensiveness',
        value: 2,
        scale: { least: 1, most: 5 },
        provenance: {
          source: expect.any(String),
          row: 1,
          annotator: '7',
          annotatorKind: 'human',
          segments: { prompt: 'absent', gender: 'Woman', age: '35-39' },
        },
      },
    ]);
    expect(reasons(popquorn)).toEqual([[2, 'value', 'label_out_of_range']]);
  });

  it('keep names of audio files as the responses that they stand for', async () => {
    const found = await read(
      { audio_path: 'a.wav', score: 4, evaluator_id: 7 },
      { audio_path: 'a.wav, b.wav', score: 3, evaluator_id: 7 },
      { audio_path: 'a.wav, b.wav, c.wav', score: 3, evaluator_id: 7 },
      { audio_path: 'a.wav,', score: 3, evaluator_id: 7 },
    );
    const scale = { least: 1, most: 5 };
    expect(found.judgements.map(({ provenance, ...rest }) => [rest, provenance.segments])).toEqual([
      [
        {
          ...{ kind: 'rating', response: 'a.wav', criterion: 'naturalness', value: 4, scale },
          prompt: toPrompt('naturalness'),
        },
        { modality: 'audio', prompt: 'absent' },
      ],
      [
        {
          ...{ kind: 'rating', response: 'a.wav', criterion: 'similarity', value: 3, scale },
          prompt: toPrompt('b.wav'),
        },
        { modality: 'audio' },
      ],
    ]);
    expect(reasons(found)).toEqual([
      [3, 'audio_path', 'bad_field'],
      [4, 'audio_path', 'empty_prompt'],
    ]);
  });
});

describe('ImageReward rows', () => {
  it('are rankings with ties of the names of images', async () => {
    const row = { prompt: 'p', generations: ['a.webp', 'b.webp', 'c.webp'] };
    const found = await read(
      { ...row, ranking: [2, 5, 2] },
      { ...row, ranking: [1, 2] },
      { ...row, ranking: [1, null, 2] },
      row,
      { ...row, generations: ['a.webp'], ranking: [1] },
      { ...row, generations: ['a.webp', 'a.webp', 'b.webp'], ranking: [1, 2, 3] },
    );
    expect(said(found.judgements)).toEqual([
      { kind: 'ranking', prompt, responses: row.generations, groups: [[0, 2], [1]] },
    ]);
    expect(reasons(found)).toEqual([
      [2, 'ranking', 'bad_field'],
      [3, 'ranking.1', 'missing_label'],
      [4, 'ranking', 'missing_label'],
      [5, 'generations', 'nothing_ranked'],
      [6, 'responses', 'repeated_response'],
    ]);
  });
});

describe('Le-Wi-Di items', () => {
  const item = (rest: object) => ({
    text: 'x',
    'annotation task': 'irony',
    annotations: '0,1',
    annotators: 'Ann1,Ann2',
    lang: 'en',
    soft_label: { '0.0': 0.5, '1.0': 0.5 },
    split: 'dev',
    other_info: { domain: 'news' },
    ...rest,
  });
  const rating = (criterion: string, value: number, least = 0, most = 1) => ({
    ...{ kind: 'rating', response: 'x', criterion, value, scale: { least, most } },
  });

  it('are ratings of every annotator, from an object of items', async () => {
    const items = {
      1: item({}),
      2: item({
        text: { post: 'p', reply: 'x' },
        annotations: { Ann1: '-4', Ann2: '3' },
        soft_label: { '-5': 0, 5: 0 },
      }),
    };
    for (const text of [JSON.stringify(items), JSON.stringify(items, null, 2)]) {
      const found = await readJudgements(await file(text));
      expect(found.format).toBe('le-wi-di');
      // The file's votes lie outside the first item's soft label, and count for its scale.
      expect(said(found.judgements)).toEqual([
        { ...rating('irony', 0, -4, 3), prompt: toPrompt('irony') },
        { ...rating('irony', 1, -4, 3), prompt: toPrompt('irony') },
        { ...rating('irony', -4, -5, 5), prompt },
        { ...rating('irony', 3, -5, 5), prompt },
      ]);
      expect(found.judgements[0]!.provenance).toMatchObject({
        annotator: 'Ann1',
        language: 'en',
        segments: { prompt: 'absent', split: 'dev', domain: 'news' },
      });
    }
  });

  it('are ratings by category where a vote is a choice among names', async () => {
    const found = await read(
      item({
        text: { context: 'p', statement: 'x' },
        annotations: { Ann1: 'neutral', Ann2: 'entailment, neutral', Ann3: 'other' },
        soft_label: { entailment: { 0: 0.5, 1: 0.5 }, neutral: { 0: 0, 1: 1 } },
      }),
    );
    expect(said(found.judgements)).toEqual(
      [
        ['entailment', 0],
        ['neutral', 1],
        ['entailment', 1],
        ['neutral', 1],
      ].map(([criterion, value]) => ({ ...rating(criterion as string, value as number), prompt })),
    );
    expect(reasons(found)).toEqual([[1, 'annotations', 'label_out_of_range']]);
  });

  it('keep a dialogue as the prompt of its last turn, further tasks, and the group of each annotator', async () => {
    const dialogue = { prev_agent: 'a', prev_user: 'b', agent: 'c', user: 'x' };
    const found = await read(
      item({
        text: JSON.stringify(dialogue),
        other_info: {
          'other annotations': { rude: '1,no' },
          'annotators group': 'group1,group2',
          group1: 'target',
        },
      }),
      item({ annotations: '1', annotators: 'Ann1,Ann2' }),
      item({ text: { title: 'x' } }),
      item({ other_info: { Ann2: 'left' }, annotations: '1,high' }),
    );
    const turns = ['a', 'b', 'c'].map((content, i) => ({ role: i === 1 ? 'user' : 'assistant', content }));
    expect(said(found.judgements.slice(0, 3))).toEqual([
      { ...rating('irony', 0), prompt: turns },
      { ...rating('irony', 1), prompt: turns },
      { ...rating('rude', 1), prompt: turns },
    ]);
    expect(found.judgements.map(({ provenance }) => provenance.segments?.group)).toEqual([
      'target',
      'group2',
      'target',
      undefined,
    ]);
    expect(reasons(found)).toEqual([
      [1, 'other_info', 'label_out_of_range'],
      [2, 'annotations', 'bad_field'],
      [3, 'text', 'bad_field'],
      [4, 'annotations', 'label_out_of_range'],
    ]);
  });
});

describe('MQM rows', () => {
  const header =
    'system\tdoc\tdocSegId\tglobalSegId\trater\tsource\ttarget\tcategory\tseverity\tmetadata\t# Remark';
  const row = (rater: string, target: string, category: string, severity: string, time = 0, system = 'm') =>
    [system, 'd', 1, 1, rater, 'the <v>source</v>', target, category, severity, `{"timestamp":${time}}`].join(
      '\t',
    );

  it('are summed to one rating for each rater of each translation, wherever they stand', async () => {
    const rows = [
      row('r1', 'a <v>b</v> c', 'Accuracy/Addition', 'Major', 1_724_377_728_301),
      row('r2', 'a b c', 'No-error', 'No-error'),
      row('r1', 'a b <v>c</v>', 'Fluency/Punctuation', 'Minor', 1_724_377_728_999),
      row('r1', 'a b c', 'Source issue', 'Major'),
      row('r1', 'a b c', 'Found', 'HOTW-test'),
      row('r1', '<v>a b c</v> ', 'Style/Awkward', 'Minor'),
      row('r1', 'a b c', 'Non-translation!', 'Major', 0, 'n'),
      row('r1', 'a b c', 'Accuracy/Addition', 'Minor', 0, 'n'),
      row('r1', 'another', 'Accuracy/Addition', 'Minor', 0, 'n'),
      row('r1', 'a b c', 'Accuracy/Addition', 'Awful'),
      row('r3', ' ', 'Style/Awkward', 'Minor'),
      row('r3', ' ', 'Style/Awkward', 'Minor'),
    ];
    const found = await readJudgements(await file([header, ...rows, ''].join('\n')));
    expect(found.format).toBe('mqm');
    const rating = { kind: 'rating', prompt: toPrompt('the source'), response: 'a b c', criterion: 'mqm' };
    const scale = { least: -26, most: 0 };
    expect(said(found.judgements)).toEqual([-6.1, 0, -26].map((value) => ({ ...rating, value, scale })));
    expect(found.judgements[0]!.provenance).toEqual({
      source: expect.any(String),
      row: 1,
      annotator: 'r1',
      annotatorKind: 'human',
      time: '2024-08-23T01:48:48.999Z',
      segments: { system: 'm', doc: 'd' },
    });
    expect(reasons(found)).toEqual([
      [5, 'severity', 'attention_check'],
      [9, 'target', 'prompts_differ'],
      [10, 'severity', 'label_out_of_range'],
      [11, 'target', 'empty_response'],
      [12, 'target', 'empty_response'],
    ]);
    expect(found.counts).toMatchObject({ rows: 12, read: 7, rejected: 5, kinds: { rating: 3 } });
  });
});
