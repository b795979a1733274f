/**
 * @file A conversation out of a text that a chat template has made: other servers take texts, and reward models of Plaudit
 * take conversations, which they format themselves. Known markup is read back; any other text is all response.
 */
import type { Message, Prompt } from '@plaudit/contract';

interface Transcript {
  readonly prompt: Prompt;
  /** '' where the text ends with the beginning of the assistant's turn. */
  readonly response: string;
}

interface Markup {
  /** The head of a turn, with its role. */
  readonly head: RegExp;
  /** What ends a turn. */
  readonly end: string;
}

/** By what people call them. */
const markups: Readonly<Record<string, Markup>> = {
  chatml: { head: /<\|im_start\|>(system|user|assistant|tool)\n/g, end: '<|im_end|>' },
  llama3: {
    head: /<\|start_header_id\|>(system|user|assistant|tool)<\|end_header_id\|>\n\n/g,
    end: '<|eot_id|>',
  },
  gemma: { head: /<start_of_turn>(user|model)\n/g, end: '<end_of_turn>' },
  zephyr: { head: /<\|(system|user|assistant)\|>\n/g, end: '</s>' },
  plaudit: { head: /(?:^|\n\n)(System|User|Assistant|Tool):\n/g, end: '' },
  humanAssistant: { head: /(?:^|\n\n)(Human|Assistant):(?: |$)/g, end: '' },
};

const roles: Readonly<Record<string, Message['role']>> = {
  system: 'system',
  user: 'user',
  human: 'user',
  assistant: 'assistant',
  model: 'assistant',
  tool: 'tool',
};

/** Tokens that templates put before a conversation, and those that end a turn or a text. */
const beginnings = ['<s>', '<bos>', '<|begin_of_text|>'];
const endings = [
  '<|im_end|>',
  '<|eot_id|>',
  '<end_of_turn>',
  '</s>',
  '<eos>',
  '<|endoftext|>',
  '<|end_of_text|>',
];

/** A loop and not a pattern: a pattern that begins anywhere and has to end at the end takes quadratic time. */
const withoutEndings = (text: string, ends: readonly string[]): string => {
  for (let rest = text.trimEnd(); ; ) {
    const end = ends.find((one) => rest.endsWith(one));
    if (end === undefined) return rest;
    rest = rest.slice(0, -end.length).trimEnd();
  }
};

const withoutBeginnings = (text: string): string => {
  for (let rest = text; ; ) {
    const begin = beginnings.find((one) => rest.startsWith(one));
    if (begin === undefined) return rest;
    rest = rest.slice(begin.length);
  }
};

const withoutNewlines = (text: string): string => {
  let length = text.length;
  while (text[length - 1] === '\n') length--;
  return text.slice(0, length);
};

const turnsOf = (text: string, { head, end }: Markup): Message[] => {
  const heads = [...text.matchAll(head)];
  // A text that only speaks of such markup has something else before it.
  if (heads.length === 0 || text.slice(0, heads[0]!.index).trim() !== '') return [];
  return heads.map((match, i) => {
    const content = text.slice(match.index + match[0].length, heads[i + 1]?.index ?? text.length);
    const isLast = i === heads.length - 1;
    const cut = end === '' ? -1 : content.lastIndexOf(end);
    const own = cut >= 0 && content.slice(cut + end.length).trim() === '' ? content.slice(0, cut) : content;
    return {
      role: roles[match[1]!.toLowerCase()]!,
      content: isLast && end !== '' ? own : withoutNewlines(own),
    };
  });
};

/** `[INST] question [/INST] answer</s>`, as Llama 2 and Mistral have it. */
const instructionTurns = (text: string): Message[] => {
  if (!text.trimStart().startsWith('[INST]')) return [];
  return text
    .split('[INST]')
    .slice(1)
    .flatMap((part): Message[] => {
      const [question = '', answer = ''] = part.split('[/INST]');
      const content = withoutEndings(answer, ['</s>', '<s>']).trim();
      return [
        { role: 'user', content: question.trim() },
        { role: 'assistant', content },
      ];
    });
};

/** @returns undefined for a text without known markup, or whose last turn is not the assistant's */
export const readTranscript = (text: string): Transcript | undefined => {
  const bare = withoutBeginnings(text);
  for (const turns of [
    ...Object.values(markups).map((markup) => turnsOf(bare, markup)),
    instructionTurns(bare),
  ]) {
    const last = turns.at(-1);
    if (turns.length >= 2 && last!.role === 'assistant')
      return { prompt: turns.slice(0, -1), response: last!.content };
  }
  return undefined;
};

/** A conversation in any case: a text without known markup is a response to nothing. */
export const transcriptOf = (text: string): Transcript =>
  readTranscript(text) ?? { prompt: [{ role: 'user', content: '' }], response: text };

/** The prompt that a template rendered up to where the assistant begins; a plain text is what a user says. */
export const promptOfText = (text: string): Prompt =>
  readTranscript(text)?.prompt ?? [{ role: 'user', content: text }];

/** A response without the tokens that end it. */
export const withoutEnd = (response: string): string => withoutEndings(response, endings);
