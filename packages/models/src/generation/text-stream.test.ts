/** @file Text as tokens come. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../checkpoint/index.ts';
import { loadTokenizer } from '../text/index.ts';
import { TextStream } from './text-stream.ts';

/** Each token is one byte. */
const bytes = (ids: readonly number[]): string => new TextDecoder().decode(Uint8Array.from(ids));
const tokensOf = (text: string): number[] => [...new TextEncoder().encode(text)];

const pieces = (stream: TextStream, tokens: readonly number[]): string[] => [
  ...tokens.map((token) => stream.push(token)),
  stream.end(),
];

describe('a text stream', () => {
  it('gives characters whole, however their bytes are spread over tokens', () => {
    const text = 'aé漢😀👩‍👩‍👧 z';
    const found = pieces(new TextStream(bytes), tokensOf(text));
    expect(found.join('')).toBe(text);
    expect(found.every((piece) => !piece.includes('\uFFFD'))).toBe(true);
    expect(found.slice(0, 3)).toEqual(['a', '', 'é']);
  });

  it('gives bytes that are no character once they cannot become one', () => {
    const tokens = [0x61, 0xff, 0xfe, 0xff, 0xff, 0xff, 0x62];
    expect(pieces(new TextStream(bytes), tokens).join('')).toBe(bytes(tokens));
    const half = [0x61, 0xf0, 0x9f];
    expect(pieces(new TextStream(bytes), half)).toEqual(['a', '', '', bytes(half).slice(1)]);
  });

  it('ends before a stop string that is spread over tokens, and holds back what may be its beginning', () => {
    const stream = new TextStream(bytes, ['END', '\n\n']);
    expect(pieces(stream, tokensOf('aEN bE')).join('|')).toBe('a|||EN |b||E');
    expect(stream.stopped).toBeNull();
    const stopped = new TextStream(bytes, ['END', '\n\n']);
    expect(
      tokensOf('x\nEND y')
        .map((token) => stopped.push(token))
        .join(''),
    ).toBe('x\n');
    expect(stopped.stopped).toBe('END');
    expect(stopped.all).toBe('x\n');
    expect(stopped.end()).toBe('');
  });

  it('takes the first of several stop strings within one token', () => {
    const words = ['one two three'];
    const stream = new TextStream((ids) => ids.map((id) => words[id]).join(''), ['three', 'two']);
    expect(stream.push(0)).toBe('one ');
    expect(stream.stopped).toBe('two');
  });

  it('gives what a tokenizer decodes, spaces between words included', async () => {
    const folder = new URL('../../fixtures/llama', import.meta.url).pathname;
    const checkpoint = await openCheckpoint(folder);
    const tokenizer = loadTokenizer(await checkpoint.text());
    const text = `${readFileSync(new URL(import.meta.url), 'utf8').slice(0, 200)} ünï 漢字 😀`;
    const ids = tokenizer.encode(text);
    const decode = (part: readonly number[]): string => tokenizer.decode(part);
    const found = pieces(new TextStream(decode), ids);
    expect(found.join('')).toBe(decode(ids));
  });
});
