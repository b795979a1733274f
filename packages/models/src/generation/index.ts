/** @file Text generation. */
export type { Ending, Generated, GenerationRequest, TokenEvent } from './batch.ts';
export {
  type GenerationCounts,
  type GenerationOptions,
  Generator,
  type GeneratorOptions,
} from './generator.ts';
export type { SamplingOptions } from './sampler.ts';
export { TextStream } from './text-stream.ts';
