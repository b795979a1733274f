/** @file The public surface of `@plaudit/engine`. */
export { gradients } from './graph/autodiff.ts';
export { type Dimension, evaluateDimension, multiplyDimensions } from './graph/dimension.ts';
export { type DType, type FileRegion, Graph, type Tensor } from './graph/graph.ts';
export { peakBytes } from './graph/memory.ts';
export { type Operator, operators } from './graph/operator.ts';
export { attention, causalBias, type Heads, maskedScore, paddingBias, windowBias } from './nn/attention.ts';
export { type CachedSizes, cachedAttention, cachedBias } from './nn/cached-attention.ts';
export { crossEntropy } from './nn/loss.ts';
export { type RelativePositions, relativeBias } from './nn/relative-attention.ts';
export { type SlidingWindow, type TreeSizes, treeAttention, treeTokens } from './nn/tree-attention.ts';
export { type CompileOptions, compile } from './onnx/emit.ts';
export {
  type BuildHooks,
  buildOnnx,
  type ImportedGraph,
  type ImportOnnxOptions,
  importedOperators,
  importOnnx,
  type OnnxImport,
  type OnnxLinear,
  type OnnxModel,
  type OnnxPort,
  type OnnxWeight,
  prepareOnnx,
  readOnnx,
  writeOnnxGraph,
} from './onnx/import/index.ts';
export * as ops from './ops/index.ts';
export type { AdamWOptions } from './optim/adamw.ts';
export { learningRateAt, type Schedule, scheduleShapes } from './optim/schedule.ts';
export type { AttentionCache } from './runtime/attention-cache.ts';
export { type CompiledGraph, gradientPrefix, type TensorDeclaration } from './runtime/compiled-graph.ts';
export { EngineWorker } from './runtime/engine-worker.ts';
export { requireFloat16 } from './runtime/float16-device.ts';
export type { CacheShape } from './runtime/keys-and-values.ts';
export type { ParameterStore } from './runtime/parameter-store.ts';
export type { EngineWorkerOptions, SessionOptions } from './runtime/protocol.ts';
export {
  availableProviders,
  float16Providers,
  type ProviderName,
  providerNames,
} from './runtime/providers.ts';
export type { CachedRun, RunOptions, Session } from './runtime/session.ts';
export type { TensorValue, TensorValues } from './runtime/tensor.ts';
export type {
  InitialParameter,
  InitialParameters,
  ParameterSnapshot,
  ParameterState,
} from './runtime/trained-parameters.ts';
