/** @file Text generation: prompts are read in batches, rows decode together, and a row that ends makes room for the next. */
import { plauditError } from '@plaudit/contract';
import {
  type CompileOptions,
  compile,
  type EngineWorker,
  type ParameterStore,
  type Session,
  type SessionOptions,
} from '@plaudit/engine';
import type { TransformerModel } from '../families/family.ts';
import type { TrainedParameter } from '../transformer/weights.ts';
import type { Generated, GenerationRequest, TokenEvent } from './batch.ts';
import { Generation } from './generation.ts';
import { type GenerationGraphOptions, generationGraph } from './graph.ts';
import { Sampler, type SamplingOptions } from './sampler.ts';

export interface GeneratorOptions extends GenerationGraphOptions, CompileOptions {
  readonly worker: EngineWorker;
  readonly model: TransformerModel;
  /** Holds what is trained, adapters above all: generation reads the values of the moment. None for a frozen model. */
  readonly parameters?: ParameterStore | null;
  readonly session?: SessionOptions;
}

export interface GenerationOptions extends SamplingOptions {
  /** Most tokens of a response; what is left of the model's length by default. */
  readonly maxNewTokens?: number;
  /** Tokens that end a response. */
  readonly endIds?: readonly number[];
  /** Strings that end a response; they need `decode`. */
  readonly stop?: readonly string[];
  /** Text of token ids, as `Tokenizer.decode` gives it. */
  readonly decode?: (ids: readonly number[]) => string;
  /** Most rows that decode at once; 32 by default. Has no influence on a row's tokens, but for rounding. */
  readonly slots?: number;
  readonly onToken?: (event: TokenEvent) => void;
  /** Ends the generation with `engine.cancelled` before its next step. */
  readonly signal?: AbortSignal;
}

/** What a call cost. */
export interface GenerationCounts {
  /** Tokens of prompts that ran through the model. */
  prompt: number;
  /** Tokens of responses that did. */
  response: number;
  /** Runs of the graph over one token of each row. */
  steps: number;
}

/** A model that writes, open in a worker that may hold other graphs over the same trained values. */
export class Generator {
  readonly maxLength: number;
  /** What the parameter store has to hold. */
  readonly trained: ReadonlyMap<string, TrainedParameter>;
  private readonly options: GeneratorOptions;
  private readonly graph: ReturnType<typeof generationGraph>;
  private readonly session: Session;

  private constructor(
    options: GeneratorOptions,
    graph: ReturnType<typeof generationGraph>,
    session: Session,
  ) {
    this.options = options;
    this.graph = graph;
    this.session = session;
    this.maxLength = graph.maxLength;
    this.trained = graph.weights.trained;
  }

  /**
   * @throws engine.*, model.*; TypeError for a model that does not write text
   * @example
   * const generator = await Generator.open({ worker, model, source, lora, parameters });
   * const [[response]] = await generator.generate([{ prompt, seed: 1 }], { temperature: 0.7, endIds: [formatter.endId] });
   */
  static async open(options: GeneratorOptions): Promise<Generator> {
    const graph = generationGraph(options.model, options);
    const compiled = compile(graph.outputs, options);
    return new Generator(options, graph, await options.worker.open(compiled, options.session));
  }

  /**
   * Answers every request.
   *
   * @returns Of each request its samples; with `counts`, what they cost is added to it
   * @throws `model.prompt_too_long`, `engine.cancelled`, `engine.non_finite` where the model's scores are not numbers;
   *   RangeError for options or prompts outside of their range
   */
  async generate(
    requests: readonly GenerationRequest[],
    options: GenerationOptions = {},
    counts?: GenerationCounts,
  ): Promise<Generated[][]> {
    const { model, worker, parameters } = this.options;
    const { slots = 32, maxNewTokens = this.maxLength, stop = [], decode = null } = options;
    const atLeastOne = (name: string, value: number): void => {
      if (!Number.isInteger(value) || value < 1)
        throw new RangeError(`${name} must be a whole number of at least 1, not ${value}`);
    };
    atLeastOne('slots', slots);
    atLeastOne('maxNewTokens', maxNewTokens);
    if (stop.length > 0 && !decode) throw new RangeError('stop strings need decode');
    for (const { prompt, samples = 1 } of requests) {
      atLeastOne('samples', samples);
      atLeastOne('the length of a prompt', prompt.length);
      if (prompt.some((id) => !Number.isInteger(id) || id < 0 || id >= model.vocabularySize))
        throw new RangeError(`a prompt has a token that is not among the model's ${model.vocabularySize}`);
      if (prompt.length >= this.maxLength)
        throw plauditError('model.prompt_too_long', { tokens: prompt.length, limit: this.maxLength });
    }
    const total = requests.reduce((sum, { samples = 1 }) => sum + samples, 0);
    const rows = Math.min(slots, total);
    const cache = await worker.createCache({ ...this.graph.cache, rows });
    try {
      const generation = new Generation(
        { session: this.session, cache, parameters: parameters ?? null },
        new Sampler(options, model.vocabularySize),
        { endIds: new Set(options.endIds), maxNewTokens, maxLength: this.maxLength },
        { decode, stop, onToken: options.onToken, signal: options.signal },
      );
      const results = await generation.run(requests);
      if (counts)
        for (const [name, count] of Object.entries(generation.counts))
          counts[name as keyof GenerationCounts] += count;
      return results;
    } finally {
      await cache.close();
    }
  }

  /** Frees the session; the worker and the parameter store stay. */
  async close(): Promise<void> {
    await this.session.close();
  }
}
