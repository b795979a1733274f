/** @file LoRA: a low-rank branch beside frozen linear layers (Hu et al. 2021), its parameters inputs of the graph. */
import { ops, type Tensor } from '@plaudit/engine';
import type { Weights } from '../transformer/weights.ts';

export interface LoraConfig {
  /** Inner size of the branch, at least 1. */
  readonly rank: number;
  /** The branch is scaled by alpha / rank. */
  readonly alpha: number;
  /** Last parts of the names of the modules that get a branch, such as `q_proj`. */
  readonly targets: readonly string[];
  /** Share of the branch's inputs set to 0 in training, 0 to below 1. */
  readonly dropout: number;
}

/** Whether a module gets a branch: as in PEFT, its name is a target or ends in `.target`. */
export const targets = ({ targets: names }: LoraConfig, module: string): boolean =>
  names.some((name) => module === name || module.endsWith(`.${name}`));

export const loraNames = (module: string): { readonly a: string; readonly b: string } => ({
  a: `${module}.lora_A.weight`,
  b: `${module}.lora_B.weight`,
});

/**
 * (alpha / rank) * dropout(x) Aᵀ Bᵀ + plus.
 * A starts uniform-variance as in PEFT (Kaiming with a = sqrt 5, variance 1/(3 in)), B at 0, so training starts from
 * the unchanged model.
 */
export const loraBranch = (
  weights: Weights,
  module: string,
  x: Tensor,
  [input, output]: readonly [number, number],
  { rank, alpha, dropout }: LoraConfig,
  plus: Tensor | null,
  { training = false }: { readonly training?: boolean },
): Tensor => {
  const names = loraNames(module);
  const a = weights.parameter(names.a, [rank, input], {
    kind: 'normal',
    deviation: Math.sqrt(1 / (3 * input)),
  });
  const b = weights.parameter(names.b, [output, rank], { kind: 'constant', value: 0 });
  const kept = training && dropout > 0 ? dropped(weights, module, x, input, dropout) : x;
  const inner = ops.multiply(ops.gemm(kept, a, null, false, true), alpha / rank);
  return ops.gemm(inner, b, plus, false, true);
};

/**
 * x with a share of its values set to 0 and the rest scaled up. The mask is fract(row + column) >= share for uniform
 * random numbers of rows and columns, which are fed: any two values are dropped independently, the arrays are small,
 * and a resumed run repeats them exactly.
 */
const dropped = (weights: Weights, module: string, x: Tensor, width: number, share: number): Tensor => {
  const { graph } = weights;
  const rows = graph.tensors.get('dropout.rows') ?? graph.input('dropout.rows', 'float32', [x.shape[0]!, 1]);
  const columns = graph.input(`dropout.columns:${module}`, 'float32', [width]);
  const sum = ops.add(rows, columns);
  const uniform = ops.subtract(sum, ops.floor(sum));
  return ops.multiply(
    x,
    ops.multiply(ops.cast(ops.greaterOrEqual(uniform, share), 'float32'), 1 / (1 - share)),
  );
};
