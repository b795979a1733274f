/**
 * @file The decoder that Llama, Mistral, Qwen and Gemma share: RMSNorm before each part of a block, rotary positions,
 * grouped-query attention and a gated feed-forward part. A family says how it departs from Llama.
 */
import { type Heads, ops, type Tensor } from '@plaudit/engine';
import type { Layout } from '../transformer/layout.ts';
import type { Weights } from '../transformer/weights.ts';
import type { Configuration, TransformerModel } from './family.ts';
import { type Rope, readRope, rotation } from './rope.ts';

/** The sizes that each of these families gives in the same words. */
export interface DecoderSizes {
  readonly hidden: number;
  readonly layers: number;
  readonly queries: number;
  readonly keys: number;
  /** Features of a head. */
  readonly size: number;
  readonly inner: number;
  readonly vocabulary: number;
  readonly positions: number;
  readonly epsilon: number;
  readonly rope: Rope;
}

/** A family of these decoders. */
export interface Decoder {
  readonly family: string;
  readonly classifier: string;
  readonly sizes: DecoderSizes;
  /** Whether the scores of the vocabulary use the embeddings of the tokens. */
  readonly tied: boolean;
  readonly gate: (x: Tensor) => Tensor;
  /** Biases of the projections to queries, keys and values, and of the one back. */
  readonly biased: { readonly in: boolean; readonly out: boolean };
  /** Multiplies the scores of attention; 1/sqrt(size) by default. */
  readonly scale?: number;
  /** RMSNorm of each head of queries and keys (Qwen 3). */
  readonly normalisesHeads?: boolean;
  /** Normalises what a part returns as well as what it reads, under other names (Gemma 2). */
  readonly sandwich?: boolean;
  /** What the stored scales of the normalisations lack: 1 in Gemma, which stores them around 0. */
  readonly scaleOffset?: number;
  /** Multiplies the embeddings. */
  readonly embeddingScale?: number;
  /** Soft bounds of the scores of attention and of the vocabulary. */
  readonly softCaps?: { readonly attention: number | null; readonly vocabulary: number | null };
  /** Positions that a layer sees back, itself included; null for all. */
  readonly window?: (layer: number) => number | null;
}

/** Reads what these families have in common, with the defaults of Llama. */
export const readDecoderSizes = (
  config: Configuration,
  defaults: { readonly size?: number; readonly positions?: number; readonly epsilon?: number } = {},
): DecoderSizes => {
  const hidden = config.count('hidden_size');
  const queries = config.count('num_attention_heads');
  const keys = config.count('num_key_value_heads', queries);
  const size = config.count('head_dim', defaults.size ?? hidden / queries);
  const positions = config.count('max_position_embeddings', defaults.positions ?? 2048);
  config.absent('quantization_config');
  if (queries % keys !== 0) config.refuse('num_key_value_heads', 'it must divide num_attention_heads');
  if (size % 2 !== 0) config.refuse('head_dim', 'it must be even for rotary positions');
  return {
    hidden,
    layers: config.count('num_hidden_layers', undefined, 512),
    queries,
    keys,
    size,
    inner: config.count('intermediate_size'),
    vocabulary: config.count('vocab_size'),
    positions,
    epsilon: config.positive('rms_norm_eps', defaults.epsilon ?? 1e-6),
    rope: readRope(config, size, positions),
  };
};

/** The graph of such a decoder. */
export const decoderModel = (decoder: Decoder): TransformerModel => {
  const { sizes, tied, gate, biased, softCaps, scaleOffset = 0 } = decoder;
  const { hidden, layers, queries, keys, size, inner, vocabulary, positions, epsilon } = sizes;
  const heads: Heads = {
    queries,
    keys,
    size,
    scale: decoder.scale ?? 1 / Math.sqrt(size),
    ...(softCaps?.attention ? { softCap: softCaps.attention } : {}),
  };
  const wide = { size: [hidden, queries * size], hasBias: biased.in } as const;
  const narrow = { size: [hidden, keys * size], hasBias: biased.in } as const;

  const normal = (weights: Weights, module: string, x: Tensor): Tensor => {
    const stored = weights.scale(module, x.shape.at(-1) as number, 1 - scaleOffset);
    return ops.rmsNorm(x, scaleOffset === 0 ? stored : ops.add(stored, scaleOffset), epsilon);
  };

  const block = (
    weights: Weights,
    layout: Layout,
    turn: (x: Tensor, heads: number) => Tensor,
    layer: number,
    x: Tensor,
  ): Tensor => {
    const at = `model.layers.${layer}`;
    const norm = (name: string, input: Tensor): Tensor => normal(weights, `${at}.${name}`, input);
    const placed = (name: string, input: Tensor, count: number): Tensor => {
      if (!decoder.normalisesHeads) return turn(input, count);
      const [tokens] = input.shape as [string];
      const perHead = norm(`self_attn.${name}`, ops.reshape(input, [tokens, count, size]));
      return turn(ops.reshape(perHead, [tokens, count * size]), count);
    };
    /** The residual goes into the last product of a part, unless a normalisation stands between. */
    const joined = (residual: Tensor, after: string, part: (plus: Tensor | null) => Tensor): Tensor =>
      decoder.sandwich ? ops.add(residual, norm(after, part(null))) : part(residual);

    const [q, k, v] = weights.linears(norm('input_layernorm', x), {
      [`${at}.self_attn.q_proj`]: wide,
      [`${at}.self_attn.k_proj`]: narrow,
      [`${at}.self_attn.v_proj`]: narrow,
    }) as [Tensor, Tensor, Tensor];
    const mixed = layout.attend(placed('q_norm', q, queries), placed('k_norm', k, keys), v, heads, {
      window: decoder.window?.(layer) ?? null,
    });
    const attended = joined(x, 'post_attention_layernorm', (plus) =>
      weights.linear(`${at}.self_attn.o_proj`, mixed, {
        size: [queries * size, hidden],
        hasBias: biased.out,
        plus,
      }),
    );
    const before = decoder.sandwich ? 'pre_feedforward_layernorm' : 'post_attention_layernorm';
    const [gated, up] = weights.linears(norm(before, attended), {
      [`${at}.mlp.gate_proj`]: { size: [hidden, inner] },
      [`${at}.mlp.up_proj`]: { size: [hidden, inner] },
    }) as [Tensor, Tensor];
    return joined(attended, 'post_feedforward_layernorm', (plus) =>
      weights.linear(`${at}.mlp.down_proj`, ops.multiply(gate(gated), up), { size: [inner, hidden], plus }),
    );
  };

  return {
    family: decoder.family,
    direction: 'causal',
    hiddenSize: hidden,
    vocabularySize: vocabulary,
    maxPositions: positions,
    prefix: 'model.',
    loraTargets: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
    head: { module: 'score', hasBias: false, saved: ['score'] },
    classifier: decoder.classifier,
    multiplyAddsPerToken: layers * (hidden * size * (2 * queries + 2 * keys) + 3 * hidden * inner),
    body(weights, layout) {
      const turn = rotation(weights, layout, sizes.rope);
      const embedded = ops.gather(weights.table('model.embed_tokens', vocabulary, hidden), layout.ids);
      let x = decoder.embeddingScale ? ops.multiply(embedded, decoder.embeddingScale) : embedded;
      for (let layer = 0; layer < layers; layer++) x = block(weights, layout, turn, layer, x);
      return x;
    },
    finish: (weights, rows) => normal(weights, 'model.norm', rows),
    logits(weights, rows) {
      const scores = weights.scores(tied ? 'model.embed_tokens' : 'lm_head', rows, vocabulary, hidden);
      const cap = softCaps?.vocabulary;
      return cap ? ops.multiply(ops.tanh(ops.multiply(scores, 1 / cap)), cap) : scores;
    },
  };
};
