/** @file The coefficient of the penalty on leaving the reference: fixed, or steered to a divergence that is wanted. */
import { z } from 'zod';

const positive = z.number().positive();

/** How the coefficient moves; `coefficient` is where it starts. */
export const klControl = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('fixed'),
    /** TRL 0.24 `PPOConfig.kl_coef`. */
    coefficient: z.number().nonnegative().default(0.05),
  }),
  z.strictObject({
    kind: z.literal('adaptive'),
    /** TRL 0.8 `PPOConfig`: `init_kl_coef` 0.2, `target` 6, `horizon` 10000. */
    coefficient: positive.default(0.2),
    /** Divergence of a response from the reference that is wanted, nats. */
    target: positive.default(6),
    /** Responses in which the coefficient can change by a fifth. */
    horizon: positive.default(10_000),
  }),
]);
export type KlControl = z.infer<typeof klControl>;

/**
 * The coefficient after an update; the coefficient itself is all there is to save.
 *
 * Adaptive: times 1 + clip(kl / target - 1, -0.2, 0.2) · responses / horizon. More responses than the horizon count as
 * many as it, so that the coefficient stays positive.
 *
 * @param divergence Mean over the update's responses of their divergence from the reference, nats
 * @param responses Responses of the update
 * @see Ziegler et al. 2019, section 2.2
 */
export const nextKlCoefficient = (
  control: KlControl,
  coefficient: number,
  divergence: number,
  responses: number,
): number => {
  if (control.kind === 'fixed') return coefficient;
  const error = Math.min(0.2, Math.max(-0.2, divergence / control.target - 1));
  return coefficient * (1 + error * Math.min(1, responses / control.horizon));
};
