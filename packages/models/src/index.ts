/** @file The public surface of `@plaudit/models`. */
export { causalConfig, type MergedCausal, writeMergedCausal } from './adapters/causal-folder.ts';
export type { LoraConfig } from './adapters/lora.ts';
export { mergedCausalTensors, mergedTensors } from './adapters/merge.ts';
export { type PeftAdapter, type PeftTask, readPeftAdapter, writePeftAdapter } from './adapters/peft.ts';
export {
  type Checkpoint,
  configText,
  openCheckpoint,
  readSafetensorsHeader,
  readTensor,
  type TensorEntry,
  type TensorToWrite,
  type TextFiles,
  writeFileAtomic,
  writeSafetensors,
} from './checkpoint/index.ts';
export type { Family, TransformerModel } from './families/family.ts';
export { families, readModel } from './families/index.ts';
export * from './generation/index.ts';
export { type GgufModel, type GgufType, writeGguf } from './gguf-export/index.ts';
export {
  type HubModel,
  type HubOrigin,
  hubReferenceText,
  type LocatedCheckpoint,
  locateCheckpoint,
  locateHubOrigin,
  parseHubReference,
  pullModel,
} from './hub/index.ts';
export * from './text/index.ts';
export {
  type FeatureGraph,
  type FeatureGraphOptions,
  featureGraph,
  withDepth,
} from './transformer/feature-graph.ts';
export { type Float16Source, float16Weights, storedShapes } from './transformer/float16-source.ts';
export {
  type Batch,
  type Layout,
  rowBatch,
  rowLayout,
  type TokenRow,
  type TokenTree,
  type TreePlaces,
  treeBatch,
  treeLayout,
} from './transformer/layout.ts';
export {
  type PolicyGraph,
  type PolicyGraphOptions,
  type PolicyReference,
  policyGraph,
  referenceScope,
  valueModule,
} from './transformer/policy-graph.ts';
export {
  gateModule,
  headWeight,
  linearWeightNames,
  type ScoreGraph,
  type ScoreGraphOptions,
  scoreGraph,
} from './transformer/score-graph.ts';
export { floatWeights, int8Weights } from './transformer/source.ts';
export type { Initial, TrainedParameter, WeightSource } from './transformer/weights.ts';
