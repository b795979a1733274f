/** @file A byte-level tokenizer as the metadata of a GGUF file: the inverse of what gguf-text.ts reads. */
import { type GgufEntry, ggufPreTokenizerName, ggufTokenTypes, type TextFiles } from '../checkpoint/index.ts';
import { loadTokenizer, type Tokenizer } from '../text/index.ts';

type Json = Readonly<Record<string, unknown>>;

/** Makes the error of what GGUF has no place for. */
export type Refuse = (problem: string) => Error;

const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The model of tokenizer.json, where it is one that llama.cpp computes alike. */
const bytePairModel = (json: Json, refuse: Refuse): Json => {
  const model = isJson(json.model) ? json.model : {};
  const kind = String(model.type ?? 'BPE').slice(0, 30);
  if (kind !== 'BPE') throw refuse(`its tokenizer is of the kind ${kind} and not byte-level BPE`);
  if (model.byte_fallback === true)
    throw refuse('its tokenizer falls back to bytes, as SentencePiece does, and is not byte-level BPE');
  for (const field of ['continuing_subword_prefix', 'end_of_word_suffix'])
    if (model[field]) throw refuse(`its tokenizer has ${field}, which byte-level BPE has not`);
  return model;
};

interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
}

const addedTokens = (json: Json, refuse: Refuse): readonly AddedToken[] => {
  const added = Array.isArray(json.added_tokens) ? (json.added_tokens as Json[]) : [];
  for (const token of added)
    if (token.lstrip === true || token.rstrip === true || token.single_word === true)
      throw refuse('an added token of its tokenizer takes the spaces around it along');
  return added as unknown as readonly AddedToken[];
};

/** Every row of the embeddings by its token; rows without one are marked as unused. */
const vocabularyOf = (
  model: Json,
  added: readonly AddedToken[],
  size: number,
): { readonly tokens: readonly string[]; readonly types: readonly number[] } => {
  const tokens = Array.from({ length: size }, (_, id) => `[PAD${id}]`);
  const types = new Array<number>(size).fill(ggufTokenTypes.unused);
  for (const [token, id] of Object.entries(model.vocab as Record<string, number>)) {
    tokens[id] = token;
    types[id] = ggufTokenTypes.normal;
  }
  for (const { id, content, special } of added) {
    tokens[id] = content;
    types[id] = special ? ggufTokenTypes.control : ggufTokenTypes.user;
  }
  return { tokens, types };
};

/** tokenizer.json has a merge as a pair, or in old files as one text. */
const mergesOf = (model: Json): readonly string[] =>
  ((model.merges ?? []) as readonly (string | readonly string[])[]).map((merge) =>
    typeof merge === 'string' ? merge : merge.join(' '),
  );

/** Whether the tokenizer itself puts its EOS behind a text. */
const addsEos = (tokenizer: Tokenizer): boolean =>
  tokenizer.ids.eos !== undefined &&
  tokenizer.encode('a', { addSpecialTokens: true }).at(-1) === tokenizer.ids.eos;

/**
 * @param vocabularySize Rows of the model's embeddings
 * @throws What `refuse` makes, for a tokenizer that llama.cpp would compute otherwise; model.tokenizer_invalid,
 *   model.tokenizer_mismatch
 */
export const tokenizerMetadata = (
  text: TextFiles,
  config: Json,
  vocabularySize: number,
  refuse: Refuse,
): Map<string, GgufEntry> => {
  const json = text.tokenizerJson;
  const model = bytePairModel(json, refuse);
  const pre = ggufPreTokenizerName(json);
  if (pre === null) throw refuse('its tokenizer cuts text into words in a way that GGUF has no name for');
  const added = addedTokens(json, refuse);
  const tokenizer = loadTokenizer(text, { ...config, vocab_size: vocabularySize });
  const { tokens, types } = vocabularyOf(model, added, vocabularySize);
  if (new Set(tokens).size !== tokens.length) throw refuse('two tokens of its tokenizer are the same');
  const { bos, eos, unk, pad } = tokenizer.ids;
  const entries = new Map<string, GgufEntry>([
    ['model', { text: 'gpt2' }],
    ['pre', { text: pre }],
    ['tokens', { texts: tokens }],
    ['token_type', { i32s: types }],
    ['merges', { texts: mergesOf(model) }],
    ['add_bos_token', { bool: tokenizer.addsBos }],
    ['add_eos_token', { bool: addsEos(tokenizer) }],
  ]);
  for (const [name, id] of [
    ['bos', bos],
    ['eos', eos],
    ['unknown', unk],
    ['padding', pad],
  ] as const)
    if (id !== undefined) entries.set(`${name}_token_id`, { u32: id });
  return new Map([...entries].map(([key, entry]) => [`tokenizer.ggml.${key}`, entry]));
};
