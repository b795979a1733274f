/** @file GPT-2: learned positions, pre-norm blocks with LayerNorm, one projection for queries, keys and values. */
import { ops, type Tensor } from '@plaudit/engine';
import type { Configuration, Family, TransformerModel } from './family.ts';
import { layerNorm } from './norms.ts';

const read = (config: Configuration): TransformerModel => {
  const hidden = config.count('n_embd');
  const layers = config.count('n_layer', undefined, 512);
  const queries = config.count('n_head');
  const inner = config.count('n_inner', 4 * hidden);
  const positions = config.count('n_positions');
  const vocabulary = config.count('vocab_size');
  const epsilon = config.positive('layer_norm_epsilon', 1e-5);
  const activation = config.oneOf(
    'activation_function',
    ['gelu_new', 'gelu_pytorch_tanh', 'gelu'],
    'gelu_new',
  );
  config.absent('scale_attn_by_inverse_layer_idx', false);
  config.absent('scale_attn_weights', true);
  config.absent('add_cross_attention', false);
  if (hidden % queries !== 0) config.refuse('n_head', 'it must divide n_embd');
  const size = hidden / queries;
  const heads = { queries, keys: queries, size, scale: 1 / Math.sqrt(size) };
  return {
    family: 'gpt2',
    direction: 'causal',
    hiddenSize: hidden,
    vocabularySize: vocabulary,
    maxPositions: positions,
    prefix: 'transformer.',
    loraTargets: ['c_attn', 'c_proj', 'c_fc'],
    head: { module: 'score', hasBias: false, saved: ['score'] },
    classifier: 'GPT2ForSequenceClassification',
    multiplyAddsPerToken: layers * (4 * hidden * hidden + 2 * hidden * inner),
    body(weights, layout) {
      const tokens = weights.table('transformer.wte', vocabulary, hidden);
      const places = weights.table('transformer.wpe', positions, hidden);
      let x = ops.add(ops.gather(tokens, layout.ids), ops.gather(places, layout.positions));
      for (let layer = 0; layer < layers; layer++) {
        const at = `transformer.h.${layer}`;
        const normal = (name: string, input: Tensor): Tensor =>
          layerNorm(weights, `${at}.${name}`, input, epsilon);
        const conv = (
          name: string,
          input: Tensor,
          from: number,
          to: number,
          plus: Tensor | null = null,
        ): Tensor =>
          weights.linear(`${at}.${name}`, input, { size: [from, to], hasBias: true, layout: 'in-out', plus });
        const [q, k, v] = ops.split(conv('attn.c_attn', normal('ln_1', x), hidden, 3 * hidden), 1, [
          hidden,
          hidden,
          hidden,
        ]);
        x = conv('attn.c_proj', layout.attend(q!, k!, v!, heads), hidden, hidden, x);
        const wide = conv('mlp.c_fc', normal('ln_2', x), hidden, inner);
        x = conv('mlp.c_proj', ops.gelu(wide, activation === 'gelu' ? 'none' : 'tanh'), inner, hidden, x);
      }
      return x;
    },
    finish: (weights, rows) => layerNorm(weights, 'transformer.ln_f', rows, epsilon),
    logits: (weights, rows) => weights.scores('transformer.wte', rows, vocabulary, hidden),
  };
};

export const gpt2: Family = { name: 'gpt2', modelTypes: ['gpt2'], read };
