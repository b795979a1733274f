/** @file Reverse-mode differentiation: the backward pass appended to the graph, one vector-Jacobian rule per node. */
import { plauditError } from '@plaudit/contract';
import { addProducts } from '../ops/linear.ts';
import { type Node, nodesBehind, type Tensor } from './graph.ts';
import { operatorNamed } from './operator.ts';

/**
 * The gradients of a scalar with respect to tensors, as new tensors of the same graph.
 *
 * @param loss float32 scalar
 * @param parameters What to differentiate with respect to: parameters, inputs or inner values
 * @returns One tensor for each, of its shape
 * @throws `graph.no_gradient` naming an operator on the path that has no rule
 * @throws `graph.unused` naming a parameter on which the loss does not depend
 */
export const gradients = (loss: Tensor, parameters: readonly Tensor[]): Tensor[] => {
  const order = nodesBehind([loss]);
  const active = new Set<Tensor>(parameters);
  for (const node of order) {
    if (node.inputs.some((input) => input && active.has(input))) {
      for (const output of node.outputs) active.add(output);
    }
  }
  const found = new Map<Tensor, Tensor>();
  const accumulate = (tensor: Tensor, gradient: Tensor): void => {
    const before = found.get(tensor);
    found.set(tensor, before ? addProducts(before, gradient) : gradient);
  };
  if (active.has(loss)) found.set(loss, loss.graph.constant(1));
  for (const node of order.reverse()) backward(node, active, found, accumulate);
  return parameters.map((parameter) => {
    const gradient = found.get(parameter);
    if (!gradient) throw plauditError('graph.unused', { name: parameter.name });
    return gradient;
  });
};

const backward = (
  node: Node,
  active: ReadonlySet<Tensor>,
  found: ReadonlyMap<Tensor, Tensor>,
  accumulate: (tensor: Tensor, gradient: Tensor) => void,
): void => {
  const needed = node.inputs.map((input) => input !== null && active.has(input));
  const received = node.outputs.map((output) => found.get(output) ?? null);
  if (!needed.includes(true) || received.every((gradient) => gradient === null)) return;
  const { vjp, everyOutput } = operatorNamed(node.operator);
  const [gradient, ...others] = received;
  if (!vjp || (!everyOutput && others.some((other) => other !== null))) {
    throw plauditError('graph.no_gradient', { operator: node.operator });
  }
  const { inputs, outputs, attributes } = node;
  const result = vjp({ node, inputs, outputs, attributes, gradient: gradient!, gradients: received, needed });
  inputs.forEach((input, i) => {
    const contribution = result[i];
    if (input && needed[i] && contribution) accumulate(input, contribution);
  });
};
