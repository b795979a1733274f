/** @file Llama and SmolLM: pre-norm blocks with RMSNorm, rotary positions, grouped-query attention and SwiGLU. */
import { ops, type Tensor } from '@plaudit/engine';
import type { Configuration, Family, TransformerModel } from './family.ts';

const read = (config: Configuration): TransformerModel => {
  const hidden = config.count('hidden_size');
  const layers = config.count('num_hidden_layers', undefined, 512);
  const queries = config.count('num_attention_heads');
  const keys = config.count('num_key_value_heads', queries);
  const size = config.count('head_dim', hidden / queries);
  const inner = config.count('intermediate_size');
  const vocabulary = config.count('vocab_size');
  const positions = config.count('max_position_embeddings', 2048);
  const epsilon = config.positive('rms_norm_eps', 1e-6);
  const base = config.positive('rope_theta', ropeParameters(config).rope_theta ?? 10000);
  const tied = config.flag('tie_word_embeddings', false);
  const biased = config.flag('attention_bias', false);
  config.oneOf('hidden_act', ['silu'], 'silu');
  config.absent('rope_scaling');
  config.absent('mlp_bias', false);
  config.absent('quantization_config');
  if (queries % keys !== 0) config.refuse('num_key_value_heads', 'it must divide num_attention_heads');
  if (size % 2 !== 0) config.refuse('head_dim', 'it must be even for rotary positions');
  const heads = { queries, keys, size, scale: 1 / Math.sqrt(size) };
  const perLayer = hidden * size * (2 * queries + 2 * keys) + 3 * hidden * inner;
  return {
    family: 'llama',
    direction: 'causal',
    hiddenSize: hidden,
    vocabularySize: vocabulary,
    maxPositions: positions,
    prefix: 'model.',
    loraTargets: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
    head: { module: 'score', hasBias: false },
    classifier: 'LlamaForSequenceClassification',
    multiplyAddsPerToken: layers * perLayer,
    body(weights, layout) {
      const { graph } = weights;
      const places = Math.min(positions, layout.maxLength);
      const tables = ops.rotaryTables(places, size, base);
      const cosines = graph.constant(tables.cosines, [places, size / 2]);
      const sines = graph.constant(tables.sines, [places, size / 2]);
      const turn = (x: Tensor, count: number): Tensor =>
        ops.rotary(x, layout.positions, cosines, sines, count);
      let x = ops.gather(weights.table('model.embed_tokens', vocabulary, hidden), layout.ids);
      for (let layer = 0; layer < layers; layer++) {
        const at = `model.layers.${layer}`;
        const normal = ops.rmsNorm(x, weights.scale(`${at}.input_layernorm`, hidden), epsilon);
        const wide = { size: [hidden, queries * size], hasBias: biased } as const;
        const narrow = { size: [hidden, keys * size], hasBias: biased } as const;
        const [q, k, v] = weights.linears(normal, {
          [`${at}.self_attn.q_proj`]: wide,
          [`${at}.self_attn.k_proj`]: narrow,
          [`${at}.self_attn.v_proj`]: narrow,
        }) as [Tensor, Tensor, Tensor];
        const mixed = layout.attend(turn(q, queries), turn(k, keys), v, heads);
        x = weights.linear(`${at}.self_attn.o_proj`, mixed, {
          size: [queries * size, hidden],
          hasBias: biased,
          plus: x,
        });
        const after = ops.rmsNorm(x, weights.scale(`${at}.post_attention_layernorm`, hidden), epsilon);
        const [gate, up] = weights.linears(after, {
          [`${at}.mlp.gate_proj`]: { size: [hidden, inner] },
          [`${at}.mlp.up_proj`]: { size: [hidden, inner] },
        }) as [Tensor, Tensor];
        x = weights.linear(`${at}.mlp.down_proj`, ops.swiglu(gate, up), {
          size: [inner, hidden],
          plus: x,
        });
      }
      return x;
    },
    finish: (weights, rows) => ops.rmsNorm(rows, weights.scale('model.norm', hidden), epsilon),
    logits(weights, rows) {
      const table = tied
        ? weights.table('model.embed_tokens', vocabulary, hidden)
        : weights.table('lm_head', vocabulary, hidden);
      return ops.linear(rows, table);
    },
  };
};

/** Newer configurations keep the base of the rotary positions in `rope_parameters`. */
const ropeParameters = (config: Configuration): { readonly rope_theta?: number } => {
  const parameters = config.values.rope_parameters;
  if (parameters === undefined || parameters === null) return {};
  const { rope_theta, rope_type } = parameters as { rope_theta?: unknown; rope_type?: unknown };
  if (rope_type !== undefined && rope_type !== 'default') {
    return config.refuse('rope_parameters', 'only the default type is supported');
  }
  return typeof rope_theta === 'number' ? { rope_theta } : {};
};

export const llama: Family = { name: 'llama', modelTypes: ['llama'], read };
