/** @file BERT and MiniLM: bidirectional post-norm blocks, scored through the pooler at the first token. */
import { ops, type Tensor } from '@plaudit/engine';
import type { Configuration, Family, TransformerModel } from './family.ts';

const read = (config: Configuration): TransformerModel => {
  const hidden = config.count('hidden_size');
  const layers = config.count('num_hidden_layers', undefined, 512);
  const queries = config.count('num_attention_heads');
  const inner = config.count('intermediate_size');
  const positions = config.count('max_position_embeddings');
  const vocabulary = config.count('vocab_size');
  const types = config.count('type_vocab_size', 2);
  const epsilon = config.positive('layer_norm_eps', 1e-12);
  config.oneOf('hidden_act', ['gelu'], 'gelu');
  config.oneOf('position_embedding_type', ['absolute'], 'absolute');
  config.absent('is_decoder', false);
  if (hidden % queries !== 0) config.refuse('num_attention_heads', 'it must divide hidden_size');
  const size = hidden / queries;
  const heads = { queries, keys: queries, size, scale: 1 / Math.sqrt(size) };
  return {
    family: 'bert',
    direction: 'bidirectional',
    hiddenSize: hidden,
    vocabularySize: vocabulary,
    maxPositions: positions,
    prefix: 'bert.',
    loraTargets: ['query', 'key', 'value', 'attention.output.dense', 'intermediate.dense', 'output.dense'],
    head: { module: 'classifier', hasBias: true },
    classifier: 'BertForSequenceClassification',
    multiplyAddsPerToken: layers * (4 * hidden * hidden + 2 * hidden * inner),
    body(weights, layout) {
      const normal = (module: string, x: Tensor): Tensor =>
        ops.layerNorm(x, weights.scale(module, hidden), weights.bias(module, hidden), epsilon);
      const embedded = [
        ops.gather(weights.table('bert.embeddings.word_embeddings', vocabulary, hidden), layout.ids),
        ops.gather(weights.table('bert.embeddings.position_embeddings', positions, hidden), layout.positions),
        ops.gather(weights.table('bert.embeddings.token_type_embeddings', types, hidden), layout.types!),
      ];
      let x = normal('bert.embeddings.LayerNorm', embedded.reduce(ops.add));
      for (let layer = 0; layer < layers; layer++) {
        const at = `bert.encoder.layer.${layer}`;
        const dense = (
          name: string,
          input: Tensor,
          from: number,
          to: number,
          plus: Tensor | null = null,
        ): Tensor => weights.linear(`${at}.${name}`, input, { size: [from, to], hasBias: true, plus });
        const square = { size: [hidden, hidden], hasBias: true } as const;
        const [q, k, v] = weights.linears(x, {
          [`${at}.attention.self.query`]: square,
          [`${at}.attention.self.key`]: square,
          [`${at}.attention.self.value`]: square,
        }) as [Tensor, Tensor, Tensor];
        const mixed = dense('attention.output.dense', layout.attend(q, k, v, heads), hidden, hidden, x);
        x = normal(`${at}.attention.output.LayerNorm`, mixed);
        const wide = ops.gelu(dense('intermediate.dense', x, hidden, inner));
        x = normal(`${at}.output.LayerNorm`, dense('output.dense', wide, inner, hidden, x));
      }
      return x;
    },
    finish: (weights, rows) =>
      ops.tanh(weights.linear('bert.pooler.dense', rows, { size: [hidden, hidden], hasBias: true })),
  };
};

export const bert: Family = { name: 'bert', modelTypes: ['bert'], read };
