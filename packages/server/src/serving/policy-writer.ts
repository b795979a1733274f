/** @file A policy open to write, in the thread that owns it. */
import { plauditError, Random } from '@plaudit/contract';
import { EngineWorker } from '@plaudit/engine';
import { type Formatter, Generator, valueModule } from '@plaudit/models';
import { openPolicy } from '@plaudit/policy';
import { contribOf, providerOf } from '@plaudit/reward';
import type { GenerationJob, PolicyThreadData, Written } from './policy-protocol.ts';

export interface PolicyWriter {
  readonly digest: string;
  readonly formatter: Formatter;
  /** @throws PlauditError engine.cancelled, serving.too_long, model.*; RangeError for sampling out of its range */
  write(
    job: GenerationJob,
    signal: AbortSignal,
    onText?: (sample: number, text: string) => void,
  ): Promise<Written>;
  close(): Promise<void>;
}

/** @throws PlauditError policy.*, model.*, engine.* */
export const openPolicyWriter = async (data: PolicyThreadData): Promise<PolicyWriter> => {
  const provider = providerOf(data.provider);
  const { base, lora, values, digest } = await openPolicy(data.reference, data.maxLength);
  const { formatter, model } = base;
  const worker = await EngineWorker.start({ provider, ...(data.threads && { threads: data.threads }) });
  try {
    // The value function of a policy that PPO trained writes nothing.
    const adapter = [...(lora ? (values ?? []) : [])].filter(([name]) => !name.startsWith(`${valueModule}.`));
    const generator = await Generator.open({
      worker,
      model,
      source: data.int8 ? await base.int8() : base.source,
      lora,
      maxLength: formatter.maxLength,
      parameters: adapter.length > 0 ? await worker.createParameters(Object.fromEntries(adapter)) : null,
      contrib: contribOf(provider),
    });
    return {
      digest,
      formatter,
      write: (job, signal, onText) => write(generator, formatter, job, signal, onText),
      close: () => worker.stop({ drain: false }),
    };
  } catch (error) {
    await worker.stop({ drain: false });
    throw error;
  }
};

const write = async (
  generator: Generator,
  formatter: Formatter,
  { prompt, samples, sampling }: GenerationJob,
  signal: AbortSignal,
  onText: ((sample: number, text: string) => void) | undefined,
): Promise<Written> => {
  const { tokenizer, maxLength } = formatter;
  const { prompt: ids, dropped } = formatter.formatTree(prompt, []);
  const room = maxLength - ids.length;
  if (room < 1 || dropped.prompt > 0)
    throw plauditError('serving.too_long', {
      problem: `the prompt alone has ${ids.length + dropped.prompt} tokens, and it reads ${maxLength} with the response`,
    });
  const {
    maxNewTokens = Math.ceil(maxLength / 4),
    seed = new Random(Date.now(), 'sampling').uint32(),
    stop = [],
    ...choice
  } = sampling;
  const [responses] = await generator.generate([{ prompt: ids, samples, seed }], {
    ...choice,
    maxNewTokens: Math.min(maxNewTokens, room),
    endIds: [...new Set([formatter.endId, ...(tokenizer.ids.eos === undefined ? [] : [tokenizer.ids.eos])])],
    stop,
    decode: (tokens) => tokenizer.decode([...tokens]),
    slots: samples,
    signal,
    ...(onText && { onToken: ({ sample, text }) => text !== '' && onText(sample, text) }),
  });
  return {
    responses: responses!.map(({ text, ended, tokens, logProbabilities }) => ({
      text: text!,
      ended,
      tokens: tokens.length,
      logProbability: logProbabilities.reduce((sum, own) => sum + own, 0),
    })),
    promptTokens: ids.length,
  };
};
