/** @file A policy opened to write: one worker with one generator. */
import { EngineWorker, type ParameterStore } from '@plaudit/engine';
import { Generator, valueModule } from '@plaudit/models';
import { contribOf, type OnProgress, providerOf } from '@plaudit/reward';
import { type OpenedPolicy, openPolicy } from '../trainer/files.ts';

export interface WriterOptions {
  /** Tokens of prompt and response together; what the policy was trained with by default. */
  readonly maxLength?: number;
  /** Frozen weights as int8: faster and a little different. */
  readonly int8?: boolean;
  readonly provider?: string;
  readonly threads?: number;
  /** Where the base of an adapter lies now, if not where it was trained. */
  readonly base?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/** A policy that writes. `close` ends its worker. */
export interface PolicyWriter {
  readonly policy: OpenedPolicy;
  readonly generator: Generator;
  close(): Promise<void>;
}

/** @throws policy.missing, policy.card_corrupt, policy.base_changed, model.*, engine.* */
export const openWriter = async (reference: string, options: WriterOptions = {}): Promise<PolicyWriter> => {
  const { maxLength, int8 = false, threads, base: moved, signal, onProgress } = options;
  const provider = providerOf(options.provider ?? 'cpu');
  const policy = await openPolicy(reference, maxLength, {
    moved,
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  });
  const { base, lora, values } = policy;
  const worker = await EngineWorker.start({ provider, ...(threads ? { threads } : {}) });
  try {
    const own = [...(lora ? (values ?? []) : [])].filter(([name]) => !name.startsWith(`${valueModule}.`));
    const parameters: ParameterStore | null =
      own.length > 0 ? await worker.createParameters(Object.fromEntries(own)) : null;
    const generator = await Generator.open({
      worker,
      model: base.model,
      source: int8 ? await base.int8() : base.source,
      lora,
      maxLength: base.formatter.maxLength,
      parameters,
      contrib: contribOf(provider),
    });
    return { policy, generator, close: () => worker.stop({ drain: false }) };
  } catch (error) {
    await worker.stop({ drain: false });
    throw error;
  }
};
