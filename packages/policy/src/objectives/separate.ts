/** @file The objectives of DPO's family that say of each response by itself where its log-ratio should go. */
import { z } from 'zod';
import { logisticLoss, probabilityLoss, squaredLoss, sumOfCurves } from './curve.ts';
import { type PairTerm, pairTerms, referencedSettings } from './pair-terms.ts';
import type { PairObjective } from './preference-objective.ts';

export const separateSettings = z.strictObject(referencedSettings);
type SeparateSettings = z.infer<typeof separateSettings>;

const separately = (
  name: string,
  { beta, supervised }: SeparateSettings,
  terms: readonly PairTerm[],
): PairObjective =>
  pairTerms({ name, needsReference: true, perToken: false, supervised, rewardScale: beta, terms });

/**
 * NCA for pairs: -ln σ(r_w) - ½ ln σ(-r_w) - ½ ln σ(-r_l) with r = β times the log-ratio.
 *
 * @see Chen et al. 2024; TRL 1.16 `nca_pair`
 */
export const ncaPair = (settings: SeparateSettings): PairObjective => {
  const { beta } = settings;
  return separately('nca_pair', settings, [
    {
      of: 'chosen',
      curve: sumOfCurves([
        [1, logisticLoss(beta)],
        [0.5, logisticLoss(-beta)],
      ]),
    },
    { of: 'rejected', curve: sumOfCurves([[0.5, logisticLoss(-beta)]]) },
  ]);
};

/**
 * SPPO with hard labels: (u_w - 1/(2β))² + (u_l + 1/(2β))² with the log-ratios u.
 *
 * @see Wu et al. 2024, eq. 4.7; TRL 1.16 `sppo_hard`
 */
export const sppoHard = (settings: SeparateSettings): PairObjective => {
  const wanted = 1 / (2 * settings.beta);
  return separately('sppo_hard', settings, [
    { of: 'chosen', curve: squaredLoss(wanted) },
    { of: 'rejected', curve: squaredLoss(-wanted) },
  ]);
};

/**
 * APO-zero: 1 - σ(r_w) + σ(r_l). For chosen responses that are better than what the model writes: they become likelier,
 * the rejected ones less likely.
 *
 * @see D'Oosterlinck et al. 2024, eq. 7; TRL 1.16 `apo_zero`
 */
export const apoZero = (settings: SeparateSettings): PairObjective =>
  separately('apo_zero', settings, [
    { of: 'chosen', curve: probabilityLoss(-settings.beta) },
    { of: 'rejected', curve: probabilityLoss(settings.beta) },
  ]);

/**
 * APO-down: σ(r_w) + 1 - σ(r_w - r_l). For chosen responses that are worse than what the model writes: both become less
 * likely, the rejected ones more so.
 *
 * @see D'Oosterlinck et al. 2024, eq. 8; TRL 1.16 `apo_down`
 */
export const apoDown = (settings: SeparateSettings): PairObjective =>
  separately('apo_down', settings, [
    { of: 'chosen', curve: probabilityLoss(settings.beta) },
    { of: 'difference', curve: probabilityLoss(-settings.beta) },
  ]);
