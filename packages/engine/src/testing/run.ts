/** @file For tests: runs a small graph once, on the CPU, in this thread. */
import * as ort from 'onnxruntime-node';
import type { DType, Tensor } from '../graph/graph.ts';
import { type CompileOptions, compile } from '../onnx/emit.ts';

type Numbers = Float32Array | BigInt64Array | Int32Array | Int8Array | Uint8Array;

export interface Value {
  readonly data: Numbers;
  readonly shape: readonly number[];
}

const dtypeOf = (data: Numbers): DType =>
  data instanceof Float32Array
    ? 'float32'
    : data instanceof BigInt64Array
      ? 'int64'
      : data instanceof Int32Array
        ? 'int32'
        : data instanceof Int8Array
          ? 'int8'
          : 'uint8';

export const integers = (data: readonly number[], shape: readonly number[] = [data.length]): Value => ({
  data: BigInt64Array.from(data.map(BigInt)),
  shape,
});

/** Opens a graph for repeated runs. */
export const open = async (
  outputs: Readonly<Record<string, Tensor>>,
  options: CompileOptions = {},
  threads = 1,
) => {
  const compiled = compile(outputs, options);
  const session = await ort.InferenceSession.create(compiled.model, {
    logSeverityLevel: 3,
    intraOpNumThreads: threads,
  });
  return async (feeds: Readonly<Record<string, Value>>): Promise<Record<string, Float32Array>> => {
    const inputs = Object.fromEntries(
      compiled.inputs.map(({ name }) => {
        const { data, shape } = feeds[name]!;
        return [name, new ort.Tensor(dtypeOf(data) as 'float32', data as Float32Array, [...shape])];
      }),
    );
    const results = await session.run(inputs);
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [
        name,
        Float32Array.from(tensor.data as Float32Array, Number),
      ]),
    );
  };
};
