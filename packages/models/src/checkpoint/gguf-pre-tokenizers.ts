/** @file How GGUF names what cuts text into words, in tokenizer.json's terms, for reading and for writing. */

type Json = Readonly<Record<string, unknown>>;

/** llama.cpp's token types: those that text turns into as a whole, and those that nothing turns into. */
export const ggufTokenTypes = { normal: 1, control: 3, user: 4, unused: 5 } as const;

const byteLevel = (useRegex: boolean): Json => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: useRegex,
});

const splitThenBytes = (pattern: string): Json => ({
  type: 'Sequence',
  pretokenizers: [
    { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false },
    byteLevel(false),
  ],
});

const digitsThenBytes: Json = {
  type: 'Sequence',
  pretokenizers: [{ type: 'Digits', individual_digits: true }, byteLevel(true)],
};

const llama3Split =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

export interface GgufPreTokenizer {
  readonly preTokenizer: Json;
  /** Whether a word that is a token as a whole is taken without running the merges. */
  readonly ignoreMerges: boolean;
  readonly normalizer?: Json;
}

const gpt2: GgufPreTokenizer = { preTokenizer: byteLevel(true), ignoreMerges: false };
const digits: GgufPreTokenizer = { preTokenizer: digitsThenBytes, ignoreMerges: false };
const llama3: GgufPreTokenizer = { preTokenizer: splitThenBytes(llama3Split), ignoreMerges: true };

const qwen2: GgufPreTokenizer = {
  preTokenizer: splitThenBytes(llama3Split.replace('\\p{N}{1,3}', '\\p{N}')),
  ignoreMerges: false,
  normalizer: { type: 'NFC' },
};

/**
 * How a byte-level vocabulary cuts text into words before merging, by the name in `tokenizer.ggml.pre`. Of several names
 * for the same, the first is the one to write.
 */
export const ggufPreTokenizers: ReadonlyMap<string, GgufPreTokenizer> = new Map([
  ['gpt-2', gpt2],
  ['smollm', digits],
  ['starcoder', digits],
  ['refact', digits],
  ['codeshell', digits],
  ['llama-bpe', llama3],
  ['llama3', llama3],
  ['llama-v3', llama3],
  ['qwen2', qwen2],
]);

const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The steps of a pre-tokenizer with what decides the words, and nothing of how offsets are told. */
const stepsOf = (preTokenizer: unknown): unknown[] => {
  if (!isJson(preTokenizer)) return [preTokenizer];
  const { type, pretokenizers } = preTokenizer;
  if (type === 'Sequence' && Array.isArray(pretokenizers)) return pretokenizers.flatMap(stepsOf);
  if (type === 'ByteLevel')
    return [[type, preTokenizer.add_prefix_space !== false, preTokenizer.use_regex !== false]];
  if (type === 'Digits') return [[type, preTokenizer.individual_digits === true]];
  if (type === 'Split')
    return [[type, preTokenizer.pattern, preTokenizer.behavior, preTokenizer.invert === true]];
  return [preTokenizer];
};

/** A normalizer of several steps with one in it, or none, is that one. */
const normalizerOf = (normalizer: unknown): unknown => {
  if (!isJson(normalizer)) return null;
  const { type, normalizers } = normalizer;
  if (type !== 'Sequence' || !Array.isArray(normalizers)) return { type };
  return normalizers.length > 1 ? normalizers : normalizerOf(normalizers[0]);
};

/** The name of what a tokenizer.json does before merging, and null where GGUF has no name for it. */
export const ggufPreTokenizerName = (tokenizerJson: Json): string | null => {
  const model = isJson(tokenizerJson.model) ? tokenizerJson.model : {};
  const given = JSON.stringify([
    stepsOf(tokenizerJson.pre_tokenizer),
    normalizerOf(tokenizerJson.normalizer),
    model.ignore_merges === true,
  ]);
  for (const [name, { preTokenizer, normalizer, ignoreMerges }] of ggufPreTokenizers) {
    if (JSON.stringify([stepsOf(preTokenizer), normalizerOf(normalizer), ignoreMerges]) === given)
      return name;
  }
  return null;
};
