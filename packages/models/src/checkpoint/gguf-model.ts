/** @file A GGUF model in Hugging Face's words: tensor names, their stored arrangement, and the fields of config.json. */
import { type PlauditError, plauditError } from '@plaudit/contract';
import type { TensorArrangement, TensorEntry } from './checkpoint.ts';
import type { GgufFile, GgufTensor, GgufValue } from './gguf.ts';

type Config = Record<string, unknown>;

interface GgufFamily {
  /** Names outside of the layers. */
  readonly names: Readonly<Record<string, string>>;
  /** GGUF's prefix is `blk.N.`. */
  readonly layerPrefix: string;
  /** Names inside of a layer, less `.weight` or `.bias`. */
  readonly layerNames: Readonly<Record<string, string>>;
  readonly arrangement: (layerName: string, kind: string) => TensorArrangement | undefined;
  readonly config: (field: GgufFields) => Config;
}

/** The shortest decimal that rounds to this float32: 1e-5 is stored as 9.999999747378752e-6. */
const decimalOfFloat32 = (value: number): number => {
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
};

/** Checked access to the metadata of one architecture. */
class GgufFields {
  readonly file: GgufFile;
  private readonly architecture: string;

  constructor(file: GgufFile, architecture: string) {
    this.file = file;
    this.architecture = architecture;
  }

  private value(name: string): GgufValue | undefined {
    return this.file.metadata.get(`${this.architecture}.${name}`);
  }

  private invalid(name: string, problem: string): PlauditError {
    return plauditError('model.config_invalid', {
      path: this.file.path,
      problem: `its metadata ${this.architecture}.${name} ${problem}`,
    });
  }

  /** A whole number from 1 to 2^31, or the fallback where the key is absent. */
  size(name: string, fallback?: number): number {
    const value = this.value(name) ?? fallback;
    if (value === undefined) throw this.invalid(name, 'is missing');
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > 2 ** 31)
      throw this.invalid(name, 'is not a positive whole number');
    return value;
  }

  number(name: string, fallback?: number): number {
    const value = this.value(name) ?? fallback;
    if (value === undefined) throw this.invalid(name, 'is missing');
    if (typeof value !== 'number' || !Number.isFinite(value)) throw this.invalid(name, 'is not a number');
    return decimalOfFloat32(value);
  }

  text(name: string): string | undefined {
    const value = this.value(name);
    return typeof value === 'string' ? value : undefined;
  }

  has(tensor: string): boolean {
    return this.file.tensors.has(tensor);
  }

  /** Size of a tensor along its first dimension. */
  rows(tensor: string): number {
    const shape = this.file.tensors.get(tensor)?.shape;
    if (!shape?.[0]) throw plauditError('model.tensor_missing', { path: this.file.path, tensor });
    return shape[0];
  }
}

const refuseRopeScaling = (fields: GgufFields): void => {
  const scaling = fields.text('rope.scaling.type');
  if (fields.has('rope_freqs.weight') || (scaling !== undefined && scaling !== 'none'))
    throw plauditError('model.feature_unsupported', {
      path: fields.file.path,
      feature: 'scaled rotary embeddings',
      cure: 'Use the safetensors checkpoint of the same model, whose config.json says how they are scaled.',
    });
};

const llama: GgufFamily = {
  names: {
    'token_embd.weight': 'model.embed_tokens.weight',
    'output_norm.weight': 'model.norm.weight',
    'output.weight': 'lm_head.weight',
  },
  layerPrefix: 'model.layers.',
  layerNames: {
    attn_norm: 'input_layernorm',
    attn_q: 'self_attn.q_proj',
    attn_k: 'self_attn.k_proj',
    attn_v: 'self_attn.v_proj',
    attn_output: 'self_attn.o_proj',
    ffn_norm: 'post_attention_layernorm',
    ffn_gate: 'mlp.gate_proj',
    ffn_up: 'mlp.up_proj',
    ffn_down: 'mlp.down_proj',
  },
  arrangement: (name) => (name === 'attn_q' || name === 'attn_k' ? 'rope_interleaved' : undefined),
  config: (fields) => {
    refuseRopeScaling(fields);
    const hiddenSize = fields.size('embedding_length');
    const heads = fields.size('attention.head_count');
    return {
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
      hidden_act: 'silu',
      hidden_size: hiddenSize,
      intermediate_size: fields.size('feed_forward_length'),
      num_hidden_layers: fields.size('block_count'),
      num_attention_heads: heads,
      num_key_value_heads: fields.size('attention.head_count_kv', heads),
      head_dim: fields.size('attention.key_length', fields.size('rope.dimension_count', hiddenSize / heads)),
      max_position_embeddings: fields.size('context_length'),
      rms_norm_eps: fields.number('attention.layer_norm_rms_epsilon'),
      rope_theta: fields.number('rope.freq_base', 10000),
      rope_scaling: null,
      attention_bias: fields.has('blk.0.attn_q.bias'),
      mlp_bias: fields.has('blk.0.ffn_up.bias'),
      vocab_size: fields.rows('token_embd.weight'),
      tie_word_embeddings: !fields.has('output.weight'),
    };
  },
};

const gpt2: GgufFamily = {
  names: {
    'token_embd.weight': 'transformer.wte.weight',
    'position_embd.weight': 'transformer.wpe.weight',
    'output_norm.weight': 'transformer.ln_f.weight',
    'output_norm.bias': 'transformer.ln_f.bias',
    'output.weight': 'lm_head.weight',
  },
  layerPrefix: 'transformer.h.',
  layerNames: {
    attn_norm: 'ln_1',
    attn_qkv: 'attn.c_attn',
    attn_output: 'attn.c_proj',
    ffn_norm: 'ln_2',
    ffn_up: 'mlp.c_fc',
    ffn_down: 'mlp.c_proj',
  },
  arrangement: (name, kind) => (kind === 'weight' && !name.endsWith('norm') ? 'transposed' : undefined),
  config: (fields) => ({
    architectures: ['GPT2LMHeadModel'],
    model_type: 'gpt2',
    activation_function: 'gelu_new',
    n_embd: fields.size('embedding_length'),
    n_inner: fields.size('feed_forward_length'),
    n_layer: fields.size('block_count'),
    n_head: fields.size('attention.head_count'),
    n_positions: fields.rows('position_embd.weight'),
    layer_norm_epsilon: fields.number('attention.layer_norm_epsilon'),
    vocab_size: fields.rows('token_embd.weight'),
    tie_word_embeddings: !fields.has('output.weight'),
  }),
};

const bert: GgufFamily = {
  names: {
    'token_embd.weight': 'embeddings.word_embeddings.weight',
    'position_embd.weight': 'embeddings.position_embeddings.weight',
    'token_types.weight': 'embeddings.token_type_embeddings.weight',
    'token_embd_norm.weight': 'embeddings.LayerNorm.weight',
    'token_embd_norm.bias': 'embeddings.LayerNorm.bias',
    'cls.weight': 'pooler.dense.weight',
    'cls.bias': 'pooler.dense.bias',
  },
  layerPrefix: 'encoder.layer.',
  layerNames: {
    attn_q: 'attention.self.query',
    attn_k: 'attention.self.key',
    attn_v: 'attention.self.value',
    attn_output: 'attention.output.dense',
    attn_output_norm: 'attention.output.LayerNorm',
    ffn_up: 'intermediate.dense',
    ffn_down: 'output.dense',
    layer_output_norm: 'output.LayerNorm',
  },
  arrangement: () => undefined,
  config: (fields) => ({
    architectures: ['BertModel'],
    model_type: 'bert',
    hidden_act: 'gelu',
    hidden_size: fields.size('embedding_length'),
    intermediate_size: fields.size('feed_forward_length'),
    num_hidden_layers: fields.size('block_count'),
    num_attention_heads: fields.size('attention.head_count'),
    max_position_embeddings: fields.rows('position_embd.weight'),
    type_vocab_size: fields.rows('token_types.weight'),
    layer_norm_eps: fields.number('attention.layer_norm_epsilon'),
    vocab_size: fields.rows('token_embd.weight'),
  }),
};

const families: Readonly<Record<string, GgufFamily>> = { llama, gpt2, bert };

const tokenIds = (file: GgufFile): Config => {
  const ids: Config = {};
  for (const [key, name] of [
    ['bos_token_id', 'bos_token_id'],
    ['eos_token_id', 'eos_token_id'],
    ['padding_token_id', 'pad_token_id'],
  ] as const) {
    const value = file.metadata.get(`tokenizer.ggml.${key}`);
    if (typeof value === 'number') ids[name] = value;
  }
  return ids;
};

const entryOf = (file: GgufFile, family: GgufFamily, tensor: GgufTensor, config: Config): TensorEntry => {
  const { name: stored, dtype, shape, offset, byteLength } = tensor;
  const entry = (name: string): TensorEntry => ({ name, dtype, shape, file: file.path, offset, byteLength });
  const outside = family.names[stored];
  if (outside !== undefined) return entry(outside);
  const [, layer, part, kind] = /^blk\.(\d{1,5})\.(\w+)\.(weight|bias)$/.exec(stored) ?? [];
  const inside = part === undefined ? undefined : family.layerNames[part];
  if (layer === undefined || part === undefined || kind === undefined || inside === undefined)
    throw plauditError('model.feature_unsupported', {
      path: file.path,
      feature: `tensor ${stored.slice(0, 100)}`,
      cure: 'Use a plain model of this family: no mixture of experts, no extra adapters.',
    });
  const named = entry(`${family.layerPrefix}${Number(layer)}.${inside}.${kind}`);
  const arrangement = family.arrangement(part, kind);
  if (arrangement === undefined) return named;
  if (arrangement === 'transposed') return { ...named, shape: [...shape].reverse(), arrangement };
  const heads = Number(config[part === 'attn_q' ? 'num_attention_heads' : 'num_key_value_heads']);
  if ((shape[0] ?? 0) % (2 * heads) !== 0)
    throw plauditError('model.corrupt', {
      path: file.path,
      problem: `the rows of ${stored} do not divide into ${heads} heads`,
    });
  return { ...named, arrangement, heads };
};

/**
 * @returns tensors under Hugging Face's names and a configuration with Hugging Face's fields
 * @throws PlauditError `model.family_unsupported`, `model.feature_unsupported`, `model.config_invalid`, `model.corrupt`
 */
export const readGgufModel = (
  file: GgufFile,
): { readonly tensors: ReadonlyMap<string, TensorEntry>; readonly config: Readonly<Config> } => {
  const architecture = file.metadata.get('general.architecture');
  const parts = file.metadata.get('split.count');
  if (typeof parts === 'number' && parts > 1)
    throw plauditError('model.feature_unsupported', {
      path: file.path,
      feature: `a GGUF file split into ${parts} parts`,
      cure: "Merge the parts with llama.cpp's llama-gguf-split --merge.",
    });
  if (typeof architecture !== 'string' || !Object.hasOwn(families, architecture))
    throw plauditError('model.family_unsupported', {
      family: String(architecture).slice(0, 50),
      supported: Object.keys(families).join(', '),
    });
  const family = families[architecture]!;
  const config = { ...family.config(new GgufFields(file, architecture)), ...tokenIds(file) };
  const tensors = new Map<string, TensorEntry>();
  for (const tensor of file.tensors.values()) {
    const entry = entryOf(file, family, tensor, config);
    if (tensors.has(entry.name))
      throw plauditError('model.corrupt', { path: file.path, problem: `two tensors are ${entry.name}` });
    tensors.set(entry.name, entry);
  }
  return { tensors, config };
};
