/** @file Small ONNX models written by hand, for the tests of the runtime: they need nothing of the graph builder. */
import { create, toBinary } from '@bufbuild/protobuf';
import type { Dimension } from '../graph/dimension.ts';
import type { DType } from '../graph/graph.ts';
import { ModelProtoSchema, TensorProto_DataType } from '../onnx/onnx_pb.ts';
import type { CompiledGraph, ExternalFile, TensorDeclaration } from './compiled-graph.ts';

const dataTypes: Readonly<Record<DType, TensorProto_DataType>> = {
  float32: TensorProto_DataType.FLOAT,
  float16: TensorProto_DataType.FLOAT16,
  int64: TensorProto_DataType.INT64,
  int32: TensorProto_DataType.INT32,
  int8: TensorProto_DataType.INT8,
  uint8: TensorProto_DataType.UINT8,
  bool: TensorProto_DataType.BOOL,
};

export const declare = (
  name: string,
  shape: readonly Dimension[] = [],
  dtype: DType = 'float32',
): TensorDeclaration => ({ name, dtype, shape });

const valueInfo = ({ name, dtype, shape }: TensorDeclaration) => ({
  name,
  type: {
    value: {
      case: 'tensorType' as const,
      value: {
        elemType: dataTypes[dtype],
        shape: {
          dim: shape.map((size) =>
            typeof size === 'number'
              ? { value: { case: 'dimValue' as const, value: BigInt(size) } }
              : { value: { case: 'dimParam' as const, value: size } },
          ),
        },
      },
    },
  },
});

type NodeText = readonly [operator: string, inputs: string, outputs: string];

/** float32 matrices in a file, by name. */
interface MatrixInFile {
  readonly location: string;
  readonly offset: number;
  readonly rows: number;
  readonly columns: number;
}

/** Writes a model: nodes as `['MatMul', 'x w', 'y']`, constants as scalars. */
export const handmade = (
  inputs: readonly TensorDeclaration[],
  nodes: readonly NodeText[],
  outputs: readonly TensorDeclaration[],
  constants: Readonly<Record<string, number>> = {},
  matrices: Readonly<Record<string, MatrixInFile>> = {},
  externalData: readonly ExternalFile[] = [],
): CompiledGraph => {
  const message = create(ModelProtoSchema, {
    irVersion: 10n,
    opsetImport: [{ domain: '', version: 20n }],
    graph: {
      name: 'handmade',
      node: nodes.map(([opType, from, to]) => ({ opType, input: from.split(' '), output: to.split(' ') })),
      initializer: [
        ...Object.entries(constants).map(([name, value]) => ({
          name,
          dataType: TensorProto_DataType.FLOAT,
          floatData: [value],
        })),
        ...Object.entries(matrices).map(([name, { location, offset, rows, columns }]) => ({
          name,
          dims: [BigInt(rows), BigInt(columns)],
          dataType: TensorProto_DataType.FLOAT,
          dataLocation: 1 as const,
          externalData: [
            { key: 'location', value: location },
            { key: 'offset', value: String(offset) },
            { key: 'length', value: String(rows * columns * 4) },
          ],
        })),
      ],
      input: inputs.map(valueInfo),
      output: outputs.map(valueInfo),
    },
  });
  return { model: toBinary(ModelProtoSchema, message), inputs, outputs, externalData };
};

/** loss = mean((x w - t)^2), and its gradient with respect to the parameter w: 2/batch x^T (x w - t). */
export const leastSquares = (features: number): CompiledGraph =>
  handmade(
    [declare('x', ['batch', features]), declare('t', ['batch', 1]), declare('w', [features, 1])],
    [
      ['MatMul', 'x w', 'y'],
      ['Sub', 'y t', 'd'],
      ['Mul', 'd d', 'squares'],
      ['ReduceMean', 'squares', 'means'],
      ['Squeeze', 'means', 'loss'],
      ['ReduceSum', 'squares', 'sum'],
      ['Transpose', 'x', 'xt'],
      ['MatMul', 'xt d', 'xtd'],
      ['Mul', 'xtd two', 'g'],
      ['Size', 't', 'size'],
      ['CastLike', 'size two', 'batch'],
      ['Div', 'g batch', 'gradient:w'],
    ],
    [declare('loss'), declare('y', ['batch', 1]), declare('gradient:w', [features, 1])],
    { two: 2 },
  );

/** y = x multiplied by itself over and over: n = 768 takes about 10 ms a time on two cores. */
export const slow = (n: number, times: number): CompiledGraph =>
  handmade(
    [declare('x', [n, n])],
    [
      ...Array.from(
        { length: times },
        (_, i): NodeText => ['MatMul', `${i === 0 ? 'x' : `y${i}`} x`, `y${i + 1}`],
      ),
      ['ReduceMax', `y${times}`, 'y'],
    ],
    [declare('y', [1, 1])],
  );

/** y = x, whatever its length. */
export const echo = (dtype: DType = 'float32'): CompiledGraph =>
  handmade([declare('x', ['n'], dtype)], [['Identity', 'x', 'y']], [declare('y', ['n'], dtype)]);
