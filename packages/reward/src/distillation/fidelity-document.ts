/** @file The fidelity of a proxy as data: how near it is to its teacher on prompts that it was not taught. */
import { z } from 'zod';
import { correlation, interval, share } from '../validation/interval.ts';

export const fidelity = z.object({
  /** Pairs of responses to one prompt that the teacher has an order for. */
  pairs: z.number().int().positive(),
  prompts: z.number().int().positive(),
  /** Share of them that the proxy orders alike, equal rewards counting one half; 95 % interval over prompts. */
  agreement: share,
  agreementInterval: interval,
  /** Kendall's tau-b of both orders, a mean over prompts. */
  kendallTau: correlation,
  kendallTauInterval: interval,
  /** Pearson's, of rewards about the mean of their prompt; null where one of them never varies. */
  correlation: correlation.nullable(),
  correlationInterval: interval.nullable(),
  /** Mean distance of the probabilities that both give to a pair's first response being the better one. */
  probabilityError: share,
});
export type Fidelity = z.infer<typeof fidelity>;
