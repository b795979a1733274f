/** @file Errors of building and differentiating a graph: faults of the code that builds it, named precisely. */
import type { ErrorRow } from './error.ts';

export const graphErrors = {
  'graph.shape': {
    status: 500,
    exit: 'internal',
    message: '{operator} cannot take inputs {inputs}: {problem}',
    cure: 'Check the shapes and dtypes of the tensors that are passed to this operator.',
  },
  'graph.no_gradient': {
    status: 500,
    exit: 'internal',
    message: 'There is no gradient rule for {operator}.',
    cure: 'Add a vjp to the operator (docs/engine.md says how), or keep the tensor out of what is differentiated.',
  },
  'graph.unused': {
    status: 500,
    exit: 'internal',
    message: 'The loss does not depend on {name}, so it has no gradient.',
    cure: 'Leave it out of what is trained, or use it in the graph.',
  },
  'graph.name_taken': {
    status: 500,
    exit: 'internal',
    message: 'The graph has two tensors named {name}.',
    cure: 'Give each input, parameter and weight its own name.',
  },
  'graph.unbound_dimension': {
    status: 500,
    exit: 'internal',
    message:
      'The size of dimension {dimension} is needed at run time, but no input of the graph has it as an axis.',
    cure: 'Declare an input with that named dimension, or give the size as a number.',
  },
} as const satisfies Record<string, ErrorRow>;
