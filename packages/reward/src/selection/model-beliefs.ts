/** @file What a saved reward model believes about responses: a probe by its posterior, an ensemble by its members. */
import { plauditError } from '@plaudit/contract';
import { beliefOfDraws, type ResponseBelief } from '@plaudit/feedback';
import type { RewardModel, ScoreItem, ScoreOptions } from '../model.ts';
import type { ItemFeatures } from '../probe/features.ts';
import { mapColumns, mapWidth } from '../probe/map.ts';
import { multiply } from '../probe/matrix.ts';
import { ProbeRewardModel } from '../probe/model.ts';
import { shareOf, softmaxRows } from '../probe/outputs.ts';
import { standardise } from '../probe/standard.ts';
import { whitened } from './whitened.ts';

/** Of each gated head its weight in the mixture, by what the prompt says; empty without a gate. */
const gateWeights = ({ parts }: ProbeRewardModel, prompt: Float32Array): number[] => {
  const { gate } = parts.parameters;
  if (!gate) return [];
  const width = prompt.length;
  const logits = Array.from(gate.bias, (bias, k) => {
    const out = new Float64Array(1);
    const weights = Float64Array.from(gate.weight.subarray(k * width, (k + 1) * width));
    multiply({ values: prompt, rows: 1, width }, weights, out);
    return out.map((value) => value + bias);
  });
  softmaxRows(logits);
  return logits.map(([weight]) => weight!);
};

/**
 * The reward is a sum of heads with independent posteriors: its vector is theirs behind one another, each times the head's
 * share, so that the variance is the one that the probe states.
 */
const probeBeliefs = (model: ProbeRewardModel, item: ItemFeatures): ResponseBelief[] => {
  const { configuration, parameters } = model.parts;
  const { plan } = configuration;
  const { standards, map, centre, factors } = parameters;
  const size = standards.response.mean.length;
  const width = mapWidth(map, size);
  const rows = item.responses.length;
  const x = new Float32Array(size);
  const prompt = new Float32Array(size);
  if (item.prompt && standards.prompt) standardise(standards.prompt, item.prompt, prompt);
  const values = new Float32Array(rows * width);
  item.responses.forEach((vector, row) => {
    standardise(standards.response, vector, x);
    mapColumns(map, x, prompt, values, row * width);
  });
  const gate = gateWeights(model, prompt);
  const columns = { values, rows, width };
  const heads = plan.heads.flatMap((head, k) => {
    const found = shareOf(plan, head, plan.reward);
    const share = typeof found === 'number' ? found : gate[found.gated]!;
    if (share === 0) return [];
    const lower = factors.subarray(k * width * width, (k + 1) * width * width);
    const own = whitened({ size: width, lower }, centre, columns, [...item.responses.keys()]);
    return [own.map((vector) => vector.map((value) => share * value))];
  });
  return model.scoresOf(item).map(({ reward }, row) => {
    const vector = new Float32Array(heads.length * width);
    heads.forEach((own, k) => {
      vector.set(own[row]!, k * width);
    });
    return { reward, vector };
  });
};

/**
 * The beliefs of any saved model; the vectors are empty where all that it has is a reward.
 *
 * @param model An ensemble has to be opened with the mean as its combination, so that its parts are the members' rewards
 * @throws engine.*, model.*, reward.*; the signal's reason
 */
export const modelBeliefs = async (
  model: RewardModel,
  items: readonly ScoreItem[],
  options: ScoreOptions,
): Promise<ResponseBelief[][]> => {
  if (model instanceof ProbeRewardModel) {
    const { signal, onProgress, onTruncated } = options;
    const features = await model.parts.features.features(items, {
      ...(signal && { signal }),
      ...(onTruncated && { onTruncated }),
      onProgress: ({ step, totalSteps }) => onProgress?.(step, totalSteps),
    });
    return features.map((item) => probeBeliefs(model, item));
  }
  const scores = await model.score(items, options);
  return scores.map((own) =>
    own.map(({ reward, parts = [] }) =>
      model.kind === 'ensemble'
        ? beliefOfDraws(parts.map(({ contribution }) => parts.length * contribution))
        : { reward, vector: new Float32Array(0) },
    ),
  );
};

/** Whether models of a kind know how sure they are, in a way that says how rewards vary together. */
export const requireUncertainty = (model: string, kind: string, rule: string): void => {
  if (kind !== 'probe' && kind !== 'ensemble')
    throw plauditError('selection.uncertainty_unknown', { model, kind, rule });
};
