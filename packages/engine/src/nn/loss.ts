/** @file Losses over a vocabulary. */
import type { Tensor } from '../graph/graph.ts';
import { negate } from '../ops/elementwise.ts';
import { logSoftmax } from '../ops/normalise.ts';
import { gatherLast } from '../ops/shape.ts';

/**
 * Cross-entropy of each row, -log softmax(logits)[target], in nats.
 * @param logits float32 [...rows, classes]
 * @param targets int64 [...rows], each in [0, classes)
 */
export const crossEntropy = (logits: Tensor, targets: Tensor): Tensor =>
  negate(gatherLast(logSoftmax(logits), targets));
