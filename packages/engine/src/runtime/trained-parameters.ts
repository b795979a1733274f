/**
 * @file Trainable parameters where they live, in the worker: values, gradient accumulators, moments, the update.
 *
 * A step is: accumulate the gradients of one or more batches, then apply them. Until `apply` nothing but the
 * accumulators changes; a value that is not finite stops the step before it changes even those.
 */
import { plauditError } from '@plaudit/contract';
import { type AdamWOptions, adamwUpdate } from '../optim/adamw.ts';
import { clipFactor, sumOfSquares } from '../optim/clip.ts';
import { gradientPrefix } from './compiled-graph.ts';
import type { HeldTensor } from './hosted-session.ts';
import { elementCount, type TensorValues } from './tensor.ts';

/** What a parameter starts from. */
export interface InitialParameter {
  readonly shape: readonly number[];
  readonly data: Float32Array;
  /** Whether weight decay applies; true by default. Usually false for biases, gains and embeddings. */
  readonly weightDecay?: boolean;
}

export type InitialParameters = Readonly<Record<string, InitialParameter>>;

/** One parameter's part of a snapshot. The moments are null before its first update, or when they were left out. */
export interface ParameterState {
  readonly shape: readonly number[];
  readonly value: Float32Array;
  readonly firstMoment: Float32Array | null;
  readonly secondMoment: Float32Array | null;
  /** Updates of this parameter: an update without a gradient for it leaves it alone. */
  readonly updates: number;
}

/** All that training continues from, to the bit. Gradients that are not applied yet are no part of it. */
export interface ParameterSnapshot {
  /** Updates done. */
  readonly step: number;
  readonly parameters: Readonly<Record<string, ParameterState>>;
}

/** Where a run is, for errors. By default the updates done, and the batches accumulated since the last of them. */
export interface StepContext {
  readonly step?: number;
  readonly batch?: number | string;
}

export interface ApplyOptions {
  readonly learningRate: number;
  /** Gradients whose global norm is larger are scaled down to it. */
  readonly maxGradientNorm?: number;
  /** Factor on the summed gradients, before clipping: 1 / batches for their mean. 1 by default. */
  readonly gradientScale?: number;
}

export interface ApplyResult {
  /** Global norm after `gradientScale`, before clipping. */
  readonly gradientNorm: number;
  readonly clipped: boolean;
}

interface Parameter {
  readonly shape: readonly number[];
  readonly value: Float32Array;
  readonly decays: boolean;
  gradient: Float32Array | null;
  firstMoment: Float32Array | null;
  secondMoment: Float32Array | null;
  updates: number;
}

export class TrainedParameters {
  private readonly parameters = new Map<string, Parameter>();
  private readonly options: AdamWOptions;
  private step = 0;
  private batches = 0;

  /** Takes over the arrays. @throws `engine.parameter` when a shape and its data disagree. */
  constructor(initial: InitialParameters, options: AdamWOptions = {}) {
    this.options = options;
    for (const [name, { shape, data, weightDecay = true }] of Object.entries(initial)) {
      if (data.length !== elementCount(shape)) {
        throw plauditError('engine.parameter', {
          parameter: name,
          problem: `has ${data.length} values and the shape [${shape.join(', ')}]`,
        });
      }
      this.parameters.set(name, {
        shape,
        value: data,
        decays: weightDecay,
        gradient: null,
        firstMoment: null,
        secondMoment: null,
        updates: 0,
      });
    }
  }

  /** The values, where they are: they change with every update. */
  *values(): Iterable<HeldTensor> {
    for (const [name, { shape, value }] of this.parameters) yield { name, shape, value };
  }

  /**
   * Adds the `gradient:NAME` outputs of a run to the accumulators.
   *
   * @param outputs All that the run returned. The first gradient since an update becomes the accumulator itself.
   * @param commit Called when all is checked and nothing has changed yet.
   * @throws `engine.non_finite` naming the tensor; `engine.parameter` for a gradient without its parameter.
   */
  accumulate(outputs: TensorValues, context: StepContext = {}, commit: () => void = () => {}): void {
    const { step = this.step, batch = this.batches } = context;
    const gradients: [Parameter, Float32Array][] = [];
    for (const [tensor, value] of Object.entries(outputs)) {
      if (value.dtype !== 'float32') continue;
      if (!Number.isFinite(sumOfSquares(value.data)))
        throw plauditError('engine.non_finite', { tensor, step, batch });
      if (!tensor.startsWith(gradientPrefix)) continue;
      const name = tensor.slice(gradientPrefix.length);
      const parameter = this.parameters.get(name);
      if (!parameter || parameter.value.length !== value.data.length) {
        throw plauditError('engine.parameter', {
          parameter: name,
          problem: parameter ? 'has a gradient of another size' : 'has a gradient but is not in the store',
        });
      }
      gradients.push([parameter, value.data]);
    }
    commit();
    this.batches++;
    for (const [parameter, gradient] of gradients) {
      if (parameter.gradient) add(parameter.gradient, gradient);
      else parameter.gradient = gradient;
    }
  }

  /**
   * Clips, updates with AdamW, empties the accumulators.
   *
   * @throws `engine.no_gradient`, `engine.non_finite` (a sum of gradients overflowed); then nothing has changed.
   */
  apply({
    learningRate,
    maxGradientNorm = Number.POSITIVE_INFINITY,
    gradientScale = 1,
  }: ApplyOptions): ApplyResult {
    let sum = 0;
    let some = false;
    for (const [name, { gradient }] of this.parameters) {
      if (!gradient) continue;
      some = true;
      const squares = sumOfSquares(gradient);
      if (!Number.isFinite(squares)) {
        const tensor = `${gradientPrefix}${name}`;
        throw plauditError('engine.non_finite', { tensor, step: this.step, batch: this.batches });
      }
      sum += squares;
    }
    if (!some) throw plauditError('engine.no_gradient');
    const gradientNorm = Math.sqrt(sum) * Math.abs(gradientScale);
    const factor = clipFactor(gradientNorm, maxGradientNorm);
    for (const parameter of this.parameters.values()) {
      const { value, gradient } = parameter;
      if (!gradient) continue;
      parameter.firstMoment ??= new Float32Array(value.length);
      parameter.secondMoment ??= new Float32Array(value.length);
      const { firstMoment, secondMoment } = parameter;
      const options = parameter.decays ? this.options : { ...this.options, weightDecay: 0 };
      adamwUpdate(
        { value, gradient, firstMoment, secondMoment },
        ++parameter.updates,
        learningRate,
        options,
        factor * gradientScale,
      );
    }
    this.step++;
    this.clearGradients();
    return { gradientNorm, clipped: factor < 1 };
  }

  /** Forgets the gradients that are not applied yet. */
  clearGradients(): void {
    this.batches = 0;
    for (const parameter of this.parameters.values()) parameter.gradient = null;
  }

  /** A copy of all that training continues from; without the moments it is enough to score. */
  snapshot(moments = true): ParameterSnapshot {
    const copy = (array: Float32Array | null): Float32Array | null =>
      moments && array ? array.slice() : null;
    const parameters: Record<string, ParameterState> = {};
    for (const [name, { shape, value, firstMoment, secondMoment, updates }] of this.parameters) {
      parameters[name] = {
        shape,
        value: value.slice(),
        firstMoment: copy(firstMoment),
        secondMoment: copy(secondMoment),
        updates: moments ? updates : 0,
      };
    }
    return { step: this.step, parameters };
  }

  /**
   * Goes back to a snapshot. Its arrays are copied.
   *
   * @throws `engine.parameter` when its names or shapes are not those of these parameters; then nothing has changed.
   */
  restore({ step, parameters }: ParameterSnapshot): void {
    this.checkFits(parameters);
    for (const [name, parameter] of this.parameters) {
      const { value, firstMoment, secondMoment, updates } = parameters[name]!;
      parameter.value.set(value);
      parameter.firstMoment = firstMoment?.slice() ?? null;
      parameter.secondMoment = secondMoment?.slice() ?? null;
      parameter.updates = updates;
    }
    this.step = step;
    this.clearGradients();
  }

  private checkFits(parameters: ParameterSnapshot['parameters']): void {
    const refuse = (parameter: string, problem: string) =>
      plauditError('engine.parameter', { parameter, problem });
    for (const name of Object.keys(parameters)) {
      if (!this.parameters.has(name)) throw refuse(name, 'is in the snapshot but not in the store');
    }
    for (const [name, { shape }] of this.parameters) {
      const state = parameters[name];
      if (!state) throw refuse(name, 'is not in the snapshot');
      if (state.shape.join() !== shape.join()) {
        throw refuse(
          name,
          `has the shape [${shape.join(', ')}], in the snapshot [${state.shape.join(', ')}]`,
        );
      }
      for (const array of [state.value, state.firstMoment, state.secondMoment]) {
        if (array && array.length !== elementCount(shape)) {
          throw refuse(name, 'is incomplete in the snapshot');
        }
      }
    }
  }
}

const add = (to: Float32Array, from: Float32Array): void => {
  for (let i = 0; i < to.length; i++) to[i]! += from[i]!;
};
