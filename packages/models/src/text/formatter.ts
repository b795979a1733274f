/**
 * @file From a conversation and its possible responses to token ids: the one place where BOS, the end of a turn,
 * truncation and segments are decided, for training and scoring alike.
 *
 * Prompt and response are tokenised apart. Tokenising their concatenation could merge the last letters of one with the
 * first of the other into a token that belongs to neither (huggingface/trl#1702), and the ids of a prompt would depend
 * on what follows it, so that it could not be shared by its responses.
 */
import { createHash } from 'node:crypto';
import { canonicalJson, type Message, PlauditError, plauditError } from '@plaudit/contract';
import type { TextFiles } from '../checkpoint/checkpoint.ts';
import { ChatTemplate, defaultChatTemplate, defaultSegmentTemplate } from './chat-template.ts';
import { loadTokenizer, type Tokenizer } from './tokenizer.ts';

export interface FormatterOptions {
  /** Most tokens of a prompt and one response together, special tokens included; at least 16. */
  readonly maxLength: number;
  /** Whether the model reads from left to right, or all at once with segments (BERT). */
  readonly direction: 'causal' | 'bidirectional';
  /** Rows of the model's embedding: a tokenizer that makes larger ids does not belong to it. */
  readonly vocabularySize?: number;
  /** `truncate` unless said otherwise: drops the start of the prompt, then the end of a response. */
  readonly onTooLong?: 'truncate' | 'error';
  /** ISO day for templates that ask for today; `frozenDate` unless said otherwise. */
  readonly date?: string;
  /** The model's config.json, for special tokens that tokenizer_config.json does not name. */
  readonly modelConfig?: Readonly<Record<string, unknown>>;
}

/** Tokens that were left out to stay within `maxLength`. */
export interface Dropped {
  /** From the start of the prompt. */
  readonly prompt: number;
  /** From the ends of the responses, all together. */
  readonly responses: number;
}

/** One prompt and its responses, for models that read from left to right. */
export interface FormattedTree {
  readonly prompt: number[];
  /** Each ends with `endId`, once. */
  readonly responses: number[][];
  readonly truncated: boolean;
  readonly dropped: Dropped;
}

/** One prompt with one response, for bidirectional models: `[CLS] prompt [SEP] response [SEP]`; RoBERTa has two SEP between. */
export interface FormattedRow {
  readonly ids: number[];
  /** 0 up to the first `[SEP]`, 1 behind it. */
  readonly types: number[];
  readonly truncated: boolean;
  readonly dropped: Dropped;
}

export interface Formatter {
  readonly direction: 'causal' | 'bidirectional';
  readonly maxLength: number;
  readonly tokenizer: Tokenizer;
  /** The template in use, to be saved with the model. */
  readonly chatTemplate: string;
  /** The token behind a response: the end of an assistant's turn, or EOS, or SEP. */
  readonly endId: number;
  /** What fills a row that is shorter than its batch; only ever masked, so it may equal `endId`. */
  readonly padId: number;
  /** SHA-256 over everything that decides the ids: tokenizer, template, length, truncation side, direction, day. */
  readonly digest: string;
  /** A prompt as the text that is tokenised, up to where the response begins. @throws PlauditError `model.template_refused` */
  renderPrompt(prompt: readonly Message[]): string;
  /** @throws PlauditError `model.too_long`, `model.template_refused`; RangeError for bidirectional models */
  formatTree(prompt: readonly Message[], responses: readonly string[]): FormattedTree;
  /** @throws PlauditError `model.too_long`, `model.template_refused`; RangeError for causal models */
  formatRow(prompt: readonly Message[], response: string): FormattedRow;
}

/** However long the responses, a prompt keeps this share of the row: a response without its question means nothing. */
const promptShare = 1 / 4;

/** Stands for a response while the template is asked what it puts behind one. */
const probe = 'plauditresponse';

/** The first special token that the template puts behind an assistant's message. */
const turnEnd = (template: ChatTemplate, tokenizer: Tokenizer): number | undefined => {
  try {
    const conversation: Message[] = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: probe },
    ];
    const rendered = template.render(conversation, false);
    const behind = rendered.slice(rendered.lastIndexOf(probe) + probe.length);
    return rendered.includes(probe)
      ? tokenizer.encode(behind).find((id) => tokenizer.isSpecial(id))
      : undefined;
  } catch (cause) {
    // A template that accepts only other conversations still ends its texts with EOS.
    if (cause instanceof PlauditError && cause.code === 'model.template_refused') return undefined;
    throw cause;
  }
};

/** Without the ends that the text may bring along: data sets often carry `</s>` inside of their responses. */
const withoutEnds = (ids: readonly number[], ends: ReadonlySet<number>): number[] => {
  let length = ids.length;
  while (length > 0 && ends.has(ids[length - 1]!)) length--;
  return ids.slice(0, length);
};

interface Parts {
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate;
  readonly options: FormatterOptions;
  /** How many SEP stand between prompt and response; bidirectional models only. */
  readonly separators: number;
}

const checkLength = ({ options: { maxLength, onTooLong } }: Parts, tokens: number): void => {
  if (onTooLong === 'error' && tokens > maxLength)
    throw plauditError('model.too_long', { tokens, limit: maxLength });
};

const formatTree = (
  parts: Parts,
  endId: number,
  ends: ReadonlySet<number>,
  prompt: readonly Message[],
  responses: readonly string[],
): FormattedTree => {
  const { tokenizer, template, options } = parts;
  const { maxLength } = options;
  const bos = tokenizer.ids.bos;
  let ids = tokenizer.encode(template.render(prompt, true));
  // At most one BOS: templates write it, tokenizers add it, and some do both.
  let leading = 0;
  while (bos !== undefined && ids[leading] === bos) leading++;
  const hasBos = leading > 0 || (tokenizer.addsBos && template.source === defaultChatTemplate);
  ids = ids.slice(leading);

  const answers = responses.map((response) => withoutEnds(tokenizer.encode(response), ends));
  const longest = answers.reduce((most, answer) => Math.max(most, answer.length + 1), 0);
  const promptLength = ids.length + (hasBos ? 1 : 0);
  checkLength(parts, promptLength + longest);
  const kept = Math.min(promptLength, Math.ceil(maxLength * promptShare));
  const responseRoom = maxLength - kept;
  const promptRoom = maxLength - Math.min(longest, responseRoom) - (hasBos ? 1 : 0);
  const dropped = {
    prompt: Math.max(0, ids.length - promptRoom),
    responses: answers.reduce((sum, answer) => sum + Math.max(0, answer.length + 1 - responseRoom), 0),
  };
  return {
    prompt: [...(hasBos ? [bos!] : []), ...ids.slice(dropped.prompt)],
    responses: answers.map((answer) => [...answer.slice(0, responseRoom - 1), endId]),
    truncated: dropped.prompt + dropped.responses > 0,
    dropped,
  };
};

const formatRow = (
  parts: Parts,
  cls: number,
  sep: number,
  prompt: readonly Message[],
  response: string,
): FormattedRow => {
  const { tokenizer, template, options, separators } = parts;
  // A text that names [SEP] must not open a segment, and one that names [PAD] is not padded there.
  const special = new Set([cls, sep, tokenizer.ids.pad]);
  const encode = (text: string): number[] => tokenizer.encode(text).filter((id) => !special.has(id));
  const question = encode(template.render(prompt, false));
  const answer = encode(response);
  const between = new Array<number>(separators).fill(sep);
  const around = 2 + between.length;
  checkLength(parts, question.length + answer.length + around);
  const room = options.maxLength - around;
  const kept = Math.min(question.length, Math.ceil(room * promptShare));
  const answerKept = Math.min(answer.length, room - kept);
  const questionKept = Math.min(question.length, room - answerKept);
  const first = [cls, ...question.slice(question.length - questionKept), ...between];
  const second = [...answer.slice(0, answerKept), sep];
  const dropped = { prompt: question.length - questionKept, responses: answer.length - answerKept };
  return {
    ids: [...first, ...second],
    types: [...first.map(() => 0), ...second.map(() => 1)],
    truncated: dropped.prompt + dropped.responses > 0,
    dropped,
  };
};

/**
 * Makes the formatter of a model from its text files.
 *
 * Causal: the prompt is the rendered template with the beginning of the assistant's turn, at most one BOS in front; each
 * response is its own tokens and then one end token, whatever ends its text carries. Where prompt and longest response
 * pass `maxLength`, the start of the prompt goes (BOS stays); where even that is not enough, the ends of long responses
 * go (the end token stays), so that a quarter of the row is left to the prompt.
 *
 * Bidirectional: each response has a row of its own, cut in the same order.
 *
 * @throws PlauditError `model.tokenizer_invalid`, `model.tokenizer_mismatch`, `model.template_invalid`,
 *   `model.template_limit`; RangeError for a `maxLength` below 16
 * @example
 * const formatter = createFormatter(await checkpoint.text(), { maxLength: 512, direction: 'causal' });
 * formatter.formatTree([{ role: 'user', content: 'Hi' }], ['Hello!', 'What?']);
 */
export const createFormatter = (text: TextFiles, options: FormatterOptions): Formatter => {
  const { maxLength, direction, vocabularySize } = options;
  if (!Number.isInteger(maxLength) || maxLength < 16)
    throw new RangeError(`maxLength must be a whole number of at least 16, not ${maxLength}`);
  const tokenizer = loadTokenizer(text, {
    ...options.modelConfig,
    ...(vocabularySize === undefined ? {} : { vocab_size: vocabularySize }),
  });
  const variables = Object.fromEntries(
    Object.entries(tokenizer.special).map(([name, token]) => [`${name}_token`, token]),
  );
  const source = text.chatTemplate ?? (direction === 'causal' ? defaultChatTemplate : defaultSegmentTemplate);
  const template = new ChatTemplate(source, { variables, ...(options.date ? { date: options.date } : {}) });
  const separators = direction === 'bidirectional' ? tokenizer.separators() : 0;
  const parts: Parts = { tokenizer, template, options, separators };
  const lacking = (token: string): PlauditError =>
    plauditError('model.tokenizer_invalid', {
      path: text.path,
      problem: `it does not say which token is its ${token}`,
    });

  const { cls, sep, eos } = tokenizer.ids;
  const endId = direction === 'causal' ? (turnEnd(template, tokenizer) ?? eos) : sep;
  if (endId === undefined) throw lacking(direction === 'causal' ? 'eos_token' : 'sep_token');
  if (direction === 'bidirectional' && cls === undefined) throw lacking('cls_token');
  const ends = new Set([endId, ...(eos === undefined ? [] : [eos])]);

  // The text tools' own configuration matters only in what `tokenizer.special` took from it.
  const decisive = {
    tokenizer: text.tokenizerJson,
    // Padding is masked and changes no id and no score; a saved classifier may name another one.
    special: { ...tokenizer.special, pad: null },
    template: source,
    date: template.date,
    maxLength,
    direction,
    truncationSide: 'left',
    onTooLong: options.onTooLong ?? 'truncate',
  };
  const digest = createHash('sha256')
    .update(`plaudit formatting 2\n${canonicalJson(decisive)}`)
    .digest('hex');
  const wrongDirection = (): never => {
    throw new RangeError(`a ${direction} model does not read this form`);
  };
  return {
    direction,
    maxLength,
    tokenizer,
    chatTemplate: source,
    endId,
    padId: tokenizer.ids.pad ?? endId,
    digest,
    renderPrompt: (prompt) => template.render(prompt, direction === 'causal'),
    formatTree: (prompt, responses) =>
      direction === 'causal' ? formatTree(parts, endId, ends, prompt, responses) : wrongDirection(),
    formatRow: (prompt, response) =>
      direction === 'bidirectional' ? formatRow(parts, cls!, endId, prompt, response) : wrongDirection(),
  };
};
