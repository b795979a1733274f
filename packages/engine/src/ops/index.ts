/** @file Every operator and function over tensors; importing this fills the operator table. */
export { gelu, silu, swiglu } from './activation.ts';
export { broadcastShapes, sumTo } from './broadcast.ts';
export {
  absolute,
  add,
  cast,
  ceil,
  cosine,
  divide,
  equal,
  erf,
  exp,
  floor,
  greater,
  greaterOrEqual,
  less,
  lessOrEqual,
  log,
  logOneMinusSigmoid,
  logSigmoid,
  maximum,
  minimum,
  multiply,
  negate,
  type Operand,
  power,
  reciprocal,
  relu,
  round,
  sigmoid,
  sign,
  sine,
  softplus,
  sqrt,
  stopGradient,
  subtract,
  tanh,
  where,
} from './elementwise.ts';
export { linearFloat16 } from './float16.ts';
export {
  cumulativeSum,
  dimensions,
  gatherElements,
  gatherND,
  range,
  triangle,
} from './index-arithmetic.ts';
export {
  dequantizeLinear,
  dynamicQuantizeLinear,
  matmulInteger,
  qlinearMatmul,
  quantizeLinear,
} from './integer.ts';
export { addProducts, gemm, type LinearOptions, linear, type MatMulOptions, matmul } from './linear.ts';
export { and, exclusiveOr, not, notANumber, or } from './logic.ts';
export { layerNorm, logSoftmax, rmsNorm, softmax } from './normalise.ts';
export { type Int8Weight, linearInt8, quantiseColumns } from './quantised.ts';
export { reduceMax, reduceMean, reduceSum } from './reduce.ts';
export { rotary, rotaryFrequencies, rotaryTables } from './rotary.ts';
export {
  concat,
  expand,
  gather,
  gatherLast,
  pad,
  reshape,
  scatterAdd,
  scatterLast,
  sizeOf,
  slice,
  split,
  takeRows,
  transpose,
  upperTriangle,
} from './shape.ts';
