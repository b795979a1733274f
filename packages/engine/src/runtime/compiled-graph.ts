/** @file What the runtime needs to know of a graph: the ONNX model, its inputs and outputs, its weight files. */
import { plauditError } from '@plaudit/contract';
import { type Dimension, evaluateDimension, formatShape } from '../graph/dimension.ts';
import type { DType } from '../graph/graph.ts';
import { arrayOf, elementCount, type TensorValues } from './tensor.ts';

/** An input or output that the graph declares. A string in the shape is a polynomial in named sizes. */
export interface TensorDeclaration {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly Dimension[];
}

/** A file with weights, and the `location` by which the model's external initializers refer to it. */
export interface ExternalFile {
  readonly location: string;
  /** Path of the file; links are followed. */
  readonly file: string;
}

/** A graph as an ONNX model. An output named `gradient:NAME` is the gradient of the parameter NAME. */
export interface CompiledGraph {
  /** A serialised ModelProto. */
  readonly model: Uint8Array;
  readonly inputs: readonly TensorDeclaration[];
  readonly outputs: readonly TensorDeclaration[];
  readonly externalData: readonly ExternalFile[];
}

export const gradientPrefix = 'gradient:';

const refuse = (input: string, problem: string): never => {
  throw plauditError('engine.feed', { input, problem });
};

const isName = (dimension: Dimension): boolean =>
  typeof dimension === 'string' && /^[A-Za-z_]\w*$/.test(dimension);

/**
 * Checks what is fed against what the graph declares, before anything runs. A named size must be the same number
 * wherever it occurs.
 *
 * @param held Shapes of the inputs that come from a parameter store.
 * @throws `engine.feed` naming the input.
 */
export const checkFeeds = (
  inputs: readonly TensorDeclaration[],
  feeds: TensorValues,
  held: ReadonlyMap<string, readonly number[]> = new Map(),
): void => {
  const declared = new Set(inputs.map(({ name }) => name));
  for (const name of Object.keys(feeds)) {
    if (!declared.has(name)) refuse(name, `is not declared; the graph has: ${[...declared].join(', ')}`);
    if (held.has(name)) refuse(name, 'is fed, and held by the parameter store too');
  }
  const shapes = inputs.map((input): readonly number[] => {
    const { name, dtype } = input;
    const shape = held.get(name);
    if (shape) return dtype === 'float32' ? shape : refuse(name, `is ${dtype}, parameters are float32`);
    const value = feeds[name];
    if (!value) return refuse(name, 'is missing');
    if (value.dtype !== dtype) refuse(name, `must be ${dtype}, not ${value.dtype}`);
    if (!(value.data instanceof arrayOf[dtype])) {
      refuse(name, `must hold its elements in a ${arrayOf[dtype].name}`);
    }
    if (value.data.buffer instanceof ArrayBuffer && value.data.buffer.detached) {
      refuse(name, 'was transferred to a worker before');
    }
    if (value.data.length !== elementCount(value.shape)) {
      refuse(
        name,
        `has ${value.data.length} elements, its shape ${formatShape(value.shape)} needs another number`,
      );
    }
    return value.shape;
  });
  checkShapes(inputs, shapes);
};

const checkShapes = (inputs: readonly TensorDeclaration[], shapes: readonly (readonly number[])[]): void => {
  const sizes: Record<string, number> = {};
  const misfit = (index: number, more = ''): never => {
    const { name, shape } = inputs[index]!;
    return refuse(
      name,
      `must have the shape ${formatShape(shape)}, not ${formatShape(shapes[index]!)}${more}`,
    );
  };
  inputs.forEach(({ shape }, index) => {
    if (shapes[index]!.length !== shape.length) misfit(index);
    shape.forEach((dimension, axis) => {
      const size = shapes[index]![axis]!;
      if (typeof dimension === 'number' ? dimension !== size : !Number.isInteger(size) || size < 0)
        misfit(index);
      if (!isName(dimension)) return;
      const known = sizes[dimension] ?? size;
      sizes[dimension] = known;
      if (known !== size) misfit(index, `: ${dimension} is ${known} in another input`);
    });
  });
  inputs.forEach(({ shape }, index) => {
    shape.forEach((dimension, axis) => {
      if (typeof dimension === 'number' || isName(dimension)) return;
      const names = dimension.match(/[A-Za-z_]\w*/g) ?? [];
      // A size that occurs in sums and products only cannot be told from the inputs; ONNX Runtime checks it.
      if (names.some((name) => sizes[name] === undefined)) return;
      const expected = evaluateDimension(dimension, sizes);
      if (expected !== shapes[index]![axis])
        misfit(index, `: ${dimension} is ${expected} by the other inputs`);
    });
  });
};

/**
 * The outputs to compute: those asked for, or all.
 *
 * @throws `engine.output_unknown`.
 */
export const checkFetch = (outputs: readonly TensorDeclaration[], fetch: readonly string[]): void => {
  for (const name of fetch) {
    if (!outputs.some((output) => output.name === name)) {
      throw plauditError('engine.output_unknown', {
        output: name,
        outputs: outputs.map((output) => output.name).join(', '),
      });
    }
  }
};
