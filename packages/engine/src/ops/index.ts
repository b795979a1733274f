/** @file Every operator and function over tensors; importing this fills the operator table. */
export { gelu, silu, swiglu } from './activation.ts';
export { broadcastShapes, sumTo } from './broadcast.ts';
export {
  absolute,
  add,
  cast,
  cosine,
  divide,
  equal,
  erf,
  exp,
  floor,
  greater,
  greaterOrEqual,
  less,
  log,
  logOneMinusSigmoid,
  logSigmoid,
  multiply,
  negate,
  type Operand,
  reciprocal,
  relu,
  sigmoid,
  sign,
  sine,
  softplus,
  sqrt,
  subtract,
  tanh,
  where,
} from './elementwise.ts';
export { addProducts, gemm, type LinearOptions, linear, type MatMulOptions, matmul } from './linear.ts';
export { layerNorm, logSoftmax, rmsNorm, softmax } from './normalise.ts';
export { type Int8Weight, linearInt8, quantiseColumns } from './quantised.ts';
export { reduceMax, reduceMean, reduceSum } from './reduce.ts';
export { rotary, rotaryTables } from './rotary.ts';
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
