/** @file Errors of graphs, sessions and providers. */
import type { ErrorRow } from './error.ts';

export const engineErrors = {
  'engine.provider_absent': {
    status: 422,
    exit: 'unavailable',
    message: 'The execution provider {provider} is not on this machine, which has: {available}.',
    cure: 'Choose one of those, or install the libraries of {provider} beside onnxruntime-node.',
  },
  'engine.provider_unusable': {
    status: 422,
    exit: 'unavailable',
    message: 'The execution provider {provider} is installed but cannot compute here: {problem}',
    cure: 'Check the driver of the device, or choose another of: {available}.',
  },
  'engine.float16_absent': {
    status: 422,
    exit: 'unavailable',
    message: 'The execution provider {provider} does not compute in float16 here: {problem}',
    cure: 'Leave out --half, or use a device that does: with WebGPU one with shader-f16.',
  },
  'engine.worker_died': {
    status: 500,
    exit: 'run',
    message: 'The thread that computes has ended: {problem}',
    cure: 'Resume from the last checkpoint; if memory ran out, use a smaller batch or shorter rows.',
  },
  'engine.worker_fault': {
    status: 500,
    exit: 'internal',
    message: 'Something in the engine itself failed: {problem}',
    cure: 'Run again with PLAUDIT_DEBUG=1 to see where, and report it with that output.',
  },
  'engine.closed': {
    status: 409,
    exit: 'internal',
    message: 'The {what} has been closed.',
    cure: 'Open it again before using it.',
  },
  'engine.cancelled': {
    status: 499,
    exit: 'interrupted',
    message: 'The computation was cancelled.',
    cure: 'Start it again if it is still wanted.',
  },
  'engine.feed': {
    status: 400,
    exit: 'input',
    message: 'The input {input} of the graph {problem}.',
    cure: 'Feed exactly the inputs that the graph declares, with their dtypes and shapes.',
  },
  'engine.output_unknown': {
    status: 400,
    exit: 'input',
    message: 'The graph has no output {output}; it has: {outputs}.',
    cure: 'Ask for one of those, or compile the graph with that output.',
  },
  'engine.model_refused': {
    status: 422,
    exit: 'internal',
    message: 'ONNX Runtime refuses the graph: {problem}',
    cure: 'Report it with the model and the provider; another provider or optimisation level may accept it.',
  },
  'engine.run_failed': {
    status: 500,
    exit: 'run',
    message: 'ONNX Runtime failed while it ran the graph: {problem}',
    cure: 'If memory ran out, use a smaller batch or shorter rows; otherwise report it.',
  },
  'engine.weights_missing': {
    status: 422,
    exit: 'missing',
    message: 'The weight file {path} cannot be read: {problem}',
    cure: 'Check that the checkpoint is complete and where it was when the model was opened.',
  },
  'engine.weights_scattered': {
    status: 422,
    exit: 'input',
    message: 'The weight files {first} and {second} lie on different drives.',
    cure: 'Move the files of the checkpoint to one drive.',
  },
  'engine.non_finite': {
    status: 500,
    exit: 'run',
    message: 'The tensor {tensor} has a value that is not finite, in step {step}, batch {batch}.',
    cure: 'Lower the learning rate, clip the gradient norm, or look at that batch; earlier checkpoints are kept.',
  },
  'engine.no_gradient': {
    status: 409,
    exit: 'internal',
    message: 'No gradient has been accumulated since the last update.',
    cure: 'Accumulate the gradients of at least one batch before applying them.',
  },
  'engine.cache': {
    status: 500,
    exit: 'internal',
    message: 'The attention cache does not fit what is asked of it: {problem}.',
    cure: 'Report it with the model and the settings of the generation.',
  },
  'engine.parameter': {
    status: 422,
    exit: 'input',
    message: 'The parameter {parameter} {problem}.',
    cure: 'Use the snapshot and the graph that belong to these parameters.',
  },
} as const satisfies Record<string, ErrorRow>;
