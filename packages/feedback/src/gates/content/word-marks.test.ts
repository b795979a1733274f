import { describe, expect, it } from 'vitest';
import { checkGate, label } from '../testing.ts';
import { wordMarks } from './word-marks.ts';

const ask = (content: string) => [{ role: 'user' as const, content }];
const medical = 'What dose of ibuprofen may my child take, the doctor prescribed antibiotics?';

describe('the marks of one text', () => {
  it('are those of the gates', async () => {
    for (const [prompt, response] of [
      [medical, 'Ask your doctor.'],
      ['Where is my parcel?', 'You are an idiot, shut up.'],
      ['Where is my parcel?', 'It arrives tomorrow.'],
    ] as const) {
      const marks = wordMarks(ask(prompt), response);
      const row = [label(prompt, response, true)];
      expect((await checkGate('toxicity', row)).value).toBe(marks.toxic ? 1 : 0);
      expect((await checkGate('sensitive-domains', row)).value).toBe(marks.domains.length > 0 ? 1 : 0);
    }
  });

  it('say where the lists do not reach, and still find words that they hold', () => {
    expect(wordMarks(ask('荷物はどこですか'), 'You are an idiot, shut up.')).toEqual({
      domains: [],
      toxic: true,
      covered: false,
    });
    expect(wordMarks(ask(''), '')).toEqual({ domains: [], toxic: false, covered: true });
  });
});
