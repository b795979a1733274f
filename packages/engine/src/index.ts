/** @file The public surface of `@plaudit/engine`. */
export { gradients } from './graph/autodiff.ts';
export { type Dimension, evaluateDimension } from './graph/dimension.ts';
export { type DType, type FileRegion, Graph, type Tensor } from './graph/graph.ts';
export { type Operator, operators } from './graph/operator.ts';
export { attention, causalBias, type Heads, maskedScore, paddingBias } from './nn/attention.ts';
export { crossEntropy } from './nn/loss.ts';
export { type TreeSizes, treeAttention, treeTokens } from './nn/tree-attention.ts';
export { type CompileOptions, compile } from './onnx/emit.ts';
export * as ops from './ops/index.ts';
export type { CompiledGraph, TensorDeclaration } from './runtime/compiled-graph.ts';
export type { TensorValue, TensorValues } from './runtime/tensor.ts';
