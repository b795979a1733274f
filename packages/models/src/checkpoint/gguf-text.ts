/** @file From a GGUF file's metadata to the tokenizer.json and tokenizer_config.json that it was made from. */
import { dirname, join } from 'node:path';
import { type PlauditError, plauditError } from '@plaudit/contract';
import type { TextFiles } from './checkpoint.ts';
import { kindOf } from './file.ts';
import type { GgufFile } from './gguf.ts';
import { ggufPreTokenizers, ggufTokenTypes } from './gguf-pre-tokenizers.ts';
import { readTextFiles } from './text-files.ts';

type Json = Record<string, unknown>;

const { control: controlToken, user: userToken } = ggufTokenTypes;

interface Vocabulary {
  readonly tokens: readonly string[];
  readonly types: ArrayLike<number>;
}

const invalid = (path: string, problem: string): PlauditError =>
  plauditError('model.tokenizer_invalid', { path, problem });

const isStrings = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && (value.length === 0 || typeof value[0] === 'string');

const readVocabulary = (file: GgufFile): Vocabulary => {
  const tokens = file.metadata.get('tokenizer.ggml.tokens');
  const types = file.metadata.get('tokenizer.ggml.token_type');
  if (!isStrings(tokens) || tokens.length === 0) throw invalid(file.path, 'its metadata has no tokens');
  if (new Set(tokens).size !== tokens.length) throw invalid(file.path, 'two tokens are the same');
  if (types !== undefined && (!ArrayBuffer.isView(types) || types.length !== tokens.length))
    throw invalid(file.path, 'its token types do not match its tokens');
  return { tokens, types: types ?? new Int32Array(tokens.length) };
};

/** Control tokens, which text such as `<|im_end|>` turns into as a whole, and tokens that users added. */
const addedTokens = ({ tokens, types }: Vocabulary): Json[] =>
  tokens.flatMap((content, id) =>
    types[id] === controlToken || types[id] === userToken
      ? [
          {
            id,
            content,
            single_word: false,
            lstrip: false,
            rstrip: false,
            normalized: false,
            special: types[id] === controlToken,
          },
        ]
      : [],
  );

/** The named token of the metadata, such as `bos`; nothing where the file has none. */
const namedToken = (file: GgufFile, { tokens }: Vocabulary, key: string): string | undefined => {
  const id = file.metadata.get(`tokenizer.ggml.${key}_token_id`);
  if (id === undefined) return undefined;
  const token = typeof id === 'number' ? tokens[id] : undefined;
  if (token === undefined) throw invalid(file.path, `its ${key} token is not in its vocabulary`);
  return token;
};

const flag = (file: GgufFile, key: string): boolean => file.metadata.get(`tokenizer.ggml.${key}`) === true;

/** What the tokenizer itself puts around a text. */
const postProcessor = (
  begin: string | undefined,
  end: string | undefined,
  idOf: (token: string) => number,
): Json => {
  const piece = (token: string, type: number): Json => ({ SpecialToken: { id: token, type_id: type } });
  const around = (name: string, type: number): Json[] => [
    ...(begin === undefined ? [] : [piece(begin, type)]),
    { Sequence: { id: name, type_id: type } },
    ...(end === undefined ? [] : [piece(end, type)]),
  ];
  const named = [begin, end].filter((token) => token !== undefined);
  return {
    type: 'TemplateProcessing',
    single: around('A', 0),
    pair: [...around('A', 0), ...around('B', 1)],
    special_tokens: Object.fromEntries(
      named.map((token) => [token, { id: token, ids: [idOf(token)], tokens: [token] }]),
    ),
  };
};

const bytePairTokenizer = (file: GgufFile, vocabulary: Vocabulary, begin?: string, end?: string): Json => {
  const architecture = file.metadata.get('general.architecture');
  const pre = file.metadata.get('tokenizer.ggml.pre') ?? (architecture === 'gpt2' ? 'gpt-2' : 'none');
  const known = typeof pre === 'string' ? ggufPreTokenizers.get(pre) : undefined;
  if (!known)
    throw invalid(file.path, `its pre-tokenizer ${JSON.stringify(String(pre).slice(0, 50))} is not known`);
  const merges = file.metadata.get('tokenizer.ggml.merges');
  if (!isStrings(merges)) throw invalid(file.path, 'its metadata has no merges');
  const vocab = new Map(vocabulary.tokens.map((token, id) => [token, id]));
  const pairs = merges.map((merge) => {
    // A token never starts with a space (it is written Ġ), so the first space after the first letter divides.
    const space = merge.indexOf(' ', 1);
    const pair: [string, string] = [merge.slice(0, space), merge.slice(space + 1)];
    if (space < 0 || !vocab.has(pair[0]) || !vocab.has(pair[1]) || !vocab.has(pair.join('')))
      throw invalid(file.path, 'a merge names a token that is not in its vocabulary');
    return pair;
  });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: addedTokens(vocabulary),
    normalizer: known.normalizer ?? null,
    pre_tokenizer: known.preTokenizer,
    post_processor:
      begin === undefined && end === undefined
        ? null
        : postProcessor(begin, end, (token) => vocab.get(token)!),
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: known.ignoreMerges,
      vocab: Object.fromEntries(vocab),
      merges: pairs,
    },
  };
};

/**
 * WordPiece, as BERT has it. llama.cpp marks the start of a word with U+2581 and drops the `##` of the others; whether
 * the vocabulary is lower-case is not recorded, so it is read off the vocabulary itself.
 */
const wordPieceTokenizer = (file: GgufFile, { tokens, types }: Vocabulary): Json => {
  const restored = tokens.map((token, id) =>
    types[id] === controlToken ? token : token.startsWith('\u2581') ? token.slice(1) : `##${token}`,
  );
  const words = new Map(restored.map((token, id) => [token, id]));
  if (words.size !== tokens.length) throw invalid(file.path, 'two tokens are the same');
  const idOf = (token: string): number => {
    const id = words.get(token);
    if (id === undefined) throw invalid(file.path, `its vocabulary has no ${token}`);
    return id;
  };
  const lowercase = !restored.some((token, id) => types[id] !== controlToken && /[A-Z]/.test(token));
  idOf('[UNK]');
  idOf('[CLS]');
  idOf('[SEP]');
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: addedTokens({ tokens: restored, types }),
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: null,
      lowercase,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [
        { SpecialToken: { id: '[CLS]', type_id: 0 } },
        { Sequence: { id: 'A', type_id: 0 } },
        { SpecialToken: { id: '[SEP]', type_id: 0 } },
      ],
      pair: [
        { SpecialToken: { id: '[CLS]', type_id: 0 } },
        { Sequence: { id: 'A', type_id: 0 } },
        { SpecialToken: { id: '[SEP]', type_id: 0 } },
        { Sequence: { id: 'B', type_id: 1 } },
        { SpecialToken: { id: '[SEP]', type_id: 1 } },
      ],
      special_tokens: Object.fromEntries(
        ['[CLS]', '[SEP]'].map((token) => [token, { id: token, ids: [idOf(token)], tokens: [token] }]),
      ),
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(words),
    },
  };
};

const compact = (fields: Json): Json =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/**
 * Tokenizer and chat template from the metadata. Where the file's kind of tokenizer is not supported, a tokenizer.json
 * in the same folder is read instead.
 *
 * @throws PlauditError `model.tokenizer_invalid`
 */
export const readGgufText = async (file: GgufFile): Promise<TextFiles> => {
  const model = file.metadata.get('tokenizer.ggml.model');
  if (model !== 'gpt2' && model !== 'bert') {
    const folder = dirname(file.path);
    if ((await kindOf(join(folder, 'tokenizer.json'))) === 'file') return readTextFiles(folder);
    throw invalid(file.path, `its kind ${JSON.stringify(String(model).slice(0, 50))} is not supported`);
  }
  const vocabulary = readVocabulary(file);
  const bos = namedToken(file, vocabulary, 'bos');
  const eos = namedToken(file, vocabulary, 'eos');
  const isBert = model === 'bert';
  const named = compact({
    bos_token: isBert ? undefined : bos,
    eos_token: isBert ? undefined : eos,
    unk_token: namedToken(file, vocabulary, 'unknown'),
    pad_token: namedToken(file, vocabulary, 'padding'),
    // Older converters misspelt it.
    sep_token: namedToken(file, vocabulary, 'seperator') ?? namedToken(file, vocabulary, 'separator'),
    cls_token: namedToken(file, vocabulary, 'cls') ?? (isBert ? bos : undefined),
    mask_token: namedToken(file, vocabulary, 'mask'),
  });
  const addBos = !isBert && flag(file, 'add_bos_token');
  const addEos = !isBert && flag(file, 'add_eos_token');
  const tokenizerJson = isBert
    ? wordPieceTokenizer(file, vocabulary)
    : bytePairTokenizer(file, vocabulary, addBos ? bos : undefined, addEos ? eos : undefined);
  const template = file.metadata.get('tokenizer.chat_template');
  return {
    path: file.path,
    tokenizerJson,
    tokenizerConfig: isBert
      ? { tokenizer_class: 'BertTokenizer', ...named }
      : { tokenizer_class: 'GPT2Tokenizer', add_bos_token: addBos, add_eos_token: addEos, ...named },
    ...(typeof template === 'string' ? { chatTemplate: template } : {}),
  };
};
