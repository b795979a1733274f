/** @file Responses of a policy to the prompts of a file, in the order of its rows. */
import { plauditError } from '@plaudit/contract';
import { type PromptRow, readPromptRows } from '@plaudit/feedback';
import { type EncodedPrompt, encodePrompt, endsOf, promptSeed } from '../trainer/rollout.ts';
import { sum } from '../trainer/sum.ts';
import { openWriter, type WriterOptions } from './open-writer.ts';

export interface GenerateOptions extends WriterOptions {
  /** Responses to each prompt; 1 by default. */
  readonly samples?: number;
  readonly maxNewTokens?: number;
  /** 1 by default; 0 always takes the likeliest token. */
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  readonly repetitionPenalty?: number;
  /** Strings that end a response. */
  readonly stop?: readonly string[];
  readonly seed?: number;
  /** Called with text as soon as it is certain. */
  readonly onText?: (row: number, sample: number, text: string) => void;
}

export interface GeneratedResponse {
  readonly text: string;
  /** Why it ended: by itself, at a stop string, or at the limit. */
  readonly ended: 'end' | 'stop' | 'length';
  readonly tokens: number;
  /** Sum over its tokens, in nats, by the policy as it is; and by the distribution that they were drawn from. */
  readonly logProbability: number;
  readonly samplingLogProbability: number;
}

export interface GenerateDocument {
  readonly policy: string;
  readonly input: string;
  readonly results: readonly {
    readonly row: number;
    readonly prompt: PromptRow['prompt'];
    readonly responses: readonly GeneratedResponse[];
  }[];
  readonly tokens: number;
  readonly seconds: number;
  readonly tokensPerSecond: number;
  readonly warnings: readonly string[];
}

const defaultMaxNewTokens = 256;

/**
 * @throws data.prompt_row for a row without a prompt; policy.*, data.*, model.*, engine.*; the signal's reason
 * @example await generateResponses('my-policy', 'prompts.jsonl', { samples: 2, temperature: 0.7, seed: 1 })
 */
export const generateResponses = async (
  reference: string,
  input: string,
  options: GenerateOptions = {},
): Promise<GenerateDocument> => {
  const started = performance.now();
  const { samples = 1, seed = 0, stop = [], signal, onProgress, onText } = options;
  const rows = await readPromptRows(input, { promptsAlone: true, ...(signal && { signal }) });
  const writer = await openWriter(reference, options);
  try {
    const { formatter } = writer.policy.base;
    const { prompts, maxNewTokens } = encodedPrompts(rows, formatter, options.maxNewTokens);
    const total = rows.length * samples;
    let done = 0;
    const writing = performance.now();
    const generated = await writer.generator.generate(
      prompts.map(({ tokens }, i) => ({ prompt: tokens, samples, seed: promptSeed(seed, i) })),
      {
        ...samplingOf(options),
        maxNewTokens,
        endIds: endsOf(formatter),
        stop,
        decode: (ids) => formatter.tokenizer.decode([...ids]),
        onToken: ({ request, sample, text, ended }) => {
          if (text !== '') onText?.(rows[request]!.row, sample, text);
          if (ended === null) return;
          done++;
          onProgress?.({ phase: 'generate', step: done, totalSteps: total });
        },
        ...(signal && { signal }),
      },
    );
    const seconds = (performance.now() - writing) / 1000;
    const tokens = sum(generated.flat().map((response) => response.tokens.length));
    const truncated = prompts.filter((prompt) => prompt.truncated).length;
    return {
      policy: reference,
      input,
      results: rows.map(({ row, prompt }, i) => ({
        row,
        prompt,
        responses: generated[i]!.map((response) => ({
          text: response.text!,
          ended: response.ended,
          tokens: response.tokens.length,
          logProbability: sum(response.logProbabilities),
          samplingLogProbability: sum(response.samplingLogProbabilities),
        })),
      })),
      tokens,
      seconds: (performance.now() - started) / 1000,
      tokensPerSecond: tokens / seconds,
      warnings:
        truncated === 0
          ? []
          : [`${truncated} of ${rows.length} prompts were too long and lost their beginning.`],
    };
  } finally {
    await writer.close();
  }
};

/** Prompts with room for a response behind them. */
export const encodedPrompts = (
  rows: readonly Pick<PromptRow, 'prompt'>[],
  formatter: Parameters<typeof encodePrompt>[0],
  asked: number | undefined,
): { readonly prompts: EncodedPrompt[]; readonly maxNewTokens: number } => {
  // Half of the length at most where nobody said how much: a prompt needs room too.
  const maxNewTokens = asked ?? Math.min(defaultMaxNewTokens, Math.floor(formatter.maxLength / 2));
  if (maxNewTokens >= formatter.maxLength)
    throw plauditError('policy.bad_configuration', {
      setting: 'maxNewTokens',
      problem: `it leaves no room for a prompt in ${formatter.maxLength} tokens`,
    });
  return { prompts: rows.map(({ prompt }) => encodePrompt(formatter, prompt, maxNewTokens)), maxNewTokens };
};

/** What of the options chooses tokens. */
export const samplingOf = ({ temperature, topK, topP, minP, repetitionPenalty }: GenerateOptions) =>
  Object.fromEntries(
    Object.entries({ temperature, topK, topP, minP, repetitionPenalty }).filter(
      ([, value]) => value !== undefined,
    ),
  );
