/** @file The rows of a generation: which sample is in which row of the cache, what it has so far, and who is next. */
import { Random } from '@plaudit/contract';
import type { Choice, Distribution } from './sampler.ts';
import { TextStream } from './text-stream.ts';

/** A prompt to answer. */
export interface GenerationRequest {
  /** Token ids, at least one. */
  readonly prompt: readonly number[];
  /** Responses; 1 by default. They share what is computed for the prompt. */
  readonly samples?: number;
  /** Of the request's random numbers; 0 by default. A sample's do not depend on other requests, nor on other samples. */
  readonly seed?: number;
}

/** Why a response ended: an end token, a stop string, or no more room. */
export type Ending = 'end' | 'stop' | 'length';

/** A response. */
export interface Generated {
  /** With the end token where it has one, and with those of a stop string. */
  readonly tokens: readonly number[];
  /** Of each token, in nats, by the model as it is. */
  readonly logProbabilities: readonly number[];
  /** Of each token, in nats, by the distribution that it was drawn from. */
  readonly samplingLogProbabilities: readonly number[];
  readonly ended: Ending;
  /** Without end token and stop string; null where the call has no `decode`. */
  readonly text: string | null;
}

/** A token as it is chosen. */
export interface TokenEvent {
  /** Index of the request, and of its sample. */
  readonly request: number;
  readonly sample: number;
  readonly token: number;
  readonly logProbability: number;
  /** Text that is certain now, without half characters and beginnings of stop strings; '' without `decode`. */
  readonly text: string;
  /** Set with the last token. */
  readonly ended: Ending | null;
}

/** A request on its way. */
export class Prompt {
  readonly index: number;
  readonly ids: readonly number[];
  readonly seed: number;
  readonly samples: number;
  /** Of the first token of every response; null before the prompt was read, and when no sample needs it any more. */
  first: Distribution | null = null;
  private started = 0;

  constructor({ prompt, samples = 1, seed = 0 }: GenerationRequest, index: number) {
    this.index = index;
    this.ids = prompt;
    this.seed = seed;
    this.samples = samples;
  }

  /** Samples that no row has begun. */
  get waiting(): number {
    return this.samples - this.started;
  }

  /** Begins the next sample. */
  next(decode: Decode | null, stops: readonly string[]): Sample {
    return new Sample(this, this.started++, decode, stops);
  }
}

type Decode = (ids: readonly number[]) => string;

/** When a response ends. */
export interface Limits {
  readonly endIds: ReadonlySet<number>;
  readonly maxNewTokens: number;
  /** Of prompt and response together. */
  readonly maxLength: number;
}

/** A response on its way. */
export class Sample {
  readonly prompt: Prompt;
  readonly index: number;
  readonly tokens: number[] = [];
  /** Every token of the row. */
  readonly seen: Set<number>;
  private readonly random: Random;
  private readonly logProbabilities: number[] = [];
  private readonly samplingLogProbabilities: number[] = [];
  private readonly stream: TextStream | null;
  private ended: Ending | null = null;

  constructor(prompt: Prompt, index: number, decode: Decode | null, stops: readonly string[]) {
    this.prompt = prompt;
    this.index = index;
    this.seen = new Set(prompt.ids);
    this.random = new Random(prompt.seed, `sample:${index}`);
    this.stream = decode && new TextStream(decode, stops);
  }

  /** Positions whose keys and values are held: all but the last token's. */
  get held(): number {
    return this.prompt.ids.length + this.tokens.length - 1;
  }

  uniform(): number {
    return this.random.uniform();
  }

  /** Takes the next token. @returns what is to be told of it */
  add({ token, logProbability, samplingLogProbability }: Choice, limits: Limits): TokenEvent {
    this.tokens.push(token);
    this.seen.add(token);
    this.logProbabilities.push(logProbability);
    this.samplingLogProbabilities.push(samplingLogProbability);
    const isEnd = limits.endIds.has(token);
    let text = isEnd ? '' : (this.stream?.push(token) ?? '');
    const full =
      this.tokens.length >= limits.maxNewTokens ||
      this.prompt.ids.length + this.tokens.length >= limits.maxLength;
    if (this.stream && (isEnd || full)) text += this.stream.end();
    if (isEnd) this.ended = 'end';
    else if (this.stream && this.stream.stopped !== null) this.ended = 'stop';
    else if (full) this.ended = 'length';
    const { index: sample, ended } = this;
    return { request: this.prompt.index, sample, token, logProbability, text, ended };
  }

  /** @returns the response, once the last token is there */
  result(): Generated {
    return {
      tokens: this.tokens,
      logProbabilities: this.logProbabilities,
      samplingLogProbabilities: this.samplingLogProbabilities,
      ended: this.ended!,
      text: this.stream ? this.stream.all : null,
    };
  }
}
