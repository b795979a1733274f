import { ChatTemplate, defaultChatTemplate } from '@plaudit/models';
import { describe, expect, it } from 'vitest';
import { promptOfText, readTranscript, transcriptOf, withoutEnd } from './transcript.ts';

const prompt = [
  { role: 'system' as const, content: 'Be brief.' },
  { role: 'user' as const, content: 'Why is\nthe sky blue?' },
];
const answer = { role: 'assistant' as const, content: 'Rayleigh scattering.' };
const expected = { prompt, response: answer.content };

describe('a text that a chat template made', () => {
  it.each([
    [
      'ChatML',
      '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWhy is\nthe sky blue?<|im_end|>\n<|im_start|>assistant\nRayleigh scattering.<|im_end|>\n',
    ],
    [
      'Llama 3',
      '<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nWhy is\nthe sky blue?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nRayleigh scattering.<|eot_id|>',
    ],
    [
      'Zephyr',
      '<|system|>\nBe brief.</s>\n<|user|>\nWhy is\nthe sky blue?</s>\n<|assistant|>\nRayleigh scattering.</s>',
    ],
  ])('is read back from %s', (_, text) => {
    expect(readTranscript(text)).toEqual(expected);
  });

  it('is read back from Gemma, whose assistant is called model and has no system', () => {
    const text = '<bos><start_of_turn>user\nWhy?<end_of_turn>\n<start_of_turn>model\nBecause.<end_of_turn>\n';
    expect(readTranscript(text)).toEqual({
      prompt: [{ role: 'user', content: 'Why?' }],
      response: 'Because.',
    });
  });

  it('is read back from Mistral’s instructions, several turns of them', () => {
    expect(readTranscript('<s>[INST] a [/INST] b</s>[INST] c [/INST] d</s>')).toEqual({
      prompt: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'b' },
        { role: 'user', content: 'c' },
      ],
      response: 'd',
    });
  });

  it('is read back from Anthropic’s transcripts', () => {
    expect(readTranscript('\n\nHuman: Why?\n\nAssistant: Because.')).toEqual({
      prompt: [{ role: 'user', content: 'Why?' }],
      response: 'Because.',
    });
  });

  it('is read back from our own template', () => {
    const text = new ChatTemplate(defaultChatTemplate).render([...prompt, answer], false);
    expect(readTranscript(text)).toEqual(expected);
  });

  it('gives the prompt alone where the assistant has not begun', () => {
    const text = '<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n';
    expect(promptOfText(text)).toEqual([{ role: 'user', content: 'Why?' }]);
    expect(transcriptOf(text).response).toBe('');
  });

  it('is all response where it has no markup, or only speaks of some', () => {
    for (const text of [
      'Because.',
      'Say <|im_start|>user\nhello',
      '<|im_start|>user\nonly a question<|im_end|>',
    ])
      expect(transcriptOf(text)).toEqual({ prompt: [{ role: 'user', content: '' }], response: text });
  });

  it('loses its end tokens', () => {
    expect(withoutEnd('Because.<|im_end|>\n<|endoftext|>')).toBe('Because.');
  });

  it('is read in time that grows with its length, whatever is repeated in it', () => {
    const pieces = [
      '<|im_start|>user\n',
      '[INST]',
      '</s>',
      '\n\nHuman: ',
      '\n',
      ' ',
      '<s>',
      '<|im_end|>',
      '<|eot_id|>',
    ];
    for (const piece of pieces)
      for (const tail of ['', 'x', '[/INST]'])
        for (const head of [
          '',
          '<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n',
          '[INST] a [/INST]',
        ]) {
          const text = `${head}${piece.repeat(200_000 / piece.length)}${tail}`;
          const began = performance.now();
          withoutEnd(transcriptOf(text).response);
          expect(performance.now() - began, piece).toBeLessThan(1000);
        }
  });
});
