/** @file GPT-NeoX and Pythia: attention and feed-forward part side by side, rotary positions on a part of each head. */
import { ops, type Tensor } from '@plaudit/engine';
import type { Configuration, Family, TransformerModel } from './family.ts';
import { layerNorm } from './norms.ts';
import { ropeOf, rotation } from './rope.ts';

const read = (config: Configuration): TransformerModel => {
  const hidden = config.count('hidden_size');
  const layers = config.count('num_hidden_layers', undefined, 512);
  const queries = config.count('num_attention_heads');
  const inner = config.count('intermediate_size');
  const positions = config.count('max_position_embeddings', 2048);
  const vocabulary = config.count('vocab_size');
  const epsilon = config.positive('layer_norm_eps', 1e-5);
  const parallel = config.flag('use_parallel_residual', true);
  const biased = config.flag('attention_bias', true);
  const tied = config.flag('tie_word_embeddings', false);
  const activation = config.oneOf('hidden_act', ['gelu', 'gelu_new', 'gelu_pytorch_tanh'], 'gelu');
  config.absent('quantization_config');
  if (hidden % queries !== 0) config.refuse('num_attention_heads', 'it must divide hidden_size');
  const size = hidden / queries;
  const at = config.section('rope_scaling') ? 'rope_scaling' : 'rope_parameters';
  const section = config.section(at);
  const share = (section ?? config).positive('partial_rotary_factor', config.positive('rotary_pct', 0.25));
  const rope = ropeOf(config, section, at, {
    // A share that was computed from the number of features must give that number back.
    features: Math.floor(size * share + 1e-9),
    base: config.positive('rotary_emb_base', 10000),
    positions,
  });
  const heads = { queries, keys: queries, size, scale: 1 / Math.sqrt(size) };

  /** The fused projection has the query, the key and the value of the first head, then those of the second. */
  const divided = (fused: Tensor): readonly Tensor[] => {
    const [tokens] = fused.shape as [string];
    const perHead = ops.split(ops.reshape(fused, [tokens, queries, 3 * size]), 2, [size, size, size]);
    return perHead.map((part) => ops.reshape(part, [tokens, hidden]));
  };

  return {
    family: 'gpt_neox',
    direction: 'causal',
    hiddenSize: hidden,
    vocabularySize: vocabulary,
    maxPositions: positions,
    prefix: 'gpt_neox.',
    loraTargets: ['query_key_value', 'dense', 'dense_h_to_4h', 'dense_4h_to_h'],
    head: { module: 'score', hasBias: false, saved: ['score'] },
    classifier: 'GPTNeoXForSequenceClassification',
    multiplyAddsPerToken: layers * (4 * hidden * hidden + 2 * hidden * inner),
    body(weights, layout) {
      const turn = rotation(weights, layout, rope);
      let x = ops.gather(weights.table('gpt_neox.embed_in', vocabulary, hidden), layout.ids);
      for (let layer = 0; layer < layers; layer++) {
        const at = `gpt_neox.layers.${layer}`;
        const norm = (name: string, input: Tensor): Tensor =>
          layerNorm(weights, `${at}.${name}`, input, epsilon);
        const fused = weights.linear(`${at}.attention.query_key_value`, norm('input_layernorm', x), {
          size: [hidden, 3 * hidden],
          hasBias: biased,
        });
        const [q, k, v] = divided(fused) as [Tensor, Tensor, Tensor];
        const mixed = layout.attend(turn(q, queries), turn(k, queries), v, heads);
        const attended = weights.linear(`${at}.attention.dense`, mixed, {
          size: [hidden, hidden],
          hasBias: biased,
          plus: x,
        });
        const wide = weights.linear(
          `${at}.mlp.dense_h_to_4h`,
          norm('post_attention_layernorm', parallel ? x : attended),
          { size: [hidden, inner], hasBias: true },
        );
        x = weights.linear(
          `${at}.mlp.dense_4h_to_h`,
          ops.gelu(wide, activation === 'gelu' ? 'none' : 'tanh'),
          { size: [inner, hidden], hasBias: true, plus: attended },
        );
      }
      return x;
    },
    finish: (weights, rows) => layerNorm(weights, 'gpt_neox.final_layer_norm', rows, epsilon),
    logits(weights, rows) {
      const output = weights.has('lm_head.weight') ? 'lm_head' : 'embed_out';
      return weights.scores(tied ? 'gpt_neox.embed_in' : output, rows, vocabulary, hidden);
    },
  };
};

export const gptNeox: Family = { name: 'gpt_neox', modelTypes: ['gpt_neox'], read };
